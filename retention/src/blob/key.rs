//! An item's data key. Whoever has it reads the item; without it the blob is noise.

use super::BlobError;
use std::fmt;
use zeroize::Zeroizing;

/// The key of one item's blob and of what is sealed beside it. Wiped from memory when dropped.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// Makes a new one.
    ///
    /// # Errors
    /// [`BlobError::NoRandom`].
    pub fn random() -> Result<Self, BlobError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| BlobError::NoRandom)?;
        Ok(Self(key))
    }

    /// Takes 32 bytes as a key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key for one purpose only.
    pub(super) fn derived(&self, context: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(context, self.0.as_slice()))
    }
}

/// Shows nothing of it.
impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}
