//! Decodes a picture of one page to upright, opaque 8-bit RGB. Reads no words and keeps no metadata.

mod opaque;
mod structure;

use custody_rules::{Limits, Reason, Refusal};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage};
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};

/// A decoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Upright pixels without transparency.
    pub rgb: RgbImage,
    /// Its usual file ending: `png`, `jpg`, `webp`, `bmp` or `tiff`.
    pub format: &'static str,
}

/// Decodes PNG, JPEG, WebP, BMP or TIFF of one page, from the file's beginning.
///
/// # Errors
/// `Empty`, `Truncated`, `Malformed`, `TooLarge` (before anything of that size is allocated), and
/// `Unsupported` for other formats and for several pages or frames.
pub fn decode(mut file: &File, limits: &Limits) -> Result<Decoded, Refusal> {
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
    decode_bytes(&bytes, limits)
}

fn decode_bytes(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new(Reason::Empty, "nothing in it"));
    }
    let unsupported = || Refusal::new(Reason::Unsupported, "no picture of a supported format");
    let kind = image::guess_format(bytes).map_err(|_| unsupported())?;
    let format = match kind {
        ImageFormat::Png => "png",
        ImageFormat::Jpeg => "jpg",
        ImageFormat::WebP => "webp",
        ImageFormat::Bmp => "bmp",
        ImageFormat::Tiff => "tiff",
        _ => return Err(unsupported()),
    };
    if let Some((width, height)) = structure::check(bytes, kind)? {
        check_size(u64::from(width), u64::from(height), limits)?;
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    reader.limits(decoder_limits(limits));
    let mut decoder = reader.into_decoder().map_err(|error| refuse(&error))?;
    let (width, height) = decoder.dimensions();
    check_size(u64::from(width), u64::from(height), limits)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| refuse(&error))?;
    picture.apply_orientation(orientation);
    Ok(Decoded { rgb: opaque::opaque(picture), format })
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
