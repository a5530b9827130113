//! The key file's header: its bytes, and the secrets sealed in it. No files here.

use super::secret::random;
use super::slot::SLOT_BYTES;
use super::{Kdf, KdfCost, KeyError, Secrets, StoreId, StoreKey};
use chacha20poly1305::{AeadInOut, Key, KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// Bytes from one copy to the next; what a copy does not use is zeros.
pub(super) const COPY_BYTES: usize = 4096;
/// Where the slots begin.
pub(super) const SLOTS_AT: u64 = 2 * COPY_BYTES as u64;

const MAGIC: &[u8; 16] = b"custody-keys 1\n\0";
const USED_BYTES: usize = 512;
const CRC_AT: usize = USED_BYTES - 4;
/// End of what is authenticated with the secrets.
const NONCE_AT: usize = 124;
const SEALED_AT: usize = NONCE_AT + 24;
const SEALED_BYTES: usize = Secrets::BYTES + 16;
const SECRETS: &str = "custody 2026 store secrets";
const CHECK: &str = "custody 2026 store key check";
const RANDOM: u32 = 0;
const ARGON2ID: u32 = 1;

/// What the key file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) generation: u64,
    pub(super) store: StoreId,
    pub(super) epoch: u32,
    pub(super) kdf: Option<Kdf>,
    pub(super) slots: u64,
    /// All slots before it are taken.
    pub(super) maybe_free: u64,
    pub(super) check: [u8; 32],
}

/// A header as it was read, its secrets still sealed.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    pub(super) header: Header,
    bytes: [u8; USED_BYTES],
}

/// What tells a store key from another, without opening anything.
pub(super) fn check(key: &StoreKey, store: StoreId, epoch: u32) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(&key.derived(CHECK));
    hasher.update(&store.0).update(&epoch.to_le_bytes());
    *hasher.finalize().as_bytes()
}

impl Header {
    /// Where this generation's copy lies.
    pub(super) fn offset(&self) -> u64 {
        (self.generation % 2) * COPY_BYTES as u64
    }

    /// Bytes of the file.
    pub(super) fn file_bytes(&self) -> Option<u64> {
        self.slots.checked_mul(SLOT_BYTES as u64)?.checked_add(SLOTS_AT)
    }

    pub(super) fn opened_by(&self, key: &StoreKey) -> bool {
        // Compared as hashes are: in constant time.
        blake3::Hash::from(check(key, self.store, self.epoch)) == blake3::Hash::from(self.check)
    }

    /// The bytes of a copy.
    pub(super) fn seal(&self, key: &StoreKey, secrets: &Secrets) -> Result<Vec<u8>, KeyError> {
        let mut bytes = self.fields();
        let nonce = random::<24>()?;
        let mut sealed = Zeroizing::new(Vec::with_capacity(SEALED_BYTES));
        sealed.extend_from_slice(secrets.expose());
        let done = cipher(key).encrypt_in_place(&XNonce::from(*nonce), &bytes, &mut *sealed);
        done.map_err(|_| KeyError::Damaged { what: "the secrets cannot be sealed" })?;
        bytes.extend_from_slice(nonce.as_slice());
        bytes.extend_from_slice(&sealed);
        bytes.resize(CRC_AT, 0);
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        bytes.resize(COPY_BYTES, 0);
        Ok(bytes)
    }

    fn fields(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(COPY_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.generation.to_le_bytes());
        bytes.extend_from_slice(&self.store.0);
        bytes.extend_from_slice(&self.epoch.to_le_bytes());
        let (way, cost, salt) = match self.kdf {
            None => (RANDOM, [0; 3], [0; 16]),
            Some(Kdf { cost, salt }) => (ARGON2ID, [cost.memory_kib, cost.passes, cost.lanes], salt),
        };
        bytes.extend_from_slice(&way.to_le_bytes());
        cost.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
        bytes.extend_from_slice(&salt);
        bytes.extend_from_slice(&self.slots.to_le_bytes());
        bytes.extend_from_slice(&self.maybe_free.to_le_bytes());
        bytes.extend_from_slice(&self.check);
        bytes
    }
}

impl Sealed {
    /// Reads a copy, `None` when it is not one that was written.
    pub(super) fn read(copy: &[u8; COPY_BYTES]) -> Option<Self> {
        let (bytes, zeros) = copy.split_first_chunk::<USED_BYTES>()?;
        let sealed = (crc32c::crc32c(&bytes[..CRC_AT]).to_le_bytes() == bytes[CRC_AT..])
            .then_some(&bytes[..SEALED_AT + SEALED_BYTES])?;
        let unused = [&bytes[sealed.len()..CRC_AT], zeros].concat();
        let header = Fields(sealed.strip_prefix(MAGIC)?).header()?;
        let fits = header.maybe_free <= header.slots && header.file_bytes().is_some();
        (fits && unused.iter().all(|byte| *byte == 0)).then_some(Self { header, bytes: *bytes })
    }

    /// The secrets; an error when this key did not seal them.
    pub(super) fn secrets(&self, key: &StoreKey) -> Result<Secrets, KeyError> {
        let forged = KeyError::Damaged { what: "its header was not made with the store key" };
        let nonce: [u8; 24] = self.bytes[NONCE_AT..SEALED_AT].try_into().map_err(|_| forged)?;
        let mut opened = Zeroizing::new(self.bytes[SEALED_AT..SEALED_AT + SEALED_BYTES].to_vec());
        let done = cipher(key).decrypt_in_place(&XNonce::from(nonce), &self.bytes[..NONCE_AT], &mut *opened);
        done.map_err(|_| forged)?;
        Secrets::from_slice(&opened).ok_or(forged)
    }
}

/// Bytes of a header that are yet to be read.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn header(mut self) -> Option<Header> {
        Some(Header {
            generation: self.u64()?,
            store: StoreId(self.take()?),
            epoch: self.u32()?,
            kdf: self.kdf()?,
            slots: self.u64()?,
            maybe_free: self.u64()?,
            check: self.take()?,
        })
    }

    #[allow(clippy::option_option, reason = "outside: whether it can be read; inside: whether there is one")]
    fn kdf(&mut self) -> Option<Option<Kdf>> {
        let (way, memory_kib, passes, lanes) = (self.u32()?, self.u32()?, self.u32()?, self.u32()?);
        let salt = self.take()?;
        match way {
            RANDOM => ([memory_kib, passes, lanes] == [0; 3] && salt == [0; 16]).then_some(None),
            ARGON2ID => Kdf::new(KdfCost { memory_kib, passes, lanes }, salt).map(Some),
            _ => None,
        }
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}

fn cipher(key: &StoreKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(<&Key>::from(&*key.derived(SECRETS)))
}
