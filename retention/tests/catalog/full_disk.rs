//! A disk with no room left: the catalog is that of its last whole transaction.

use crate::support::{Place, id, insert, meta};
use custody_retention::ItemKind;
use custody_retention::catalog::{Catalog, CatalogError};
use std::process::Command;

/// Names the folder to the process that runs out of room.
const FOLDER: &str = "CUSTODY_TEST_CATALOG";
const BATCH: u32 = 40;

fn fill(catalog: &mut Catalog, batch: u32) -> Result<(), CatalogError> {
    catalog.write(|tx| {
        for number in batch * BATCH..(batch + 1) * BATCH {
            insert(tx, number, &meta(number, ItemKind::Artifact, &[], 0))?;
        }
        Ok(())
    })
}

#[test]
fn a_change_that_finds_no_room_leaves_the_last_whole_one() {
    // Files cannot become larger than so many KiB: a write beyond fails, at another place each time.
    for limit in [150, 175, 200, 230, 300] {
        let place = Place::new();
        drop(place.create());
        let limited =
            format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" --exact full_disk::runs_out --ignored");
        let ended = Command::new("bash")
            .args(["-c", &limited])
            .arg(std::env::current_exe().expect("this program"))
            .env(FOLDER, place.file())
            .output()
            .expect("a shell");
        let told = String::from_utf8_lossy(&ended.stdout).into_owned();
        assert!(ended.status.success(), "{limit}: {told}");
        let catalog = place.open();
        let counts = catalog.counts().expect("a catalog");
        let reached = (0..u32::MAX).find(|number| catalog.item(&id(*number)).expect("a catalog").is_none());
        assert_eq!(Some(counts.present), reached.map(u64::from), "{limit}");
        assert_eq!(counts.present % u64::from(BATCH), 0, "{limit}");
        assert!(counts.present > 0, "{limit}");
    }
}

#[test]
#[ignore = "runs in a process of its own, under a limit"]
fn runs_out() {
    let Some(file) = std::env::var_os(FOLDER) else { return };
    let mut catalog = Catalog::open(file.as_ref()).expect("a catalog");
    let failed = (0..10_000).find_map(|batch| fill(&mut catalog, batch).err().map(|error| (batch, error)));
    let (batch, error) = failed.expect("the limit is reached");
    assert!(matches!(error, CatalogError::Database { .. } | CatalogError::Poisoned), "{error:?}");
    assert_eq!(fill(&mut catalog, batch), Err(CatalogError::Poisoned), "what is on disk is not known");
    let present = catalog.counts().map(|counts| counts.present);
    // What is read afterwards is the last whole transaction, if anything can be read.
    assert!(present.is_err() || present == Ok(u64::from(batch * BATCH)), "{present:?} after {batch}");
}
