//! Layout of words on a page: visual rows, segments divided by wide gaps, and which segment is the value of
//! which label. Geometry only; what is a label the caller says.

use super::reading::{lost_colon, typed};
use super::words::COVERED;
use custody_rules::table::WordRow;

/// Words that stand together in a row: a label, a value, a sentence.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    /// Indices of the words, left to right.
    pub(super) words: Vec<usize>,
    /// The words joined by single spaces, or by none where the page has none.
    pub(super) text: String,
    /// For each word: its first byte in `text`.
    pub(super) starts: Vec<usize>,
    /// Left edge, pixels.
    pub(super) left: u32,
    /// Right edge, pixels, exclusive.
    pub(super) right: u32,
    /// Top edge, pixels.
    pub(super) top: u32,
    /// Bottom edge, pixels, exclusive.
    pub(super) bottom: u32,
}

/// A visual row: segments from left to right.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// Its segments.
    pub(super) segments: Vec<Segment>,
    /// Top edge, pixels.
    pub(super) top: u32,
    /// Bottom edge, pixels, exclusive.
    pub(super) bottom: u32,
}

/// A gap of so many text heights divides segments.
const GAP_HEIGHTS: f32 = 1.3;

impl Segment {
    /// Words whose text overlaps the bytes `start..end`.
    pub(super) fn words_in(&self, start: usize, end: usize) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().filter_map(move |(at, &word)| {
            let bytes = self.bytes_of(at);
            (bytes.start < end && start < bytes.end).then_some(word)
        })
    }

    fn height(&self) -> u32 {
        self.bottom - self.top
    }

    /// The bytes of its word number `at`, without the space behind it.
    pub(super) fn bytes_of(&self, at: usize) -> std::ops::Range<usize> {
        let start = self.starts[at];
        let end = self.starts.get(at + 1).map_or(self.text.len(), |&next| next);
        start..start + self.text[start..end].trim_end_matches([' ', '\t']).len()
    }

    /// Its word number `at`.
    pub(super) fn word(&self, at: usize) -> &str {
        &self.text[self.bytes_of(at)]
    }

    /// Its words `from..to`, as a segment of their own.
    pub(super) fn part(&self, (from, to): (usize, usize), words: &[WordRow<'_>]) -> Self {
        let (start, end) = (self.starts[from], self.bytes_of(to - 1).end);
        let own = self.words[from..to].to_vec();
        let (mut left, mut right, mut top, mut bottom) = (u32::MAX, 0, u32::MAX, 0);
        for word in own.iter().map(|&word| &words[word]) {
            (left, right) = (left.min(word.left), right.max(word.left + word.width));
            (top, bottom) = (top.min(word.top), bottom.max(word.top + word.height));
        }
        Self {
            words: own,
            text: self.text[start..end].to_owned(),
            starts: self.starts[from..to].iter().map(|at| at - start).collect(),
            left,
            right,
            top,
            bottom,
        }
    }
}

impl Row {
    /// Height in pixels.
    pub(super) fn height(&self) -> u32 {
        (self.bottom - self.top).max(1)
    }
}

