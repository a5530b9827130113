//! The catalog held against one that is made anew beside it, from blobs, ledger and key file. Changes nothing.

use super::fold::Facts;
use super::{LEDGER, Store, StoreError};
use crate::catalog::{Catalog, fold};
use crate::ledger::{Filter, LedgerFolder, for_each_matching};
use std::ops::ControlFlow;
use std::sync::Arc;

impl Store {
    /// What the catalog says otherwise than the rest of the store. Reads the whole ledger and the end of every blob.
    ///
    /// # Errors
    /// What disk, ledger and catalog say.
    pub(super) fn catalog_differences(&self) -> Result<Vec<&'static str>, StoreError> {
        let parts = &self.parts;
        let mut anew = Catalog::temporary()?;
        let known = self.catalog.meta()?.ledger_size;
        anew.write(|tx| {
            let mut facts = Facts::new(&*parts.disk, &parts.keys, (&parts.ids, &parts.config.id));
            let mut failed = None;
            let folder = LedgerFolder::on(Arc::clone(&parts.disk), LEDGER);
            let wanted = Filter { indices: Some(0..known), ..Filter::default() };
            for_each_matching(folder, &wanted, |index, entry| {
                facts.passes(&entry);
                failed = fold(tx, index, &entry, &mut facts).err();
                if failed.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            facts.whole()?;
            failed.map_or(Ok(()), |error| Err(StoreError::from(error)))
        })?;
        Ok(self.catalog.differences(&anew)?)
    }
}
