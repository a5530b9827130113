//! The format's numbers, and the ciphers of content and footer. No files here.

use super::{BlobError, CHUNK_BYTES, DataKey};
use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
use chacha20poly1305::aead::{Buffer, Error};
use chacha20poly1305::{AeadInOut, Key, KeyInit, XChaCha20Poly1305, XNonce};

pub(super) const MAGIC: &[u8; 16] = b"custody-blob 1\n\0";
pub(super) const END_MAGIC_BYTES: usize = 8;
pub(super) const PREFIX_BYTES: usize = 19;
pub(super) const HEADER_BYTES: usize = MAGIC.len() + PREFIX_BYTES;
pub(super) const TAG_BYTES: usize = 16;
pub(super) const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
/// What follows the sealed metadata.
pub(super) const END_BYTES: usize = 4 + END_MAGIC_BYTES;

const CONTENT: &str = "custody 2026 blob content";
const FOOTER: &str = "custody 2026 blob footer";

pub(super) type Prefix = [u8; PREFIX_BYTES];

/// The last 8 bytes of the magic end a blob.
pub(super) fn end_magic() -> &'static [u8] {
    &MAGIC[MAGIC.len() - END_MAGIC_BYTES..]
}

/// Chunks of so much content, and the bytes they take sealed; `None` where the counter does not reach.
pub(super) fn layout(content_bytes: u64) -> Option<(u32, u64)> {
    let chunks = content_bytes.div_ceil(CHUNK_BYTES as u64).max(1);
    let sealed = content_bytes.checked_add(chunks.checked_mul(TAG_BYTES as u64)?)?;
    Some((u32::try_from(chunks).ok().filter(|chunks| *chunks < u32::MAX)?, sealed))
}

/// Content that takes so many bytes sealed; `None` where no content does.
pub(super) fn content_bytes(sealed_bytes: u64) -> Option<u64> {
    let chunks = sealed_bytes.div_ceil(SEALED_CHUNK_BYTES as u64);
    let content = sealed_bytes.checked_sub(chunks * TAG_BYTES as u64)?;
    (layout(content)? == (u32::try_from(chunks).ok()?, sealed_bytes)).then_some(content)
}

/// Seals and opens chunks of one blob.
pub(super) struct ContentCipher(StreamBE32<XChaCha20Poly1305>);

impl ContentCipher {
    pub(super) fn new(key: &DataKey, prefix: &Prefix) -> Self {
        let key = key.derived(CONTENT);
        let aead = XChaCha20Poly1305::new(<&Key>::from(&*key));
        Self(StreamBE32::from_aead(aead, prefix.into()))
    }

    /// Seals what lies in `bytes` from `start` on, in its place, and puts the tag behind.
    pub(super) fn seal(
        &self,
        chunk: u32,
        last: bool,
        bytes: &mut Vec<u8>,
        start: usize,
    ) -> Result<(), BlobError> {
        let mut tail = Tail { bytes, start };
        self.0
            .encrypt_in_place(chunk, last, &[], &mut tail)
            .map_err(|_| BlobError::TooLarge { what: "content" })
    }

    /// Opens one sealed chunk in its place; on failure nothing of it may be used.
    pub(super) fn open(&self, chunk: u32, last: bool, bytes: &mut Vec<u8>) -> Result<(), BlobError> {
        let opened = self.0.decrypt_in_place(chunk, last, &[], bytes);
        opened.map_err(|_| BlobError::Damaged { why: "content" })
    }
}

/// Seals and opens the footer of one blob.
pub(super) struct FooterCipher {
    aead: XChaCha20Poly1305,
    nonce: XNonce,
}

impl FooterCipher {
    pub(super) fn new(key: &DataKey, prefix: &Prefix) -> Self {
        let key = key.derived(FOOTER);
        let mut nonce = XNonce::default();
        nonce[..PREFIX_BYTES].copy_from_slice(prefix);
        Self { aead: XChaCha20Poly1305::new(<&Key>::from(&*key)), nonce }
    }

    /// The metadata sealed, and the end behind it.
    pub(super) fn seal(&self, content_bytes: u64, metadata: &[u8]) -> Result<Vec<u8>, BlobError> {
        let too_large = BlobError::TooLarge { what: "metadata" };
        let mut footer = metadata.to_vec();
        let sealed = self.aead.encrypt_in_place(&self.nonce, &associated(content_bytes), &mut footer);
        sealed.map_err(|_| too_large)?;
        let length = u32::try_from(footer.len()).map_err(|_| too_large)?;
        footer.extend_from_slice(&length.to_le_bytes());
        footer.extend_from_slice(end_magic());
        Ok(footer)
    }

    /// The metadata of what [`FooterCipher::seal`] made, without the end.
    pub(super) fn open(&self, content_bytes: u64, mut sealed: Vec<u8>) -> Result<Vec<u8>, BlobError> {
        let opened = self.aead.decrypt_in_place(&self.nonce, &associated(content_bytes), &mut sealed);
        opened.map(|()| sealed).map_err(|_| BlobError::Damaged { why: "footer" })
    }
}

fn associated(content_bytes: u64) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[..MAGIC.len()].copy_from_slice(MAGIC);
    bytes[MAGIC.len()..].copy_from_slice(&content_bytes.to_le_bytes());
    bytes
}

/// The end of a buffer, as the cipher's own.
struct Tail<'a> {
    bytes: &'a mut Vec<u8>,
    start: usize,
}

impl AsRef<[u8]> for Tail<'_> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

impl AsMut<[u8]> for Tail<'_> {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..]
    }
}

impl Buffer for Tail<'_> {
    fn extend_from_slice(&mut self, other: &[u8]) -> Result<(), Error> {
        self.bytes.extend_from_slice(other);
        Ok(())
    }

    fn truncate(&mut self, length: usize) {
        self.bytes.truncate(self.start + length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_one_layout() {
        let chunk = CHUNK_BYTES as u64;
        for content in [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 5 * chunk + 7] {
            let (chunks, sealed) = layout(content).expect("fits");
            assert_eq!(chunks as u64, content.div_ceil(chunk).max(1));
            assert_eq!(content_bytes(sealed), Some(content));
        }
        // No chunk but the first may be empty, and none is shorter than its tag.
        for sealed in [0, 15, SEALED_CHUNK_BYTES as u64 + 1, SEALED_CHUNK_BYTES as u64 + 16] {
            assert_eq!(content_bytes(sealed), None, "{sealed}");
        }
        assert_eq!(layout(u64::MAX), None);
        assert_eq!(content_bytes(u64::MAX), None);
    }
}
