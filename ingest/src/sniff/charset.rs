//! Finds a text's encoding by reading it to its last byte, in bounded memory. What is neither UTF-8, UTF-16 nor
//! plainly Windows-1252 is refused: a name read in the wrong encoding is a name missed.

use crate::at::ReadAt;
use crate::encoding::view_of;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use custody_rules::{Reason, Refusal, TextEncoding};
use memchr::memchr;
use std::fs::File;
use std::io::{ErrorKind, Read};

const BLOCK_BYTES: usize = 256 << 10;
/// Bytes in which the pattern of UTF-16 without a byte order mark is looked for.
const PATTERN_BYTES: usize = 4_096;
/// Bytes with characters beyond ASCII that the detector of other encodings is shown.
const DETECTOR_BYTES_MAX: usize = 1 << 20;
/// Bytes that are looked at together for those that Windows-1252 does not have.
const FOREIGN_BYTES: usize = 4_096;

/// A text's encoding and whether it has characters beyond ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charset {
    pub(super) encoding: TextEncoding,
    pub(super) beyond_ascii: bool,
}

/// Reads all of a text.
///
/// # Errors
/// A [`Refusal`] with the offset of the first byte that belongs in no text of a supported encoding.
pub(super) fn detect(head: &[u8], file: &File) -> Result<Charset, Refusal> {
    match head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(super::unsupported("UTF-32")),
        [0xff, 0xfe, ..] => utf16(file, TextEncoding::Utf16Le, true),
        [0xfe, 0xff, ..] => utf16(file, TextEncoding::Utf16Be, true),
        _ => match pattern(head) {
            // Small numbers look like UTF-16 too, but not for long without control characters.
            Some(encoding) => utf16(file, encoding, false),
            None => eight_bits(file),
        },
    }
}

/// UTF-16 without a mark: mostly ASCII, whose NULs stand on one side of every pair.
fn pattern(head: &[u8]) -> Option<TextEncoding> {
    let pairs = head[..head.len().min(PATTERN_BYTES)].chunks_exact(2);
    let all = pairs.len();
    let (mut high, mut low, mut both) = (0, 0, 0);
    for pair in pairs {
        match (pair[0], pair[1]) {
            (0, 0) => both += 1,
            (0, _) => high += 1,
            (_, 0) => low += 1,
            _ => {}
        }
    }
    let most = |zeros: usize, others: usize| both == 0 && others == 0 && all >= 2 && zeros * 10 >= all * 6;
    if most(low, high) {
        return Some(TextEncoding::Utf16Le);
    }
    most(high, low).then_some(TextEncoding::Utf16Be)
}

/// Decodes all of a UTF-16 text; without a mark it must have no control characters.
fn utf16(file: &File, encoding: TextEncoding, controls: bool) -> Result<Charset, Refusal> {
    if file.metadata()?.len() % 2 == 1 {
        return Err(Refusal::new(Reason::Truncated, "UTF-16 with an odd number of bytes"));
    }
    let mut view = view_of(ReadAt::new(file), encoding);
    let (mut block, mut offset, mut beyond_ascii) = (vec![0; BLOCK_BYTES], 0, false);
    loop {
        let read = match view.read(&mut block) {
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                let detail = format!("half a UTF-16 pair somewhere after character byte {offset}");
                return Err(Refusal::new(Reason::InvalidEncoding, detail));
            }
            other => other?,
        };
        if read == 0 {
            return Ok(Charset { encoding, beyond_ascii });
        }
        if let Some(at) = memchr(0, &block[..read]) {
            return Err(nul(offset + at as u64));
        }
        let control = |byte: &u8| *byte < 0x20 && is_foreign(*byte);
        if let Some(at) = block[..read].iter().position(control).filter(|_| !controls) {
            let detail = format!("a control character at character byte {}", offset + at as u64);
            return Err(Refusal::new(Reason::InvalidEncoding, detail));
        }
        beyond_ascii |= !block[..read].is_ascii();
        offset += read as u64;
    }
}

