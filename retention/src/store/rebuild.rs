//! The catalog made anew from blobs, ledger and key file, as if it had never been. The old one is set aside, not deleted.

use super::open::StorePlace;
use super::{CATALOG, LEDGER, OpenReport, Store, StoreError};
use crate::catalog::Catalog;
use crate::keys::{KeyFile, KeyHolder};
use crate::ledger::{Finding, LedgerError, LedgerFolder, verify};

impl Store {
    /// Makes the catalog anew and opens the store. What cannot be had back: names of matters (holds stay, and are released
    /// by name as before) and when `retention status` was last asked.
    ///
    /// # Errors
    /// As [`Store::open_on`], and [`StoreError::Contradiction`] when an item in custody has no readable blob.
    pub fn rebuild(
        place: &StorePlace,
        holder: &dyn KeyHolder,
        now_ms: u64,
    ) -> Result<(Self, OpenReport), StoreError> {
        let config = place.config()?;
        // Nothing is set aside before it is known that it can be made anew.
        drop(KeyFile::open_read(&*place.disk, holder)?);
        let report = verify(LedgerFolder::on(place.disk.clone(), LEDGER), &config.verifier, &[])?;
        let torn = |finding: &Finding| matches!(finding, Finding::TornTail { .. });
        if !report.findings.iter().all(torn) {
            return Err(LedgerError::Damaged { findings: report.findings }.into());
        }
        let failed = StoreError::io("setting the old catalog aside");
        for suffix in ["", "-wal", "-shm"] {
            let name = format!("{CATALOG}{suffix}");
            if place.disk.stat(&name).map_err(&failed)?.is_some() {
                let aside = format!("{name}.{now_ms}.old");
                place.disk.rename(&name, &aside).map_err(&failed)?;
            }
        }
        drop(Catalog::create(&place.catalog())?);
        Self::open_on(place, holder, now_ms, true)
    }
}
