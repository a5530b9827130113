//! A part of a package as a stream that can be kept: unpacked on the way, counted, its checksum compared at its end.

use crate::at::ReadAt;
use crate::formats::workbook::package::Place;
use custody_rules::{Reason, Refusal};
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

const BUFFER_BYTES: usize = 64 << 10;

/// A part that is being read.
pub(super) struct Part {
    bytes: Unpacked,
    crc: Crc,
    crc32: u32,
    left: u64,
}

enum Unpacked {
    Stored(Take<ReadAt<File>>),
    Deflated(Box<DeflateDecoder<BufReader<Take<ReadAt<File>>>>>),
}

impl Part {
    /// Starts at its first byte; it is refused when it turns out longer than `most` bytes.
    pub(super) fn open(file: File, place: Place, most: u64) -> Result<Self, Refusal> {
        let mut bytes = ReadAt::new(file);
        bytes.seek(SeekFrom::Start(place.start))?;
        let packed = bytes.take(place.packed_bytes);
        let bytes = if place.stored {
            Unpacked::Stored(packed)
        } else {
            let buffered = BufReader::with_capacity(BUFFER_BYTES, packed);
            Unpacked::Deflated(Box::new(DeflateDecoder::new(buffered)))
        };
        Ok(Self { bytes, crc: Crc::new(), crc32: place.crc32, left: most })
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.bytes {
            Unpacked::Stored(bytes) => bytes.read(buffer),
            Unpacked::Deflated(bytes) => bytes.read(buffer),
        };
        let read = read.map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            _ => io::Error::other(damaged()),
        })?;
        let Some(left) = self.left.checked_sub(read as u64) else {
            let detail = "a part of the workbook expands beyond the limit";
            return Err(io::Error::other(Refusal::new(Reason::ZipBomb, detail)));
        };
        self.left = left;
        self.crc.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.crc.sum() != self.crc32 {
            return Err(io::Error::other(damaged()));
        }
        Ok(read)
    }
}

fn damaged() -> Refusal {
    Refusal::new(Reason::Malformed, "a part of the workbook is damaged")
}
