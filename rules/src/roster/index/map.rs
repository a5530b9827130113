//! Maps a file into memory. The one place of this crate that needs `unsafe`; knows nothing of what is in the file.

use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::ops::Deref;

/// The bytes of an index: mapped from a file, or held.
pub(crate) enum Bytes {
    /// A file in the page cache, shared by all processes that use it.
    Mapped(Mmap),
    /// Made by this process.
    Held(Vec<u8>),
}

impl Bytes {
    /// Maps a whole file.
    pub(crate) fn map(file: &File) -> io::Result<Self> {
        #[allow(
            unsafe_code,
            reason = "the one door to memory maps; a file that shrinks while it is mapped ends the process, and every \
                      offset read from it is checked, so that changed bytes cannot do more"
        )]
        // SAFETY: the mapping is read-only and private; indexes are replaced by renaming, never written in place.
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self::Mapped(map))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Held(bytes) => bytes,
        }
    }
}
