//! The store key, the store's ID, and the two secrets that outlive every store key. All secrets are wiped from memory
//! when dropped, and show nothing of themselves.

use super::KeyError;
use crate::hex;
use std::fmt::{self, Write};
use zeroize::Zeroizing;

pub(super) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, KeyError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyError::NoRandom)?;
    Ok(bytes)
}

/// A store's ID. Shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoreId(pub [u8; 16]);

impl StoreId {
    /// Makes a new one.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub fn random() -> Result<Self, KeyError> {
        Ok(Self(*random()?))
    }

    /// Reads 32 hexadecimal digits in lower case.
    pub fn parse(digits: &str) -> Option<Self> {
        hex::parse(digits).map(Self)
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The key that wraps all data keys of a store.
#[derive(Clone)]
pub struct StoreKey(Zeroizing<[u8; 32]>);

impl StoreKey {
    /// Makes a new one.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub fn random() -> Result<Self, KeyError> {
        random().map(Self)
    }

    /// Takes 32 bytes as a key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads 64 hexadecimal digits in lower case.
    pub fn parse(digits: &str) -> Option<Self> {
        hex::parse(digits).map(Self::new)
    }

    /// The bytes themselves, for whoever keeps them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its 64 hexadecimal digits, for whoever keeps them.
    pub fn expose_hex(&self) -> Zeroizing<String> {
        let mut digits = Zeroizing::new(String::with_capacity(64));
        for byte in self.0.iter() {
            // Writing to a text cannot fail.
            let _ = write!(digits, "{byte:02x}");
        }
        digits
    }

    /// A key for one purpose only.
    pub(super) fn derived(&self, context: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(context, self.0.as_slice()))
    }
}

/// Shows nothing of it.
impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey")
    }
}

/// What a store keeps for good, through every rotation of the store key: the key of its IDs and the seed of its
/// ledger's signatures.
#[derive(Clone)]
pub struct Secrets(Zeroizing<[u8; 64]>);

impl Secrets {
    pub(super) const BYTES: usize = 64;

    /// Makes new ones.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub fn random() -> Result<Self, KeyError> {
        random().map(Self)
    }

    /// The key of all IDs.
    pub fn id_key(&self) -> Zeroizing<[u8; 32]> {
        self.half(0)
    }

    /// The seed of the key that signs the ledger's checkpoints.
    pub fn signer_seed(&self) -> Zeroizing<[u8; 32]> {
        self.half(32)
    }

    pub(super) fn expose(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    fn half(&self, start: usize) -> Zeroizing<[u8; 32]> {
        let mut half = Zeroizing::new([0; 32]);
        half.copy_from_slice(&self.0[start..start + 32]);
        half
    }
}

/// Shows nothing of them.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}
