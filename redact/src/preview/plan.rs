//! Turns the findings of a picture or a recording into numbered marks, and cuts them into sheets. Draws
//! nothing and decides nothing.

use crate::verify::filled;
use arrow_array::RecordBatch;
use custody_rules::{
    ArtifactKind, Decision, EntityId, Finding, Mark, MarkStyle, Place, RecognizerId, Region, RuleSet, Sheet,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Tracks on one sheet.
pub(super) const TRACKS_MAX: u32 = 32;
/// Marks of one kind among which the place of another finding is looked for, the latest first: what is further
/// back has a number of its own.
const LOOK_BACK: usize = 256;

/// What makes findings at one place one mark.
type Kind = (EntityId, RecognizerId, MarkStyle);

/// A mark in the making.
struct Track {
    kind: Kind,
    scores: (u8, u8),
    boxes: Vec<Region>,
}

/// The marks of an artifact: its pages or frames have the size `page`, `words` were read from it, and `unread` is
/// the entity of areas that nobody could read. Of a picture every box is a mark, in reading order; of a recording
/// all boxes of one entity and recognizer at one place are, in order of time.
pub fn marks(
    findings: &[Finding],
    rules: &RuleSet,
    (kind, page, words): (ArtifactKind, (u32, u32), &[RecordBatch]),
    unread: EntityId,
) -> Vec<Mark> {
    // What is kept is not filled: its box is that of its text.
    let kept = findings.iter().filter(|finding| finding.decision == Decision::Keep);
    let kept = kept.filter_map(|finding| match finding.place {
        Place::Region(region) => Some((finding, region)),
        _ => None,
    });
    let mut boxes: BTreeMap<(Region, Kind), (u8, u8)> = BTreeMap::new();
    for (finding, region) in filled(findings, page, words).into_iter().chain(kept) {
        let score = (finding.score.clamp(0.0, 1.0) * 100.0).round() as u8;
        let key = (region, (finding.entity, finding.recognizer, style(finding, unread)));
        let scores = boxes.entry(key).or_insert((score, score));
        *scores = (scores.0.min(score), scores.1.max(score));
    }
    let single =
        boxes.into_iter().map(|((region, kind), scores)| Track { kind, scores, boxes: vec![region] });
    let ordered = in_reading_order(single);
    let tracks = if kind == ArtifactKind::Video { joined(ordered) } else { ordered };
    (1..).zip(tracks).map(|(number, track)| mark(number, track, rules)).collect()
}

fn style(finding: &Finding, unread: EntityId) -> MarkStyle {
    match finding.decision {
        Decision::Keep => MarkStyle::Kept,
        Decision::Redact if finding.entity == unread => MarkStyle::Unread,
        Decision::Redact => MarkStyle::Redacted,
    }
}

fn mark(number: u32, track: Track, rules: &RuleSet) -> Mark {
    let (entity, recognizer, style) = track.kind;
    Mark {
        number,
        style,
        entity: rules.entity_name(entity).to_owned(),
        recognizer: rules.recognizer_name(recognizer).to_owned(),
        score_percent: track.scores,
        boxes: track.boxes,
    }
}

/// Page by page (or by first frames), row by row from the top, each from the left. Boxes of one row need not begin at one height.
fn in_reading_order(tracks: impl Iterator<Item = Track>) -> Vec<Track> {
    let mut all: Vec<Track> = tracks.collect();
    let place = |track: &Track| track.boxes.first().copied().unwrap_or(NOWHERE);
    all.sort_by_key(|track| (place(track).first_frame, place(track).top, place(track).left));
    let mut from = 0;
    while from < all.len() {
        let first = place(&all[from]);
        let middle = first.top.saturating_add(first.height / 2);
        let same = |track: &Track| place(track).first_frame == first.first_frame && place(track).top < middle;
        let to = from + 1 + all[from + 1..].iter().take_while(|track| same(track)).count();
        all[from..to].sort_by_key(|track| place(track).left);
        from = to;
    }
    all
}

const NOWHERE: Region = Region { first_frame: 0, last_frame: 0, left: 0, top: 0, width: 0, height: 0 };

/// Boxes of one kind at one place as one track: a value that is seen again, one that grows while it is typed, one
/// that moves a little. They come in order of their first frame.
fn joined(boxes: Vec<Track>) -> Vec<Track> {
    let mut tracks: Vec<Track> = Vec::new();
    let mut by_kind: HashMap<Kind, Vec<usize>> = HashMap::new();
    for one in boxes {
        let known = by_kind.entry(one.kind).or_default();
        let Some(region) = one.boxes.first() else { continue };
        let is_there = |at: &usize| tracks[*at].boxes.last().is_some_and(|last| share_place(last, region));
        if let Some(at) = known.iter().rev().take(LOOK_BACK).copied().find(|at| is_there(at)) {
            let track = &mut tracks[at];
            track.scores = (track.scores.0.min(one.scores.0), track.scores.1.max(one.scores.1));
            track.boxes.extend(one.boxes);
        } else {
            known.push(tracks.len());
            tracks.push(one);
        }
    }
    tracks
}

/// Whether two boxes share more than half of the smaller one.
fn share_place(a: &Region, b: &Region) -> bool {
    let shared = |(a, long): (u32, u32), (b, short): (u32, u32)| {
        let end = a.saturating_add(long).min(b.saturating_add(short));
        u64::from(end.saturating_sub(a.max(b)))
    };
    let area = shared((a.left, a.width), (b.left, b.width)) * shared((a.top, a.height), (b.top, b.height));
    let of = |r: &Region| u64::from(r.width) * u64::from(r.height);
    area * 2 > of(a).min(of(b))
}

/// The sheets of an artifact of so many pages or frames: each page of a picture; of one that moves, the pages at
/// which something begins; of a recording its tracks, so many at a time, and one sheet where there are none.
pub fn sheets(marks: &[Mark], kind: ArtifactKind, (pages, moves): (u32, bool)) -> Vec<Sheet> {
    if kind != ArtifactKind::Video {
        let pages = pages.max(1);
        let begins = marks.iter().flat_map(|mark| &mark.boxes).map(|region| region.first_frame);
        let shown: BTreeSet<u32> = if moves { begins.chain([0]).collect() } else { (0..pages).collect() };
        return shown.into_iter().map(|page| Sheet::Page { page: (page, pages) }).collect();
    }
    let count = (marks.len() as u32).div_ceil(TRACKS_MAX).max(1);
    // Sheets of about one length: the last is no stump.
    let each = (marks.len() as u32).div_ceil(count);
    let border = |sheet: u32| (sheet * each).min(marks.len() as u32);
    (0..count)
        .map(|sheet| Sheet::Tracks { marks: (border(sheet), border(sheet + 1)), sheet: (sheet, count) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::RuleSource;

    const PAGE: (u32, u32) = (1_280, 720);

    fn rules() -> RuleSet {
        RuleSet::load(&[] as &[RuleSource<'_>]).expect("an empty set")
    }

    fn finding(frames: (u32, u32), (left, top): (u32, u32), score: f32) -> Finding {
        let (first_frame, last_frame) = frames;
        Finding {
            place: Place::Region(Region { first_frame, last_frame, left, top, width: 90, height: 14 }),
            entity: EntityId(0),
            recognizer: RecognizerId(0),
            score,
            identity: 0,
            decision: Decision::Redact,
        }
    }

    fn planned(findings: &[Finding], kind: ArtifactKind) -> Vec<Mark> {
        marks(findings, &rules(), (kind, PAGE, &[]), EntityId(1))
    }

    #[test]
    fn pages_are_numbered_as_they_are_read() {
        let at = |left, top| finding((0, 0), (left, top), 0.9);
        let all = [at(700, 101), at(300, 103), at(300, 140), at(500, 40), at(500, 40)];
        let marks = planned(&all, ArtifactKind::Image);
        let corners: Vec<_> = marks.iter().map(|m| (m.number, m.boxes[0].left / 100 * 100)).collect();
        assert_eq!(corners, [(1, 400), (2, 200), (3, 600), (4, 200)]);
    }

    #[test]
    fn boxes_are_those_that_are_filled_and_kept_ones_those_of_their_text() {
        let redacted = finding((0, 0), (300, 100), 0.876);
        let kept = Finding { decision: Decision::Keep, ..finding((0, 0), (300, 200), 0.5) };
        let unread = Finding { entity: EntityId(1), ..finding((0, 0), (300, 300), 1.0) };
        let marks = planned(&[redacted, kept, unread], ArtifactKind::Image);
        let styles: Vec<_> = marks.iter().map(|m| (m.style, m.score_percent)).collect();
        let wanted =
            [(MarkStyle::Redacted, (88, 88)), (MarkStyle::Kept, (50, 50)), (MarkStyle::Unread, (100, 100))];
        assert_eq!(styles, wanted);
        let filled = crate::verify::regions(&[redacted, unread], PAGE, &[]);
        assert_eq!(vec![marks[0].boxes[0], marks[2].boxes[0]], filled);
        assert_eq!(Place::Region(marks[1].boxes[0]), kept.place);
    }

    #[test]
    fn a_place_of_a_recording_is_one_track() {
        let all = [
            finding((0, 9), (300, 100), 0.9),
            finding((20, 29), (300, 100), 0.7),
            finding((5, 9), (300, 300), 0.9),
            finding((10, 12), (300, 306), 0.9),
            finding((13, 15), (300, 312), 0.9),
            finding((16, 17), (300, 400), 0.9),
            Finding { recognizer: RecognizerId(1), ..finding((30, 31), (300, 100), 0.9) },
        ];
        let marks = planned(&all, ArtifactKind::Video);
        let frames = |m: &Mark| m.boxes.iter().map(|b| (b.first_frame, b.last_frame)).collect::<Vec<_>>();
        let tracks: Vec<_> = marks.iter().map(|m| (m.number, m.score_percent, frames(m))).collect();
        let wanted = [
            (1, (70, 90), vec![(0, 9), (20, 29)]),
            (2, (90, 90), vec![(5, 9), (10, 12), (13, 15)]),
            (3, (90, 90), vec![(16, 17)]),
            (4, (90, 90), vec![(30, 31)]),
        ];
        assert_eq!(tracks, wanted);
    }

    #[test]
    fn long_lists_are_cut_into_sheets_and_none_are_lost() {
        let many: Vec<_> =
            (0..70).map(|n| finding((n, n), (10 + n % 9 * 130, 20 + n / 9 * 60), 0.9)).collect();
        let marks = planned(&many, ArtifactKind::Video);
        assert_eq!(marks.len(), 70);
        let ranges: Vec<_> = sheets(&marks, ArtifactKind::Video, (70, true))
            .iter()
            .map(|sheet| match sheet {
                Sheet::Tracks { marks, sheet } => (*marks, *sheet),
                Sheet::Page { .. } => panic!("a recording has no pages"),
            })
            .collect();
        assert_eq!(ranges, [((0, 24), (0, 3)), ((24, 48), (1, 3)), ((48, 70), (2, 3))]);
        assert_eq!(sheets(&[], ArtifactKind::Video, (7, true)).len(), 1);
    }

    #[test]
    fn every_page_is_shown_and_of_what_moves_where_something_begins() {
        let all =
            [finding((4, 9), (10, 20), 0.9), finding((4, 5), (300, 20), 0.9), finding((7, 7), (10, 90), 0.9)];
        let marks = planned(&all, ArtifactKind::Image);
        let pages = |moves| {
            let sheets = sheets(&marks, ArtifactKind::Image, (12, moves));
            let page = |sheet: &Sheet| if let Sheet::Page { page } = sheet { *page } else { (u32::MAX, 0) };
            sheets.iter().map(page).collect::<Vec<_>>()
        };
        assert_eq!(pages(false), (0..12).map(|page| (page, 12)).collect::<Vec<_>>());
        assert_eq!(pages(true), [(0, 12), (4, 12), (7, 12)]);
    }
}
