//! The record of a user: who, with which key, in which roles. A file that is read without secrets, so the account's name
//! stands in it sealed.

use super::{PublicKey, Role};
use crate::blob::{self, DataKey};
use crate::hex;
use crate::ledger::{ActKind, IdKey, SubjectKind, UserId};
use crate::store::StoreError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Users of one store.
pub const USERS_MAX: usize = 1_000;
const SEAL_CONTEXT: &str = "custody 2026 names of users";

/// Somebody who may act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The ID that the ledger has of the account.
    pub id: UserId,
    /// The key that signs.
    pub key: PublicKey,
    /// What the user is there for; none for a service.
    pub roles: BTreeSet<Role>,
    /// Nobody, but a process: it may run the sweep and nothing else.
    pub service: bool,
    /// The account's name, sealed.
    sealed: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    version: u32,
    id: String,
    key: String,
    roles: Vec<String>,
    service: bool,
    name: String,
}

impl User {
    /// A user by the account's name.
    ///
    /// # Errors
    /// [`StoreError::Blob`] without random numbers.
    pub fn new(
        ids: &IdKey,
        account: &str,
        key: PublicKey,
        roles: BTreeSet<Role>,
    ) -> Result<Self, StoreError> {
        let id = ids.user(account);
        let sealed = blob::seal(&seal_key(ids), &purpose(id), account.as_bytes())?;
        Ok(Self { id, key, roles, service: false, sealed })
    }

    /// The same as a service, which has no roles.
    #[must_use]
    pub fn into_service(self) -> Self {
        Self { roles: BTreeSet::new(), service: true, ..self }
    }

    /// The account's name.
    ///
    /// # Errors
    /// [`StoreError::Contradiction`] when it was sealed in another store, or for another user.
    pub fn account(&self, ids: &IdKey) -> Result<String, StoreError> {
        let bad = || StoreError::Contradiction("the name of a user cannot be read");
        let name = blob::open(&seal_key(ids), &purpose(self.id), &self.sealed).map_err(|_| bad())?;
        let name = String::from_utf8(name).map_err(|_| bad())?;
        (ids.user(&name) == self.id).then_some(name).ok_or_else(bad)
    }

    /// Whether acts of a kind are the user's to do.
    pub fn may(&self, kind: ActKind) -> bool {
        if self.service {
            // A sweep that nobody watches makes its plan and carries it out.
            return matches!(kind, ActKind::Plan | ActKind::Sweep);
        }
        super::role::roles_of(kind).iter().any(|role| self.roles.contains(role))
    }

    /// The record's bytes.
    pub fn to_text(&self) -> String {
        let record = Record {
            version: 1,
            id: self.id.to_string(),
            key: self.key.to_string(),
            roles: self.roles.iter().map(|role| role.name().to_owned()).collect(),
            service: self.service,
            name: hex::digits(&self.sealed),
        };
        // Texts, a number and a yes or no: there is nothing that cannot be written.
        toml::to_string(&record).unwrap_or_default()
    }

    /// Reads a record; `None` for what is none. A service with roles and a person without are none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let record: Record = toml::from_str(std::str::from_utf8(bytes).ok()?).ok()?;
        let roles: Option<BTreeSet<Role>> = record.roles.iter().map(|name| Role::parse(name)).collect();
        let roles = roles.filter(|roles| roles.is_empty() == record.service)?;
        let user = Self {
            id: UserId::parse(&record.id)?,
            key: PublicKey::parse(&record.key)?,
            roles,
            service: record.service,
            sealed: bytes_of(&record.name)?,
        };
        (record.version == 1 && user.to_text().as_bytes() == bytes).then_some(user)
    }
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| hex::parse::<1>(std::str::from_utf8(pair).ok()?).map(|[byte]| byte)).collect()
}

/// No statement has a keyed ID, so this is none that stands anywhere.
fn seal_key(ids: &IdKey) -> DataKey {
    let secret = ids.subject(SubjectKind::Statement, SEAL_CONTEXT.as_bytes()).id;
    DataKey::new(blake3::derive_key(SEAL_CONTEXT, &secret))
}

fn purpose(id: UserId) -> String {
    format!("user {id}")
}
