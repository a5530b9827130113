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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::write::SimpleFileOptions;

    /// A package of one part of so many zeros, which says that there are `said` of them.
    fn package(zeros: u32, said: u32) -> ZipArchive<Cursor<Vec<u8>>> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("part", SimpleFileOptions::default()).expect("a part");
        writer.write_all(&vec![0; zeros as usize]).expect("zeros");
        let mut bytes = writer.finish().expect("a package").into_inner();
        let real = zeros.to_le_bytes();
        for at in 0..bytes.len() - 4 {
            if bytes[at..at + 4] == real {
                bytes[at..at + 4].copy_from_slice(&said.to_le_bytes());
            }
        }
        ZipArchive::new(Cursor::new(bytes)).expect("a package")
    }

    #[test]
    fn what_expands_to_more_than_the_limit_is_found_whatever_it_says() {
        assert_eq!(check_expanded(&mut package(100_000, 100_000), 100_000), Ok(()));
        assert_eq!(check_expanded(&mut package(100_001, 100_001), 100_000), Err(Unfit::TooLarge));
        // One that lies is found by its sizes, or by its bytes: it is not used.
        assert!(check_expanded(&mut package(100_001, 7), 100_000).is_err());
    }
}
