//! Which of the files that are ingested are a bundle's: redacted and verified, by its manifest's hashes.

use custody_ingest::Artifact as Found;
use custody_rules::manifest::{FILE_NAME, FileEntry, Manifest};
use custody_rules::{Reason, Refusal};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Hashes of redacted files.
#[derive(Debug, Default)]
pub struct Bundled {
    hashes: BTreeSet<String>,
}

impl Bundled {
    /// Looks for manifests in the folders that are ingested.
    pub fn find(paths: &[PathBuf]) -> Self {
        let mut bundled = Self::default();
        for path in paths {
            let text = std::fs::read_to_string(path.join(FILE_NAME));
            let manifest: Option<Manifest> = text.ok().and_then(|text| serde_json::from_str(&text).ok());
            if let Some(manifest) = manifest {
                manifest.files.iter().for_each(|file| bundled.take(file));
            }
        }
        bundled
    }

    fn take(&mut self, file: &FileEntry) {
        if file.verdict.result == "verified" {
            self.hashes.insert(file.blake3.clone());
        }
        file.members.iter().for_each(|member| self.take(member));
    }

    /// Whether a file is, byte for byte, one that a manifest calls redacted and verified.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn has(&self, found: &Found) -> Result<bool, Refusal> {
        if self.hashes.is_empty() {
            return Ok(false);
        }
        let mut hasher = blake3::Hasher::new();
        let read = hasher.update_reader(found.source.open()?);
        read.map_err(|_| Refusal::new(Reason::Unreadable, "it cannot be read to its end"))?;
        Ok(self.hashes.contains(hasher.finalize().to_hex().as_str()))
    }
}