/// Sorts words into rows and segments. `alive` are indices into `words`.
pub(super) fn rows(words: &[WordRow<'_>], alive: &[usize]) -> Vec<Row> {
    let mut order: Vec<usize> = alive.iter().copied().filter(|&i| !words[i].text.trim().is_empty()).collect();
    order.sort_by_key(|&i| (words[i].top * 2 + words[i].height, words[i].left, i));
    let mut heights: Vec<u32> = order.iter().map(|&i| words[i].height).collect();
    let middle = heights.len() / 2;
    let typical = if heights.is_empty() { 0 } else { *heights.select_nth_unstable(middle).1 };
    let mut bands: Vec<(u32, u32, Vec<usize>)> = Vec::new();
    for &word in &order {
        let (top, bottom) = (words[word].top, words[word].top + words[word].height);
        // The middle of the word lies in the band, or the band's middle in the word.
        let fits = |band: &(u32, u32, Vec<usize>)| {
            let overlap = bottom.min(band.1).saturating_sub(top.max(band.0));
            overlap * 2 > (bottom - top).min(band.1 - band.0)
        };
        match bands.iter_mut().rev().take(4).find(|band| fits(band)) {
            Some(band) => {
                // A tall word (an icon, a rule read as a letter) must not pull two rows together, and a flat one (a
                // dash, a piece of a border) is no measure of its row.
                let is_flat = (band.1 - band.0) * 2 < typical && bottom - top <= typical * 2;
                if bottom - top <= (band.1 - band.0) * 2 || is_flat {
                    (band.0, band.1) = (band.0.min(top), band.1.max(bottom));
                }
                band.2.push(word);
            }
            None => bands.push((top, bottom, vec![word])),
        }
    }
    bands.sort_by_key(|band| band.0);
    let mut rows: Vec<Row> = bands
        .into_iter()
        .map(|(top, bottom, members)| Row { segments: segments(words, members), top, bottom })
        .collect();
    divide_at_columns(&mut rows, words);
    rows
}

/// Rows in which something begins at one place before that place is a column's edge.
const COLUMN_ROWS_MIN: usize = 3;
/// How far from a column's edge its cells may begin, pixels.
const COLUMN_SLACK: u32 = 3;

/// Divides segments where a wider gap than a space lies before the edge of a column: a long value reaches up to the
/// next cell of its row.
fn divide_at_columns(rows: &mut [Row], words: &[WordRow<'_>]) {
    let mut edges: Vec<u32> =
        rows.iter().flat_map(|row| row.segments.iter().skip(1)).map(|segment| segment.left).collect();
    edges.sort_unstable();
    let is_edge = |left: u32| {
        let first = edges.partition_point(|&edge| edge + COLUMN_SLACK < left);
        let end = edges.partition_point(|&edge| edge <= left + COLUMN_SLACK);
        end - first >= COLUMN_ROWS_MIN
    };
    for row in rows {
        let divided = row.segments.iter().flat_map(|segment| {
            let begins = |at: &usize| {
                let (before, word) = (&words[segment.words[at - 1]], &words[segment.words[*at]]);
                let gap = word.left.saturating_sub(before.left + before.width);
                // In a console everything stands in columns of letters; a key is not parted from its value.
                let is_key = segment.word(at - 1).ends_with([':', '=']);
                gap * 2 >= segment.height() && !is_key && is_edge(word.left)
            };
            let mut cuts: Vec<usize> = (1..segment.words.len()).filter(begins).collect();
            cuts.insert(0, 0);
            cuts.push(segment.words.len());
            cuts.windows(2).map(|pair| segment.part((pair[0], pair[1]), words)).collect::<Vec<_>>()
        });
        row.segments = divided.collect();
    }
}

fn segments(words: &[WordRow<'_>], mut members: Vec<usize>) -> Vec<Segment> {
    members.sort_by_key(|&i| (words[i].left, i));
    let mut heights: Vec<u32> = members.iter().map(|&i| words[i].height).collect();
    heights.sort_unstable();
    let gap_max = (heights[heights.len() / 2] as f32 * GAP_HEIGHTS) as u32;
    let mut result: Vec<Segment> = Vec::new();
    for (at, &word) in members.iter().enumerate() {
        let row = &words[word];
        let (right, bottom) = (row.left + row.width, row.top + row.height);
        let text = typed(row.text);
        // What has its own colon behind it is a key, and no value of the quoted text before it.
        let is_key = members.get(at + 1).is_some_and(|&next| words[next].text.starts_with(':'));
        let lost_colon = |before: &Segment| !is_key && lost_colon(&before.text, &text);
        match result.last_mut() {
            Some(last) if goes_on(last, row, (gap_max, lost_colon(last))) => {
                if lost_colon(last) {
                    last.text.push(':');
                }
                if !is_one_word(last, row) {
                    last.text.push(' ');
                }
                last.starts.push(last.text.len());
                last.text.push_str(&text);
                last.words.push(word);
                last.right = last.right.max(right);
                last.top = last.top.min(row.top);
                last.bottom = last.bottom.max(bottom);
            }
            _ => result.push(Segment {
                words: vec![word],
                text: text.into_owned(),
                starts: vec![0],
                left: row.left,
                right,
                top: row.top,
                bottom,
            }),
        }
    }
    result
}

/// Whether a word belongs to the segment before it. Where a colon was lost, its place is part of the gap.
fn goes_on(before: &Segment, row: &WordRow<'_>, (gap_max, lost_colon): (u32, bool)) -> bool {
    let gap_max = if lost_colon { 2 * gap_max } else { gap_max };
    row.left <= before.right + gap_max && !is_covered(row) && before.text != COVERED
}

/// Whether a low line that the engine took for a space goes on where the last word ends: `client` and `_secret`.
fn is_one_word(before: &Segment, word: &WordRow<'_>) -> bool {
    let low_line = word.text.starts_with('_') || before.text.ends_with('_');
    let gap = word.left.saturating_sub(before.right);
    low_line && word.text.len() > 1 && before.text.len() > 1 && gap * 10 <= word.height * 6
}

/// A painted box divides segments like a gap: what stands beside it is no part of it.
fn is_covered(row: &WordRow<'_>) -> bool {
    row.text == COVERED
}

/// Whether two segments stand in one column: their left, right or middle lines agree, or one lies within
/// the other.
pub(super) fn aligned(a: &Segment, b: &Segment) -> bool {
    let near = |x: u32, y: u32| x.abs_diff(y) <= a.height().max(b.height()) * 3 / 2;
    let within = (a.left >= b.left && a.right <= b.right) || (b.left >= a.left && b.right <= a.right);
    near(a.left, b.left) || near(a.right, b.right) || near(a.left + a.right, b.left + b.right) || within
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &'static str, left: u32, top: u32) -> WordRow<'static> {
        let width = text.len() as u32 * 8;
        WordRow { confidence: 90.0, left, top, width, height: 12, text, ..WordRow::default() }
    }

    #[test]
    fn a_long_cell_ends_where_the_next_column_begins() {
        let cells = [(100, "ann@example.org"), (120, "bo@example.org"), (140, "cy@example.org")];
        let mut words: Vec<WordRow<'_>> =
            cells.iter().flat_map(|&(top, text)| [word(text, 10, top), word("Remote", 200, top)]).collect();
        // Ends seven pixels before the column, and has a space of four pixels in it.
        words.extend([
            WordRow { width: 100, ..word("Very", 10, 160) },
            WordRow { width: 79, ..word("long", 114, 160) },
        ]);
        words.push(word("Plant", 200, 160));
        let alive: Vec<usize> = (0..words.len()).collect();
        let rows = rows(&words, &alive);
        let last: Vec<&str> = rows[3].segments.iter().map(|segment| segment.text.as_str()).collect();
        assert_eq!(last, ["Very long", "Plant"]);
        assert_eq!((rows[3].segments[0].right, rows[3].segments[1].left), (193, 200));
        assert_eq!(rows[3].segments[0].words_in(0, 4).collect::<Vec<_>>(), [6]);
    }

    #[test]
    fn wide_gaps_divide_a_row() {
        let words = [
            word("Doe", 242, 101),
            word("Legal", 10, 100),
            word("Name", 54, 100),
            word("Jane", 206, 102),
            word("Next", 10, 130),
        ];
        let rows = rows(&words, &[0, 1, 2, 3, 4]);
        let texts: Vec<Vec<&str>> =
            rows.iter().map(|r| r.segments.iter().map(|s| s.text.as_str()).collect()).collect();
        assert_eq!(texts, [vec!["Legal Name", "Jane Doe"], vec!["Next"]]);
        assert_eq!(rows[0].segments[1].words_in(5, 8).collect::<Vec<_>>(), [0]);
        assert!(aligned(&rows[0].segments[0], &rows[1].segments[0]));
    }
}
