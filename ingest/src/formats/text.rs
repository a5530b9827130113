//! A growing window of checked UTF-8 over any reader: what the line and CSV readers cut their rows from.

use custody_rules::{Limits, Reason, Refusal};
use std::io::{ErrorKind, Read};

/// Bytes asked of the input at once.
const BLOCK_BYTES: usize = 256 << 10;

/// Longest text that fits an Arrow column with 32-bit offsets, with room for its neighbours in a batch.
const TOKEN_BYTES_MAX: usize = 512 << 20;

/// The limits, with those lowered that a record batch could not hold.
pub(crate) fn bounded(limits: &Limits) -> Limits {
    let token_bytes_max = limits.token_bytes_max.min(TOKEN_BYTES_MAX);
    Limits { token_bytes_max, batch_bytes_max: limits.batch_bytes_max.min(TOKEN_BYTES_MAX), ..*limits }
}

/// Holds the part of the view that is not consumed yet, checked and free to slice.
pub(crate) struct Window {
    input: Box<dyn Read + Send>,
    block: Vec<u8>,
    /// Bytes at the front of `block` that begin a character whose rest is still to come.
    carried: usize,
    text: String,
    consumed: usize,
    base: u64,
    ended: bool,
}

impl Window {
    pub(crate) fn new(input: Box<dyn Read + Send>) -> Self {
        let block = vec![0; BLOCK_BYTES + 4];
        Self { input, block, carried: 0, text: String::new(), consumed: 0, base: 0, ended: false }
    }

    /// What is read and not consumed.
    pub(crate) fn rest(&self) -> &str {
        &self.text[self.consumed..]
    }

    /// Offset of `rest` in the view.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.consumed as u64
    }

    /// Whether the input has no more than what is here.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Drops the first `bytes` of `rest`; must be a character border.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.consumed += bytes;
    }

    /// Reads on once. Nothing happens after the end.
    pub(crate) fn read_on(&mut self) -> Result<(), Refusal> {
        if self.ended {
            return Ok(());
        }
        if self.consumed > 0 {
            self.text.drain(..self.consumed);
            self.base += self.consumed as u64;
            self.consumed = 0;
        }
        let read = loop {
            match self.input.read(&mut self.block[self.carried..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.ended = read == 0;
        self.take(self.carried + read)
    }

    /// Reads on until `rest` has so many bytes or the input has ended.
    pub(crate) fn read_until(&mut self, bytes: usize) -> Result<(), Refusal> {
        while self.rest().len() < bytes && !self.ended {
            self.read_on()?;
        }
        Ok(())
    }

    /// Checks the first `filled` bytes of the block and keeps the begun character at their end, if any.
    fn take(&mut self, filled: usize) -> Result<(), Refusal> {
        let bytes = &self.block[..filled];
        let valid = match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => {
                self.text.push_str(text);
                filled
            }
            Err(error) if error.error_len().is_none() && !self.ended => {
                let valid = error.valid_up_to();
                self.text.push_str(&String::from_utf8_lossy(&bytes[..valid]));
                valid
            }
            Err(error) => {
                let at = self.base + self.text.len() as u64 + error.valid_up_to() as u64;
                let detail = format!("bytes that are not UTF-8 at offset {at}");
                return Err(Refusal::new(Reason::InvalidEncoding, detail));
            }
        };
        self.block.copy_within(valid..filled, 0);
        self.carried = filled - valid;
        Ok(())
    }
}

/// Gives out bytes in pieces of odd sizes, to show that rows do not depend on how the input is read.
#[cfg(test)]
pub(crate) struct Pieces {
    pub(crate) bytes: Vec<u8>,
    pub(crate) at: usize,
    pub(crate) size: usize,
}

#[cfg(test)]
impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.size.min(buffer.len()).min(self.bytes.len() - self.at);
        buffer[..n].copy_from_slice(&self.bytes[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
