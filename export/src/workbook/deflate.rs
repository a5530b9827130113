//! One part of a package, deflated while it is made, so that it never stands in memory whole.

use super::package::Packed;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::io;

/// Bytes that are collected before they are compressed.
const CHUNK_BYTES: usize = 128 << 10;

/// A part in the making.
pub(super) struct Deflater {
    compress: Compress,
    packed: Vec<u8>,
    pending: Vec<u8>,
    crc: Crc,
    size: u64,
}

impl Deflater {
    pub(super) fn new(level: u32) -> Self {
        Self {
            compress: Compress::new(Compression::new(level), false),
            packed: Vec::with_capacity(CHUNK_BYTES),
            pending: Vec::with_capacity(CHUNK_BYTES * 2),
            crc: Crc::new(),
            size: 0,
        }
    }

    /// Where text is appended; [`turn`](Self::turn) has to be called now and then.
    pub(super) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// Compresses what has been collected, if it is enough.
    pub(super) fn turn(&mut self) -> io::Result<()> {
        if self.pending.len() < CHUNK_BYTES {
            return Ok(());
        }
        self.run(FlushCompress::None)
    }

    /// Ends the part.
    pub(super) fn finish(mut self) -> io::Result<Packed> {
        self.run(FlushCompress::Finish)?;
        Ok(Packed { pieces: vec![self.packed], crc: self.crc.sum(), size: self.size })
    }

    /// Ends the part and puts text before it that was not known when it was begun. Flushed to a whole byte and not
    /// marked as the last, it joins to one stream with what follows.
    pub(super) fn finish_behind(self, head: &[u8], level: u32) -> io::Result<Packed> {
        let mut first = Self::new(level);
        first.pending.extend_from_slice(head);
        first.run(FlushCompress::Sync)?;
        let mut rest = self;
        rest.run(FlushCompress::Finish)?;
        first.crc.combine(&rest.crc);
        let size = first.size + rest.size;
        Ok(Packed { pieces: vec![first.packed, rest.packed], crc: first.crc.sum(), size })
    }

    fn run(&mut self, flush: FlushCompress) -> io::Result<()> {
        self.crc.update(&self.pending);
        self.size += self.pending.len() as u64;
        let mut rest = self.pending.as_slice();
        loop {
            self.packed.reserve(CHUNK_BYTES / 4);
            let before = self.compress.total_in();
            let status =
                self.compress.compress_vec(rest, &mut self.packed, flush).map_err(io::Error::other)?;
            rest = &rest[(self.compress.total_in() - before) as usize..];
            let done = match flush {
                FlushCompress::Finish => status == Status::StreamEnd,
                // Room is left: all that can be written has been.
                _ => rest.is_empty() && self.packed.len() < self.packed.capacity(),
            };
            if done {
                break;
            }
        }
        self.pending.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::DeflateDecoder;
    use std::io::Read;

    fn check(packed: &Packed, expected: &[u8]) {
        let mut expanded = Vec::new();
        DeflateDecoder::new(packed.pieces.concat().as_slice())
            .read_to_end(&mut expanded)
            .expect("it expands");
        assert!(expanded == expected, "{} bytes instead of {}", expanded.len(), expected.len());
        let mut crc = Crc::new();
        crc.update(expected);
        assert_eq!((packed.crc, packed.size), (crc.sum(), expected.len() as u64));
    }

    #[test]
    fn a_head_that_is_known_last_stands_first() {
        for lines in [0_usize, 1, 40_000] {
            let body: Vec<u8> =
                (0..lines).flat_map(|n| format!("<v>{}</v>", n * 7_919).into_bytes()).collect();
            let mut out = Deflater::new(1);
            for piece in body.chunks(1_000) {
                out.text().extend_from_slice(piece);
                out.turn().expect("it is compressed");
            }
            let packed = out.finish_behind(b"<head/>", 1).expect("it is compressed");
            check(&packed, &[b"<head/>", body.as_slice()].concat());
        }
    }

    #[test]
    fn bytes_that_cannot_be_compressed_come_through() {
        let mut state = 1_u64;
        let body: Vec<u8> = (0..900_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        for level in [0, 1, 6] {
            let mut out = Deflater::new(level);
            out.text().extend_from_slice(&body);
            check(&out.finish().expect("it is compressed"), &body);
        }
    }
}
