//! Who may act, where, and with which credentials: records of users, environments and secrets. A record is a file that is
//! written once and named by its keyed hash; which one is in force, the ledger says. So a record that was edited or put
//! there outside of the program is found out, and what was in force at any time can still be read. What stands in a
//! record is the caller's.

use super::open::write_new;
use super::statements::{NewRecord, is_statement};
use super::{GOVERNANCE, Oddity, Store, StoreError, Who, act};
use crate::ItemId;
use crate::catalog::GovernedRow;
use crate::disk::{Disk, read_exact_at};
use crate::ledger::{ActKind, Ending, Subject, SubjectKind};
use crate::purge;

/// Bytes of the longest record.
pub const RECORD_BYTES_MAX: usize = 64 << 10;
/// A record that is being written.
const NEW_RECORD: &str = ".record.new";

/// What is governed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// Somebody who may act.
    User,
    /// Where something may be done, and how much of it.
    Environment,
    /// A credential, encrypted by the caller.
    Secret,
}

impl RecordKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::User, Self::Environment, Self::Secret];

    /// What it is in the ledger.
    pub fn subject_kind(self) -> SubjectKind {
        match self {
            Self::User => SubjectKind::User,
            Self::Environment => SubjectKind::Environment,
            Self::Secret => SubjectKind::Secret,
        }
    }

    /// The ending of its files.
    fn ending(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Environment => "environment",
            Self::Secret => "secret",
        }
    }

    pub(crate) fn path(self, content: [u8; 32]) -> String {
        format!("{GOVERNANCE}/{}.{}", ItemId(content), self.ending())
    }
}

impl Store {
    /// What a record of this name is in the ledger.
    pub fn record_subject(&self, kind: RecordKind, name: &str) -> Subject {
        self.ids().subject(kind.subject_kind(), name.as_bytes())
    }

    /// Puts a record in force, in place of the one that was. The same bytes again change nothing and are recorded. The
    /// file of a secret that is replaced is overwritten and removed.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a record that is too long; otherwise as disk and ledger say.
    pub fn put_record(
        &mut self,
        who: Who,
        kind: RecordKind,
        (name, bytes): (&str, &[u8]),
    ) -> Result<Subject, StoreError> {
        if kind == RecordKind::User {
            return Err(StoreError::Refused("users are set with their keys and roles only".to_owned()));
        }
        self.put(who, kind, (name, &NewRecord { bytes, user: None }))
    }

    /// As [`Store::put_record`], of users, too.
    pub(super) fn put(
        &mut self,
        who: Who,
        kind: RecordKind,
        (name, record): (&str, &NewRecord<'_>),
    ) -> Result<Subject, StoreError> {
        let bytes = record.bytes;
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(StoreError::Refused(format!("a record takes {RECORD_BYTES_MAX} bytes at most")));
        }
        let subject = self.record_subject(kind, name);
        let content = self.ids().subject(SubjectKind::Content, bytes);
        let disk = &*self.parts.disk;
        write_record(disk, &kind.path(content.id), bytes).map_err(StoreError::io("writing a record"))?;
        let act = act(ActKind::Govern, who.user, who.time_ms, vec![subject, content]);
        let begun = self.intent(act, Some(record))?;
        self.end(begun, Ending::Done, who.time_ms)?;
        self.forget_secrets()?;
        Ok(subject)
    }

    /// Takes a record out of force. The file of a secret is overwritten and removed; those of users and environments
    /// stay, since they say who could do what until now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none; otherwise as disk and ledger say.
    pub fn remove_record(&mut self, who: Who, kind: RecordKind, name: &str) -> Result<(), StoreError> {
        if kind == RecordKind::User {
            return Err(StoreError::Refused("users are removed as users".to_owned()));
        }
        self.remove(who, kind, name)
    }

    /// As [`Store::remove_record`], of users, too.
    pub(super) fn remove(&mut self, who: Who, kind: RecordKind, name: &str) -> Result<(), StoreError> {
        let subject = self.record_subject(kind, name);
        if self.catalog.governed(&subject)?.is_none() {
            return Err(StoreError::NotFound(format!("there is no {} of this name", kind.ending())));
        }
        let begun = self.begin(ActKind::Govern, who, vec![subject])?;
        self.end(begun, Ending::Done, who.time_ms)?;
        self.forget_secrets()
    }

    /// The record that is in force; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when its file is missing or was changed outside of the program.
    pub fn record(&self, kind: RecordKind, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.catalog.governed(&self.record_subject(kind, name))?;
        row.map(|row| self.record_of(kind, &row)).transpose()
    }

