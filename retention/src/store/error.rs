//! What can go wrong with a store. Nothing here names a path, a name or a value.

use crate::ItemId;
use crate::blob::BlobError;
use crate::catalog::CatalogError;
use crate::certificate::CertificateError;
use crate::clock::ClockError;
use crate::disk::DiskError;
use crate::keys::KeyError;
use crate::ledger::LedgerError;
use crate::plan::PlanError;
use std::io;

/// Says why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no store in that folder.
    #[error("there is no store here: `custody init` makes one")]
    Missing,
    /// There is one already.
    #[error("there is a store already")]
    Exists,
    /// Another process is writing to it.
    #[error("another custody process is writing to the store")]
    Busy,
    /// Its description cannot be used.
    #[error("store.toml: {0}")]
    Config(&'static str),
    /// The file system failed.
    #[error("the store: {what}: {kind}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// How it failed.
        kind: io::ErrorKind,
    },
    /// The folder.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A blob.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The key file or the store key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A retention plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Two parts of the store contradict each other; nothing was changed.
    #[error("the store is damaged: {0}")]
    Contradiction(&'static str),
    /// A write failed before: nobody knows what is durable. Open the store anew.
    #[error("writing to the store failed before; open it anew")]
    Poisoned,
    /// The clock cannot be trusted.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// No item of this ID.
    #[error("there is no item {0}")]
    NoItem(ItemId),
    /// It was purged.
    #[error("item {0} was purged")]
    Purged(ItemId),
    /// Something was named that is not there, or not well named.
    #[error("{0}")]
    NotFound(String),
    /// Something is not allowed; it says what to do instead.
    #[error("{0}")]
    Refused(String),
}

impl StoreError {
    pub(crate) fn io(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { what, kind: error.kind() }
    }

    /// Whether something was refused that could be allowed: exit code 1.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Refused(_) | Self::Clock(_) | Self::Plan(PlanError::Form { .. } | PlanError::Hash)
        )
    }

    /// Whether the store itself cannot be trusted or written: exit code 4 and no further act.
    pub fn is_damage(&self) -> bool {
        !matches!(
            self,
            Self::Missing
                | Self::Exists
                | Self::Busy
                | Self::NoItem(_)
                | Self::Purged(_)
                | Self::Refused(_)
                | Self::NotFound(_)
                | Self::Clock(_)
                | Self::Plan(PlanError::Form { .. } | PlanError::Hash)
                | Self::Disk(DiskError::Busy)
                | Self::Ledger(LedgerError::Busy)
                | Self::Key(KeyError::NoStoreKey | KeyError::WrongKey | KeyError::Holder { .. })
        )
    }
}
