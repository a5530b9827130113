//! Short texts that lie sealed beside the key file: credentials. Each under a key of its own, that is derived from what
//! outlives every store key, so that a new store key leaves them readable. No files here.

use super::secret::random;
use super::{KeyError, KeyFile};
use chacha20poly1305::{AeadInOut, Key, KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

const SEALED: &str = "custody 2026 sealed credential";
const NONCE_BYTES: usize = 24;

impl KeyFile {
    /// Seals a text for the ID of what it belongs to: no other opens it.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub(crate) fn seal_text(&self, id: &[u8; 32], text: &[u8]) -> Result<Vec<u8>, KeyError> {
        let nonce = random::<NONCE_BYTES>()?;
        // With room for the tag: no copy of the text stays behind when it grows.
        let mut sealed = Zeroizing::new(Vec::with_capacity(text.len() + 16));
        sealed.extend_from_slice(text);
        let done = self.cipher_of(id).encrypt_in_place(&XNonce::from(*nonce), &self.bound(id), &mut *sealed);
        done.map_err(|_| KeyError::Damaged { what: "a credential cannot be sealed" })?;
        let mut bytes = Vec::with_capacity(NONCE_BYTES + sealed.len());
        bytes.extend_from_slice(nonce.as_slice());
        bytes.extend_from_slice(&sealed);
        Ok(bytes)
    }

    /// The text; `None` when it was not sealed for this ID in this store.
    pub(crate) fn open_text(&self, id: &[u8; 32], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let mut opened = Zeroizing::new(sealed.to_vec());
        self.cipher_of(id).decrypt_in_place(&XNonce::from(*nonce), &self.bound(id), &mut *opened).ok()?;
        Some(opened)
    }

    fn cipher_of(&self, id: &[u8; 32]) -> XChaCha20Poly1305 {
        let mut material = Zeroizing::new(Vec::with_capacity(64));
        material.extend_from_slice(self.secrets().id_key().as_slice());
        material.extend_from_slice(id);
        let key = Zeroizing::new(blake3::derive_key(SEALED, &material));
        XChaCha20Poly1305::new(<&Key>::from(&*key))
    }

    fn bound(&self, id: &[u8; 32]) -> [u8; 48] {
        let mut bytes = [0; 48];
        bytes[..16].copy_from_slice(&self.store().0);
        bytes[16..].copy_from_slice(id);
        bytes
    }
}
