//! The store: one folder in which artifacts are kept encrypted, each under its own key, with a ledger of all acts.
//!
//! It is the only place where blobs, keys, ledger and catalog come together. Every act goes the same way: an intent in
//! the ledger, durable; the act itself, durable; an outcome, durable; and the catalog learns of it by folding the
//! outcome, as it would when it is rebuilt. It has no terminal, and its clock comes from the caller.

mod act;
mod certify;
mod check;
mod compare;
mod config;
mod error;
mod exports;
mod files;
mod fold;
mod govern;
mod holds;
mod ingest;
mod locations;
mod objects;
mod open;
mod plans;
mod read;
mod rebuild;
mod recover;
mod requests;
mod rotate;
mod secrets;
mod statements;

use crate::ItemId;
use crate::catalog::Catalog;
use crate::disk::{Disk, DiskFile};
use crate::identity::Signer;
use crate::keys::KeyFile;
use crate::ledger::{Act, ActKind, Entry, IdKey, Ledger, SignerKey, Subject, UserId};
use std::fmt;
use std::sync::Arc;

pub use act::{Begun, Who, matter_id};
pub use check::Oddity;
pub use config::read_text;
pub use config::{KeySource, StoreConfig, is_word};
pub use error::StoreError;
pub(crate) use fold::fold_pending;
pub(crate) use govern::read_file;
pub use govern::{RECORD_BYTES_MAX, RecordKind};
pub use ingest::{IngestBatch, Ingested, ItemSpec};
pub use objects::SharedStore;
pub(crate) use open::write_plan;
pub use open::{Init, OpenReport, StorePlace, new_id};
pub use plans::PlanFile;
pub use read::OpenItem;
pub use requests::{about, request_policies};
pub use secrets::{SECRET_BYTES_MAX, SECRET_CHARS_MIN, SecretName, SecretText, StoredSecret};
pub(crate) use statements::{statement_in, statement_path};

/// The folder of blobs that are being written.
pub(crate) const STAGING: &str = "staging";
/// The folder of blobs.
pub(crate) const BLOBS: &str = "blobs";
/// The folder of the ledger.
pub(crate) const LEDGER: &str = "ledger";
/// The catalog's file.
pub(crate) const CATALOG: &str = "catalog.sqlite";
/// The folder of retention policies.
pub const POLICIES: &str = "policies";
/// The folder of retention plans.
pub const PLANS: &str = "plans";
/// The folder of records of users, environments and secrets.
pub const GOVERNANCE: &str = "governance";

/// The ledger of a store.
pub(crate) type StoreLedger = Ledger<Box<dyn DiskFile>>;

/// An open store. One process at a time has it.
pub struct Store {
    pub(crate) catalog: Catalog,
    pub(crate) parts: Parts,
    /// The key of who acts, once a store has users.
    person: Option<Box<dyn Signer>>,
    /// Set by an error in the middle of an act: what is durable is known only after opening it anew.
    poisoned: bool,
}

/// All of a store but its catalog, so that both can be used inside one transaction.
pub(crate) struct Parts {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) config: StoreConfig,
    pub(crate) keys: KeyFile,
    pub(crate) ledger: StoreLedger,
    pub(crate) ids: IdKey,
    pub(crate) signer: SignerKey,
    /// Whether entries were written that no checkpoint of this process covers.
    pub(crate) unsigned: bool,
    /// Entries that the catalog does not know yet.
    pub(crate) pending: Vec<(u64, Entry)>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("entries", &self.parts.ledger.size()).finish_non_exhaustive()
    }
}

/// Where an item's blob lies.
pub(crate) fn blob_folder(id: &ItemId) -> String {
    format!("{BLOBS}/{:02x}", id.0[0])
}

/// Where an item's blob lies.
pub(crate) fn blob_path(id: &ItemId) -> String {
    format!("{}/{id}.blob", blob_folder(id))
}

impl Parts {
    /// Appends entries as one batch, durable when this returns; their indices.
    pub(crate) fn append(&mut self, entries: &[Entry]) -> Result<Vec<u64>, StoreError> {
        self.unsigned = true;
        let indices: Vec<u64> =
            entries.iter().map(|entry| self.ledger.append(entry)).collect::<Result<_, _>>()?;
        self.ledger.commit()?;
        self.pending.extend(indices.iter().copied().zip(entries.iter().cloned()));
        Ok(indices)
    }
}

impl Store {
    /// What the store says of itself.
    pub fn config(&self) -> &StoreConfig {
        &self.parts.config
    }

    /// Its catalog, for reading.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The key that its IDs are made with.
    pub fn ids(&self) -> &IdKey {
        &self.parts.ids
    }

    /// Its disk.
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.parts.disk
    }

    /// Its ledger's size, in entries.
    pub fn entries(&self) -> u64 {
        self.parts.ledger.size()
    }

    /// Whether entries were written that no checkpoint covers yet.
    pub fn is_unsigned(&self) -> bool {
        self.parts.unsigned
    }

    /// Runs what must not fail in its middle: after an error the store has to be opened anew.
    pub(crate) fn run<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.usable()?;
        let done = act(self);
        self.poisoned |= done.is_err();
        done
    }

    /// Whether no write failed so far: otherwise the store has to be opened anew.
    pub fn is_usable(&self) -> bool {
        !self.poisoned
    }

    pub(crate) fn usable(&self) -> Result<(), StoreError> {
        if self.poisoned { Err(StoreError::Poisoned) } else { Ok(()) }
    }

    /// Signs a checkpoint over all that was written and keeps it. Done once at the end of every command that wrote.
    ///
    /// # Errors
    /// As the ledger's; the store has to be opened anew then.
    pub fn checkpoint(&mut self) -> Result<crate::ledger::Checkpoint, StoreError> {
        self.run(|store| {
            let made = store.parts.ledger.checkpoint(&store.parts.signer)?;
            store.parts.unsigned = false;
            Ok(made)
        })
    }
}

/// An act's fields in one place.
pub(crate) fn act(kind: ActKind, user: UserId, time_ms: u64, subjects: Vec<Subject>) -> Act {
    Act { kind, user, time_ms, subjects }
}
