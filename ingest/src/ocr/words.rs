//! Fits what the engine read to the glyphs on the page: every glyph belongs to a word, and spaces are
//! where the page has them. The engine splits at punctuation and joins across narrow spaces.

use super::engine::Shape;
use super::segment::Segment;
use super::{Rect, Word};
use std::cmp::Reverse;

/// Gives every glyph to a word and fits the boxes to the glyphs; nothing read makes a word without text.
pub(super) fn fit(mut words: Vec<Word>, segment: &Segment, shape: Shape) -> Vec<Word> {
    words.retain(|word| !word.text.is_empty());
    if words.is_empty() {
        return unread(segment).into_iter().collect();
    }
    if shape == Shape::Block {
        let owners = segment.glyphs.iter().map(|&glyph| nearest(&words, glyph)).collect::<Vec<_>>();
        return boxed(words, &segment.glyphs, &owners);
    }
    words.sort_by_key(|word| word.rect.left);
    let columns = columns(&segment.glyphs);
    let spacing = Spacing::of(&columns, segment.height);
    let pieces = respace(assign(words, &columns), &spacing);
    pieces.into_iter().map(Piece::into_word).collect()
}

/// A word and the columns it is made of.
struct Piece {
    word: Word,
    columns: Vec<Rect>,
}

impl Piece {
    fn into_word(self) -> Word {
        let rect = self.columns.into_iter().reduce(Rect::union).unwrap_or(self.word.rect);
        Word { rect, ..self.word }
    }
}

/// Glyphs that stand above one another (i and its dot, a letter and its accent) are one column.
fn columns(glyphs: &[Rect]) -> Vec<Rect> {
    let mut columns: Vec<Rect> = Vec::new();
    for &glyph in glyphs {
        match columns.last_mut() {
            Some(last) if shared(*last, glyph) * 2 >= i64::from(last.width.min(glyph.width)) => {
                *last = last.union(glyph);
            }
            _ => columns.push(glyph),
        }
    }
    columns
}

/// Shared pixels across, negative for a gap.
fn shared(a: Rect, b: Rect) -> i64 {
    i64::from(a.right().min(b.right())) - i64::from(a.left.max(b.left))
}

/// The word that a box overlaps most, or is nearest to.
fn nearest(words: &[Word], glyph: Rect) -> usize {
    let fit = |word: &Word| {
        let down =
            i64::from(word.rect.bottom().min(glyph.bottom())) - i64::from(word.rect.top.max(glyph.top));
        (down.min(0), shared(word.rect, glyph))
    };
    (0..words.len()).max_by_key(|&i| (fit(&words[i]), Reverse(i))).unwrap_or(0)
}

fn boxed(mut words: Vec<Word>, glyphs: &[Rect], owners: &[usize]) -> Vec<Word> {
    let mut boxes: Vec<Option<Rect>> = vec![None; words.len()];
    for (&glyph, &owner) in glyphs.iter().zip(owners) {
        boxes[owner] = Some(boxes[owner].map_or(glyph, |rect| rect.union(glyph)));
    }
    for (word, rect) in words.iter_mut().zip(boxes) {
        word.rect = rect.unwrap_or(word.rect);
    }
    words
}

/// Gives the columns to the words: one a character where the numbers agree, else by place.
fn assign(words: Vec<Word>, columns: &[Rect]) -> Vec<Piece> {
    let characters: usize = words.iter().map(|word| word.text.chars().count()).sum();
    let owners: Vec<usize> = if characters == columns.len() {
        let owner = |(i, word): (usize, &Word)| std::iter::repeat_n(i, word.text.chars().count());
        words.iter().enumerate().flat_map(owner).collect()
    } else {
        let mut last = 0;
        let mut rising = |i: usize| {
            last = i.max(last);
            last
        };
        columns.iter().map(|&column| rising(nearest_across(&words, column))).collect()
    };
    let mut pieces: Vec<Piece> = words.into_iter().map(|word| Piece { word, columns: Vec::new() }).collect();
    for (&column, &owner) in columns.iter().zip(&owners) {
        pieces[owner].columns.push(column);
    }
    pieces
}

fn nearest_across(words: &[Word], column: Rect) -> usize {
    (0..words.len()).max_by_key(|&i| (shared(words[i].rect, column), Reverse(i))).unwrap_or(0)
}

/// What tells a space from the gap between two letters.
struct Spacing {
    /// Distance from letter to letter in a fixed-pitch font.
    pitch: Option<f32>,
    /// Height of capitals.
    height: f32,
    /// The usual gap between two letters.
    gap: f32,
}

impl Spacing {
    fn of(columns: &[Rect], height: u32) -> Self {
        let mut steps: Vec<f32> = columns.windows(2).map(|pair| step(pair[0], pair[1])).collect();
        let height = height as f32;
        steps.sort_by(f32::total_cmp);
        let mut gaps: Vec<i64> = columns.windows(2).map(|pair| -shared(pair[0], pair[1])).collect();
        gaps.sort_unstable();
        let gap = gaps.get(gaps.len() / 2).map_or(0.0, |&gap| gap.max(1) as f32);
        let pitch = steps.get(steps.len() / 2).copied().filter(|&pitch| {
            let regular = |&step: &f32| {
                let times = (step / pitch).round();
                times >= 1.0 && (step - times * pitch).abs() <= 0.2 * pitch
            };
            let fitting = steps.iter().filter(|step| regular(step)).count();
            steps.len() >= 5 && pitch > 0.4 * height && fitting * 10 >= steps.len() * 9
        });
        Self { pitch, height, gap }
    }

