//! What can be wrong with a catalog. No path, no name and no text of SQLite's stands in it.

use std::io;

/// Why the catalog cannot be used, or refused a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// It is no catalog, one of another version, or damaged. Nothing was changed.
    #[error("the catalog cannot be read: {why}; `custody doctor --rebuild` makes a new one")]
    Unreadable {
        /// What was found.
        why: &'static str,
    },
    /// Another process is writing.
    #[error("the catalog is in use by another process")]
    Busy,
    /// There is a catalog already.
    #[error("there is a catalog already")]
    Exists,
    /// The file system said no.
    #[error("{doing}: {kind}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        kind: io::ErrorKind,
    },
    /// SQLite said no.
    #[error("the catalog's database failed (SQLite's code {code})")]
    Database {
        /// Its extended result code, <https://sqlite.org/rescode.html>; 0 when it was none of its own.
        code: i32,
    },
    /// A change could not be made durable. What is on disk is not known before the catalog is opened anew.
    #[error("an earlier change of the catalog failed; it has to be opened anew")]
    Poisoned,
    /// An item that was never ingested.
    #[error("the catalog knows no such item")]
    UnknownItem,
    /// An item with this ID is there already.
    #[error("the catalog has this item already")]
    KnownItem,
    /// A hold is on the item, its root or one of its copies.
    #[error("a hold is on it")]
    Held,
    /// Others were derived from the item.
    #[error("others were derived from it")]
    HasChildren,
    /// A value that the catalog does not take.
    #[error("the catalog does not take this {what}")]
    Invalid {
        /// Which value.
        what: &'static str,
    },
    /// Less was to be written of the ledger or the keys than is known of them.
    #[error("the {what} would go back: the store is damaged, or older than its catalog")]
    Backwards {
        /// Of what.
        what: &'static str,
    },
    /// Entries of the ledger are folded one after the other.
    #[error("the ledger's entry {expected} is next, not {found}")]
    OutOfOrder {
        /// The entry that is next.
        expected: u64,
        /// The entry that came.
        found: u64,
    },
    /// An entry of the ledger cannot be understood.
    #[error("entry {index} of the ledger: {why}")]
    Entry {
        /// Its index.
        index: u64,
        /// What is wrong.
        why: &'static str,
    },
}

impl CatalogError {
    pub(super) fn io(doing: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { doing, kind: error.kind() }
    }
}

impl From<rusqlite::Error> for CatalogError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        use rusqlite::ErrorCode as C;
        match error {
            E::SqliteFailure(failure, _) => match failure.code {
                C::DatabaseBusy | C::DatabaseLocked => Self::Busy,
                C::DatabaseCorrupt | C::NotADatabase => Self::Unreadable { why: "it is damaged" },
                _ => Self::Database { code: failure.extended_code },
            },
            E::ToSqlConversionFailure(_) => Self::Invalid { what: "number" },
            E::FromSqlConversionFailure(..)
            | E::InvalidColumnType(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..)
            | E::QueryReturnedNoRows => Self::Unreadable { why: "it has a value that cannot be" },
            _ => Self::Database { code: 0 },
        }
    }
}
