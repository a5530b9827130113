//! Writes text on pictures, in the one typeface of the program. ASCII; anything else is a question mark.

use super::canvas::blend;
use image::{Rgb, RgbImage};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, RasterizedChar, get_raster};

/// How large things are drawn: grows with the page, so that a number can be read on a large one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    /// Twice the factor: 2 is a page of 1280 pixels, 4 one of twice as many.
    halves: i32,
}

/// A size and a weight of letters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    height: RasterHeight,
    weight: FontWeight,
    /// Pixels for each pixel of the letters.
    times: i32,
}

impl Scale {
    /// The scale of a page of so many pixels across.
    pub(super) fn of_width(width: u32) -> Self {
        let halves = match width {
            0..1_600 => 2,
            1_600..2_200 => 3,
            _ => (width as i32 / 1_280 * 2).clamp(4, 32),
        };
        Self { halves }
    }

    /// So many pixels of a page at scale 1.
    pub(super) fn px(self, pixels: i32) -> i32 {
        pixels * self.halves / 2
    }

    /// Numbers on tags.
    pub(super) fn tag(self) -> Type {
        let (height, times) = match self.halves {
            ..=2 => (RasterHeight::Size16, 1),
            3 => (RasterHeight::Size24, 1),
            halves => (RasterHeight::Size32, halves / 4),
        };
        Type { height, weight: FontWeight::Bold, times }
    }

    /// Rows of legends.
    pub(super) fn text(self) -> Type {
        let (height, times) = match self.halves {
            ..=2 => (RasterHeight::Size20, 1),
            3 => (RasterHeight::Size24, 1),
            halves => (RasterHeight::Size32, halves / 4),
        };
        Type { height, weight: FontWeight::Regular, times }
    }
}

impl Type {
    /// The same, bold.
    pub(super) fn bold(self) -> Self {
        Self { weight: FontWeight::Bold, ..self }
    }

    /// Height of a line in pixels.
    pub(super) fn height(self) -> i32 {
        self.height.val() as i32 * self.times
    }

    /// Width of so many letters in pixels.
    pub(super) fn width(self, letters: usize) -> i32 {
        self.letter('0').map_or(0, |letter| letter.width() as i32) * self.times * letters as i32
    }

    /// The rows of a line that figures fill: first, and one past the last.
    pub(super) fn figures(self) -> (i32, i32) {
        let inked = |row: &[u8]| row.iter().any(|&ink| ink > 64);
        let Some(letter) = self.letter('8') else { return (0, self.height()) };
        let first = letter.rows().position(inked).unwrap_or(0);
        let last = letter.rows().rposition(inked).unwrap_or(letter.height() - 1);
        (first as i32 * self.times, (last as i32 + 1) * self.times)
    }

    fn letter(self, letter: char) -> Option<RasterizedChar> {
        get_raster(letter, self.weight, self.height).or_else(|| get_raster('?', self.weight, self.height))
    }

    /// Writes a line from its upper left corner.
    pub(super) fn write(self, picture: &mut RgbImage, corner: (i32, i32), text: &str, colour: Rgb<u8>) {
        let advance = self.width(1);
        for (at, letter) in (0..).zip(text.chars()) {
            let Some(letter) = self.letter(letter) else { continue };
            let left = corner.0 + at * advance;
            for (y, row) in (0..).zip(letter.rows()) {
                for (x, &ink) in (0..).zip(row) {
                    self.dot(picture, (left + x * self.times, corner.1 + y * self.times), (ink, colour));
                }
            }
        }
    }

    fn dot(self, picture: &mut RgbImage, corner: (i32, i32), (ink, colour): (u8, Rgb<u8>)) {
        if ink == 0 {
            return;
        }
        for y in corner.1..corner.1 + self.times {
            for x in corner.0..corner.0 + self.times {
                let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { continue };
                if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
                    blend(pixel, colour, ink);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_grow_with_the_page() {
        let heights = [640, 1_280, 1_920, 2_560, 3_840, 5_120, 20_000].map(|width| {
            let scale = Scale::of_width(width);
            (scale.px(10), scale.tag().height(), scale.text().height())
        });
        assert_eq!(heights[..4], [(10, 16, 20), (10, 16, 20), (15, 24, 24), (20, 32, 32)]);
        assert_eq!(heights[5], (40, 64, 64));
        assert!(heights.is_sorted());
    }

    #[test]
    fn text_lies_in_its_line_and_is_cut_at_the_edge() {
        for width in [1_280, 1_920, 2_560, 5_120] {
            let letters = Scale::of_width(width).tag();
            let (wide, high) = (letters.width(3), letters.height());
            let mut picture = RgbImage::new(wide as u32 + 8, high as u32 + 8);
            letters.write(&mut picture, (4, 4), "8gÅ", Rgb([255, 255, 255]));
            for (x, y, pixel) in picture.enumerate_pixels() {
                let inside = (4..4 + wide).contains(&(x as i32)) && (4..4 + high).contains(&(y as i32));
                assert!(inside || pixel.0 == [0, 0, 0], "{x},{y}");
            }
            let (first, last) = letters.figures();
            assert!(0 < first && first < last && last <= high && (last - first) * 2 > high);
            letters.write(&mut picture, (-5, -5), "8", Rgb([255, 255, 255]));
            letters.write(&mut picture, (wide, high), "8", Rgb([255, 255, 255]));
        }
    }
}
