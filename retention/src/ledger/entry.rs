//! Entries and their canonical bytes: what the tree's leaves are made of. There is one encoding of an entry, and
//! decoding refuses every other. Times come from the caller. See docs/ledger-format.md.

use super::LedgerError;
use super::ids::{Subject, SubjectKind, UserId};

/// The version that every entry begins with.
pub const ENTRY_VERSION: u8 = 1;
/// Subjects of one entry; an act on more is several acts.
pub const SUBJECTS_MAX: usize = 1_024;
/// Bytes of a ledger's origin.
pub const ORIGIN_BYTES_MAX: usize = 128;
/// Bytes of one entry: the longest that can be written.
pub const ENTRY_BYTES_MAX: usize = 2 + 1 + 1 + 8 + 8 + 16 + 2 + 33 * SUBJECTS_MAX;

macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $kind:ident = $number:literal $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$of])* $kind = $number,)* }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            fn from_byte(byte: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| *kind as u8 == byte)
            }

            /// Its name in text.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $text,)* }
            }

            /// The one of this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

kinds! {
    /// What is done. The numbers are part of the file format: add, never change.
    ActKind {
        /// Taking an artifact into the store.
        Ingest = 1 "ingest",
        /// Showing masked values.
        Reveal = 2 "reveal",
        /// Making a redacted bundle.
        Redact = 3 "redact",
        /// Signing off and handing out a bundle.
        Release = 4 "release",
        /// Making a plan.
        Plan = 5 "plan",
        /// Approving a plan.
        Approve = 6 "approve",
        /// Writing a workbook or an extract.
        Export = 7 "export",
        /// Placing a hold.
        Hold = 8 "hold",
        /// Releasing a hold.
        Unhold = 9 "unhold",
        /// Deleting an artifact and all that was derived from it.
        Purge = 10 "purge",
        /// Deleting what holds one person's data, on request.
        Erase = 11 "erase",
        /// Recording an event that starts a period.
        Event = 12 "event",
        /// Changing keys.
        Rotate = 13 "rotate",
        /// Changing users, environments or secrets.
        Govern = 14 "govern",
        /// Setting a torn tail of the ledger aside.
        Recover = 15 "recover",
        /// Nothing: dates the checkpoint that follows.
        Heartbeat = 16 "heartbeat",
        /// Reading an artifact or a table, masked values masked.
        Use = 17 "use",
        /// Carrying out a retention plan: the purges stand between its intent and its outcome.
        Sweep = 18 "sweep",
        /// Marking what is due; it is purged after its grace.
        Mark = 19 "mark",
        /// Keeping sources while something open depends on them.
        Pin = 20 "pin",
        /// Giving them up.
        Unpin = 21 "unpin",
        /// Listing findings.
        Scan = 22 "scan",
        /// Compiling a roster.
        Roster = 23 "roster",
        /// Making a store.
        Init = 24 "init",
    }
}

kinds! {
    /// How an act ended. The numbers are part of the file format: add, never change.
    Ending {
        /// As intended.
        Done = 1 "done",
        /// It had been done before: recovery found nothing left to do.
        AlreadyDone = 2 "already done",
        /// Not begun: a hold, a policy or a changed file forbade it.
        Refused = 3 "refused",
        /// Begun and failed.
        Failed = 4 "failed",
        /// Begun, done in part, and reported.
        Partial = 5 "partial",
    }
}

/// Who does what to which subjects, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What is done.
    pub kind: ActKind,
    /// By whom.
    pub user: UserId,
    /// When, in milliseconds since 1970-01-01T00:00:00Z, as the caller's clock has it.
    pub time_ms: u64,
    /// To what; at most [`SUBJECTS_MAX`].
    pub subjects: Vec<Subject>,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// The first of every ledger, and only that: whose ledger it is.
    Genesis {
        /// The origin its checkpoints carry.
        origin: String,
    },
    /// An act that is about to begin.
    Intent(Act),
    /// What became of an intent.
    Outcome {
        /// The index of the intent's entry.
        intent: u64,
        /// How it ended.
        ending: Ending,
        /// The act as it was done: the same kind; subjects may be fewer.
        act: Act,
    },
}

/// Checks a ledger's origin: a URL without scheme of lower-case letters, digits and `./-`.
pub(super) fn origin_is_valid(origin: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"./-".contains(&b);
    (1..=ORIGIN_BYTES_MAX).contains(&origin.len()) && origin.bytes().all(allowed)
}

impl Entry {
    /// Appends the entry's canonical bytes to `out`.
    ///
    /// # Errors
    /// [`LedgerError::InvalidEntry`] for too many subjects or an origin that is none; `out` is unchanged then.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), LedgerError> {
        match self {
            Self::Genesis { origin } => {
                let valid = origin_is_valid(origin);
                valid.then_some(()).ok_or(LedgerError::InvalidEntry { why: "origin" })?;
                out.extend([ENTRY_VERSION, 0, origin.len() as u8]);
                out.extend_from_slice(origin.as_bytes());
                Ok(())
            }
            Self::Intent(act) => encode_act(out, act, |out| out.push(1)),
            Self::Outcome { intent, ending, act } => encode_act(out, act, |out| {
                out.extend([2, *ending as u8]);
                out.extend(intent.to_le_bytes());
            }),
        }
    }

    /// Reads an entry from its canonical bytes; `None` for all others.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        if byte(&mut rest)? != ENTRY_VERSION {
            return None;
        }
        let entry = match byte(&mut rest)? {
            0 => {
                let length = byte(&mut rest)?;
                let origin = std::str::from_utf8(take(&mut rest, usize::from(length))?).ok()?;
                origin_is_valid(origin).then(|| Self::Genesis { origin: origin.to_owned() })?
            }
            1 => Self::Intent(decode_act(&mut rest)?),
            2 => {
                let ending = Ending::from_byte(byte(&mut rest)?)?;
                let intent = u64::from_le_bytes(array(&mut rest)?);
                Self::Outcome { intent, ending, act: decode_act(&mut rest)? }
            }
            _ => return None,
        };
        rest.is_empty().then_some(entry)
    }
}

fn encode_act(out: &mut Vec<u8>, act: &Act, head: impl FnOnce(&mut Vec<u8>)) -> Result<(), LedgerError> {
    if act.subjects.len() > SUBJECTS_MAX {
        return Err(LedgerError::InvalidEntry { why: "more subjects than one entry takes" });
    }
    out.push(ENTRY_VERSION);
    head(out);
    out.push(act.kind as u8);
    out.extend(act.time_ms.to_le_bytes());
    out.extend(act.user.0);
    out.extend((act.subjects.len() as u16).to_le_bytes());
    for subject in &act.subjects {
        out.push(subject.kind as u8);
        out.extend(subject.id);
    }
    Ok(())
}

fn decode_act(rest: &mut &[u8]) -> Option<Act> {
    let kind = ActKind::from_byte(byte(rest)?)?;
    let time_ms = u64::from_le_bytes(array(rest)?);
    let user = UserId(array(rest)?);
    let count = usize::from(u16::from_le_bytes(array(rest)?));
    if count > SUBJECTS_MAX {
        return None;
    }
    let mut subjects = Vec::with_capacity(count);
    for _ in 0..count {
        let kind = SubjectKind::from_byte(byte(rest)?)?;
        subjects.push(Subject { kind, id: array(rest)? });
    }
    Some(Act { kind, user, time_ms, subjects })
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    take(rest, 1).map(|bytes| bytes[0])
}

fn array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    take(rest, N)?.try_into().ok()
}
