//! The ledger: every act as an intent and an outcome, in one file that only grows and that nobody edits unseen.
//! Entries are the leaves of an RFC 6962 tree, checkpoints are its signed roots (C2SP signed notes), and proofs
//! are handed out as `.tlog-proof` files. The file format is in docs/ledger-format.md.
//!
//! It has no clock and keeps no key: both come from the caller. It holds IDs, never a name or a path.
//!
//! ```
//! use custody_retention::ledger::*;
//! # fn main() -> Result<(), LedgerError> {
//! # let dir = tempfile::tempdir().expect("a temporary folder");
//! # let folder = dir.path().join("ledger");
//! let key = SignerKey::new("ledger.example/main", &[7; 32])?; // 32 random bytes in truth
//! let ids = IdKey::new([8; 32]);
//! Ledger::create(&folder, &key)?;
//! let (mut ledger, opened) = Ledger::open(&folder, key.verifier())?;
//! assert_eq!(opened.torn_tail, None);
//! let act = Act {
//!     kind: ActKind::Ingest,
//!     user: ids.user("an.account"),
//!     time_ms: 1_767_225_600_000,
//!     subjects: vec![ids.subject(SubjectKind::Artifact, b"its content")],
//! };
//! let intent = ledger.append(&Entry::Intent(act.clone()))?;
//! ledger.commit()?; // durable: now the act may begin
//! ledger.append(&Entry::Outcome { intent, ending: Ending::Done, act })?;
//! let remembered = ledger.checkpoint(&key)?;
//! drop(ledger);
//! assert!(verify(&folder, key.verifier(), &[remembered])?.is_clean());
//! let proof = TlogProof::parse(&prove(&folder, key.verifier(), intent)?.to_string())?;
//! assert_eq!(proof.verify(key.verifier())?.0, intent);
//! # Ok(())
//! # }
//! ```

mod checkpoint;
mod entry;
mod error;
mod file;
mod filter;
mod folder;
mod ids;
mod memory;
mod note;
mod proof;
mod prover;
mod record;
mod scan;
mod std_disk;
mod tlog_proof;
mod tree;
#[cfg(test)]
mod tree_tests;
mod verify;
mod writer;

pub use checkpoint::Checkpoint;
pub use entry::{
    Act, ActKind, ENTRY_BYTES_MAX, ENTRY_VERSION, Ending, Entry, ORIGIN_BYTES_MAX, SUBJECTS_MAX,
};
pub use error::{Finding, LedgerError};
pub use file::{LockedFile, LogFile};
pub use filter::Filter;
pub use folder::{LedgerFolder, TornTail};
pub use ids::{IdKey, Subject, SubjectKind, UserId};
pub use memory::{Memory, MemoryError, Remembered, TIME_LIMIT, read_memory};
pub use note::{SignerKey, VerifierKey};
pub use proof::{verify_consistency, verify_inclusion};
pub use prover::{Prover, prove, prove_consistency, prove_many};
pub use record::MAGIC;
pub use tlog_proof::TlogProof;
pub use tree::{Frontier, Hash, leaf_hash, node_hash};
pub use verify::{Report, for_each_entry, for_each_matching, verify, verify_entries};
pub use writer::{Ledger, Opened};
