//! Proofs of single entries as c2sp.org/tlog-proof fixes them: a text file that verifies with nothing but the
//! ledger's key. The entry's bytes travel in its `extra` line; nobody needs the ledger, or sees its other entries.

use super::checkpoint::{Checkpoint, parse_decimal};
use super::entry::{ENTRY_BYTES_MAX, Entry};
use super::error::LedgerError;
use super::note::{NOTE_BYTES_MAX, VerifierKey, from_base64, to_base64};
use super::proof::verify_inclusion;
use super::tree::{Hash, leaf_hash};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2⁶⁴ leaves has no more levels.
const HASHES_MAX: usize = 64;
/// Bytes of the longest proof that is read.
const PROOF_BYTES_MAX: usize = ENTRY_BYTES_MAX.div_ceil(3) * 4 + NOTE_BYTES_MAX + 64 * HASHES_MAX + 256;

/// A proof that was not verified yet: nothing in it is to be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    index: u64,
    entry: Vec<u8>,
    hashes: Vec<Hash>,
    checkpoint: String,
}

impl TlogProof {
    pub(super) fn new(index: u64, entry: Vec<u8>, hashes: Vec<Hash>, checkpoint: String) -> Self {
        Self { index, entry, hashes, checkpoint }
    }

    /// Reads a proof from the text of a `.tlog-proof` file.
    ///
    /// # Errors
    /// [`LedgerError::Note`] when it is none, or one without the entry's bytes.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let bad = |why| LedgerError::Note { what: "proof", why };
        if text.len() > PROOF_BYTES_MAX {
            return Err(bad("too long"));
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(|| bad("no checkpoint"))?;
        let mut lines = head.split('\n');
        let header = lines.next() == Some(HEADER);
        let extra = lines.next().and_then(|line| line.strip_prefix("extra "));
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(parse_decimal);
        let hashes: Option<Vec<Hash>> = lines.map(from_base64).collect();
        let entry = extra.and_then(|extra| STANDARD.decode(extra).ok());
        let (true, Some(entry), Some(index)) = (header, entry, index) else {
            return Err(bad("no header, extra or index line"));
        };
        let hashes = hashes.filter(|hashes| hashes.len() <= HASHES_MAX).ok_or_else(|| bad("its hashes"))?;
        Ok(Self::new(index, entry, hashes, checkpoint.to_owned()))
    }

    /// Verifies the proof and returns the entry's index, the entry and the checkpoint it is under.
    ///
    /// # Errors
    /// [`LedgerError::Note`] when any part of it does not verify.
    pub fn verify(&self, key: &VerifierKey) -> Result<(u64, Entry, Checkpoint), LedgerError> {
        let checkpoint = Checkpoint::parse(&self.checkpoint, key)?;
        let (index, entry) = self.verify_under(&checkpoint)?;
        Ok((index, entry, checkpoint))
    }

    /// Verifies that the proof is under this very checkpoint, and returns the entry's index and the entry.
    ///
    /// # Errors
    /// [`LedgerError::Note`] when any part of it does not verify, or it is under another checkpoint.
    pub fn verify_under(&self, checkpoint: &Checkpoint) -> Result<(u64, Entry), LedgerError> {
        let bad = |why| LedgerError::Note { what: "proof", why };
        if self.checkpoint != checkpoint.note() {
            return Err(bad("under another checkpoint"));
        }
        let tree = (checkpoint.size(), checkpoint.root());
        if !verify_inclusion(&leaf_hash(&self.entry), self.index, &self.hashes, tree) {
            return Err(bad("the entry is not in the tree of the checkpoint"));
        }
        let entry = Entry::decode(&self.entry).ok_or_else(|| bad("the entry is none"))?;
        Ok((self.index, entry))
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEADER}\nextra {}\nindex {}\n", to_base64(&self.entry), self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", to_base64(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
