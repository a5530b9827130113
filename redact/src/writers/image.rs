//! Writes a picture anew from its pixels, page by page, with boxes filled solid. Decodes nothing and copies
//! no metadata: the output holds pixels without alpha, durations, and nothing behind its end.

mod gif;
mod palette;
#[cfg(test)]
mod tests;

use custody_rules::{Reason, Refusal, Region};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError, ImageFormat, Rgb, RgbImage};
use std::fs::File;
use std::io::{Cursor, Seek, SeekFrom, Write};
use tiff::TiffError;
use tiff::encoder::colortype::RGB8;
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder};

/// What boxes are filled with.
const FILL: Rgb<u8> = Rgb([0, 0, 0]);
/// Side of the largest JPEG coding unit in pixels: compression smears marks within one, not further.
const JPEG_UNIT_PX: u32 = 16;
/// JPEG quality: above it files grow and nothing more can be read.
const JPEG_QUALITY: u8 = 90;
/// Box heights are multiples of this, so that ascenders and descenders do not show.
const HEIGHT_STEP_PX: u32 = 4;

/// To which side a box is widened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What stands on the left is mostly a label.
    Right,
    /// Where harmless text stands on the right.
    Left,
}

/// Pads the box of a text of `text_height` pixels, so that soft edges and accents are covered, and widens
/// it to a multiple of about twice that height, so that its width does not give the word away. The result
/// lies on the page.
pub fn pad(region: Region, (page_width, page_height): (u32, u32), side: Side) -> Region {
    let text_height = region.height;
    let across = 3 + text_height / 5;
    let down = 2 + text_height / 8;
    let step = match text_height {
        0..=24 => 32,
        25..=48 => 64,
        _ => 128,
    };
    let (left, width) = match side {
        Side::Right => stretch((region.left, region.width), across, step, page_width),
        Side::Left => {
            let from_right = page_width.saturating_sub(region.left.saturating_add(region.width));
            let (right, width) = stretch((from_right, region.width), across, step, page_width);
            (page_width.saturating_sub(right + width), width)
        }
    };
    let (top, height) = stretch((region.top, region.height), down, HEIGHT_STEP_PX, page_height);
    Region { left, top, width, height, ..region }
}

/// Adds `margin` at both ends and widens to a multiple of `step`: onwards, or backwards at the page's edge.
fn stretch((start, length): (u32, u32), margin: u32, step: u32, limit: u32) -> (u32, u32) {
    let start = start.min(limit).saturating_sub(margin);
    let end = start.saturating_add(length).saturating_add(2 * margin).min(limit);
    let wanted = (end - start).max(1).div_ceil(step).saturating_mul(step).min(limit);
    let start = start.min(limit - wanted);
    (start, wanted)
}

/// What a picture is written as.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// `png`, `jpg`, `webp`, `bmp`, `tiff` or `gif`.
    pub format: &'a str,
    /// How many pages it has; more than one only as `tiff` and `gif`.
    pub pages: usize,
    /// How often an animation is said to be shown, as the format counts; `None`: nothing is said.
    pub repeat: Option<u16>,
}

/// A picture that is written page by page, from the beginning of its file.
pub struct Writer<'a> {
    form: Form<'a>,
    pages: usize,
    next: usize,
    boxes: &'a [Region],
    /// Side of the units to which boxes are widened.
    unit: u32,
}

