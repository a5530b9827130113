//! Finds room for the numbers of outlines: beside a box, where nothing is written, and never on one another.
//! Draws nothing.

use super::canvas::Area;
use image::RgbImage;

/// Difference of neighbouring pixels from which something is written there.
const INK_DIFFERENCE: u16 = 60;
/// What a pixel under a tag costs: another tag there, a box, something written.
const ON_TAG: i32 = 60;
const ON_BOX: i32 = 4;
const ON_INK: i32 = 3;
/// How far off a tag may be, in its own heights.
const RINGS: i32 = 6;

const INK: u8 = 1;
const BOX: u8 = 2;
const TAG: u8 = 4;

/// What is where on a picture.
pub(super) struct Room {
    width: i32,
    height: i32,
    /// Row by row: [`INK`], [`BOX`], [`TAG`].
    taken: Vec<u8>,
}

impl Room {
    /// A picture on which no box has been drawn yet.
    pub(super) fn of(picture: &RgbImage) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let mut taken = vec![0; width * height];
        for (row, pixels) in picture.as_raw().chunks_exact(width * 3).enumerate() {
            for x in 1..width {
                let (left, own) = (&pixels[(x - 1) * 3..x * 3], &pixels[x * 3..x * 3 + 3]);
                let difference: u16 = left.iter().zip(own).map(|(a, b)| u16::from(a.abs_diff(*b))).sum();
                if difference >= INK_DIFFERENCE {
                    taken[row * width + x] = INK;
                }
            }
        }
        Self { width: width as i32, height: height as i32, taken }
    }

    /// Notes a box.
    pub(super) fn take_box(&mut self, area: Area) {
        self.mark(area, BOX);
    }

    /// A place for a tag of this size at a frame. The second value says whether it stands off.
    pub(super) fn place(&mut self, frame: Area, size: (i32, i32)) -> (Area, bool) {
        let page = Area::new((0, 0), (self.width, self.height));
        let mut best: Option<(i32, Area, bool)> = None;
        for ring in 0..=RINGS {
            for (order, corner) in (0..).zip(corners(frame, size, ring)) {
                let area = Area::new(corner, size);
                if !page.holds(area) {
                    continue;
                }
                let cost = self.cost(area) + (order + 12 * ring) * size.0 * size.1 / 40;
                if best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, area, ring > 0));
                }
            }
            // Further off only where it would lie on another.
            if best.is_some_and(|(_, area, _)| !self.has(area, TAG)) {
                break;
            }
        }
        let (area, is_off) = best.map_or_else(
            // A box as large as the page: its own corner.
            || (Area::new((frame.left.max(0), frame.top.max(0)), size), false),
            |(_, area, is_off)| (area, is_off),
        );
        self.mark(area, TAG);
        (area, is_off)
    }

    fn index(&self, (x, y): (u32, u32)) -> usize {
        y as usize * self.width as usize + x as usize
    }

    fn clipped(&self, area: Area) -> impl Iterator<Item = (u32, u32)> + use<> {
        area.shared(Area::new((0, 0), (self.width, self.height))).pixels()
    }

    fn mark(&mut self, area: Area, what: u8) {
        for pixel in self.clipped(area) {
            let at = self.index(pixel);
            self.taken[at] |= what;
        }
    }

    fn has(&self, area: Area, what: u8) -> bool {
        self.clipped(area).any(|pixel| self.taken[self.index(pixel)] & what != 0)
    }

    fn cost(&self, area: Area) -> i32 {
        let one = |taken: u8| {
            let part = |what: u8, cost: i32| if taken & what == 0 { 0 } else { cost };
            part(TAG, ON_TAG) + part(BOX, ON_BOX) + part(INK, ON_INK)
        };
        self.clipped(area).map(|pixel| one(self.taken[self.index(pixel)])).sum()
    }
}

/// Upper left corners of tags around a frame, the most welcome first; each ring is further off.
fn corners(frame: Area, (width, height): (i32, i32), ring: i32) -> [(i32, i32); 10] {
    let (across, down) = (ring * width, ring * height);
    let Area { left, top, right, bottom } = frame;
    let middle = i32::midpoint(top, bottom) - height / 2;
    [
        (left - width - across, top),
        (left, top - height - down),
        (left - width - across, middle),
        (right + across, top),
        (right - width, top - height - down),
        (right + across, middle),
        (left, bottom + down),
        (right - width, bottom + down),
        (left - width - across, bottom - height),
        (right + across, bottom - height),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn no_two_tags_share_a_pixel_however_close_their_boxes() {
        let picture = RgbImage::from_pixel(400, 300, Rgb([250, 250, 250]));
        let mut room = Room::of(&picture);
        let frames: Vec<Area> =
            (0..60).map(|n| Area::new((40 + n % 6 * 52, 40 + n / 6 * 22), (50, 20))).collect();
        frames.iter().for_each(|frame| room.take_box(*frame));
        let tags: Vec<Area> = frames.iter().map(|frame| room.place(*frame, (20, 13)).0).collect();
        for (at, tag) in tags.iter().enumerate() {
            assert!(Area::whole(&picture).holds(*tag));
            for other in &tags[at + 1..] {
                assert!(tag.shared(*other).pixels().next().is_none(), "{tag:?} and {other:?}");
            }
        }
    }

    #[test]
    fn a_tag_keeps_off_what_is_written() {
        let mut picture = RgbImage::from_pixel(300, 200, Rgb([20, 20, 20]));
        let frame = Area::new((100, 100), (80, 20));
        for x in (90..200).step_by(2) {
            (80..100).for_each(|y| picture.put_pixel(x, y, Rgb([230, 230, 230])));
        }
        let (tag, is_off) = Room::of(&picture).place(frame, (20, 13));
        assert!(!is_off && tag.top >= 100, "{tag:?}");
    }

    #[test]
    fn a_box_as_large_as_the_page_has_its_tag_inside() {
        let picture = RgbImage::new(60, 30);
        let (tag, _) = Room::of(&picture).place(Area::new((0, 0), (60, 30)), (20, 13));
        assert!(Area::whole(&picture).holds(tag));
    }
}
