//! Draws numbered outlines on a picture: solid around what is filled, dashed around what is kept, hatched over
//! what nobody could read. What is inside stays to be seen.

use super::canvas::{Area, Stroke, fill, frame, hatch, line};
use super::colours::{self, WHITE};
use super::letters::Scale;
use super::tags::Room;
use custody_rules::{Mark, MarkStyle, Region};
use image::RgbImage;

/// A mark to be outlined, in pixels of the picture it is drawn on.
pub(super) struct Outline<'a> {
    /// What it is.
    mark: &'a Mark,
    /// Its boxes there.
    areas: Vec<Area>,
}

/// The marks of a page or frame, drawn at `scale`. Boxes of one mark that lie on one another are drawn as one.
pub(super) fn at(marks: &[Mark], frame: u32, scale: f64) -> Vec<Outline<'_>> {
    let outline = |mark| Outline { mark, areas: merged(Mark::boxes_at(mark, frame), scale) };
    marks.iter().map(outline).filter(|one| !one.areas.is_empty()).collect()
}

fn merged<'a>(boxes: impl Iterator<Item = &'a Region>, scale: f64) -> Vec<Area> {
    let mut merged: Vec<Area> = Vec::new();
    for region in boxes {
        let mut area = Area::of(region, scale);
        while let Some(at) = merged.iter().position(|other| area.touches(*other)) {
            area = area.around(merged.swap_remove(at));
        }
        merged.push(area);
    }
    merged
}

/// Draws all outlines, then their numbers.
pub(super) fn draw(picture: &mut RgbImage, outlines: &[Outline<'_>], scale: Scale) {
    let page = Area::whole(picture);
    let mut room = Room::of(picture);
    let frame = |area: Area| area.grown(scale.px(2)).shared(page);
    for one in outlines {
        for outer in one.areas.iter().map(|area| frame(*area)) {
            room.take_box(outer);
            around(picture, (one.mark, outer), scale);
        }
    }
    for one in outlines {
        let Some(outer) = one.areas.first().map(|area| frame(*area)) else { continue };
        let (area, is_off) = room.place(outer, size(one.mark.number, scale));
        if is_off {
            let colour = colours::of(&one.mark.entity);
            let (from, to) = (middle(area), nearest(outer, middle(area)));
            line(picture, (from, to), scale.px(3), WHITE);
            line(picture, (from, to), scale.px(1), colour);
        }
        badge(picture, (area.left, area.top), one.mark, scale);
    }
}

fn around(picture: &mut RgbImage, (mark, outer): (&Mark, Area), scale: Scale) {
    let colour = colours::of(&mark.entity);
    // One pixel sets it off from a dark page, and hides little of what stands beside it.
    frame(picture, outer.grown(1), (1, Stroke::Solid), WHITE);
    let stroke = match mark.style {
        MarkStyle::Kept => {
            frame(picture, outer, (scale.px(2), Stroke::Solid), WHITE);
            Stroke::Dashed(scale.px(5))
        }
        MarkStyle::Unread => {
            hatch(picture, outer, (scale.px(1), scale.px(8)), colour);
            Stroke::Solid
        }
        MarkStyle::Redacted => Stroke::Solid,
    };
    frame(picture, outer, (scale.px(2), stroke), colour);
}

/// Width and height of a number's tag.
pub(super) fn size(number: u32, scale: Scale) -> (i32, i32) {
    let letters = scale.tag();
    let (first, last) = letters.figures();
    (letters.width(number.to_string().len()) + 2 * scale.px(3), last - first + 2 * scale.px(2))
}

/// Draws a mark's tag: its number on its colour, or, where it is kept, in it.
pub(super) fn badge(picture: &mut RgbImage, corner: (i32, i32), mark: &Mark, scale: Scale) {
    let (colour, letters) = (colours::of(&mark.entity), scale.tag());
    let area = Area::new(corner, size(mark.number, scale));
    let is_kept = mark.style == MarkStyle::Kept;
    fill(picture, area, colour);
    if is_kept {
        fill(picture, area.grown(-scale.px(1)), WHITE);
    }
    let (first, _) = letters.figures();
    let start = (area.left + scale.px(3), area.top + scale.px(2) - first);
    letters.write(picture, start, &mark.number.to_string(), if is_kept { colour } else { WHITE });
}

fn middle(area: Area) -> (i32, i32) {
    (i32::midpoint(area.left, area.right), i32::midpoint(area.top, area.bottom))
}

/// The point of an area that is nearest to another.
fn nearest(area: Area, (x, y): (i32, i32)) -> (i32, i32) {
    (x.clamp(area.left, area.right.max(area.left)), y.clamp(area.top, area.bottom.max(area.top)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_of_one_mark_that_lie_on_one_another_are_one() {
        let region = |left, width, frames: (u32, u32)| Region {
            first_frame: frames.0,
            last_frame: frames.1,
            left,
            top: 40,
            width,
            height: 20,
        };
        let mark = Mark {
            number: 1,
            style: MarkStyle::Redacted,
            entity: "PERSON".to_owned(),
            recognizer: "person".to_owned(),
            score_percent: (90, 90),
            boxes: vec![
                region(100, 32, (0, 9)),
                region(300, 32, (0, 9)),
                region(120, 64, (0, 9)),
                region(170, 32, (0, 9)),
                region(0, 500, (10, 10)),
            ],
        };
        let marks = [mark];
        let areas = |frame| at(&marks, frame, 0.5).into_iter().flat_map(|one| one.areas).collect::<Vec<_>>();
        let area = |left, right| Area { left, top: 20, right, bottom: 30 };
        assert_eq!(areas(9), [area(150, 166), area(50, 101)]);
        assert_eq!(areas(10), [area(0, 250)]);
        assert!(areas(11).is_empty());
    }
}