    /// Whether there is a space between two columns; `None` where the page does not tell.
    fn is_space(&self, before: Rect, after: Rect) -> Option<bool> {
        let gap = -shared(before, after) as f32;
        if let Some(pitch) = self.pitch {
            return Some(gap > 0.85 * pitch);
        }
        if gap >= 0.42 * self.height && gap >= 1.8 * self.gap {
            Some(true)
        } else if gap <= 0.2 * self.height {
            Some(false)
        } else {
            None
        }
    }
}

/// From centre to centre.
fn step(a: Rect, b: Rect) -> f32 {
    (b.left as f32 + b.width as f32 / 2.0) - (a.left as f32 + a.width as f32 / 2.0)
}

/// Joins and splits words where the gaps between the columns say so.
fn respace(pieces: Vec<Piece>, spacing: &Spacing) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces.into_iter().flat_map(|piece| split(piece, spacing)) {
        let joined = out.last().is_some_and(|last| match (last.columns.last(), piece.columns.first()) {
            (Some(&before), Some(&after)) => !spacing
                .is_space(before, after)
                .unwrap_or_else(|| !is_inner_mark(&last.word.text, &piece.word.text)),
            (_, None) | (None, _) => true,
        });
        match out.last_mut() {
            Some(last) if joined => {
                last.word.text.push_str(&piece.word.text);
                last.word.confidence = last.word.confidence.min(piece.word.confidence);
                last.columns.extend(piece.columns);
            }
            _ => out.push(piece),
        }
    }
    out
}

/// Whether a mark of addresses and numbers stands between two parts: `ada.` and `byron@example.org`.
fn is_inner_mark(before: &str, after: &str) -> bool {
    let part = |c: char| c.is_lowercase() || c.is_ascii_digit();
    let mark = |c: char| matches!(c, '.' | '@' | '_' | '-' | '/');
    match (before.chars().next_back(), after.chars().next()) {
        (Some(last), Some(first)) => (mark(last) && part(first)) || (part(last) && mark(first)),
        _ => false,
    }
}

fn split(piece: Piece, spacing: &Spacing) -> Vec<Piece> {
    if piece.word.text.chars().count() != piece.columns.len() {
        return vec![piece];
    }
    let mut parts: Vec<Piece> = Vec::new();
    let mut before: Option<Rect> = None;
    for (character, &column) in piece.word.text.chars().zip(&piece.columns) {
        let space = before.is_none_or(|before| spacing.is_space(before, column) == Some(true));
        if space {
            let word = Word { text: String::new(), ..piece.word.clone() };
            parts.push(Piece { word, columns: Vec::new() });
        }
        if let Some(part) = parts.last_mut() {
            part.word.text.push(character);
            part.columns.push(column);
        }
        before = Some(column);
    }
    parts
}

/// A box without text, where a row of strokes looks like text but nothing was read.
fn unread(segment: &Segment) -> Option<Word> {
    let rect = segment.rect;
    let like_text =
        segment.glyphs.len() >= 3 && (5..=80).contains(&segment.height) && rect.width * 2 >= rect.height * 3;
    like_text.then(|| Word { rect, confidence: 0.0, block: 0, line: 0, text: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, left: u32, width: u32) -> Word {
        let rect = Rect { left, top: 10, width, height: 10 };
        Word { rect, confidence: 90.0, block: 0, line: 0, text: text.to_owned() }
    }

    fn segment(columns: &[(u32, u32)]) -> Segment {
        let glyphs: Vec<Rect> =
            columns.iter().map(|&(left, width)| Rect { left, top: 10, width, height: 10 }).collect();
        let rect = glyphs.iter().copied().reduce(Rect::union).unwrap();
        Segment { rect, glyphs, members: Vec::new(), height: 10 }
    }

    fn check(words: Vec<Word>, columns: &[(u32, u32)], expected: &[(&str, u32, u32)]) {
        let found = fit(words, &segment(columns), Shape::Line);
        let found: Vec<(&str, u32, u32)> =
            found.iter().map(|word| (word.text.as_str(), word.rect.left, word.rect.width)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_fixed_pitch_date_that_was_split_is_one_word() {
        let columns: Vec<(u32, u32)> = (0..10)
            .map(|i| (if i == 4 || i == 7 { i * 8 + 2 } else { i * 8 }, if i == 4 || i == 7 { 3 } else { 7 }))
            .collect();
        check(
            vec![word("1998", 0, 30), word("-04-", 32, 30), word("10", 64, 15)],
            &columns,
            &[("1998-04-10", 0, 79)],
        );
    }

    #[test]
    fn a_wide_gap_splits_what_was_joined() {
        let columns = [(0, 6), (8, 3), (19, 6), (27, 5), (34, 6)];
        check(vec![word("+1855", 0, 40)], &columns, &[("+1", 0, 11), ("855", 19, 21)]);
    }

    #[test]
    fn glyphs_outside_the_read_boxes_still_belong_to_a_word() {
        let columns = [(0, 6), (7, 6), (14, 6), (27, 6), (34, 6), (50, 9)];
        check(vec![word("ab", 4, 6), word("cd", 27, 5)], &columns, &[("ab", 0, 20), ("cd", 27, 32)]);
    }

    #[test]
    fn strokes_that_were_not_read_keep_their_box() {
        check(vec![], &[(0, 6), (7, 6), (14, 6)], &[("", 0, 20)]);
        check(vec![], &[(0, 16)], &[]);
    }
}
