//! Users, and what they sign. As long as a store has no users, nobody signs; from the first on, acts of the kinds that
//! [`is_signed`] names begin only with a statement of their user. It is durable before the intent is, and the intent
//! names it: what a crash interrupts, was wanted.

use super::govern::{RecordKind, read_file, write_record};
use super::{GOVERNANCE, LEDGER, Store, StoreError, Who};
use crate::ItemId;
use crate::catalog::ApprovalRow;
use crate::identity::{
    PublicKey, Role, STATEMENT_BYTES_MAX, Signed, Signer, Statement, USERS_MAX, User, is_signed,
};
use crate::ledger::{Act, ActKind, Entry, Filter, LedgerFolder, Subject, SubjectKind, for_each_matching};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A record that an act puts in force.
pub(super) struct NewRecord<'a> {
    pub(super) bytes: &'a [u8],
    /// Whom it makes a user.
    pub(super) user: Option<&'a User>,
}

fn refused<T>(why: impl Into<String>) -> Result<T, StoreError> {
    Err(StoreError::Refused(why.into()))
}

impl Store {
    /// Says with which key acts are signed from now on.
    pub fn sign_with(&mut self, person: Box<dyn Signer>) {
        self.person = Some(person);
    }

    /// All users, in the order of their IDs.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the record of any of them is missing or was changed outside of the program.
    pub fn users(&self) -> Result<Vec<User>, StoreError> {
        let records = self.records(RecordKind::User)?;
        let bad = || StoreError::Refused("a user's record is none that this program wrote".to_owned());
        records.into_iter().map(|(_, bytes)| User::parse(&bytes).ok_or_else(bad)).collect()
    }

    /// Whether somebody is who they say, and still a user: the key that signs here is the account's. A store without users
    /// has nobody to ask.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with the reason.
    pub fn proven(&self, who: Who) -> Result<Option<User>, StoreError> {
        let users = self.users()?;
        if users.is_empty() {
            return Ok(None);
        }
        let Some(user) = users.into_iter().find(|user| user.id == who.user) else {
            return refused("this account is no user of the store: an administrator can make it one");
        };
        let act = super::act(ActKind::Use, who.user, who.time_ms, Vec::new());
        self.sign(&user, &act, None)?;
        Ok(Some(user))
    }

    /// Puts a user in force, in place of the one that the account was. The first is an administrator who signs for
    /// themselves; after that administrators say who is one.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with the reason: no administrator, the last one would be none, a key that somebody has.
    pub fn put_user(&mut self, who: Who, user: &User) -> Result<Subject, StoreError> {
        let users = self.users()?;
        let bytes = user.to_text().into_bytes();
        if User::parse(&bytes).as_ref() != Some(user) {
            return refused("a user has one role or more, a service has none");
        }
        if users.is_empty() && !(is_administrator(user) && user.id == who.user) {
            return refused("the first user is an administrator, and it is who sets it");
        }
        if users.len() >= USERS_MAX {
            return refused(format!("a store takes {USERS_MAX} users at most"));
        }
        if users.iter().any(|known| known.id != user.id && known.key == user.key) {
            return refused("another user has this key: two people have two keys");
        }
        if !is_administrator(user) {
            keep_administrator(&users, user)?;
        }
        let account = user.account(self.ids())?;
        self.put(who, RecordKind::User, (&account, &NewRecord { bytes: &bytes, user: Some(user) }))
    }

    /// Takes a user out of force. What they signed before stays theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Refused`] for the last administrator, and for who is none.
    pub fn remove_user(&mut self, who: Who, account: &str) -> Result<(), StoreError> {
        let (users, id) = (self.users()?, self.ids().user(account));
        if let Some(user) = users.iter().find(|user| user.id == id) {
            keep_administrator(&users, user)?;
        }
        self.remove(who, RecordKind::User, account)
    }

    /// An act as it goes into the ledger: with a statement of who does it, where one is needed.
    pub(super) fn stated(&self, mut act: Act, record: Option<&NewRecord<'_>>) -> Result<Act, StoreError> {
        if !is_signed(act.kind) {
            return Ok(act);
        }
        let users = self.users()?;
        let known = users.iter().find(|user| user.id == act.user);
        let first = record.and_then(|record| record.user).filter(|_| users.is_empty());
        let Some(user) = known.or(first) else {
            if users.is_empty() {
                return Ok(act);
            }
            return refused("this account is no user of the store: an administrator can make it one");
        };
        if !user.may(act.kind) {
            return refused(format!(
                "that is for users with the role {}: an administrator can give it",
                crate::identity::roles_in_words(act.kind)
            ));
        }
        let record = record.map(|record| *blake3::hash(record.bytes).as_bytes());
        let signed = self.sign(user, &act, record)?;
        let path = statement_path(&signed.subject());
        let written = write_record(&*self.parts.disk, &path, &signed.to_bytes());
        written.map_err(StoreError::io("writing a statement"))?;
        act.subjects.push(signed.subject());
        Ok(act)
    }

