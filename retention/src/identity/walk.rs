//! Whether everything was signed that has to be, from the first entry of a ledger on. Needs no secrets: who checks a
//! ledger's checkpoints checks this as well. Records of users are followed as they came into force; each is bound by the
//! statement that put it there.

use super::{PublicKey, STATEMENT_BYTES_MAX, Signed, User, is_signed};
use crate::disk::Disk;
use crate::ledger::{Act, ActKind, Ending, Entry, LedgerFolder, Subject, SubjectKind, for_each_entry};
use crate::store::{
    LEDGER, RECORD_BYTES_MAX, RecordKind, StoreError, read_file, statement_in, statement_path,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An act that is not signed as it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadStatement {
    /// The index of its intent.
    pub index: u64,
    /// What is wrong.
    pub why: &'static str,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementReport {
    /// Acts whose statement is what it has to be.
    pub signed: u64,
    /// Users in force at the end.
    pub users: usize,
    /// Acts that are not signed as they have to be.
    pub bad: Vec<BadStatement>,
}

/// Looks at every act of the kinds that are signed. What lies in the ledger is compared to no checkpoint here.
///
/// # Errors
/// What disk and ledger say.
pub fn check_statements(disk: &Arc<dyn Disk>, store: &[u8; 16]) -> Result<StatementReport, StoreError> {
    let mut walk = Walk {
        disk: &**disk,
        store,
        enrolled: false,
        users: BTreeMap::new(),
        pending: BTreeMap::new(),
        report: StatementReport::default(),
    };
    let mut failed = Ok(());
    for_each_entry(LedgerFolder::on(Arc::clone(disk), LEDGER), |index, entry| {
        if failed.is_ok() {
            failed = walk.takes(index, &entry);
        }
    })?;
    failed?;
    walk.report.users = walk.users.len();
    Ok(walk.report)
}

struct Walk<'a> {
    disk: &'a dyn Disk,
    store: &'a [u8; 16],
    /// Whether there was a user once. From then on everything is signed, even when nobody is left.
    enrolled: bool,
    users: BTreeMap<[u8; 32], User>,
    /// Users that intents are about to put in force, by the intent's index.
    pending: BTreeMap<u64, User>,
    report: StatementReport,
}

impl Walk<'_> {
    fn takes(&mut self, index: u64, entry: &Entry) -> Result<(), StoreError> {
        match entry {
            Entry::Intent(act) if is_signed(act.kind) => {
                match self.judge(index, act)? {
                    Ok(true) => self.report.signed += 1,
                    Ok(false) => {}
                    Err(why) => self.report.bad.push(BadStatement { index, why }),
                }
                Ok(())
            }
            Entry::Outcome { intent, ending, act } if act.kind == ActKind::Govern => {
                self.governed(*intent, *ending, act);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether an act is signed, where it has to be; or what is wrong with it.
    fn judge(&mut self, index: u64, act: &Act) -> Result<Result<bool, &'static str>, StoreError> {
        let record = self.new_user(act)?;
        let first = record.as_ref().filter(|_| !self.enrolled);
        if !self.enrolled && record.is_none() && new_user_content(act).is_none() {
            return Ok(Ok(false));
        }
        let known = self.users.values().find(|user| user.id == act.user);
        let Some(user) = known.or(first.map(|(user, _)| user)) else {
            return Ok(Err("it was done by who was no user then"));
        };
        if user.id != act.user || !user.may(act.kind) {
            return Ok(Err("it was done by a user without the role for it"));
        }
        let signed = match self.statement(act, user.key)? {
            Ok(signed) => signed,
            Err(why) => return Ok(Err(why)),
        };
        if new_user_content(act).is_some() {
            let Some((user, hash)) = record else {
                return Ok(Err("the record of the user that it sets is missing or is none"));
            };
            if signed.record() != Some(hash) {
                return Ok(Err("the record of the user that it sets was changed"));
            }
            self.pending.insert(index, user);
        }
        Ok(Ok(true))
    }

    fn statement(&self, act: &Act, key: PublicKey) -> Result<Result<Signed, &'static str>, StoreError> {
        let Some(subject) = statement_in(act) else { return Ok(Err("it is not signed")) };
        let bytes = self.file(&statement_path(&subject), STATEMENT_BYTES_MAX)?;
        let Some(bytes) = bytes else { return Ok(Err("its statement is missing")) };
        let signed = Signed::parse(&bytes).filter(|signed| signed.subject() == subject);
        Ok(match signed {
            None => Err("its statement was changed"),
            Some(signed) if signed.signature.key != key => {
                Err("it is signed with a key that was not the user's")
            }
            Some(signed) if !signed.says(self.store, act) => Err("its statement says something else"),
            Some(signed) => Ok(signed),
        })
    }

    /// The user that an act is about to put in force, with the plain hash of the record.
    fn new_user(&self, act: &Act) -> Result<Option<(User, [u8; 32])>, StoreError> {
        let Some(content) = new_user_content(act) else { return Ok(None) };
        let bytes = self.file(&RecordKind::User.path(content.id), RECORD_BYTES_MAX)?;
        Ok(bytes.and_then(|bytes| Some((User::parse(&bytes)?, *blake3::hash(&bytes).as_bytes()))))
    }

    fn governed(&mut self, intent: u64, ending: Ending, act: &Act) {
        let user = self.pending.remove(&intent);
        let took_place = matches!(ending, Ending::Done | Ending::AlreadyDone | Ending::Partial);
        let Some(subject) = act.subjects.first().filter(|subject| subject.kind == SubjectKind::User) else {
            return;
        };
        if !took_place {
            return;
        }
        self.enrolled = true;
        match user {
            Some(user) => drop(self.users.insert(subject.id, user)),
            // Taken out of force; or put there by an act that is bad, so that nobody is one by it.
            None => drop(self.users.remove(&subject.id)),
        }
    }

    fn file(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let failed = StoreError::io("reading what was signed");
        if self.disk.stat(path).map_err(&failed)?.is_none() {
            return Ok(None);
        }
        read_file(self.disk, path, bytes_max).map_err(failed)
    }
}

/// The content of the record with which an act sets a user.
fn new_user_content(act: &Act) -> Option<Subject> {
    let sets = act.kind == ActKind::Govern && act.subjects.first()?.kind == SubjectKind::User;
    act.subjects.get(1).copied().filter(|subject| sets && subject.kind == SubjectKind::Content)
}
