//! What entries name: users and subjects, by keyed BLAKE3 IDs only. No text of a caller ever gets into an
//! entry, so no name, path or address can; without the key an ID cannot be guessed back.

use crate::hex;
use std::fmt;
use std::io::{self, Read};

/// What a subject is. The numbers are part of the file format: add, never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum SubjectKind {
    /// One input file.
    Artifact = 1,
    /// A table derived from an artifact.
    Table = 2,
    /// A redacted output with its manifest.
    Bundle = 3,
    /// What will be exported or purged, as it was previewed.
    Plan = 4,
    /// An approval of a plan.
    Approval = 5,
    /// A retention policy.
    Policy = 6,
    /// Why a hold exists.
    Matter = 7,
    /// A written workbook or extract.
    Export = 8,
    /// A stored credential, or a store key.
    Secret = 9,
    /// A ledger's torn tail, by its bytes.
    Tail = 10,
    /// An event that starts a period: a confirmed load, a closed ticket.
    Event = 11,
    /// What an artifact is made of: the hash of its bytes, whatever the artifact's ID.
    Content = 12,
    /// A sweep, by the record of what it did.
    Sweep = 13,
    /// A named environment.
    Environment = 14,
    /// A compiled roster.
    Roster = 15,
    /// A workbook for upload.
    Workbook = 16,
    /// A file that was written outside of the store.
    Location = 17,
    /// Somebody who may act: the record with name, key and roles.
    User = 18,
    /// What a person has signed.
    Statement = 19,
}

impl SubjectKind {
    /// All kinds with their names, in the order of their numbers.
    pub const ALL: [(Self, &'static str); 19] = [
        (Self::Artifact, "artifact"),
        (Self::Table, "table"),
        (Self::Bundle, "bundle"),
        (Self::Plan, "plan"),
        (Self::Approval, "approval"),
        (Self::Policy, "policy"),
        (Self::Matter, "matter"),
        (Self::Export, "export"),
        (Self::Secret, "secret"),
        (Self::Tail, "tail"),
        (Self::Event, "event"),
        (Self::Content, "content"),
        (Self::Sweep, "sweep"),
        (Self::Environment, "environment"),
        (Self::Roster, "roster"),
        (Self::Workbook, "workbook"),
        (Self::Location, "location"),
        (Self::User, "user"),
        (Self::Statement, "statement"),
    ];

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.iter().map(|(kind, _)| *kind).find(|kind| *kind as u8 == byte)
    }

    /// The kind's name in text.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize - 1].1
    }
}

/// What an act is about: a kind and a keyed BLAKE3 ID. Shown as `artifact:` and 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Which one.
    pub id: [u8; 32],
}

impl Subject {
    /// Reads `artifact:` and 64 hexadecimal digits in lower case; nothing else is one.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, digits) = text.split_once(':')?;
        let (kind, _) = SubjectKind::ALL.into_iter().find(|(_, known)| *known == name)?;
        Some(Self { kind, id: hex::parse(digits)? })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.kind.name())?;
        self.id.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Who acted: the keyed BLAKE3 ID of an account. Shown as `u-` and 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub(super) [u8; 16]);

impl UserId {
    /// Reads `u-` and 32 hexadecimal digits in lower case; a name is never one.
    pub fn parse(text: &str) -> Option<Self> {
        hex::parse(text.strip_prefix("u-")?).map(Self)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("u-")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The key under which IDs are made. Whoever lacks it cannot tell who or what an entry names.
#[derive(Clone)]
pub struct IdKey([u8; 32]);

impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey")
    }
}

impl IdKey {
    /// Takes 32 random bytes that the store keeps.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The ID of an account's name.
    pub fn user(&self, account: &str) -> UserId {
        // 0 is no kind of subject.
        let hash = blake3::Hasher::new_keyed(&self.0).update(&[0]).update(account.as_bytes()).finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&hash.as_bytes()[..16]);
        UserId(id)
    }

    /// Hashes something that comes in pieces: what it finishes to is the ID of a subject of this kind.
    pub fn hasher(&self, kind: SubjectKind) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[kind as u8]);
        hasher
    }

    /// The ID of something by its bytes.
    pub fn subject(&self, kind: SubjectKind, bytes: &[u8]) -> Subject {
        let hash = blake3::Hasher::new_keyed(&self.0).update(&[kind as u8]).update(bytes).finalize();
        Subject { kind, id: *hash.as_bytes() }
    }

    /// The ID of something by all that a stream holds.
    ///
    /// # Errors
    /// The stream's own.
    pub fn subject_of(&self, kind: SubjectKind, stream: impl Read) -> io::Result<Subject> {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[kind as u8]).update_reader(stream)?;
        Ok(Subject { kind, id: *hasher.finalize().as_bytes() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_listed_in_the_order_of_their_numbers() {
        for (place, (kind, name)) in SubjectKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place + 1);
            assert_eq!((kind.name(), SubjectKind::from_byte(kind as u8)), (name, Some(kind)));
        }
        assert_eq!((SubjectKind::from_byte(0), SubjectKind::from_byte(20)), (None, None));
    }

    #[test]
    fn ids_survive_text_and_names_are_none() {
        let key = IdKey::new([7; 32]);
        let (user, subject) = (key.user("a.person"), key.subject(SubjectKind::Plan, b"x"));
        assert_eq!(UserId::parse(&user.to_string()), Some(user));
        assert_eq!(Subject::parse(&subject.to_string()), Some(subject));
        for name in ["u-a.person", "a.person", "u-", &user.to_string().to_uppercase(), "u-+0000000"] {
            assert_eq!(UserId::parse(name), None, "{name}");
        }
        for text in ["artifact:jane", "person:00", &subject.to_string()[1..]] {
            assert_eq!(Subject::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ids_depend_on_the_key_and_the_kind() {
        let (one, two) = (IdKey::new([1; 32]), IdKey::new([2; 32]));
        assert_ne!(one.user("a"), two.user("a"));
        let ids = [SubjectKind::Artifact, SubjectKind::Table].map(|kind| one.subject(kind, b"a").id);
        assert_ne!(ids[0], ids[1]);
        assert_ne!(ids[0], *blake3::hash(b"a").as_bytes());
        let streamed = one.subject_of(SubjectKind::Table, &b"a"[..]).expect("memory can be read");
        assert_eq!(streamed.id, ids[1]);
    }

    #[test]
    fn the_key_is_not_shown() {
        assert_eq!(format!("{:?}", IdKey::new([7; 32])), "IdKey");
    }
}
