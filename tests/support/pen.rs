//! Draws text, boxes and lines on a picture and remembers where each word's ink is.

use super::planted::{DrawnWord, PixelBox};
use ab_glyph::{Font, FontVec, PxScale, ScaleFont, point};
use image::{Rgb, RgbImage};
use std::sync::OnceLock;

/// The typefaces that Debian's fonts-dejavu-core and fonts-liberation bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// DejaVu Sans.
    Dejavu,
    /// Liberation Sans (Arial's metrics).
    Liberation,
    /// Liberation Sans, bold.
    Bold,
    /// DejaVu Sans Mono.
    Mono,
}

impl Face {
    fn font(self) -> &'static FontVec {
        static FONTS: [OnceLock<FontVec>; 4] = [const { OnceLock::new() }; 4];
        let (slot, path) = match self {
            Self::Dejavu => (0, "dejavu/DejaVuSans.ttf"),
            Self::Liberation => (1, "liberation/LiberationSans-Regular.ttf"),
            Self::Bold => (2, "liberation/LiberationSans-Bold.ttf"),
            Self::Mono => (3, "dejavu/DejaVuSansMono.ttf"),
        };
        FONTS[slot].get_or_init(|| {
            let path = format!("/usr/share/fonts/truetype/{path}");
            let bytes = std::fs::read(&path)
                .unwrap_or_else(|e| panic!("{path}: {e}; install fonts-dejavu-core and fonts-liberation"));
            FontVec::try_from_vec(bytes).expect("Debian's fonts are whole")
        })
    }

    /// From a font size as browsers count it (the em) to ab_glyph's (ascent to descent).
    fn px_scale(self, em: f32) -> PxScale {
        let font = self.font();
        PxScale::from(em * font.height_unscaled() / font.units_per_em().expect("outline fonts have an em"))
    }
}

/// The colours of a screen.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    /// Behind everything.
    pub paper: Rgb<u8>,
    /// Behind cards and every other table row.
    pub panel: Rgb<u8>,
    /// Values.
    pub ink: Rgb<u8>,
    /// Labels.
    pub muted: Rgb<u8>,
    /// Header bars and buttons.
    pub bar: Rgb<u8>,
    /// Text on bars.
    pub bar_ink: Rgb<u8>,
    /// Lines and borders.
    pub line: Rgb<u8>,
}

impl Palette {
    /// Dark on light.
    pub const LIGHT: Self = Self {
        paper: Rgb([255, 255, 255]),
        panel: Rgb([244, 246, 248]),
        ink: Rgb([28, 32, 36]),
        muted: Rgb([94, 102, 110]),
        bar: Rgb([0, 92, 185]),
        bar_ink: Rgb([255, 255, 255]),
        line: Rgb([206, 211, 217]),
    };
    /// Light on dark.
    pub const DARK: Self = Self {
        paper: Rgb([24, 26, 31]),
        panel: Rgb([34, 37, 44]),
        ink: Rgb([228, 230, 234]),
        muted: Rgb([160, 167, 177]),
        bar: Rgb([52, 62, 88]),
        bar_ink: Rgb([240, 242, 246]),
        line: Rgb([70, 75, 86]),
    };
}

/// How a piece of text is drawn. Sizes and places are in CSS pixels and grow with the pen's scale.
#[derive(Debug, Clone, Copy)]
pub struct Ink {
    /// The typeface.
    pub face: Face,
    /// CSS pixels.
    pub size: f32,
    /// The colour.
    pub colour: Rgb<u8>,
    /// The hidden value that the text is, if it is one.
    pub value: Option<u32>,
}

/// A picture that is being drawn.
#[derive(Clone)]
pub struct Pen {
    /// The picture so far.
    pub image: RgbImage,
    /// The words so far; frames 0.
    pub words: Vec<DrawnWord>,
    scale: f32,
}

impl Pen {
    /// Starts a picture of so many CSS pixels at a device scale of 1, 1.5 or 2.
    pub fn new((width, height): (u32, u32), scale: f32, paper: Rgb<u8>) -> Self {
        let side = |css: u32| ((css as f32 * scale) as u32).div_ceil(2) * 2;
        Self { image: RgbImage::from_pixel(side(width), side(height), paper), words: Vec::new(), scale }
    }

