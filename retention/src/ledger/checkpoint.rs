//! Checkpoints as c2sp.org/tlog-checkpoint fixes them: origin, number of entries, root of their tree, signed. Who
//! remembers one notices whether the ledger was cut, rolled back or rewritten since.

use super::LedgerError;
use super::note::{SignerKey, VerifierKey, from_base64, to_base64};
use super::tree::Hash;

/// A checkpoint whose signature was verified or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    size: u64,
    root: Hash,
    note: String,
}

/// Reads a decimal number without sign or leading zeroes.
pub(super) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    canonical.then(|| text.parse().ok())?
}

impl Checkpoint {
    /// Signs the tree of `size` entries.
    pub(super) fn sign(key: &SignerKey, size: u64, root: Hash) -> Result<Self, LedgerError> {
        let text = format!("{}\n{size}\n{}\n", key.verifier().name(), to_base64(&root));
        Ok(Self { size, root, note: key.sign(&text)? })
    }

    /// Reads a checkpoint and verifies its signature.
    ///
    /// # Errors
    /// [`LedgerError::Note`] when it is none of this key's.
    pub fn parse(note: &str, key: &VerifierKey) -> Result<Self, LedgerError> {
        let bad = |why| LedgerError::Note { what: "checkpoint", why };
        let text = key.open(note)?;
        let mut lines = text.lines();
        let origin = lines.next().ok_or_else(|| bad("no origin"))?;
        let size = lines.next().and_then(parse_decimal).ok_or_else(|| bad("no size"))?;
        let root = lines.next().and_then(from_base64).ok_or_else(|| bad("no root"))?;
        if origin != key.name() || lines.any(str::is_empty) {
            return Err(bad("another origin, or an empty line"));
        }
        Ok(Self { size, root, note: note.to_owned() })
    }

    /// Entries under it.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of their tree.
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// The signed note, as it is handed out.
    pub fn note(&self) -> &str {
        &self.note
    }
}
