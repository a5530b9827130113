//! Walks a picture's container from its first to its last part, before anything is decoded: is it whole,
//! how large does it claim to be, how many pages or frames does it hold? Decodes no pixel.

mod gif;
mod tiff;

use custody_rules::{Limits, Reason, Refusal};
use image::ImageFormat;
pub(super) use tiff::begin_with;

/// What the walk says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outline {
    /// The size the header claims, where the walk passes it.
    pub(super) size: Option<(u32, u32)>,
    /// What it holds.
    pub(super) content: Content,
}

/// One picture, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// One picture.
    Still,
    /// Frames of one animation.
    Frames {
        /// How many.
        count: usize,
        /// How often it is said to be shown, as the format counts; `None` where nothing is said.
        repeat: Option<u16>,
    },
    /// Pages of a TIFF: where each one's directory is.
    Directories(Vec<u64>),
}

impl Outline {
    fn still(size: Option<(u32, u32)>) -> Self {
        Self { size, content: Content::Still }
    }
}

/// Checks that the file is whole and holds pages within the limits. What follows the last part is ignored:
/// it is never copied.
pub(super) fn check(bytes: &[u8], format: ImageFormat, limits: &Limits) -> Result<Outline, Refusal> {
    match format {
        ImageFormat::Png => png(bytes).map(|size| Outline::still(Some(size))),
        ImageFormat::Jpeg => jpeg(bytes).map(Outline::still),
        ImageFormat::WebP => webp(bytes).map(|()| Outline::still(None)),
        ImageFormat::Tiff => tiff::walk(bytes, limits),
        ImageFormat::Gif => gif::walk(bytes, limits),
        _ => Ok(Outline::still(None)),
    }
}

/// Counts pages and their pixels, before memory is spent on any.
#[derive(Debug, Default)]
struct Total {
    pages: usize,
    pixels: u64,
}

impl Total {
    fn add(&mut self, pixels: u64, limits: &Limits) -> Result<(), Refusal> {
        self.pages += 1;
        self.pixels = self.pixels.saturating_add(pixels);
        if self.pages > limits.pages_max {
            return Err(Refusal::new(
                Reason::TooLarge,
                format!("more than {} pages or frames", limits.pages_max),
            ));
        }
        if self.pixels > limits.pages_pixels_max {
            let detail = format!("its pages have more than {} pixels in all", limits.pages_pixels_max);
            return Err(Refusal::new(Reason::TooLarge, detail));
        }
        Ok(())
    }
}

fn truncated() -> Refusal {
    Refusal::new(Reason::Truncated, "the picture ends before its last part")
}

fn malformed(what: &str) -> Refusal {
    Refusal::new(Reason::Malformed, what)
}

fn several(what: &str) -> Refusal {
    Refusal::new(Reason::Unsupported, format!("{what}: save each page or frame as a picture of its own"))
}

fn slice(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], Refusal> {
    at.checked_add(length).and_then(|end| bytes.get(at..end)).ok_or_else(truncated)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Refusal> {
    slice(bytes, at, N)?.try_into().map_err(|_| truncated())
}

/// Chunks from IHDR to IEND.
fn png(bytes: &[u8]) -> Result<(u32, u32), Refusal> {
    if slice(bytes, 12, 4)? != b"IHDR" {
        return Err(malformed("a PNG that does not begin with its header"));
    }
    let size = (u32::from_be_bytes(array(bytes, 16)?), u32::from_be_bytes(array(bytes, 20)?));
    let mut at = 8;
    loop {
        let length = u32::from_be_bytes(array(bytes, at)?) as usize;
        let kind: [u8; 4] = array(bytes, at + 4)?;
        slice(bytes, at + 8, length.saturating_add(4))?;
        match &kind {
            b"acTL" => return Err(several("an animated PNG")),
            b"IEND" => return Ok(size),
            _ => at += 12 + length,
        }
    }
}

/// Segments and scans from SOI to EOI.
fn jpeg(bytes: &[u8]) -> Result<Option<(u32, u32)>, Refusal> {
    let mut size = None;
    let mut at = 2;
    loop {
        if array::<1>(bytes, at)? != [0xFF] {
            return Err(malformed("a JPEG without a marker where one must be"));
        }
        let [marker] = array(bytes, at + 1)?;
        match marker {
            0xFF => at += 1,
            0xD9 => return Ok(size),
            0x01 | 0xD0..=0xD7 => at += 2,
            0x00 | 0xD8 => return Err(malformed("a JPEG with a marker that has no place there")),
            _ => {
                let length = usize::from(u16::from_be_bytes(array(bytes, at + 2)?));
                if length < 2 {
                    return Err(malformed("a JPEG segment of impossible length"));
                }
                slice(bytes, at + 2, length)?;
                let is_frame = matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
                if is_frame {
                    let height = u32::from(u16::from_be_bytes(array(bytes, at + 5)?));
                    size = Some((u32::from(u16::from_be_bytes(array(bytes, at + 7)?)), height));
                }
                at += 2 + length;
                if marker == 0xDA {
                    at = scan_end(bytes, at)?;
                }
            }
        }
    }
}

/// The next marker after entropy-coded data that is neither a stuffed byte nor a restart.
fn scan_end(bytes: &[u8], mut at: usize) -> Result<usize, Refusal> {
    loop {
        let rest = bytes.get(at..).ok_or_else(truncated)?;
        at += memchr::memchr(0xFF, rest).ok_or_else(truncated)?;
        match array(bytes, at + 1)? {
            [0x00 | 0xD0..=0xD7] => at += 2,
            [0xFF] => at += 1,
            _ => return Ok(at),
        }
    }
}

/// RIFF chunks up to the size in the header.
fn webp(bytes: &[u8]) -> Result<(), Refusal> {
    let end = (u32::from_le_bytes(array(bytes, 4)?) as usize).saturating_add(8);
    let whole = bytes.get(..end).ok_or_else(truncated)?;
    let mut at = 12;
    while at + 8 <= whole.len() {
        let kind: [u8; 4] = array(whole, at)?;
        let length = u32::from_le_bytes(array(whole, at + 4)?) as usize;
        let content = slice(whole, at + 8, length)?;
        let animated = match &kind {
            b"VP8X" => content.first().is_some_and(|flags| flags & 0x02 != 0),
            b"ANIM" | b"ANMF" => true,
            _ => false,
        };
        if animated {
            return Err(several("an animated WebP"));
        }
        at = at.saturating_add(8).saturating_add(length).saturating_add(length % 2);
    }
    Ok(())
}
