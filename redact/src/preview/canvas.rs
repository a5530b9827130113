//! Areas, frames and hatching on a picture: whole pixels, clipped at the edges. Knows no marks and no text.

use custody_rules::Region;
use image::{Rgb, RgbImage};

/// Longest side that is counted with, so that sums stay small.
const SIDE_MAX: u32 = 1 << 24;
/// How much of a pixel hatching covers, of 255.
const HATCH_COVERAGE: u8 = 150;

/// Pixels from an edge to the one behind the last; may lie off the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

impl Area {
    /// From a corner and a size.
    pub(super) fn new((left, top): (i32, i32), (width, height): (i32, i32)) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    /// The box of a region, drawn at `scale`.
    pub(super) fn of(region: &Region, scale: f64) -> Self {
        let side = |pixels: u32| (f64::from(pixels.min(SIDE_MAX)) * scale).round() as i32;
        Self {
            left: side(region.left),
            top: side(region.top),
            right: side(region.left.saturating_add(region.width)),
            bottom: side(region.top.saturating_add(region.height)),
        }
    }

    /// All of a picture.
    pub(super) fn whole(picture: &RgbImage) -> Self {
        Self::new((0, 0), (picture.width() as i32, picture.height() as i32))
    }

    pub(super) fn grown(self, by: i32) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    /// The part that both have; empty or inside out where there is none.
    pub(super) fn shared(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    pub(super) fn touches(self, other: Self) -> bool {
        let shared = self.shared(other);
        shared.left < shared.right && shared.top < shared.bottom
    }

    /// The least area that holds both.
    pub(super) fn around(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub(super) fn holds(self, other: Self) -> bool {
        self.shared(other) == other
    }

    /// Its pixels, if it has any.
    pub(super) fn pixels(self) -> impl Iterator<Item = (u32, u32)> {
        let columns = self.left.max(0)..self.right.max(0);
        (self.top.max(0)..self.bottom.max(0))
            .flat_map(move |y| columns.clone().map(move |x| (x as u32, y as u32)))
    }
}

/// How a frame's line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    /// Without gaps.
    Solid,
    /// Dashes of so many pixels, and gaps as long.
    Dashed(i32),
}

/// Fills an area.
pub(super) fn fill(picture: &mut RgbImage, area: Area, colour: Rgb<u8>) {
    for (x, y) in area.shared(Area::whole(picture)).pixels() {
        picture.put_pixel(x, y, colour);
    }
}

/// Draws a frame of `width` pixels inside the edges of an area.
pub(super) fn frame(picture: &mut RgbImage, area: Area, (width, stroke): (i32, Stroke), colour: Rgb<u8>) {
    let inner = area.grown(-width);
    let whole = Area::whole(picture);
    let bands = [
        (Area { bottom: area.top + width, ..area }, true),
        (Area { top: area.bottom - width, ..area }, true),
        (Area { top: inner.top, bottom: inner.bottom, right: area.left + width, ..area }, false),
        (Area { top: inner.top, bottom: inner.bottom, left: area.right - width, ..area }, false),
    ];
    for (band, across) in bands {
        for (x, y) in band.shared(whole).shared(area).pixels() {
            let along = if across { x as i32 - area.left } else { y as i32 - area.top };
            let drawn = match stroke {
                Stroke::Solid => true,
                Stroke::Dashed(length) => along / length.max(1) % 2 == 0,
            };
            if drawn {
                picture.put_pixel(x, y, colour);
            }
        }
    }
}

/// Draws thin slanting lines of `width` pixels, `gap` pixels apart; what is below can still be read.
pub(super) fn hatch(picture: &mut RgbImage, area: Area, (width, gap): (i32, i32), colour: Rgb<u8>) {
    for (x, y) in area.shared(Area::whole(picture)).pixels() {
        if (x as i32 + y as i32).rem_euclid(gap.max(1)) < width {
            blend(picture.get_pixel_mut(x, y), colour, HATCH_COVERAGE);
        }
    }
}

/// Draws a straight line of `width` pixels.
pub(super) fn line(
    picture: &mut RgbImage,
    (from, to): ((i32, i32), (i32, i32)),
    width: i32,
    colour: Rgb<u8>,
) {
    let (across, down) = (to.0 - from.0, to.1 - from.1);
    let steps = across.abs().max(down.abs()).max(1);
    for step in 0..=steps {
        let at = |start: i32, length: i32| {
            start + (f64::from(length) * f64::from(step) / f64::from(steps)).round() as i32
        };
        let corner = (at(from.0, across) - width / 2, at(from.1, down) - width / 2);
        fill(picture, Area::new(corner, (width, width)), colour);
    }
}

/// Lays a colour over a pixel, as much as `coverage` of 255 says.
pub(super) fn blend(pixel: &mut Rgb<u8>, colour: Rgb<u8>, coverage: u8) {
    let coverage = u16::from(coverage);
    for (under, over) in pixel.0.iter_mut().zip(colour.0) {
        let mixed = u16::from(*under) * (255 - coverage) + u16::from(over) * coverage;
        *under = (mixed / 255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INK: Rgb<u8> = Rgb([200, 0, 0]);

    fn drawn(picture: &RgbImage) -> usize {
        picture.pixels().filter(|pixel| **pixel == INK).count()
    }

    #[test]
    fn a_frame_lies_inside_its_area_and_leaves_the_middle() {
        let mut picture = RgbImage::new(40, 30);
        frame(&mut picture, Area::new((5, 4), (20, 10)), (2, Stroke::Solid), INK);
        assert_eq!(drawn(&picture), 20 * 10 - 16 * 6);
        assert_eq!((picture.get_pixel(5, 4), picture.get_pixel(24, 13)), (&INK, &INK));
        let mut dashed = RgbImage::new(40, 30);
        frame(&mut dashed, Area::new((5, 4), (20, 10)), (2, Stroke::Dashed(4)), INK);
        let share = drawn(&dashed) * 100 / drawn(&picture);
        assert!((40..=65).contains(&share), "{share}");
    }

    #[test]
    fn what_lies_off_the_picture_is_left_out() {
        let mut picture = RgbImage::new(10, 10);
        let off = Area::new((-5, -5), (100, 100));
        frame(&mut picture, off, (3, Stroke::Solid), INK);
        assert_eq!(drawn(&picture), 0);
        line(&mut picture, ((-20, 5), (20, 5)), 1, INK);
        assert_eq!(drawn(&picture), 10);
        fill(&mut picture, off, INK);
        hatch(&mut picture, off, (1, 4), Rgb([0, 0, 0]));
        assert!((70..80).contains(&drawn(&picture)), "{}", drawn(&picture));
        fill(&mut picture, Area::new((8, 8), (-4, 3)), Rgb([9, 9, 9]));
        assert!(!picture.pixels().any(|pixel| pixel.0 == [9, 9, 9]));
    }
}