    /// Draws words from a left edge and a baseline; returns the right edge.
    pub fn text(&mut self, x: f32, baseline: f32, ink: Ink, text: &str) -> f32 {
        let font = ink.face.font();
        let scaled = font.as_scaled(ink.face.px_scale(ink.size * self.scale));
        let mut x = x * self.scale;
        let y = (baseline * self.scale).round();
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 {
                x += scaled.h_advance(font.glyph_id(' '));
            }
            x = self.word(&scaled, (x, y), ink, word);
        }
        x / self.scale
    }

    /// The width of a text in CSS pixels.
    pub fn width(ink: Ink, text: &str) -> f32 {
        let font = ink.face.font();
        let scaled = font.as_scaled(ink.face.px_scale(ink.size));
        text.chars().map(|c| scaled.h_advance(font.glyph_id(c))).sum()
    }

    fn word<F: Font>(
        &mut self,
        scaled: &impl ScaleFont<F>,
        (mut x, y): (f32, f32),
        ink: Ink,
        word: &str,
    ) -> f32 {
        let mut ink_box: Option<(u32, u32, u32, u32)> = None;
        let mut last = None;
        for c in word.chars() {
            let id = scaled.glyph_id(c);
            if let Some(last) = last {
                x += scaled.kern(last, id);
            }
            let glyph = id.with_scale_and_position(scaled.scale(), point(x, y));
            if let Some(outline) = scaled.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                let image = &mut self.image;
                outline.draw(|dx, dy, coverage| {
                    let (px, py) = (bounds.min.x as i64 + i64::from(dx), bounds.min.y as i64 + i64::from(dy));
                    let inside =
                        px >= 0 && py >= 0 && px < image.width().into() && py < image.height().into();
                    if inside && coverage > 0.02 {
                        let (px, py) = (px as u32, py as u32);
                        blend(image.get_pixel_mut(px, py), ink.colour, coverage);
                        let b = ink_box.get_or_insert((px, py, px, py));
                        *b = (b.0.min(px), b.1.min(py), b.2.max(px), b.3.max(py));
                    }
                });
            }
            x += scaled.h_advance(id);
            last = Some(id);
        }
        if let Some((left, top, right, bottom)) = ink_box {
            let ink_box = PixelBox { left, top, width: right - left + 1, height: bottom - top + 1 };
            let (text, value) = (word.to_owned(), ink.value);
            self.words.push(DrawnWord { text, ink: ink_box, value, first_frame: 0, last_frame: 0 });
        }
        x
    }

    /// Fills a rectangle, CSS pixels.
    pub fn fill(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), colour: Rgb<u8>) {
        let side = |css: f32, max: u32| ((css * self.scale).round().max(0.0) as u32).min(max);
        let (right, bottom) = (side(x + width, self.image.width()), side(y + height, self.image.height()));
        for py in side(y, self.image.height())..bottom {
            for px in side(x, self.image.width())..right {
                self.image.put_pixel(px, py, colour);
            }
        }
    }

    /// Fills a disc, CSS pixels.
    pub fn disc(&mut self, (x, y): (f32, f32), radius: f32, colour: Rgb<u8>) {
        let (x, y, radius) = (x * self.scale, y * self.scale, radius * self.scale);
        for py in (y - radius).max(0.0) as u32..=(y + radius) as u32 {
            for px in (x - radius).max(0.0) as u32..=(x + radius) as u32 {
                if px < self.image.width() && py < self.image.height() {
                    let distance = ((px as f32 + 0.5 - x).powi(2) + (py as f32 + 0.5 - y).powi(2)).sqrt();
                    blend(self.image.get_pixel_mut(px, py), colour, radius - distance + 0.5);
                }
            }
        }
    }

    /// Draws a rectangle's border one device pixel wide, CSS pixels.
    pub fn border(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), colour: Rgb<u8>) {
        let hair = 1.0 / self.scale;
        self.fill((x, y), (width, hair), colour);
        self.fill((x, y + height - hair), (width, hair), colour);
        self.fill((x, y), (hair, height), colour);
        self.fill((x + width - hair, y), (hair, height), colour);
    }
}

fn blend(pixel: &mut Rgb<u8>, colour: Rgb<u8>, coverage: f32) {
    let coverage = coverage.clamp(0.0, 1.0);
    for (under, over) in pixel.0.iter_mut().zip(colour.0) {
        *under = (f32::from(*under) * (1.0 - coverage) + f32::from(over) * coverage).round() as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ink_of_each_word_is_in_its_box_and_nowhere_else() {
        let palette = Palette::LIGHT;
        let mut pen = Pen::new((300, 40), 1.5, palette.paper);
        let ink = Ink { face: Face::Liberation, size: 14.0, colour: palette.ink, value: Some(0) };
        pen.text(10.0, 25.0, ink, "Élodie d'Aubigné");
        assert_eq!(pen.words.iter().map(|w| &*w.text).collect::<Vec<_>>(), ["Élodie", "d'Aubigné"]);
        for (x, y, pixel) in pen.image.enumerate_pixels() {
            let boxed = pen.words.iter().any(|w| {
                let b = w.ink;
                (b.left..b.left + b.width).contains(&x) && (b.top..b.top + b.height).contains(&y)
            });
            assert!(boxed || *pixel == palette.paper || pixel.0[0] > 245, "ink outside at {x},{y}");
        }
    }
}
