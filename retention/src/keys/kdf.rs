//! A store key from a passphrase: Argon2id (RFC 9106), with what it needs kept in the key file's header.

use super::secret::random;
use super::{KeyError, StoreKey};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

/// Most that a header may ask for, so that a forged one does not take the machine's memory or its day.
const MEMORY_KIB_MAX: u32 = 4 * 1024 * 1024;
const PASSES_MAX: u32 = 64;
const LANES_MAX: u32 = 64;

/// What one guess at a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes of it.
    pub lanes: u32,
}

impl KdfCost {
    /// 64 MiB, 3 passes, 4 lanes: the second of the two choices of RFC 9106, section 4, for machines that cannot give
    /// 2 GiB.
    pub const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
}

/// How a passphrase becomes a store key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kdf {
    pub(super) cost: KdfCost,
    pub(super) salt: [u8; 16],
}

impl Kdf {
    /// A way of this cost with a new salt.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`]; [`KeyError::Holder`] for a cost that Argon2id does not know or that is out of all
    /// bounds (4 GiB, 64 passes, 64 lanes).
    pub fn random(cost: KdfCost) -> Result<Self, KeyError> {
        Self::new(cost, *random()?).ok_or(KeyError::Holder { why: "a passphrase cannot be given this cost" })
    }

    pub(super) fn new(cost: KdfCost, salt: [u8; 16]) -> Option<Self> {
        let bounded =
            cost.memory_kib <= MEMORY_KIB_MAX && cost.passes <= PASSES_MAX && cost.lanes <= LANES_MAX;
        let kdf = Self { cost, salt };
        (bounded && kdf.params().is_some()).then_some(kdf)
    }

    /// The store key that a passphrase gives.
    ///
    /// # Errors
    /// [`KeyError::Holder`] when there is not enough memory for it.
    pub fn derive(&self, passphrase: &str) -> Result<StoreKey, KeyError> {
        let failed = KeyError::Holder { why: "no store key could be made from the passphrase" };
        let params = self.params().ok_or(failed)?;
        let mut key = Zeroizing::new([0; 32]);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let done = argon.hash_password_into(passphrase.as_bytes(), &self.salt, key.as_mut_slice());
        done.map(|()| StoreKey::new(*key)).map_err(|_| failed)
    }

    fn params(&self) -> Option<Params> {
        Params::new(self.cost.memory_kib, self.cost.passes, self.cost.lanes, Some(32)).ok()
    }
}
