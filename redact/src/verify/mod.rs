//! Verification: every output is read again from disk by a fresh reader. What is still found there is
//! handed back, so that it can be redacted as well; what cannot be mended fails the file.

pub mod package;
mod rescan;
mod values;

pub use rescan::{Reading, rescan};
pub use values::{MayStay, value_hits};

use crate::writers::image::{Side, pad};
use arrow_array::RecordBatch;
use custody_rules::table::{WordRow, word_rows};
use custody_rules::{Decision, EntityId, Finding, Place, Region};

/// The boxes that were filled in a picture or a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Painted {
    /// Over texts: what stands beside them is read without them.
    pub texts: Vec<Region>,
    /// Over areas that changed too fast to be read.
    pub unread: Vec<Region>,
}

impl Painted {
    /// The boxes of these findings, of an artifact with these words.
    pub fn of(findings: &[Finding], (page, words): ((u32, u32), &[RecordBatch]), unread: EntityId) -> Self {
        // All at once, as they are painted: what an unread area touches is not harmless for a text either.
        let (areas, texts): (Vec<_>, Vec<_>) =
            filled(findings, page, words).into_iter().partition(|(finding, _)| finding.entity == unread);
        Self { texts: only_boxes(texts.into_iter()), unread: only_boxes(areas.into_iter()) }
    }

    /// All boxes.
    pub fn all(&self) -> impl Iterator<Item = &Region> {
        self.texts.iter().chain(&self.unread)
    }
}

/// The boxes that are painted for these findings: padded, and widened so that they give nothing away, to the side
/// on which no harmless word stands, if there is one.
pub fn regions(findings: &[Finding], page: (u32, u32), words: &[RecordBatch]) -> Vec<Region> {
    only_boxes(filled(findings, page, words).into_iter())
}

fn only_boxes<'a>(filled: impl Iterator<Item = (&'a Finding, Region)>) -> Vec<Region> {
    let mut boxes: Vec<Region> = filled.map(|(_, region)| region).collect();
    joined(&mut boxes);
    boxes
}

/// The findings whose boxes are painted, each with its box as [`regions`] has it.
pub fn filled<'a>(
    findings: &'a [Finding],
    page: (u32, u32),
    words: &[RecordBatch],
) -> Vec<(&'a Finding, Region)> {
    let redact = findings.iter().filter(|f| f.decision == Decision::Redact);
    let found: Vec<(&Finding, Region)> = redact
        .filter_map(|f| match f.place {
            Place::Region(region) => Some((f, region)),
            _ => None,
        })
        .collect();
    let words: Vec<WordRow<'_>> = words.iter().flat_map(word_rows).collect();
    let words = Harmless::new(&words, found.iter().map(|(_, region)| *region));
    let widened = |(finding, region): (&'a Finding, Region)| {
        let right = pad(region, page, Side::Right);
        if !words.stand_in(&right) {
            return (finding, right);
        }
        let left = pad(region, page, Side::Left);
        (finding, if words.stand_in(&left) { right } else { left })
    };
    found.into_iter().map(widened).collect()
}

/// What stands at one place on frame after frame is one box.
fn joined(boxes: &mut Vec<Region>) {
    let place = |r: &Region| (r.left, r.top, r.width, r.height);
    boxes.sort_unstable_by_key(|r| (place(r), r.first_frame));
    boxes.dedup_by(|next, last| {
        let goes_on = place(next) == place(last) && next.first_frame <= last.last_frame.saturating_add(1);
        if goes_on {
            last.last_frame = last.last_frame.max(next.last_frame);
        }
        goes_on
    });
    boxes.sort_unstable();
}

/// Words that no finding touches, by the bands of the page they stand in.
struct Harmless {
    bands: Vec<Vec<Region>>,
}

/// Height of a band, pixels.
const BAND_PX: u32 = 64;

impl Harmless {
    fn new(words: &[WordRow<'_>], found: impl Iterator<Item = Region>) -> Self {
        let found = Self::in_bands(found);
        let free = words.iter().filter(|word| !word.text.is_empty()).map(|word| Region {
            first_frame: word.first_frame,
            last_frame: word.last_frame,
            left: word.left,
            top: word.top,
            width: word.width,
            height: word.height,
        });
        Self::in_bands(free.filter(|word| !found.stand_in(word)))
    }

    fn in_bands(regions: impl Iterator<Item = Region>) -> Self {
        let mut bands: Vec<Vec<Region>> = Vec::new();
        for region in regions {
            for band in Self::bands(&region) {
                if bands.len() <= band {
                    bands.resize(band + 1, Vec::new());
                }
                bands[band].push(region);
            }
        }
        Self { bands }
    }

    fn bands(region: &Region) -> std::ops::RangeInclusive<usize> {
        let bottom = region.top.saturating_add(region.height.max(1) - 1);
        (region.top / BAND_PX) as usize..=(bottom / BAND_PX) as usize
    }

    /// Whether one of them is in a box at some time.
    fn stand_in(&self, area: &Region) -> bool {
        Self::bands(area).filter_map(|band| self.bands.get(band)).flatten().any(|word| touch(word, area))
    }
}

fn touch(a: &Region, b: &Region) -> bool {
    a.left < b.left.saturating_add(b.width)
        && b.left < a.left.saturating_add(a.width)
        && a.top < b.top.saturating_add(b.height)
        && b.top < a.top.saturating_add(a.height)
        && a.first_frame <= b.last_frame
        && b.first_frame <= a.last_frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::{RecognizerId, WordsBuilder};

    fn check(words: &[(u32, u32)], expected: (u32, u32)) {
        let mut builder = WordsBuilder::default();
        for &(left, width) in words {
            let place = WordRow { left, width, top: 50, height: 12, text: "word", ..WordRow::default() };
            builder.push(place);
        }
        let region = Region { first_frame: 0, last_frame: 0, left: 100, top: 50, width: 66, height: 12 };
        let finding = Finding {
            place: Place::Region(region),
            entity: EntityId(0),
            recognizer: RecognizerId(0),
            score: 1.0,
            identity: 0,
            decision: Decision::Redact,
        };
        let boxes = regions(&[finding], (1_000, 1_000), &[builder.finish()]);
        let ends: Vec<(u32, u32)> = boxes.iter().map(|r| (r.left, r.left + r.width)).collect();
        assert_eq!(ends, [expected]);
    }

    #[test]
    fn a_box_is_widened_to_the_side_where_nothing_stands() {
        check(&[], (95, 191));
        check(&[(100, 66)], (95, 191));
        check(&[(100, 66), (180, 40)], (75, 171));
        check(&[(60, 30), (180, 40)], (95, 191));
        check(&[(60, 30)], (95, 191));
    }

    #[test]
    fn boxes_at_one_place_on_frames_that_follow_one_another_are_one() {
        let found = |left, first_frame, last_frame| Region {
            first_frame,
            last_frame,
            left,
            top: 40,
            width: 50,
            height: 14,
        };
        let mut boxes =
            vec![found(40, 3, 3), found(40, 0, 2), found(40, 2, 2), found(40, 5, 9), found(80, 4, 4)];
        joined(&mut boxes);
        assert_eq!(boxes, [found(40, 0, 3), found(80, 4, 4), found(40, 5, 9)]);
    }
}
