//! The catalog: what the store holds, as tables that can be asked. It is an index and no truth: it can be made anew
//! from the blobs, the ledger and the key file, with [`fold`]. It has no clock and no key, and deletes nothing but
//! rows; what is personal is in it only as bytes that the caller has encrypted under the item's own key.

mod compare;
mod digest;
mod error;
mod fold;
mod governed;
mod holds;
mod open;
mod records;
mod roots;
mod rows;
mod view;
mod writes;

pub use error::CatalogError;
pub use fold::{ApprovalFacts, BlobFacts, Sources, SweepFacts, exit_code, fold};
pub use rows::{
    ApprovalRow, Counts, EventKind, FacetId, FacetRow, Filter, GovernedRow, HoldRow, ItemRow, Life,
    MatterRow, Meta, NewItem, PinRow, PlanRow, PlanState, RootRow, RowId, STATE_INGESTED, SweepRow,
};
pub use view::View;
pub use writes::Writes;

use open::Mode;
use rusqlite::{Transaction, TransactionBehavior};
use std::ops::Deref;
use std::path::Path;

/// An open catalog. All that can be read of it is in [`View`].
#[derive(Debug)]
pub struct Catalog {
    view: View,
    poisoned: bool,
}

impl Deref for Catalog {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Catalog {
    /// Makes a catalog with nothing in it, for the owner only.
    ///
    /// # Errors
    /// [`CatalogError::Exists`]; [`CatalogError::Io`] and [`CatalogError::Database`].
    pub fn create(path: &Path) -> Result<Self, CatalogError> {
        Ok(Self { view: View::new(open::create(path)?), poisoned: false })
    }

    /// Opens a catalog for writing, after every page, row and index of it has been checked: what deletes opens it so.
    ///
    /// # Errors
    /// [`CatalogError::Unreadable`] for what is no catalog, is one of another version, or is damaged: nothing is
    /// changed then. [`CatalogError::Busy`], [`CatalogError::Io`] and [`CatalogError::Database`].
    pub fn open(path: &Path) -> Result<Self, CatalogError> {
        Ok(Self { view: View::new(open::open(path, Mode::Checked)?), poisoned: false })
    }

    /// Opens a catalog for writing and looks at its header and its tables' shape only, for what deletes nothing and
    /// has no time to read all of a large catalog. Damage stays as visible to [`check`](Self::check) as it was.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn open_unchecked(path: &Path) -> Result<Self, CatalogError> {
        Ok(Self { view: View::new(open::open(path, Mode::Unchecked)?), poisoned: false })
    }

    /// Checks every page, row and index, as [`open`](Self::open) does.
    ///
    /// # Errors
    /// [`CatalogError::Unreadable`]; [`CatalogError::Database`].
    pub fn check(&self) -> Result<(), CatalogError> {
        self.view.snapshot(|view| open::check(view.connection()))
    }

    /// Opens a catalog for reading beside a writer. Its pages are checked as they are read.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn open_reader(path: &Path) -> Result<Self, CatalogError> {
        Ok(Self { view: View::new(open::open(path, Mode::Read)?), poisoned: false })
    }

    /// Makes a catalog that nobody sees and that goes when it is dropped. What does not fit into memory lies in a
    /// file without a name.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn temporary() -> Result<Self, CatalogError> {
        Ok(Self { view: View::new(open::temporary()?), poisoned: false })
    }

    /// Makes changes that become durable together, or none of them: they are rolled back when `act` fails.
    ///
    /// # Errors
    /// Those of `act`; [`CatalogError::Busy`] and [`CatalogError::Database`]. Once a commit has failed, every later
    /// call is [`CatalogError::Poisoned`].
    pub fn write<T, E: From<CatalogError>>(
        &mut self,
        act: impl FnOnce(&Writes<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.poisoned {
            return Err(CatalogError::Poisoned.into());
        }
        let connection = self.view.connection();
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
            .map_err(CatalogError::from)?;
        // Dropped without a commit, it is rolled back.
        let writes = Writes::new(&self.view);
        let value = act(&writes)?;
        writes.finish()?;
        if let Err(error) = transaction.commit() {
            self.poisoned = true;
            return Err(CatalogError::from(error).into());
        }
        Ok(value)
    }
}
