//! A zip that went in comes out as a zip: staged folders are packed, names sorted, times fixed, so that the
//! same content gives the same bytes.

use anyhow::{Context as _, ensure};
use custody_rules::manifest::FileEntry;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Packs `members` (paths relative to `folder`) into a zip at `target` and reads it again.
///
/// # Errors
/// When a member cannot be read, or the zip cannot be written or does not hold what was put in.
pub(super) fn pack(folder: &Path, members: &[(String, &FileEntry)], target: &Path) -> anyhow::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .large_file(true)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(File::create_new(target)?);
    for (name, _) in members {
        zip.start_file(name.as_str(), options)?;
        io::copy(&mut File::open(folder.join(name))?, &mut zip)?;
    }
    zip.finish()?;
    check(members, target)
}

fn check(members: &[(String, &FileEntry)], target: &Path) -> anyhow::Result<()> {
    let mut archive = ZipArchive::new(File::open(target)?)?;
    ensure!(archive.len() == members.len(), "a packed archive holds another number of members");
    for (name, entry) in members {
        let mut hasher = blake3::Hasher::new();
        io::copy(&mut archive.by_name(name).context("a packed member is missing")?, &mut hasher)?;
        ensure!(
            hasher.finalize().to_hex().as_str() == entry.blake3,
            "a packed member differs from what was verified"
        );
    }
    Ok(())
}

/// Puts a packed file where its folder was; the folder moves aside into `aside`.
///
/// # Errors
/// When renaming fails.
pub(super) fn swap(folder: &Path, packed: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(folder, aside)?;
    fs::rename(packed, folder)
}
