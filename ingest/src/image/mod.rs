//! Decodes a picture, page by page, to upright, opaque 8-bit RGB. Reads no words and keeps no metadata.

mod opaque;
mod structure;

use custody_rules::{Limits, MediaSummary, Reason, Refusal};
use image::codecs::gif::GifDecoder;
use image::metadata::Orientation;
use image::{
    AnimationDecoder, DynamicImage, Frame, Frames, ImageDecoder, ImageError, ImageFormat, ImageReader,
    RgbImage,
};
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use structure::Content;

/// One page of a picture, or one frame of an animation as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Upright pixels without transparency.
    pub rgb: RgbImage,
    /// Counted from 0.
    pub number: u32,
    /// How long it is shown, in milliseconds; 0 for what stands still.
    pub duration_ms: u32,
}

/// A picture whose pages are decoded one after the other.
pub struct Pages {
    format: &'static str,
    kind: ImageFormat,
    limits: Limits,
    source: Source,
    count: usize,
    repeat: Option<u16>,
    next: usize,
    /// Of the pages so far.
    size: (u32, u32),
    duration_ms: u64,
}

/// Where pages come from.
enum Source {
    /// The file, and where its pages' directories are; none for a picture of one page.
    File(Vec<u8>, Vec<u64>),
    /// An animation's decoder, which holds the file.
    Frames(Frames<'static>),
}

impl Pages {
    /// Opens PNG, JPEG, WebP or BMP of one page, a TIFF of any number of pages, or a GIF, from the file's
    /// beginning.
    ///
    /// # Errors
    /// `Empty`, `Truncated`, `Malformed`, `TooLarge` (before anything of that size is allocated), and
    /// `Unsupported` for other formats and for animated PNG and WebP.
    pub fn open(mut file: &File, limits: &Limits) -> Result<Self, Refusal> {
        file.seek(SeekFrom::Start(0))?;
        let bytes_max = limits.pixels_max.saturating_mul(4).saturating_add(1 << 20);
        let mut bytes = Vec::new();
        file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > bytes_max {
            return Err(Refusal::new(
                Reason::TooLarge,
                format!("the picture's file has more than {bytes_max} bytes"),
            ));
        }
        Self::of(bytes, limits)
    }

    fn of(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::new(Reason::Empty, "nothing in it"));
        }
        let unsupported = || Refusal::new(Reason::Unsupported, "no picture of a supported format");
        let kind = image::guess_format(&bytes).map_err(|_| unsupported())?;
        let format = match kind {
            ImageFormat::Png => "png",
            ImageFormat::Jpeg => "jpg",
            ImageFormat::WebP => "webp",
            ImageFormat::Bmp => "bmp",
            ImageFormat::Tiff => "tiff",
            ImageFormat::Gif => "gif",
            _ => return Err(unsupported()),
        };
        let outline = structure::check(&bytes, kind, limits)?;
        if let Some((width, height)) = outline.size {
            check_size(u64::from(width), u64::from(height), limits)?;
        }
        let (source, count, repeat) = match outline.content {
            Content::Still => (Source::File(bytes, Vec::new()), 1, None),
            Content::Directories(all) => {
                let count = all.len();
                (Source::File(bytes, all), count, None)
            }
            Content::Frames { count, repeat } => (Source::Frames(frames(bytes, limits)?), count, repeat),
        };
        let limits = *limits;
        Ok(Self { format, kind, limits, source, count, repeat, next: 0, size: (0, 0), duration_ms: 0 })
    }

    /// Its usual file ending: `png`, `jpg`, `webp`, `bmp`, `tiff` or `gif`.
    pub fn format(&self) -> &'static str {
        self.format
    }

    /// How many pages or frames there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How often an animation is said to be shown, as its format counts; `None` where nothing is said.
    pub fn repeat(&self) -> Option<u16> {
        self.repeat
    }

    /// Decodes the next page; `None` after the last.
    ///
    /// # Errors
    /// As [`Pages::open`]; nothing after it may be used.
    pub fn next_page(&mut self) -> Result<Option<Page>, Refusal> {
        let number = self.next;
        if number == self.count {
            return self.check_end().map(|()| None);
        }
        let (picture, duration_ms) = match &mut self.source {
            Source::Frames(frames) => {
                let frame = frames.next().ok_or_else(miscounted)?.map_err(|error| refuse(&error))?;
                let duration_ms = milliseconds(&frame);
                (DynamicImage::ImageRgba8(frame.into_buffer()), duration_ms)
            }
            Source::File(bytes, directories) => {
                if let Some(&directory) = directories.get(number) {
                    structure::begin_with(bytes, directory);
                }
                (decode(bytes, self.kind, &self.limits)?, 0)
            }
        };
        let rgb = opaque::opaque(picture);
        self.next += 1;
        self.size = (self.size.0.max(rgb.width()), self.size.1.max(rgb.height()));
        self.duration_ms += u64::from(duration_ms);
        Ok(Some(Page { rgb, number: number as u32, duration_ms }))
    }

    /// What is known at the end: the size of the widest and of the highest page.
    pub fn summary(&self) -> MediaSummary {
        MediaSummary {
            width: self.size.0,
            height: self.size.1,
            frames: self.next as u32,
            duration_ms: self.duration_ms,
            format: self.format.to_owned(),
        }
    }

    /// A decoder that knows of more frames than were counted read the file in another way.
    fn check_end(&mut self) -> Result<(), Refusal> {
        let Source::Frames(frames) = &mut self.source else { return Ok(()) };
        if frames.next().is_some() { Err(miscounted()) } else { Ok(()) }
    }
}

