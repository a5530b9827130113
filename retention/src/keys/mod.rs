//! The keys of a store: the data key of every item, wrapped by the store key, in one file of their own; and where the
//! store key comes from. A key that was destroyed here leaves no copy in a database's log or free page.
//!
//! `keys.custody`, all numbers little endian:
//! ```text
//!      0  header, copy of an even generation; 4,096 bytes, of which 512 are used
//!   4096  header, copy of an odd generation
//!   8192  slots of 128 bytes
//! ```
//! Header: magic (16 bytes), generation (u64), store ID (16), epoch (u32), how the store key is made (u32: 0 it is
//! random, 1 Argon2id), memory in KiB (u32), passes (u32), lanes (u32), salt (16), number of slots (u64), first slot
//! that may be free (u64), check of the store key (32), nonce (24), sealed secrets (64 and a tag of 16; what stands
//! before the nonce is authenticated), zeros, CRC-32C of all before.
//!
//! Slot: state (0 free, 1 live, 2 destroyed), three zeros, epoch (u32), item ID (32), nonce (24), wrapped data key (32
//! and a tag of 16; store ID, epoch, slot number and item ID are authenticated), 12 zeros, CRC-32C of all before. A
//! free slot is zeros throughout; a destroyed one keeps the item ID only. No slot crosses a sector of 512 bytes.
//!
//! The newest header is valid or the file is damaged, except after a power cut in the middle of writing it: then the
//! other copy stands, with a lower generation. Whoever remembers a generation finds an older copy of the file by it.

mod doubled;
mod error;
mod file_holder;
mod header;
mod holder;
mod kdf;
mod key_file;
mod passphrase;
mod rotate;
mod sealed;
mod secret;
mod slot;

pub use error::KeyError;
pub use file_holder::FileHolder;
pub use holder::{KeyHolder, Made, Which};
pub use kdf::{Kdf, KdfCost};
pub use key_file::{Destroyed, KeyFile, OpenReport, Rotation};
pub use passphrase::{Ask, PASSPHRASE_CHARS_MIN, PassphraseHolder};
pub use rotate::Rotated;
pub use secret::{Secrets, StoreId, StoreKey};
pub use slot::{Slot, SlotState};