    /// All records of a kind that are in force, in the order of their IDs, each with when it was put in force and by whom.
    ///
    /// # Errors
    /// As of [`Store::record`].
    pub fn records(&self, kind: RecordKind) -> Result<Vec<(GovernedRow, Vec<u8>)>, StoreError> {
        let rows = self.catalog.all_governed(kind.subject_kind())?;
        rows.into_iter().map(|row| self.record_of(kind, &row).map(|bytes| (row, bytes))).collect()
    }

    /// Whether anything of a kind is in force.
    ///
    /// # Errors
    /// As the catalog's.
    pub fn has_records(&self, kind: RecordKind) -> Result<bool, StoreError> {
        Ok(!self.catalog.all_governed(kind.subject_kind())?.is_empty())
    }

    /// A record by what the catalog says of it.
    fn record_of(&self, kind: RecordKind, row: &GovernedRow) -> Result<Vec<u8>, StoreError> {
        let refused = |why: &str| {
            Err(StoreError::Refused(format!(
                "the record of this {} {why} outside of custody: nothing is done under it until an administrator sets it \
                 anew, and looks into how that came",
                kind.ending()
            )))
        };
        let failed = StoreError::io("reading a record");
        let (disk, path) = (&*self.parts.disk, kind.path(row.content));
        if disk.stat(&path).map_err(&failed)?.is_none() {
            return refused("was removed");
        }
        let bytes = read_file(disk, &path, RECORD_BYTES_MAX).map_err(failed)?;
        match bytes {
            Some(bytes) if self.ids().subject(SubjectKind::Content, &bytes).id == row.content => Ok(bytes),
            _ => refused("was changed"),
        }
    }

    /// Looks at every record that is in force.
    pub(super) fn check_records(&self, report: &mut dyn FnMut(Oddity)) -> Result<(), StoreError> {
        for kind in RecordKind::ALL {
            for row in self.catalog.all_governed(kind.subject_kind())? {
                match self.record_of(kind, &row) {
                    Err(StoreError::Refused(_)) => report(Oddity::ChangedRecord(row.subject)),
                    read => drop(read?),
                }
            }
        }
        Ok(())
    }

    /// Removes the files of secrets that are in force no more.
    pub(super) fn forget_secrets(&mut self) -> Result<(), StoreError> {
        let rows = self.catalog.all_governed(SubjectKind::Secret)?;
        let kept: Vec<String> = rows.iter().map(|row| RecordKind::Secret.path(row.content)).collect();
        let secret = format!(".{}", RecordKind::Secret.ending());
        self.run(|store| {
            purge::forget_files(&*store.parts.disk, GOVERNANCE, &|name| {
                name.ends_with(&secret) && !kept.contains(&format!("{GOVERNANCE}/{name}"))
            })
        })
    }
}

/// Whether a name is one that a record has.
pub(super) fn is_record(name: &str) -> bool {
    let known = |(stem, ending): (&str, &str)| {
        crate::hex::parse::<32>(stem).is_some() && RecordKind::ALL.iter().any(|kind| kind.ending() == ending)
    };
    name == NEW_RECORD || is_statement(name) || name.split_once('.').is_some_and(known)
}

/// Writes a record, durable when this returns. One of this name has these bytes, or was changed: it is written anew.
pub(super) fn write_record(disk: &dyn Disk, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    disk.make_folder(GOVERNANCE)?;
    disk.sync_folder("")?;
    if disk.stat(path)?.is_some() && read_file(disk, path, bytes.len())?.is_some_and(|known| known == bytes) {
        return Ok(());
    }
    let staged = format!("{GOVERNANCE}/{NEW_RECORD}");
    if disk.stat(&staged)?.is_some() {
        disk.unlink(&staged)?;
    }
    write_new(disk, &staged, bytes)?;
    disk.rename(&staged, path)?;
    disk.sync_folder(GOVERNANCE)
}

/// `None` for a file that is longer than it can be.
pub(crate) fn read_file(disk: &dyn Disk, path: &str, bytes_max: usize) -> std::io::Result<Option<Vec<u8>>> {
    let file = disk.open_read(path)?;
    let size = file.size_bytes()?;
    if size > bytes_max as u64 {
        return Ok(None);
    }
    let mut bytes = vec![0; size as usize];
    read_exact_at(&*file, &mut bytes, 0)?;
    Ok(Some(bytes))
}