fn miscounted() -> Refusal {
    Refusal::new(Reason::Malformed, "it holds more or fewer frames than its blocks say")
}

/// Starts an animation. Its frames are put together as they are shown: each one is a whole page.
fn frames(bytes: Vec<u8>, limits: &Limits) -> Result<Frames<'static>, Refusal> {
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(|error| refuse(&error))?;
    decoder.set_limits(decoder_limits(limits)).map_err(|error| refuse(&error))?;
    Ok(decoder.into_frames())
}

fn milliseconds(frame: &Frame) -> u32 {
    let (numerator, denominator) = frame.delay().numer_denom_ms();
    numerator / denominator.max(1)
}

/// Decodes the first picture in the file.
fn decode(bytes: &[u8], kind: ImageFormat, limits: &Limits) -> Result<DynamicImage, Refusal> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    reader.limits(decoder_limits(limits));
    let mut decoder = reader.into_decoder().map_err(|error| refuse(&error))?;
    let (width, height) = decoder.dimensions();
    check_size(u64::from(width), u64::from(height), limits)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| refuse(&error))?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Checks a size that a header claims.
fn check_size(width: u64, height: u64, limits: &Limits) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(Refusal::new(Reason::Malformed, "a picture without pixels"));
    }
    let side_max = u64::from(limits.side_px_max);
    if width > side_max || height > side_max || width * height > limits.pixels_max {
        let detail = format!(
            "{width}x{height} pixels; the limits are {side_max} a side and {} in all",
            limits.pixels_max
        );
        return Err(Refusal::new(Reason::TooLarge, detail));
    }
    Ok(())
}

/// Room for 16-bit RGBA and as much again for the decoder's own tables.
fn decoder_limits(limits: &Limits) -> image::Limits {
    let mut decoder = image::Limits::default();
    decoder.max_image_width = Some(limits.side_px_max);
    decoder.max_image_height = Some(limits.side_px_max);
    decoder.max_alloc = Some(limits.pixels_max.saturating_mul(16));
    decoder
}

/// Turns a decoder's error into a refusal by its kind alone: its text could hold bytes of the file.
fn refuse(error: &ImageError) -> Refusal {
    match error {
        ImageError::Limits(_) => Refusal::new(Reason::TooLarge, "decoding it needs more memory than allowed"),
        ImageError::Unsupported(_) => {
            Refusal::new(Reason::Unsupported, "a colour type or compression that is not supported")
        }
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Refusal::new(Reason::Truncated, "the pixels end too early")
        }
        _ => Refusal::new(Reason::Malformed, "the picture breaks the rules of its format"),
    }
}

#[cfg(test)]
mod tests;
