//! A contact sheet: a legend whose rows go on as tracks along a time axis, and below it frames at which something
//! is covered, with the outlines of that moment. Decodes nothing.

use super::canvas::{Area, Stroke, fill, frame, hatch};
use super::colours::{self, BAND, INK, MUTED, PAPER, RULE, WHITE};
use super::film::Film;
use super::legend::{Legend, counts};
use super::letters::Scale;
use super::outline;
use crate::frames::joined;
use custody_rules::{Drawing, Mark, MarkStyle, Region, Sheet};
use image::{GenericImage, RgbImage};
use std::collections::BTreeSet;

/// Pixels of a sheet; it grows with the words of its legend.
const WIDTH: i32 = 1_680;
/// The least that the time axis has.
const AXIS_MIN: i32 = 620;
/// Space around things.
const MARGIN: i32 = 24;
/// Frames shown on a sheet, and how many stand side by side.
const STILLS_MAX: usize = 12;
const STILLS_ACROSS: i32 = 2;
/// Largest still, in pixels.
const STILL: (u32, u32) = (804, 604);
/// Least distance of two ticks, in pixels.
const TICK_DISTANCE: u64 = 110;
/// Steps between ticks, in milliseconds.
const TICKS: [u64; 14] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
];
/// Sheets have one size of letters.
const SCALE_WIDTH: u32 = 1_280;
/// Thinnest bar: a single frame of an hour is seen.
const BAR_MIN: i32 = 4;

/// The size of stills of a recording: its own form, no larger than it is.
pub(super) fn still_size(width: u32, height: u32) -> (u32, u32) {
    let ratio = f64::from(STILL.0) / f64::from(width.max(1));
    let ratio = ratio.min(f64::from(STILL.1) / f64::from(height.max(1))).min(1.0);
    let side = |pixels: u32| ((f64::from(pixels) * ratio).round() as u32).max(2);
    (side(width), side(height))
}

fn own(drawing: &Drawing, (first, end): (u32, u32)) -> &[Mark] {
    let end = (end as usize).min(drawing.marks.len());
    &drawing.marks[(first as usize).min(end)..end]
}

/// The frames that a sheet shows: where each of its tracks begins; of many, those that lie furthest apart.
pub(super) fn moments(drawing: &Drawing, sheet: &Sheet) -> Vec<u32> {
    let Sheet::Tracks { marks, .. } = sheet else { return Vec::new() };
    let first = |mark: &Mark| mark.boxes.iter().map(|region| region.first_frame).min();
    let mut frames: Vec<u32> = own(drawing, *marks).iter().filter_map(first).collect();
    frames.sort_unstable();
    frames.dedup();
    if frames.is_empty() {
        frames.push(0);
    }
    while frames.len() > STILLS_MAX {
        let nearest = (1..frames.len()).min_by_key(|&at| frames[at] - frames[at - 1]).unwrap_or(1);
        frames.remove(nearest);
    }
    frames
}

/// Draws a sheet.
pub(super) fn draw(drawing: &Drawing, (marks, number): ((u32, u32), (u32, u32)), film: &Film) -> RgbImage {
    let scale = Scale::of_width(SCALE_WIDTH);
    let shown: Vec<&Mark> = own(drawing, marks).iter().collect();
    let legend = Legend::of(&shown, scale);
    let axis_left = MARGIN + legend.width() + MARGIN;
    let width = WIDTH.max(axis_left + AXIS_MIN + MARGIN);
    let axis = Axis { left: axis_left, right: width - MARGIN - 20, length_ms: film.length_ms().max(1) };
    let sheet = Sheet::Tracks { marks, sheet: number };
    let frames: BTreeSet<u32> =
        moments(drawing, &sheet).into_iter().filter(|frame| film.stills.contains_key(frame)).collect();
    let still =
        film.stills.values().next().map_or((0, 0), |still| (still.width() as i32, still.height() as i32));
    let plan = Plan { scale, legend, axis, width, rows: shown.len() as i32, still };
    let mut picture = RgbImage::from_pixel(width as u32, plan.height(frames.len()) as u32, PAPER);
    plan.title(&mut picture, &shown, (number, film));
    plan.tracks(&mut picture, &shown, (&frames, film));
    plan.stills(&mut picture, drawing, (&frames, film));
    picture
}

