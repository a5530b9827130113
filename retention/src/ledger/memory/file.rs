//! A file that holds the ledger's last checkpoint.

use super::{MemoryError, Remembered, extends, notes};
use crate::ledger::note::VerifierKey;
use crate::ledger::prover::Prover;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

pub(super) fn remember(
    path: &Path,
    prover: &mut Prover,
    key: &VerifierKey,
) -> Result<Remembered, MemoryError> {
    let reading = MemoryError::io("reading what is remembered");
    let known = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(reading(error)),
        Ok(found) if !found.is_file() => return Err(reading(io::ErrorKind::InvalidInput.into())),
        Ok(_) => {
            let text = notes::read(path)?;
            let (known, all) = (notes::parse(&text, key)?, notes::notes(&text)?.len());
            if known.len() < all {
                return Err(MemoryError::NotOurs { why: "it is another ledger's" });
            }
            known
        }
    };
    let remembered = extends(prover, key, &known)?;
    if remembered == Remembered::Written {
        replace(path, prover.checkpoint().note().as_bytes())
            .map_err(MemoryError::io("writing what is to be remembered"))?;
    }
    Ok(remembered)
}

/// Writes a file whole, durably, and keeps the permissions of the one before.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut staged = tempfile::Builder::new().prefix(".custody-").tempfile_in(folder)?;
    if let Ok(before) = fs::symlink_metadata(path) {
        staged.as_file().set_permissions(before.permissions())?;
    }
    staged.write_all(bytes)?;
    staged.as_file().sync_all()?;
    staged.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}
