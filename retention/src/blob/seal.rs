//! Small texts sealed under an item's data key, for places other than its blob: an original name in the catalog. They
//! become unreadable together with the item.

use super::{BlobError, DataKey};
use chacha20poly1305::{AeadInOut, Key, KeyInit, XChaCha20Poly1305, XNonce};

const CONTEXT: &str = "custody 2026 sealed text";
const NONCE_BYTES: usize = 24;

/// Seals bytes for one purpose: they open under the same key and the same purpose only. 40 bytes longer than they were.
///
/// # Errors
/// [`BlobError::NoRandom`].
pub fn seal(key: &DataKey, purpose: &str, bytes: &[u8]) -> Result<Vec<u8>, BlobError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| BlobError::NoRandom)?;
    let mut sealed = bytes.to_vec();
    let done = cipher(key).encrypt_in_place(&XNonce::from(nonce), purpose.as_bytes(), &mut sealed);
    done.map_err(|_| BlobError::TooLarge { what: "text" })?;
    sealed.splice(..0, nonce);
    Ok(sealed)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`BlobError::Damaged`] when it was sealed under another key, for another purpose, or changed since.
pub fn open(key: &DataKey, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, BlobError> {
    let damaged = BlobError::Damaged { why: "sealed text" };
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(damaged)?;
    let mut bytes = rest.to_vec();
    let done = cipher(key).decrypt_in_place(&XNonce::from(*nonce), purpose.as_bytes(), &mut bytes);
    done.map(|()| bytes).map_err(|_| damaged)
}

fn cipher(key: &DataKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(<&Key>::from(&*key.derived(CONTEXT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_under_its_key_and_purpose_only() {
        let (key, other) = (DataKey::new([1; 32]), DataKey::new([2; 32]));
        for text in ["", "Payroll März.csv"] {
            let sealed = seal(&key, "name", text.as_bytes()).expect("sealed");
            assert_eq!(sealed.len(), text.len() + 40);
            assert_ne!(sealed, seal(&key, "name", text.as_bytes()).expect("sealed"), "no two are alike");
            assert_eq!(open(&key, "name", &sealed).expect("opens"), text.as_bytes());
            let damaged = Err(BlobError::Damaged { why: "sealed text" });
            assert_eq!(open(&other, "name", &sealed), damaged);
            assert_eq!(open(&key, "origin", &sealed), damaged);
            for at in 0..sealed.len() {
                let mut bent = sealed.clone();
                bent[at] ^= 1;
                assert_eq!(open(&key, "name", &bent), damaged);
                assert_eq!(open(&key, "name", &sealed[..at]), damaged);
            }
        }
    }
}
