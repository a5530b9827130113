//! What a person signs: one act, in full, as a text that has one writing. The file of a statement is the text, an empty
//! line, and the signature; its ID is the plain BLAKE3 of the file, so that it is checked without any secret.

use super::{Signer, SshSignature};
use crate::hex;
use crate::ledger::{Act, SUBJECTS_MAX, Subject, SubjectKind};
use crate::store::StoreError;
use std::fmt::Write as _;

/// Bytes of the longest file of a statement: each subject takes a line of some 90.
pub const STATEMENT_BYTES_MAX: usize = (SUBJECTS_MAX + 32) * 96;
const FIRST: &str = "custody-statement 1\n";

/// What is signed.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// The store's ID.
    pub store: &'a [u8; 16],
    /// The act. Its subjects but for the statement itself.
    pub act: &'a Act,
    /// The plain BLAKE3 of a record that the act puts in force: its subject is a keyed hash, which says nothing to whoever
    /// has no key.
    pub record: Option<[u8; 32]>,
}

impl Statement<'_> {
    /// The text. All of it is fixed by what it says.
    pub fn to_text(&self) -> String {
        let Self { store, act, record } = self;
        let mut text = FIRST.to_owned();
        let _ = writeln!(text, "store {}", hex::digits(*store));
        let _ = writeln!(text, "act {}", act.kind.name());
        let _ = writeln!(text, "user {}", act.user);
        let _ = writeln!(text, "time {}", act.time_ms);
        if let Some(record) = record {
            let _ = writeln!(text, "record {}", hex::digits(record));
        }
        for subject in act.subjects.iter().filter(|subject| subject.kind != SubjectKind::Statement) {
            let _ = writeln!(text, "subject {subject}");
        }
        text
    }

    /// Signs it.
    ///
    /// # Errors
    /// As of [`SshSignature::sign`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<Signed, StoreError> {
        let text = self.to_text();
        let signature = SshSignature::sign(signer, text.as_bytes())?;
        Ok(Signed { text, signature })
    }
}

/// A statement with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed.
    pub text: String,
    /// The signature.
    pub signature: SshSignature,
}

impl Signed {
    /// The bytes of its file.
    pub fn to_bytes(&self) -> Vec<u8> {
        format!("{}\n{}", self.text, self.signature.to_text()).into_bytes()
    }

    /// What it is in the ledger.
    pub fn subject(&self) -> Subject {
        Subject { kind: SubjectKind::Statement, id: *blake3::hash(&self.to_bytes()).as_bytes() }
    }

    /// Reads a file whose signature is one of its text; `None` for everything else.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > STATEMENT_BYTES_MAX {
            return None;
        }
        let (text, signature) = std::str::from_utf8(bytes).ok()?.split_once("\n\n")?;
        let text = format!("{text}\n");
        let signature = SshSignature::parse(signature)?;
        (text.starts_with(FIRST) && signature.verifies(text.as_bytes())).then_some(Self { text, signature })
    }

    /// Whether it says that this act was wanted in this store, and no other.
    pub fn says(&self, store: &[u8; 16], act: &Act) -> bool {
        self.text == Statement { store, act, record: self.record() }.to_text()
    }

    /// The plain BLAKE3 of the record that it puts in force.
    pub fn record(&self) -> Option<[u8; 32]> {
        self.text.lines().find_map(|line| hex::parse(line.strip_prefix("record ")?))
    }
}
