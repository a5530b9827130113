//! Tracks: the rows that one word of a recording has, one a place while it is scrolled. What a word was found to be at
//! one place it is at all of them. Finds nothing itself.

use super::words::COVERED;
use custody_rules::table::WordRow;
use std::collections::{BTreeSet, HashMap};

/// Which row belongs to which word.
pub(super) struct Tracks {
    /// For each row its track.
    of: Vec<usize>,
    /// For each track the height of its highest row: others are cut off by the edge of a view.
    heights: Vec<u32>,
}

impl Tracks {
    /// Of all rows of a picture or a recording: a word that moves keeps its line, its columns and its text.
    pub(super) fn new(words: &[WordRow<'_>]) -> Self {
        let mut known: HashMap<(u32, u32, u32, u32, u32, &str), usize> = HashMap::new();
        let (mut of, mut heights) = (Vec::with_capacity(words.len()), Vec::new());
        for word in words {
            let fresh = heights.len();
            let track = if word.text.is_empty() || word.text == COVERED {
                fresh
            } else {
                let key = (word.page, word.block, word.line, word.left, word.width, word.text);
                *known.entry(key).or_insert(fresh)
            };
            if track == fresh {
                heights.push(0);
            }
            heights[track] = heights[track].max(word.height);
            of.push(track);
        }
        Self { of, heights }
    }

    /// Whether a row shows its word in its height.
    fn is_whole(&self, row: usize, words: &[WordRow<'_>]) -> bool {
        words[row].height * 4 >= self.heights[self.of[row]] * 3
    }

    /// Visits the frames on which something is to be read for the first time, with the rows of all that can be read
    /// on each of them.
    pub(super) fn moments(&self, words: &[WordRow<'_>], mut visit: impl FnMut(&[usize])) {
        let mut order: Vec<usize> = (0..words.len()).filter(|&row| self.is_whole(row, words)).collect();
        order.sort_by_key(|&row| (words[row].first_frame, row));
        let mut seen = vec![false; self.heights.len()];
        let mut frames = BTreeSet::new();
        for &row in order.iter().filter(|&&row| words[row].text != COVERED) {
            if !std::mem::replace(&mut seen[self.of[row]], true) {
                frames.insert(words[row].first_frame);
            }
        }
        let (mut waiting, mut alive) = (order.into_iter().peekable(), Vec::new());
        for frame in frames {
            while let Some(row) = waiting.next_if(|&row| words[row].first_frame <= frame) {
                alive.push(row);
            }
            alive.retain(|&row| words[row].last_frame >= frame);
            alive.sort_unstable();
            visit(&alive);
        }
    }

    /// Gives each row the best that any row of its track has.
    pub(super) fn share<M: Copy>(&self, marks: &mut [Option<M>], is_better: impl Fn(&M, &M) -> bool) {
        let mut best: Vec<Option<M>> = vec![None; self.heights.len()];
        for (mark, &track) in marks.iter().zip(&self.of) {
            if let Some(mark) = mark
                && best[track].as_ref().is_none_or(|old| is_better(mark, old))
            {
                best[track] = Some(*mark);
            }
        }
        for (mark, &track) in marks.iter_mut().zip(&self.of) {
            *mark = best[track];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(
        text: &'static str,
        (line, top, height): (u32, u32, u32),
        (first, last): (u32, u32),
    ) -> WordRow<'static> {
        WordRow {
            block: line,
            line,
            confidence: 90.0,
            left: 40,
            top,
            width: 60,
            height,
            since_frame: first,
            first_frame: first,
            last_frame: last,
            text,
            ..WordRow::default()
        }
    }

    #[test]
    fn a_moving_word_is_looked_at_once_and_marked_everywhere() {
        let words = [
            word("Ada", (1, 290, 4), (5, 5)),
            word("Ada", (1, 282, 12), (6, 6)),
            word("Ada", (1, 274, 12), (7, 20)),
            word("Bea", (2, 290, 12), (7, 20)),
            word("Ada", (9, 290, 12), (30, 31)),
        ];
        let tracks = Tracks::new(&words);
        let mut moments = Vec::new();
        tracks.moments(&words, |alive| moments.push(alive.to_vec()));
        assert_eq!(moments, [vec![1], vec![2, 3], vec![4]]);
        let mut marks = vec![None, Some(3), Some(4), None, None];
        tracks.share(&mut marks, |a, b| a > b);
        assert_eq!(marks, [Some(4), Some(4), Some(4), None, None]);
    }
}
