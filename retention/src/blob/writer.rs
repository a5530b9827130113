//! Writes a blob, front to back, with few large writes. Does not name, move or remove the file.

use super::cipher::{ContentCipher, FooterCipher, HEADER_BYTES, MAGIC, Prefix, SEALED_CHUNK_BYTES, layout};
use super::{BlobError, CHUNK_BYTES, DataKey, METADATA_BYTES_MAX};
use crate::disk::{Disk, DiskFile, write_all_at};
use std::fmt;
use std::io::{self, Write};

/// Chunks that are written at once.
const BATCH: usize = 16;

/// A blob that is being written. Dropped without [`BlobWriter::finish`], it leaves a file that no reader opens.
pub struct BlobWriter {
    file: Box<dyn DiskFile>,
    content: ContentCipher,
    footer: FooterCipher,
    /// Sealed chunks, and the open one behind them.
    buffer: Vec<u8>,
    /// Where the open chunk starts in the buffer.
    open_start: usize,
    /// Number of the open chunk.
    chunk: u32,
    /// Bytes in the file.
    written_bytes: u64,
    content_bytes: u64,
    failed: bool,
}

impl BlobWriter {
    /// Begins a blob in a new file.
    ///
    /// # Errors
    /// [`BlobError::Io`], with [`io::ErrorKind::AlreadyExists`] when there is such a file; [`BlobError::NoRandom`].
    pub fn create(disk: &dyn Disk, path: &str, key: &DataKey) -> Result<Self, BlobError> {
        let mut prefix: Prefix = Prefix::default();
        getrandom::fill(&mut prefix).map_err(|_| BlobError::NoRandom)?;
        let file = disk.create_new(path).map_err(BlobError::io("making the file"))?;
        let mut buffer = Vec::with_capacity(HEADER_BYTES + (BATCH + 1) * SEALED_CHUNK_BYTES);
        buffer.extend_from_slice(MAGIC);
        buffer.extend_from_slice(&prefix);
        Ok(Self {
            file,
            content: ContentCipher::new(key, &prefix),
            footer: FooterCipher::new(key, &prefix),
            open_start: buffer.len(),
            buffer,
            chunk: 0,
            written_bytes: 0,
            content_bytes: 0,
            failed: false,
        })
    }

    /// Bytes of content so far.
    pub fn content_bytes(&self) -> u64 {
        self.content_bytes
    }

    /// Writes the last chunk and the footer, and returns once all of it is durable; the file's entry in its folder is
    /// not, before the folder is synced. Returns the bytes that the file has.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`], [`BlobError::Io`]; [`BlobError::Poisoned`] when a write failed before.
    pub fn finish(mut self, metadata: &[u8]) -> Result<u64, BlobError> {
        if self.failed {
            return Err(BlobError::Poisoned);
        }
        if metadata.len() > METADATA_BYTES_MAX {
            return Err(BlobError::TooLarge { what: "metadata" });
        }
        self.seal_chunk(true)?;
        let footer = self.footer.seal(self.content_bytes, metadata)?;
        self.buffer.extend_from_slice(&footer);
        self.flush_buffer()?;
        self.file.sync().map_err(BlobError::io("making it durable"))?;
        Ok(self.written_bytes)
    }

    fn take(&mut self, bytes: &[u8]) -> Result<usize, BlobError> {
        let mut open_bytes = self.buffer.len() - self.open_start;
        // A full chunk stays open until more comes: it could be the last.
        if open_bytes == CHUNK_BYTES {
            self.seal_chunk(false)?;
            if self.buffer.len() >= BATCH * SEALED_CHUNK_BYTES {
                self.flush_buffer()?;
            }
            open_bytes = 0;
        }
        let taken = bytes.len().min(CHUNK_BYTES - open_bytes);
        self.buffer.extend_from_slice(&bytes[..taken]);
        self.content_bytes += taken as u64;
        Ok(taken)
    }

    fn seal_chunk(&mut self, last: bool) -> Result<(), BlobError> {
        layout(self.content_bytes).ok_or(BlobError::TooLarge { what: "content" })?;
        self.content.seal(self.chunk, last, &mut self.buffer, self.open_start)?;
        self.open_start = self.buffer.len();
        self.chunk += 1;
        Ok(())
    }

    fn flush_buffer(&mut self) -> Result<(), BlobError> {
        let written = write_all_at(self.file.as_ref(), &self.buffer, self.written_bytes);
        written.map_err(BlobError::io("writing"))?;
        self.written_bytes += self.buffer.len() as u64;
        self.buffer.clear();
        self.open_start = 0;
        Ok(())
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed {
            return Err(BlobError::Poisoned.into_io());
        }
        if bytes.is_empty() {
            return Ok(0);
        }
        self.take(bytes).map_err(|error| {
            self.failed = true;
            error.into_io()
        })
    }

    /// Does nothing: a chunk is written when it is full, or the last.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for BlobWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobWriter").field("content_bytes", &self.content_bytes).finish_non_exhaustive()
    }
}
