//! Credentials of environments: sealed records that this store alone opens. Where they lie and which is in force, is
//! `govern`'s. A value is wiped from memory when it is dropped and shows nothing of itself.
//!
//! A record: magic (16 bytes), nonce (24), and sealed, padded to a multiple of 256 bytes: length of the environment's
//! name (u8), of the credential's (u8), of the value (u16, little endian), and the three. The key is derived for the
//! record's ID, which is a keyed hash of both names, and the ID is authenticated: a record that is put in another's place
//! does not open.

use super::{RecordKind, Store, StoreError, Who, is_word};
use crate::catalog::GovernedRow;
use crate::ledger::{Subject, SubjectKind};
use zeroize::Zeroizing;

/// Characters of the shortest credential: a shorter one would be found everywhere.
pub const SECRET_CHARS_MIN: usize = 6;
/// Bytes of the longest credential.
pub const SECRET_BYTES_MAX: usize = 8 << 10;

const MAGIC: &[u8; 16] = b"custody-secret-1";
const PADDED_BYTES: usize = 256;
const LENGTHS_BYTES: usize = 4;

/// A credential's value. It has no `Debug` and no `Display`, and cannot be copied by accident.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes a value over.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for one that is too short or too long, begins or ends with a space, or is more than one
    /// line of text.
    pub fn new(value: Zeroizing<String>) -> Result<Self, StoreError> {
        let refused = |why: String| Err(StoreError::Refused(why));
        if value.chars().count() < SECRET_CHARS_MIN {
            return refused(format!("a credential takes {SECRET_CHARS_MIN} characters or more"));
        }
        if value.len() > SECRET_BYTES_MAX {
            return refused(format!("a credential takes {SECRET_BYTES_MAX} bytes at most"));
        }
        if value.chars().any(char::is_control) {
            return refused("a credential is one line of text".to_owned());
        }
        if value.trim().len() != value.len() {
            return refused("the credential begins or ends with a space".to_owned());
        }
        if !value.chars().any(char::is_alphanumeric) {
            return refused("a credential needs a letter or a digit".to_owned());
        }
        Ok(Self(value))
    }

    /// The value, for whoever hands it over to where it is needed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What a credential is called: the environment it is of, and its name there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretName {
    environment: String,
    name: String,
}

impl SecretName {
    /// Checks both.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for what is not a word.
    pub fn new(environment: &str, name: &str) -> Result<Self, StoreError> {
        if !is_word(environment) || !is_word(name) {
            return Err(StoreError::Refused(
                "environments and credentials are called by 1 to 40 of a-z, 0-9 and -".to_owned(),
            ));
        }
        Ok(Self { environment: environment.to_owned(), name: name.to_owned() })
    }

    /// The environment.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The name there.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its record is called.
    fn record(&self) -> String {
        format!("{}/{}", self.environment, self.name)
    }
}

/// A credential that is in force.
pub struct StoredSecret {
    /// What it is called.
    pub name: SecretName,
    /// Its value.
    pub value: SecretText,
    /// When it was set, in milliseconds since 1970.
    pub changed_ms: u64,
    /// Who set it, as the ledger names them.
    pub changed_by: String,
}

