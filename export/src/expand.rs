//! Expands the parts of a package to nowhere, so that a bomb is found before anything of it is used. Reads no part.

use std::io::{self, Read, Seek};
use zip::ZipArchive;

/// Parts of a package: a template has some dozens.
const PARTS_MAX: usize = 10_000;

/// Why a package is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// A part cannot be expanded, or there are too many.
    Damaged,
    /// Its parts are more than the limit together.
    TooLarge,
}

/// Expands every part; what a package declares of their sizes can be a lie.
pub(crate) fn check_expanded<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    limit_bytes: u64,
) -> Result<(), Unfit> {
    if archive.len() > PARTS_MAX {
        return Err(Unfit::Damaged);
    }
    let mut left = limit_bytes;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| Unfit::Damaged)?;
        let bytes = io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|_| Unfit::Damaged)?;
        left = left.checked_sub(bytes).ok_or(Unfit::TooLarge)?;
    }
    Ok(())
}
