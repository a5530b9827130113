//! One item's content, encrypted under its own data key, and what is known of it, sealed behind it. Knows nothing of
//! items, and not where keys come from.
//!
//! ```text
//! header   16 bytes magic, 19 bytes nonce prefix
//! content  chunks of 64 KiB, each sealed with a tag of 16 bytes; the last one is shorter and marked as the last
//! footer   metadata, sealed with a tag of 16 bytes; its length with the tag (u32, little endian); 8 bytes magic
//! ```
//!
//! Content: XChaCha20-Poly1305 in STREAM (<https://eprint.iacr.org/2015/189>) with a big-endian counter of 32 bits and
//! a byte that marks the last chunk, so that no chunk can be cut off, moved, doubled or taken from another blob. Every
//! blob has at least one chunk, and only the first may be empty. Footer: XChaCha20-Poly1305 under a key of its own,
//! with the blob's nonce prefix and five zero bytes as nonce; the magic and the content's length are authenticated.
//! Both keys are derived from the data key by BLAKE3.

mod cipher;
mod error;
mod key;
mod reader;
mod seal;
mod writer;

pub use error::BlobError;
pub use key::DataKey;
pub use reader::{BlobReader, ContentReader};
pub use seal::{open, seal};
pub use writer::BlobWriter;

/// Bytes of content in a chunk; the last one may have fewer.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Most bytes of metadata that a blob takes.
pub const METADATA_BYTES_MAX: usize = 1024 * 1024;