impl Store {
    /// Sets a credential, in place of the one that was: its file is overwritten and removed.
    ///
    /// # Errors
    /// As of [`Store::put_record`].
    pub fn set_secret(
        &mut self,
        who: Who,
        name: &SecretName,
        value: &SecretText,
    ) -> Result<Subject, StoreError> {
        let record = name.record();
        let subject = self.record_subject(RecordKind::Secret, &record);
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.parts.keys.seal_text(&subject.id, &packed(name, value))?);
        self.put_record(who, RecordKind::Secret, (&record, &bytes))
    }

    /// Takes a credential away: its file is overwritten and removed.
    ///
    /// # Errors
    /// As of [`Store::remove_record`].
    pub fn remove_secret(&mut self, who: Who, name: &SecretName) -> Result<(), StoreError> {
        self.remove_record(who, RecordKind::Secret, &name.record())
    }

    /// Whether a credential is in force; reads no value.
    ///
    /// # Errors
    /// As the catalog's.
    pub fn has_secret(&self, name: &SecretName) -> Result<bool, StoreError> {
        let subject = self.record_subject(RecordKind::Secret, &name.record());
        Ok(self.catalog.governed(&subject)?.is_some())
    }

    /// The value of a credential; `None` when there is none of this name.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for names that are no words, and when its file is missing or was changed outside of the
    /// program.
    pub fn secret(&self, environment: &str, name: &str) -> Result<Option<SecretText>, StoreError> {
        let name = SecretName::new(environment, name)?;
        let record = name.record();
        let Some(bytes) = self.record(RecordKind::Secret, &record)? else { return Ok(None) };
        let id = self.record_subject(RecordKind::Secret, &record).id;
        let (found, value) = self.opened(&id, &bytes)?;
        if found == name { Ok(Some(value)) } else { Err(not_opened()) }
    }

    /// All credentials that are in force, by environment and name.
    ///
    /// # Errors
    /// As of [`Store::secret`].
    pub fn secrets(&self) -> Result<Vec<StoredSecret>, StoreError> {
        let mut secrets = Vec::new();
        for (row, bytes) in self.records(RecordKind::Secret)? {
            let GovernedRow { subject, changed_ms, changed_by, .. } = row;
            let (name, value) = self.opened(&subject.id, &bytes)?;
            let own = self.ids().subject(SubjectKind::Secret, name.record().as_bytes());
            if own != subject {
                return Err(not_opened());
            }
            secrets.push(StoredSecret { name, value, changed_ms, changed_by });
        }
        secrets.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(secrets)
    }

    fn opened(&self, id: &[u8; 32], bytes: &[u8]) -> Result<(SecretName, SecretText), StoreError> {
        let sealed = bytes.strip_prefix(MAGIC).ok_or_else(not_opened)?;
        let text = self.parts.keys.open_text(id, sealed).ok_or_else(not_opened)?;
        unpacked(&text).ok_or_else(not_opened)
    }
}

fn not_opened() -> StoreError {
    StoreError::Refused(
        "a credential does not open: an administrator sets it anew, and looks into how that came".to_owned(),
    )
}

/// Padded, so that the file's size says nothing.
fn packed(name: &SecretName, value: &SecretText) -> Zeroizing<Vec<u8>> {
    let parts = [name.environment.as_bytes(), name.name.as_bytes(), value.expose().as_bytes()];
    let all: usize = LENGTHS_BYTES + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = Zeroizing::new(Vec::with_capacity(all.next_multiple_of(PADDED_BYTES)));
    // Words have 40 bytes at most, values 8 KiB.
    bytes.extend([parts[0].len() as u8, parts[1].len() as u8]);
    bytes.extend((parts[2].len() as u16).to_le_bytes());
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes.resize(all.next_multiple_of(PADDED_BYTES), 0);
    bytes
}

fn unpacked(bytes: &[u8]) -> Option<(SecretName, SecretText)> {
    let (lengths, rest) = bytes.split_first_chunk::<LENGTHS_BYTES>()?;
    let (environment, rest) = rest.split_at_checked(usize::from(lengths[0]))?;
    let (name, rest) = rest.split_at_checked(usize::from(lengths[1]))?;
    let (value, _) = rest.split_at_checked(usize::from(u16::from_le_bytes([lengths[2], lengths[3]])))?;
    let text = |bytes| std::str::from_utf8(bytes).ok();
    let name = SecretName::new(text(environment)?, text(name)?).ok()?;
    let value = SecretText::new(Zeroizing::new(text(value)?.to_owned())).ok()?;
    Some((name, value))
}