/// UTF-8 or Windows-1252.
fn eight_bits(file: &File) -> Result<Charset, Refusal> {
    let mut scan = Scan::default();
    let (mut reader, mut block, mut held) = (ReadAt::new(file), vec![0; BLOCK_BYTES], 0);
    loop {
        let read = reader.read(&mut block[held..])?;
        let filled = held + read;
        let used = scan.take(&block[..filled], read == 0)?;
        if read == 0 {
            return scan.judge();
        }
        block.copy_within(used..filled, 0);
        held = filled - used;
    }
}

/// What the bytes up to here were.
struct Scan {
    offset: u64,
    /// The first byte that is not UTF-8.
    invalid: Option<u64>,
    /// The first byte that is not Windows-1252 either, or that no text has.
    foreign: Option<u64>,
    /// Whether characters of two bytes or more were whole.
    multibyte: bool,
    detector: EncodingDetector,
    shown: usize,
}

impl Default for Scan {
    fn default() -> Self {
        let detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        Self { offset: 0, invalid: None, foreign: None, multibyte: false, detector, shown: 0 }
    }
}

impl Scan {
    /// Takes a block; returns how much of it is done with. The rest is a character that has only begun.
    fn take(&mut self, block: &[u8], last: bool) -> Result<usize, Refusal> {
        if let Some(at) = memchr(0, block) {
            return Err(nul(self.offset + at as u64));
        }
        let mut at = 0;
        while at < block.len() {
            let (valid, skip) = match simdutf8::compat::from_utf8(&block[at..]) {
                Ok(_) => (block.len() - at, 0),
                Err(error) => match (error.error_len(), last) {
                    (None, false) => (error.valid_up_to(), 0),
                    (None, true) => (error.valid_up_to(), block.len() - at - error.valid_up_to()),
                    (Some(length), _) => (error.valid_up_to(), length),
                },
            };
            self.multibyte |= !block[at..at + valid].is_ascii();
            at += valid;
            if skip == 0 {
                break;
            }
            self.invalid.get_or_insert(self.offset + at as u64);
            if self.multibyte {
                return Err(self.refusal());
            }
            at += skip;
        }
        self.look_for_foreign(&block[..at]);
        if self.invalid.is_some() && self.shown < DETECTOR_BYTES_MAX {
            self.detector.feed(&block[..at], false);
            self.shown += at;
        }
        self.offset += at as u64;
        Ok(at)
    }

    /// Bytes that Windows-1252 leaves open, and control characters.
    fn look_for_foreign(&mut self, block: &[u8]) {
        if self.foreign.is_some() {
            return;
        }
        for (number, chunk) in block.chunks(FOREIGN_BYTES).enumerate() {
            // Without an early end, this becomes vector code.
            if chunk.iter().fold(false, |any, byte| any | is_foreign(*byte)) {
                let at = chunk.iter().position(|byte| is_foreign(*byte)).unwrap_or(0);
                self.foreign = Some(self.offset + (number * FOREIGN_BYTES + at) as u64);
                return;
            }
        }
    }

    fn judge(mut self) -> Result<Charset, Refusal> {
        if self.invalid.is_none() {
            return Ok(Charset { encoding: TextEncoding::Utf8, beyond_ascii: self.multibyte });
        }
        if self.foreign.is_some() || self.multibyte {
            return Err(self.refusal());
        }
        self.detector.feed(&[], true);
        let guess = self.detector.guess(None, Utf8Detection::Deny);
        if guess != encoding_rs::WINDOWS_1252 {
            let detail = format!(
                "bytes that are not UTF-8 from offset {}, and it looks like {}: save it as UTF-8 first",
                self.invalid.unwrap_or(0),
                guess.name()
            );
            return Err(Refusal::new(Reason::InvalidEncoding, detail));
        }
        Ok(Charset { encoding: TextEncoding::Windows1252, beyond_ascii: true })
    }

    fn refusal(&self) -> Refusal {
        let at = self.invalid.or(self.foreign).unwrap_or(self.offset);
        Refusal::new(Reason::InvalidEncoding, format!("bytes that are not UTF-8 at offset {at}"))
    }
}

/// Whether a byte is in no Windows-1252 text.
fn is_foreign(byte: u8) -> bool {
    let undefined = matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
    undefined | ((byte < 0x20) & !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}

fn nul(offset: u64) -> Refusal {
    Refusal::new(Reason::NulBytes, format!("a NUL at offset {offset}: it is no text of a known encoding"))
}