enum Form<'a> {
    /// One picture, by the ending of its format.
    Still(&'a File, &'a str),
    /// Frames of one animation.
    Gif(gif::Animation<'a>),
    /// Pages.
    Tiff(Box<TiffEncoder<&'a File>>),
}

impl<'a> Writer<'a> {
    /// Empties `out` and starts; on each page the boxes of `boxes` are filled whose frames hold its number.
    ///
    /// # Errors
    /// `Unwritable` when the format is not written, or not with so many pages, or `out` cannot be written.
    pub fn start(out: &'a File, plan: Plan<'a>, boxes: &'a [Region]) -> Result<Self, Refusal> {
        let mut target = out;
        target.set_len(0).map_err(|error| unwritable(&error))?;
        target.seek(SeekFrom::Start(0)).map_err(|error| unwritable(&error))?;
        let form = match plan.format {
            "gif" => Form::Gif(gif::Animation::new(out, plan.repeat)),
            "tiff" => {
                let encoder = TiffEncoder::new(out).map_err(|error| tiff_refused(&error))?;
                Form::Tiff(Box::new(encoder.with_compression(Compression::Deflate(DeflateLevel::Balanced))))
            }
            format if plan.pages == 1 => Form::Still(out, format),
            _ => {
                return Err(Refusal::new(Reason::Unwritable, "several pages are not written in this format"));
            }
        };
        let unit = if plan.format == "jpg" { JPEG_UNIT_PX } else { 1 };
        Ok(Self { form, pages: plan.pages, next: 0, boxes, unit })
    }

    /// Fills the boxes of the next page and writes it; it is shown for `duration_ms`, as an animation.
    ///
    /// # Errors
    /// `Unwritable` when a box lies off the page, there are more pages than planned, or writing fails.
    pub fn page(&mut self, mut rgb: RgbImage, duration_ms: u32) -> Result<(), Refusal> {
        let number = self.next as u32;
        self.next += 1;
        if self.next > self.pages {
            return Err(Refusal::new(Reason::Unwritable, "it has more pages than it had before"));
        }
        let active = |region: &&Region| region.first_frame <= number && number <= region.last_frame;
        for region in self.boxes.iter().filter(active) {
            fill(&mut rgb, region, self.unit)?;
        }
        let (width, height) = rgb.dimensions();
        match &mut self.form {
            Form::Gif(animation) => animation.frame(&rgb, duration_ms),
            Form::Tiff(encoder) => {
                encoder.write_image::<RGB8>(width, height, rgb.as_raw()).map_err(|error| tiff_refused(&error))
            }
            Form::Still(out, format) => {
                let bytes = encode(&rgb, format)?;
                out.write_all(&bytes).map_err(|error| unwritable(&error))
            }
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// `Unwritable` when there were fewer pages than planned, or writing fails.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.next != self.pages {
            return Err(Refusal::new(Reason::Unwritable, "it has fewer pages than it had before"));
        }
        match self.form {
            Form::Gif(animation) => animation.finish(),
            Form::Tiff(_) | Form::Still(..) => Ok(()),
        }
    }
}

fn unwritable(error: &std::io::Error) -> Refusal {
    Refusal::new(Reason::Unwritable, format!("the picture: {}", error.kind()))
}

fn tiff_refused(error: &TiffError) -> Refusal {
    match error {
        TiffError::IoError(error) => unwritable(error),
        TiffError::IntSizeError => Refusal::new(Reason::Unwritable, "it is too large for its format"),
        _ => Refusal::new(Reason::Unwritable, "the encoder failed"),
    }
}

/// Fills a box, widened outwards to multiples of `unit`.
fn fill(rgb: &mut RgbImage, region: &Region, unit: u32) -> Result<(), Refusal> {
    let (width, height) = rgb.dimensions();
    if region.left >= width || region.top >= height || region.width == 0 || region.height == 0 {
        return Err(Refusal::new(Reason::Unwritable, "a box to be filled lies off the picture"));
    }
    let end = |start: u32, length: u32, limit: u32| {
        start.saturating_add(length).div_ceil(unit).saturating_mul(unit).min(limit)
    };
    let (right, bottom) = (end(region.left, region.width, width), end(region.top, region.height, height));
    for y in region.top / unit * unit..bottom {
        for x in region.left / unit * unit..right {
            rgb.put_pixel(x, y, FILL);
        }
    }
    Ok(())
}

fn encode(rgb: &RgbImage, format: &str) -> Result<Vec<u8>, Refusal> {
    let (width, height) = rgb.dimensions();
    let (pixels, colour) = (rgb.as_raw().as_slice(), ExtendedColorType::Rgb8);
    let mut bytes = Cursor::new(Vec::new());
    let result = match format {
        "png" => PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive)
            .write_image(pixels, width, height, colour),
        "jpg" => {
            JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(pixels, width, height, colour)
        }
        "webp" => WebPEncoder::new_lossless(&mut bytes).write_image(pixels, width, height, colour),
        "bmp" => rgb.write_to(&mut bytes, ImageFormat::Bmp),
        _ => return Err(Refusal::new(Reason::Unwritable, "pictures of this format are not written")),
    };
    result.map_err(|error| unencodable(&error))?;
    Ok(bytes.into_inner())
}

fn unencodable(error: &ImageError) -> Refusal {
    let what = match error {
        ImageError::Limits(_) | ImageError::Parameter(_) => "it is too large for its format",
        _ => "the encoder failed",
    };
    Refusal::new(Reason::Unwritable, what)
}
