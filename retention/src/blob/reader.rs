//! Reads a blob, anywhere in it. What does not verify is never handed out.

use super::cipher::{
    ContentCipher, END_BYTES, FooterCipher, HEADER_BYTES, MAGIC, PREFIX_BYTES, Prefix, SEALED_CHUNK_BYTES,
    TAG_BYTES, content_bytes, end_magic, layout,
};
use super::{BlobError, CHUNK_BYTES, DataKey, METADATA_BYTES_MAX};
use crate::disk::{Disk, DiskFile, read_exact_at};
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

/// A blob that is whole as far as its ends show; every chunk is verified when it is read.
pub struct BlobReader {
    file: Box<dyn DiskFile>,
    content: ContentCipher,
    metadata: Vec<u8>,
    size_bytes: u64,
    stored_bytes: u64,
    chunks: u32,
    /// The chunk that was read last in part: small reads often follow each other.
    recent: Mutex<Option<(u32, Vec<u8>)>>,
}

impl BlobReader {
    /// Opens a blob: reads and verifies its metadata and its last chunk.
    ///
    /// # Errors
    /// [`BlobError::Damaged`] for every blob that was not written whole under this key; [`BlobError::Io`].
    pub fn open(disk: &dyn Disk, path: &str, key: &DataKey) -> Result<Self, BlobError> {
        let file = disk.open_read(path).map_err(BlobError::io("opening"))?;
        let file_bytes = file.size_bytes().map_err(BlobError::io("asking its size"))?;
        let prefix = prefix(file.as_ref())?;
        let (footer_bytes, end_offset) = footer_place(file.as_ref(), file_bytes)?;
        let sealed_bytes = end_offset - footer_bytes as u64 - HEADER_BYTES as u64;
        let size_bytes = content_bytes(sealed_bytes).ok_or(BlobError::Damaged { why: "length" })?;
        let mut footer = vec![0; footer_bytes];
        read_exact(file.as_ref(), &mut footer, end_offset - footer_bytes as u64)?;
        let metadata = FooterCipher::new(key, &prefix).open(size_bytes, footer)?;
        let (chunks, _) = layout(size_bytes).ok_or(BlobError::Damaged { why: "length" })?;
        let content = ContentCipher::new(key, &prefix);
        let reader = Self {
            file,
            content,
            metadata,
            size_bytes,
            stored_bytes: file_bytes,
            chunks,
            recent: Mutex::new(None),
        };
        let mut last = Vec::new();
        reader.read_chunk(chunks - 1, &mut last)?;
        reader.remember(chunks - 1, last);
        Ok(reader)
    }

    /// Bytes of content.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Bytes of the whole blob.
    pub fn stored_bytes(&self) -> u64 {
        self.stored_bytes
    }

    /// What was written behind the content, verified.
    pub fn metadata(&self) -> &[u8] {
        &self.metadata
    }

    /// Fills `bytes` from an offset as far as the content goes; returns how many. Many threads may read at once.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for a chunk that does not verify, else the file's own kind. The error inside is
    /// a [`BlobError`].
    pub fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let wanted =
            bytes.len().min(usize::try_from(self.size_bytes.saturating_sub(offset)).unwrap_or(usize::MAX));
        let mut filled = 0;
        let mut scratch = Vec::new();
        while filled < wanted {
            let at = offset + filled as u64;
            // Fewer than `chunks`, which fits.
            let chunk = (at / CHUNK_BYTES as u64) as u32;
            let start = (at % CHUNK_BYTES as u64) as usize;
            let rest = &mut bytes[filled..wanted];
            filled += self.copy_from_chunk(chunk, start, rest, &mut scratch).map_err(BlobError::into_io)?;
        }
        Ok(filled)
    }

    /// The content as a stream.
    pub fn reader(&self) -> ContentReader<'_> {
        ContentReader { blob: self, offset: 0 }
    }

    fn copy_from_chunk(
        &self,
        chunk: u32,
        start: usize,
        bytes: &mut [u8],
        scratch: &mut Vec<u8>,
    ) -> Result<usize, BlobError> {
        let copied = |bytes: &mut [u8], content: &[u8]| {
            let content = content.get(start..).unwrap_or_default();
            let length = content.len().min(bytes.len());
            bytes[..length].copy_from_slice(&content[..length]);
            length
        };
        if let Some((_, content)) = self.recent().as_ref().filter(|(number, _)| *number == chunk) {
            return Ok(copied(bytes, content));
        }
        self.read_chunk(chunk, scratch)?;
        let length = copied(bytes, scratch);
        if start + length < scratch.len() {
            self.remember(chunk, std::mem::take(scratch));
        }
        Ok(length)
    }

    /// Reads a chunk and verifies it.
    fn read_chunk(&self, chunk: u32, bytes: &mut Vec<u8>) -> Result<(), BlobError> {
        let start = u64::from(chunk) * CHUNK_BYTES as u64;
        let length = (self.size_bytes - start).min(CHUNK_BYTES as u64) as usize;
        bytes.resize(length + TAG_BYTES, 0);
        let offset = HEADER_BYTES as u64 + u64::from(chunk) * SEALED_CHUNK_BYTES as u64;
        read_exact(self.file.as_ref(), bytes, offset)?;
        self.content.open(chunk, chunk + 1 == self.chunks, bytes)
    }

    fn remember(&self, chunk: u32, content: Vec<u8>) {
        *self.recent() = Some((chunk, content));
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, Option<(u32, Vec<u8>)>> {
        // Whoever held it left it whole: nothing in between can panic.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobReader").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}

fn prefix(file: &dyn DiskFile) -> Result<Prefix, BlobError> {
    let mut header = [0; HEADER_BYTES];
    read_exact(file, &mut header, 0)?;
    if &header[..MAGIC.len()] != MAGIC {
        return Err(BlobError::Damaged { why: "header" });
    }
    let mut prefix = [0; PREFIX_BYTES];
    prefix.copy_from_slice(&header[MAGIC.len()..]);
    Ok(prefix)
}

/// Bytes of the sealed metadata, and where they end.
fn footer_place(file: &dyn DiskFile, file_bytes: u64) -> Result<(usize, u64), BlobError> {
    let cut = BlobError::Damaged { why: "it ends too early" };
    let end_offset = file_bytes.checked_sub(END_BYTES as u64).ok_or(cut)?;
    let mut end = [0; END_BYTES];
    read_exact(file, &mut end, end_offset)?;
    let (length, magic) = end.split_at(4);
    if magic != end_magic() {
        return Err(cut);
    }
    let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
    let longest = METADATA_BYTES_MAX + TAG_BYTES;
    if length < TAG_BYTES || length > longest || end_offset < (HEADER_BYTES + length) as u64 {
        return Err(BlobError::Damaged { why: "length" });
    }
    Ok((length, end_offset))
}

fn read_exact(file: &dyn DiskFile, bytes: &mut [u8], offset: u64) -> Result<(), BlobError> {
    read_exact_at(file, bytes, offset).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => BlobError::Damaged { why: "it ends too early" },
        _ => BlobError::io("reading")(error),
    })
}

/// A blob's content as a stream.
#[derive(Debug)]
pub struct ContentReader<'a> {
    blob: &'a BlobReader,
    offset: u64,
}

impl Read for ContentReader<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.blob.read_at(bytes, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

impl Seek for ContentReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let offset = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.blob.size_bytes.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.offset.checked_add_signed(offset),
        };
        self.offset = offset.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.offset)
    }
}
