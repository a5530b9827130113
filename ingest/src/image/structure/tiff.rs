//! Walks the chain of directories of a TIFF, one a page. Decodes no pixel.

use super::{Content, Outline, Total, array, malformed, slice, truncated};
use custody_rules::{Limits, Reason, Refusal};
use std::collections::BTreeSet;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const SUB_DIRECTORIES: u16 = 330;
const SHORT: u16 = 3;
const LONG8: u16 = 16;

/// Checks that every directory lies in the file, is reached once, and holds one picture.
pub(super) fn walk(bytes: &[u8], limits: &Limits) -> Result<Outline, Refusal> {
    let reader = Reader { bytes, is_little: bytes.first() == Some(&b'I') };
    let is_big = reader.short(2)? == 43;
    let mut next = if is_big { reader.wide(8)? } else { u64::from(reader.long(4)?) };
    let (mut seen, mut pages, mut total) = (BTreeSet::new(), Vec::new(), Total::default());
    while next != 0 {
        if !seen.insert(next) {
            return Err(malformed("a TIFF whose pages follow one another in a circle"));
        }
        pages.push(next);
        let directory = reader.directory(next, is_big)?;
        total.add(directory.pixels, limits)?;
        next = directory.next;
    }
    let content = match pages.len() {
        0 => return Err(Refusal::new(Reason::Empty, "a TIFF without a page")),
        1 => Content::Still,
        _ => Content::Directories(pages),
    };
    Ok(Outline { size: None, content })
}

/// Makes the page whose directory is there the first one of the file.
pub(in crate::image) fn begin_with(bytes: &mut [u8], directory: u64) {
    let is_little = bytes.first() == Some(&b'I');
    let is_big = bytes.get(2..4).is_some_and(|version| version.contains(&43));
    let place = if is_big { 8..16 } else { 4..8 };
    let offset = if is_little { directory.to_le_bytes() } else { directory.to_be_bytes() };
    // Of eight bytes, the four that count in a file whose offsets have four.
    let offset = match (is_big, is_little) {
        (true, _) => &offset[..],
        (false, true) => &offset[..4],
        (false, false) => &offset[4..],
    };
    if let Some(target) = bytes.get_mut(place) {
        target.copy_from_slice(offset);
    }
}

struct Directory {
    pixels: u64,
    next: u64,
}

/// Numbers in the order of bytes that the file has.
struct Reader<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

impl Reader<'_> {
    fn short(&self, at: usize) -> Result<u16, Refusal> {
        array(self.bytes, at).map(if self.is_little { u16::from_le_bytes } else { u16::from_be_bytes })
    }

    fn long(&self, at: usize) -> Result<u32, Refusal> {
        array(self.bytes, at).map(if self.is_little { u32::from_le_bytes } else { u32::from_be_bytes })
    }

    fn wide(&self, at: usize) -> Result<u64, Refusal> {
        array(self.bytes, at).map(if self.is_little { u64::from_le_bytes } else { u64::from_be_bytes })
    }

    fn directory(&self, at: u64, is_big: bool) -> Result<Directory, Refusal> {
        let at = usize::try_from(at).map_err(|_| truncated())?;
        let (count, entries, entry_bytes) = if is_big {
            (self.wide(at)?, at.saturating_add(8), 20)
        } else {
            (u64::from(self.short(at)?), at.saturating_add(2), 12)
        };
        let count = usize::try_from(count).map_err(|_| truncated())?;
        let length = count.checked_mul(entry_bytes).ok_or_else(truncated)?;
        slice(self.bytes, entries, length)?;
        let (mut width, mut height) = (0, 0);
        for entry in (0..count).map(|entry| entries + entry * entry_bytes) {
            match self.short(entry)? {
                WIDTH => width = self.side(entry, is_big)?,
                HEIGHT => height = self.side(entry, is_big)?,
                SUB_DIRECTORIES => {
                    let detail = "a TIFF with pictures inside its picture: save each as a picture of its own";
                    return Err(Refusal::new(Reason::Unsupported, detail));
                }
                _ => {}
            }
        }
        let next = entries + length;
        let next = if is_big { self.wide(next)? } else { u64::from(self.long(next)?) };
        Ok(Directory { pixels: width.saturating_mul(height), next })
    }

    /// The number of an entry that holds one.
    fn side(&self, entry: usize, is_big: bool) -> Result<u64, Refusal> {
        let value = entry + if is_big { 12 } else { 8 };
        match self.short(entry + 2)? {
            SHORT => self.short(value).map(u64::from),
            LONG8 if is_big => self.wide(value),
            _ => self.long(value).map(u64::from),
        }
    }
}