    fn sign(&self, user: &User, act: &Act, record: Option<[u8; 32]>) -> Result<Signed, StoreError> {
        let Some(person) = &self.person else {
            return refused("this store has users: the key of the account that acts is needed");
        };
        if person.public() != user.key {
            return refused("the key is not the one of the account that acts");
        }
        Statement { store: &self.parts.config.id, act, record }.sign(&**person)
    }

    /// Of approvals, those of people who are users now and may still approve, each with another key. Others are left out;
    /// when none is left, the reason is told.
    pub(crate) fn by_users(&self, rows: Vec<ApprovalRow>) -> Result<Vec<ApprovalRow>, StoreError> {
        let users = self.users()?;
        if users.is_empty() || rows.is_empty() {
            return Ok(rows);
        }
        let (mut kept, mut keys, mut why) = (Vec::new(), BTreeSet::new(), None);
        for row in rows {
            match self.approver_key(&users, &row)? {
                Ok(key) if keys.insert(key) => kept.push(row),
                Ok(_) => why = Some("two approvals were given with one key: that is one person"),
                Err(reason) => why = Some(reason),
            }
        }
        match why {
            Some(why) if kept.is_empty() => refused(format!("an approval does not count: {why}")),
            _ => Ok(kept),
        }
    }

    /// The key with which an approval was given, or why it does not count.
    fn approver_key(
        &self,
        users: &[User],
        row: &ApprovalRow,
    ) -> Result<Result<PublicKey, &'static str>, StoreError> {
        let Some(user) = users.iter().find(|user| user.id.to_string() == row.approver) else {
            return Ok(Err("who gave it is no user any more"));
        };
        if !user.may(ActKind::Approve) {
            return Ok(Err("who gave it has no role any more that may approve"));
        }
        Ok(match self.statement_of(row)? {
            None => Err("it is not signed by who gave it"),
            Some(key) if key != user.key => Err("it was signed with a key that is not the user's any more"),
            Some(key) => Ok(key),
        })
    }

    /// The key of the statement that an approval was given with.
    fn statement_of(&self, row: &ApprovalRow) -> Result<Option<PublicKey>, StoreError> {
        let filter = Filter { acts: vec![ActKind::Approve], subjects: vec![row.id], ..Filter::default() };
        let mut acts = Vec::new();
        let folder = LedgerFolder::on(Arc::clone(&self.parts.disk), LEDGER);
        for_each_matching(folder, &filter, |_, entry| {
            if let Entry::Intent(act) = entry {
                acts.push(act);
            }
            ControlFlow::Continue(())
        })?;
        for act in acts.into_iter().filter(|act| act.user.to_string() == row.approver) {
            let Some(subject) = statement_in(&act) else { continue };
            let path = statement_path(&subject);
            let failed = StoreError::io("reading a statement");
            if self.parts.disk.stat(&path).map_err(&failed)?.is_none() {
                continue;
            }
            let bytes = read_file(&*self.parts.disk, &path, STATEMENT_BYTES_MAX).map_err(failed)?;
            if let Some(signed) = bytes.and_then(|bytes| Signed::parse(&bytes))
                && signed.subject() == subject
                && signed.says(&self.parts.config.id, &act)
            {
                return Ok(Some(signed.signature.key));
            }
        }
        Ok(None)
    }
}

/// The statement that an act names: one, and the last of its subjects.
pub(crate) fn statement_in(act: &Act) -> Option<Subject> {
    let (last, rest) = act.subjects.split_last()?;
    let is_one = |subject: &Subject| subject.kind == SubjectKind::Statement;
    (is_one(last) && !rest.iter().any(is_one)).then_some(*last)
}

fn is_administrator(user: &User) -> bool {
    user.roles.contains(&Role::Administrator)
}

/// Refuses what leaves no administrator once `gone` is none.
fn keep_administrator(users: &[User], gone: &User) -> Result<(), StoreError> {
    if users.iter().any(|user| user.id != gone.id && is_administrator(user)) {
        return Ok(());
    }
    refused("that would leave the store without an administrator: name another one first")
}

/// Where a statement's file lies.
pub(crate) fn statement_path(subject: &Subject) -> String {
    format!("{GOVERNANCE}/{}.statement", ItemId(subject.id))
}

/// Whether a name is one that a statement has.
pub(super) fn is_statement(name: &str) -> bool {
    name.split_once('.')
        .is_some_and(|(stem, ending)| ending == "statement" && crate::hex::parse::<32>(stem).is_some())
}
