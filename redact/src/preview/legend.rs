//! The rows of a legend: number, entity, recognizer, confidence, what becomes of it. No values; knows no pages
//! and no time.

use super::canvas::{Area, fill};
use super::colours::{BAND, INK, MUTED};
use super::letters::Scale;
use super::outline;
use custody_rules::{Mark, MarkStyle};
use image::RgbImage;

/// Letters between two columns.
const GAP: usize = 2;

/// How wide the columns of a legend are, in letters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Legend {
    scale: Scale,
    tag: i32,
    entity: usize,
    recognizer: usize,
    score: usize,
}

/// What becomes of a mark, in a word.
fn fate(mark: &Mark) -> &'static str {
    match mark.style {
        MarkStyle::Kept => "kept",
        MarkStyle::Redacted | MarkStyle::Unread => "redacted",
    }
}

fn score(mark: &Mark) -> String {
    let (lowest, highest) = mark.score_percent;
    let text = |percent: u8| format!("{}.{:02}", percent / 100, percent % 100);
    if lowest == highest { text(lowest) } else { format!("{}-{}", text(lowest), text(highest)) }
}

impl Legend {
    /// Wide enough for these marks.
    pub(super) fn of(marks: &[&Mark], scale: Scale) -> Self {
        let longest = |of: &dyn Fn(&Mark) -> usize, heading: &str| {
            marks.iter().map(|mark| of(mark)).max().unwrap_or(0).max(heading.len())
        };
        Self {
            scale,
            tag: marks.iter().map(|mark| outline::size(mark.number, scale).0).max().unwrap_or(0),
            entity: longest(&|mark| mark.entity.len(), "Entity"),
            recognizer: longest(&|mark| mark.recognizer.len(), "Recognizer"),
            score: longest(&|mark| score(mark).len(), "Score"),
        }
    }

    /// Pixels of a row.
    pub(super) fn width(self) -> i32 {
        let letters = self.entity + self.recognizer + self.score + "redacted".len() + 3 * GAP;
        self.text_left() + self.scale.text().width(letters) + self.scale.px(8)
    }

    /// Pixels of a row.
    pub(super) fn height(self) -> i32 {
        self.scale.text().height().max(outline::size(0, self.scale).1) + self.scale.px(4)
    }

    fn text_left(self) -> i32 {
        self.tag + self.scale.px(14)
    }

    fn line(self, [entity, recognizer, score]: [&str; 3], fate: &str) -> String {
        let (gap, ew, rw, sw) = (" ".repeat(GAP), self.entity, self.recognizer, self.score);
        format!("{entity:<ew$}{gap}{recognizer:<rw$}{gap}{score:<sw$}{gap}{fate}")
    }

    /// Writes the headings of a column.
    pub(super) fn heading(self, picture: &mut RgbImage, (left, top): (i32, i32)) {
        let line = self.line(["Entity", "Recognizer", "Score"], "");
        let corner = (left + self.text_left(), top + self.scale.px(2));
        self.scale.text().write(picture, corner, line.trim_end(), MUTED);
    }

    /// Writes one row; every other one stands on a band.
    pub(super) fn row(self, picture: &mut RgbImage, (left, top): (i32, i32), (at, mark): (usize, &Mark)) {
        if at % 2 == 0 {
            fill(picture, Area::new((left, top), (self.width(), self.height())), BAND);
        }
        let (wide, high) = outline::size(mark.number, self.scale);
        let tag = (left + self.scale.px(4) + self.tag - wide, top + (self.height() - high) / 2);
        outline::badge(picture, tag, mark, self.scale);
        let text = self.scale.text();
        let corner = (left + self.text_left(), top + (self.height() - text.height()) / 2);
        let ink = if mark.style == MarkStyle::Kept { MUTED } else { INK };
        let line = self.line([&mark.entity, &mark.recognizer, &score(mark)], fate(mark));
        text.write(picture, corner, &line, ink);
    }
}

/// How many there are of each kind, in words.
pub(super) fn counts(marks: &[&Mark]) -> String {
    let of = |style: MarkStyle| marks.iter().filter(|mark| mark.style == style).count();
    let (redacted, unread, kept) = (of(MarkStyle::Redacted), of(MarkStyle::Unread), of(MarkStyle::Kept));
    let unread_part = if unread > 0 { format!(" ({unread} unread)") } else { String::new() };
    match (redacted + unread, kept) {
        (0, 0) => "nothing found".to_owned(),
        (0, kept) => format!("{kept} kept"),
        (all, 0) => format!("{all} redacted{unread_part}"),
        (all, kept) => format!("{all} redacted{unread_part}, {kept} kept"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_have_two_digits_and_a_range_both_ends() {
        let mark = |score_percent| Mark {
            number: 1,
            style: MarkStyle::Redacted,
            entity: "PERSON".to_owned(),
            recognizer: "person".to_owned(),
            score_percent,
            boxes: Vec::new(),
        };
        assert_eq!([(85, 85), (5, 100), (100, 100)].map(|s| score(&mark(s))), ["0.85", "0.05-1.00", "1.00"]);
        let kept = Mark { style: MarkStyle::Kept, ..mark((1, 1)) };
        let unread = Mark { style: MarkStyle::Unread, ..mark((1, 1)) };
        assert_eq!(counts(&[&mark((1, 1)), &kept, &unread]), "2 redacted (1 unread), 1 kept");
        assert_eq!(counts(&[]), "nothing found");
    }
}
