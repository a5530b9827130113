//! The index of a roster: keys, filters and the file. Knows hashes, not names.

pub(crate) mod filter;
pub(crate) mod format;
pub(crate) mod key;
pub(crate) mod map;