/// Time across the sheet.
#[derive(Debug, Clone, Copy)]
struct Axis {
    left: i32,
    right: i32,
    length_ms: u64,
}

impl Axis {
    fn at(self, ms: u64) -> i32 {
        let share = ms.min(self.length_ms) as f64 / self.length_ms as f64;
        self.left + (f64::from(self.right - self.left) * share).round() as i32
    }

    /// Times of ticks, and whether their seconds have tenths.
    fn ticks(self) -> (impl Iterator<Item = u64>, bool) {
        let most = (self.right - self.left).max(1) as u64 / TICK_DISTANCE;
        let hours = self.length_ms.div_ceil(3_600_000 * most.max(1)) * 3_600_000;
        let step = TICKS.into_iter().find(|step| self.length_ms / step <= most).unwrap_or(hours);
        ((0..=self.length_ms / step).map(move |n| n * step), step < 1_000)
    }
}

/// Minutes and seconds, with tenths where they matter.
fn clock(ms: u64, tenths: bool) -> String {
    let (minutes, seconds) = (ms / 60_000, ms / 1_000 % 60);
    if tenths {
        format!("{minutes}:{seconds:02}.{}", ms / 100 % 10)
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// Where things are on the sheet.
struct Plan {
    scale: Scale,
    legend: Legend,
    axis: Axis,
    width: i32,
    rows: i32,
    still: (i32, i32),
}

impl Plan {
    fn line(&self) -> i32 {
        self.scale.text().height()
    }

    fn tracks_top(&self) -> i32 {
        MARGIN + 2 * self.line() + self.scale.px(20)
    }

    fn stills_top(&self) -> i32 {
        let rows = if self.rows == 0 { 0 } else { self.rows + 1 };
        self.tracks_top() + rows * self.legend.height() + MARGIN
    }

    fn cell(&self) -> (i32, i32) {
        let across = (self.width - 2 * MARGIN) / STILLS_ACROSS;
        (across, self.still.1 + self.line() + self.scale.px(18))
    }

    fn height(&self, stills: usize) -> i32 {
        self.stills_top() + (stills as i32 + STILLS_ACROSS - 1) / STILLS_ACROSS * self.cell().1 + MARGIN
    }

    fn title(&self, picture: &mut RgbImage, marks: &[&Mark], ((sheet, sheets), film): ((u32, u32), &Film)) {
        let text = self.scale.text();
        let which = if sheets > 1 { format!("Sheet {} of {sheets}: ", sheet + 1) } else { String::new() };
        text.bold().write(picture, (MARGIN, MARGIN), &format!("{which}{}", counts(marks)), INK);
        let words = format!(
            "{}, {} frames. Unredacted: delete after use.",
            clock(film.length_ms(), film.length_ms() < 60_000),
            film.frames()
        );
        text.write(picture, (MARGIN, MARGIN + self.line() + self.scale.px(4)), &words, MUTED);
    }

    fn tracks(&self, picture: &mut RgbImage, marks: &[&Mark], (frames, film): (&BTreeSet<u32>, &Film)) {
        if marks.is_empty() {
            return;
        }
        let (top, high) = (self.tracks_top(), self.legend.height());
        let bottom = top + high * (marks.len() as i32 + 1);
        self.legend.heading(picture, (MARGIN, top));
        for (at, mark) in marks.iter().enumerate() {
            let row = top + high * (at as i32 + 1);
            if at % 2 == 0 {
                let band =
                    Area { left: self.axis.left, top: row, right: self.axis.right, bottom: row + high };
                fill(picture, band, BAND);
            }
            self.legend.row(picture, (MARGIN, row), (at, mark));
        }
        self.ticks(picture, (top, bottom));
        for (at, mark) in marks.iter().enumerate() {
            let row = top + high * (at as i32 + 1);
            let shown = mark.boxes.iter().map(|r: &Region| (r.first_frame, r.last_frame)).collect();
            for (first, last) in joined(shown) {
                let right = self.axis.at(film.start_ms(last.saturating_add(1)));
                let left = self.axis.at(film.start_ms(first)).min(right - BAR_MIN).max(self.axis.left);
                let bar = Area { left, top: row + high / 5, right, bottom: row + high - high / 5 };
                self.bar(picture, bar, mark);
            }
        }
        // Where the frames below are taken.
        for frame in frames {
            let x = self.axis.at(film.start_ms(*frame));
            fill(picture, Area::new((x - 2, bottom), (5, self.scale.px(6))), INK);
        }
    }

    fn ticks(&self, picture: &mut RgbImage, (top, bottom): (i32, i32)) {
        let (ticks, tenths) = self.axis.ticks();
        let text = self.scale.text();
        fill(
            picture,
            Area { left: self.axis.left, top: bottom, right: self.axis.right, bottom: bottom + 1 },
            RULE,
        );
        for ms in ticks {
            let (x, label) = (self.axis.at(ms), clock(ms, tenths));
            let line = Area { left: x, top: top + self.line() + self.scale.px(2), right: x + 1, bottom };
            fill(picture, line, RULE);
            let corner = (x - text.width(label.len()) / 2, top);
            text.write(picture, corner, &label, MUTED);
        }
    }

    fn bar(&self, picture: &mut RgbImage, bar: Area, mark: &Mark) {
        let colour = colours::of(&mark.entity);
        match mark.style {
            MarkStyle::Redacted => fill(picture, bar, colour),
            MarkStyle::Kept => {
                fill(picture, bar, WHITE);
                frame(picture, bar, (self.scale.px(2), Stroke::Dashed(self.scale.px(5))), colour);
            }
            MarkStyle::Unread => {
                fill(picture, bar, WHITE);
                hatch(picture, bar, (self.scale.px(2), self.scale.px(6)), colour);
                frame(picture, bar, (self.scale.px(1), Stroke::Solid), colour);
            }
        }
    }

    fn stills(&self, picture: &mut RgbImage, drawing: &Drawing, (frames, film): (&BTreeSet<u32>, &Film)) {
        let (wide, high) = self.cell();
        for (at, frame_number) in (0..).zip(frames) {
            let Some(still) = film.stills.get(frame_number) else { continue };
            let mut still = still.clone();
            let outlines = outline::at(&drawing.marks, *frame_number, film.scale);
            outline::draw(&mut still, &outlines, self.scale);
            let corner = (MARGIN + at % STILLS_ACROSS * wide, self.stills_top() + at / STILLS_ACROSS * high);
            // It lies on the sheet: the sheet was made for it.
            let _ = picture.copy_from(&still, corner.0 as u32, corner.1 as u32);
            frame(picture, Area::new(corner, self.still).grown(1), (1, Stroke::Solid), RULE);
            let caption = format!("{}  frame {frame_number}", clock(film.start_ms(*frame_number), true));
            let below = (corner.0, corner.1 + self.still.1 + self.scale.px(4));
            self.scale.text().write(picture, below, &caption, MUTED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(number: u32, frames: &[(u32, u32)]) -> Mark {
        let region = |&(first_frame, last_frame): &(u32, u32)| Region {
            first_frame,
            last_frame,
            left: 100,
            top: 50,
            width: 200,
            height: 40,
        };
        let (entity, recognizer) = ("PERSON".to_owned(), "person".to_owned());
        let boxes = frames.iter().map(region).collect();
        Mark { number, style: MarkStyle::Redacted, entity, recognizer, score_percent: (85, 85), boxes }
    }

    fn film(frames: u64) -> Film {
        let stills = (0..frames as u32).map(|n| (n, RgbImage::new(800, 450))).collect();
        Film { times: (0..=frames).map(|n| n * 100).collect(), stills, scale: 0.625 }
    }

    fn all(marks: &[Mark]) -> (Drawing, (u32, u32)) {
        (Drawing { marks: marks.to_vec(), sheets: Vec::new() }, (0, marks.len() as u32))
    }

    #[test]
    fn bars_lie_where_their_frames_are_in_time() {
        let marks = [mark(1, &[(0, 19), (50, 59)]), mark(2, &[(30, 30)])];
        let (drawing, range) = all(&marks);
        let sheet = draw(&drawing, (range, (0, 1)), &film(100));
        let colour = colours::of("PERSON");
        let shown: Vec<&Mark> = marks.iter().collect();
        let legend = Legend::of(&shown, Scale::of_width(SCALE_WIDTH));
        let (left, right) = (MARGIN + legend.width() + MARGIN, sheet.width() as i32 - MARGIN - 20);
        let top = MARGIN + 2 * Scale::of_width(SCALE_WIDTH).text().height() + 20;
        let is_bar = |row: i32, second: f64| {
            let x = left + (f64::from(right - left) * second / 10.0) as i32;
            let y = top + legend.height() * row + legend.height() / 2;
            *sheet.get_pixel(x as u32, y as u32) == colour
        };
        for (second, first, second_row) in [
            (0.5, true, false),
            (1.9, true, false),
            (2.2, false, false),
            (3.05, false, true),
            (3.2, false, false),
            (5.5, true, false),
            (6.2, false, false),
        ] {
            assert_eq!((is_bar(1, second), is_bar(2, second)), (first, second_row), "{second}");
        }
    }

    #[test]
    fn stills_show_where_tracks_begin_and_are_few() {
        let marks: Vec<Mark> = (0..40).map(|n| mark(n + 1, &[(n / 2 * 7, n / 2 * 7 + 3)])).collect();
        let (drawing, range) = all(&marks);
        let frames = moments(&drawing, &Sheet::Tracks { marks: range, sheet: (0, 1) });
        assert_eq!((frames.len(), frames[0]), (STILLS_MAX, 0));
        assert!(frames.iter().all(|frame| frame % 7 == 0), "{frames:?}");
        let none = moments(&drawing, &Sheet::Tracks { marks: (7, 7), sheet: (0, 1) });
        assert_eq!(none, [0], "a sheet without tracks shows the beginning");
        let odd = moments(&drawing, &Sheet::Tracks { marks: (90, 99), sheet: (0, 1) });
        assert_eq!(odd, [0], "marks that are not there");
    }

    #[test]
    fn ticks_are_apart_and_reach_the_end() {
        for length_ms in [40, 900, 10_000, 65_000, 600_000, 36_000_000] {
            let axis = Axis { left: 100, right: 1_000, length_ms };
            let (ticks, _) = axis.ticks();
            let places: Vec<i32> = ticks.map(|ms| axis.at(ms)).collect();
            assert!(places.windows(2).all(|two| two[1] - two[0] >= 80), "{length_ms}: {places:?}");
            assert!(length_ms < 100 || places.len() >= 3, "{length_ms}: {places:?}");
        }
        assert_eq!(
            [clock(3_250, true), clock(65_000, false), clock(3_600_000, false)],
            ["0:03.2", "1:05", "60:00"]
        );
    }

    #[test]
    fn stills_keep_their_form_and_do_not_grow() {
        assert_eq!(still_size(1_280, 720), (804, 452));
        assert_eq!(still_size(390, 844), (279, 604));
        assert_eq!(still_size(320, 180), (320, 180));
    }
}
