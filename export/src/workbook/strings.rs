//! The table of shared strings: texts are appended to the template's own. A text that was seen not long ago is pointed
//! at again; one that was forgotten is written again, which the format allows. So memory stays bounded.

use super::deflate::Deflater;
use super::package::Packed;
use std::io;

/// Bytes of a text that is remembered.
const KEPT_BYTES: usize = 42;
/// Texts that are remembered; a power of two.
const SLOTS: usize = 1 << 12;
/// Units of UTF-16 that Excel takes in a cell.
const UNITS_MAX: usize = 32_767;

/// The appended strings.
pub(super) struct Strings {
    slots: Vec<Slot>,
    next: u32,
    out: Deflater,
    /// Cells that point at a string.
    uses: u64,
}

#[derive(Clone)]
struct Slot {
    index: u32,
    /// 0: free.
    length: u8,
    text: [u8; KEPT_BYTES],
}

impl Strings {
    /// Begins behind the `first` strings that are there.
    pub(super) fn new(first: u32, level: u32) -> Self {
        let free = Slot { index: 0, length: 0, text: [0; KEPT_BYTES] };
        Self { slots: vec![free; SLOTS], next: first, out: Deflater::new(level), uses: 0 }
    }

    /// The index of a text, which must not be empty. `Err` says what makes it no text of a workbook.
    pub(super) fn index(&mut self, text: &str) -> Result<u32, &'static str> {
        self.uses += 1;
        let bytes = text.as_bytes();
        if bytes.len() <= KEPT_BYTES {
            let slot = &mut self.slots[hash(bytes) as usize & (SLOTS - 1)];
            if usize::from(slot.length) == bytes.len() && slot.text[..bytes.len()] == *bytes {
                return Ok(slot.index);
            }
            slot.index = self.next;
            slot.length = bytes.len() as u8;
            slot.text[..bytes.len()].copy_from_slice(bytes);
        }
        element(self.out.text(), text, "si")?;
        self.out.turn().map_err(|_| "cannot be compressed")?;
        self.next += 1;
        Ok(self.next - 1)
    }

    /// Cells that point at an appended string.
    pub(super) fn uses(&self) -> u64 {
        self.uses
    }

    /// Strings in the table.
    pub(super) fn count(&self) -> u32 {
        self.next
    }

    /// Ends the part: what comes before the appended strings, and what comes after them.
    pub(super) fn finish(mut self, head: &[u8], tail: &[u8], level: u32) -> io::Result<Packed> {
        self.out.text().extend_from_slice(tail);
        self.out.finish_behind(head, level)
    }
}

/// Mixes eight bytes at a time; only speed depends on it.
fn hash(bytes: &[u8]) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = (state ^ u64::from_le_bytes(*word)).wrapping_mul(MIX).rotate_left(29);
    }
    for &byte in rest {
        state = state.rotate_left(8) ^ u64::from(byte);
    }
    let mixed = state.wrapping_mul(MIX);
    mixed ^ mixed >> 32
}

/// What a byte asks for. 0: nothing.
const ESCAPE: u8 = 1;
const SPACE: u8 = 2;
const REFUSED: u8 = 4;
const LOOK: u8 = 8;
static KINDS: [u8; 256] = kinds();

const fn kinds() -> [u8; 256] {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        kinds[byte] = REFUSED;
        byte += 1;
    }
    kinds[b'\t' as usize] = SPACE;
    kinds[b'\n' as usize] = SPACE;
    kinds[b' ' as usize] = SPACE;
    kinds[b'&' as usize] = ESCAPE;
    kinds[b'<' as usize] = ESCAPE;
    kinds[b'>' as usize] = ESCAPE;
    // `_x0041_` is an escape of its own.
    kinds[b'_' as usize] = LOOK;
    // U+FFFE and U+FFFF begin with it.
    kinds[0xef] = LOOK;
    kinds
}

/// Appends `<si><t>text</t></si>`, or the same within `<is>`.
pub(super) fn element(out: &mut Vec<u8>, text: &str, name: &str) -> Result<(), &'static str> {
    let bytes = text.as_bytes();
    let kinds = bytes.iter().fold(0, |all, &byte| all | KINDS[byte as usize]);
    if kinds & REFUSED != 0 || (kinds & LOOK != 0 && text.contains(['\u{fffe}', '\u{ffff}'])) {
        return Err("holds a control character, which a workbook cannot hold");
    }
    if bytes.len() > UNITS_MAX && text.encode_utf16().count() > UNITS_MAX {
        return Err("is longer than a cell of a workbook may be");
    }
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    // Spaces within a line are kept anyway; those at its ends and line feeds are not by every reader.
    let keep = kinds & SPACE != 0
        && (is_space(bytes.first())
            || is_space(bytes.last())
            || text.contains(['\n', '\t'])
            || text.contains("  "));
    out.extend_from_slice(if keep { b"><t xml:space=\"preserve\">" } else { b"><t>" });
    if kinds & (ESCAPE | LOOK) == 0 {
        out.extend_from_slice(bytes);
    } else {
        escape(out, bytes);
    }
    out.extend_from_slice(b"</t></");
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
    Ok(())
}

fn is_space(byte: Option<&u8>) -> bool {
    byte.is_some_and(|&byte| KINDS[byte as usize] == SPACE)
}

fn escape(out: &mut Vec<u8>, bytes: &[u8]) {
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'_' if is_escape(&bytes[at..]) => out.extend_from_slice(b"_x005F_"),
            other => out.push(other),
        }
    }
}

/// Whether a text begins like an escape of Excel's: `_x0041_`.
fn is_escape(bytes: &[u8]) -> bool {
    let Some(seven) = bytes.get(..7) else { return false };
    seven[1].eq_ignore_ascii_case(&b'x') && seven[6] == b'_' && seven[2..6].iter().all(u8::is_ascii_hexdigit)
}
