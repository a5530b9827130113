//! Whose the file is, who may write and read at the same time, and what of an item stands in it.

use crate::support::{DAY_MS, Place, artifacts, copied, id, insert, meta, user, write};
use custody_retention::catalog::{Catalog, CatalogError, NewItem, View};
use custody_retention::{ItemId, ItemKind};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

fn files(place: &Place) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(place.folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

fn contains(place: &Place, needle: &[u8]) -> bool {
    files(place).iter().any(|(_, bytes)| bytes.windows(needle.len()).any(|window| window == needle))
}

#[test]
fn the_files_are_the_owners_only() {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, [1]);
    let names: Vec<String> = files(&place).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["catalog.sqlite", "catalog.sqlite-shm", "catalog.sqlite-wal"]);
    for name in names {
        let mode = fs::metadata(place.folder.path().join(&name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    drop(catalog);
    assert_eq!(files(&place).len(), 1, "a catalog that is closed is one file");
}

#[test]
fn a_catalog_is_never_made_over_another_file() {
    let place = Place::new();
    drop(place.create());
    let before = files(&place);
    assert_eq!(Catalog::create(&place.file()).map(drop), Err(CatalogError::Exists));
    assert_eq!(files(&place), before);
}

#[test]
fn links_are_not_followed() {
    let (real, place) = (Place::new(), Place::new());
    drop(real.create());
    symlink(real.file(), place.file()).expect("a link");
    let refused = Err(CatalogError::Unreadable { why: "it is no file" });
    assert_eq!(Catalog::open(&place.file()).map(drop), refused);
    assert_eq!(Catalog::open_reader(&place.file()).map(drop), refused);
    assert_eq!(Catalog::create(&place.file()).map(drop), Err(CatalogError::Exists));
    // A folder on the way may be one.
    let folder = place.folder.path().join("store");
    symlink(real.folder.path(), &folder).expect("a link");
    Catalog::open(&folder.join("catalog.sqlite")).expect("the catalog");
}

#[test]
fn readers_see_what_was_committed_beside_a_writer_and_change_nothing() {
    let place = Place::new();
    let mut writer = place.create();
    artifacts(&mut writer, [1]);
    let mut reader = Catalog::open_reader(&place.file()).expect("a reader");
    write(&mut writer, |tx| {
        insert(tx, 2, &meta(2, ItemKind::Artifact, &[], 0))?;
        assert_eq!(reader.item(&id(2)), Ok(None), "not committed");
        assert!(tx.item(&id(2))?.is_some(), "the writer's own");
        Ok(())
    });
    assert!(reader.item(&id(2)).expect("a catalog").is_some());
    let refused = reader.write(|tx| tx.touch(&id(1), 5 * DAY_MS));
    assert!(matches!(refused, Err(CatalogError::Database { .. })), "{refused:?}");
    assert_eq!(writer.item(&id(1)).expect("a catalog").expect("the item").last_used_ms, DAY_MS);
}

#[test]
fn a_snapshot_is_of_one_moment() {
    let place = Place::new();
    let mut writer = place.create();
    artifacts(&mut writer, [1, 2]);
    let reader = Catalog::open_reader(&place.file()).expect("a reader");
    let holds = |view: &View| view.is_held(&id(2));
    let seen = reader.snapshot(|view| {
        let before = holds(view)?;
        write(&mut writer, |tx| tx.hold(&[1; 32], &id(2), 1, user(1)));
        Ok::<_, CatalogError>((before, holds(view)?))
    });
    assert_eq!(seen, Ok((false, false)));
    assert_eq!(holds(&reader), Ok(true));
    // The roots are read in the midst of a change too: nothing of it is seen.
    let mut held = Vec::new();
    let walked = reader.for_each_root(|root| {
        write(&mut writer, |tx| tx.hold(&[2; 32], &id(1), 1, user(1)).map(drop));
        held.push(root.held);
        Ok::<_, CatalogError>(())
    });
    assert_eq!((walked, held), (Ok(()), vec![false, true]));
}

#[test]
fn what_a_killed_writer_had_committed_is_there() {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, 1..20);
    // As after a crash: the file as it was made, and all since in the WAL.
    let crashed = copied(&place, &["catalog.sqlite", "catalog.sqlite-wal"]);
    let counted = crashed.open().counts().expect("a catalog").present;
    assert_eq!(counted, 19);
}

#[test]
fn names_and_places_never_reach_the_disk() {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, 1..50);
    write(&mut catalog, |tx| {
        tx.hold(&[1; 32], &id(1), 1, user(2))?;
        tx.event(&id(1), "load-confirmed", 1)
    });
    let planted = meta(1, ItemKind::Artifact, &[], 0);
    let words =
        [planted.name.as_str(), planted.origin.as_deref().expect("an origin"), "Jane", "jane", "Payroll"];
    for word in words {
        assert!(!contains(&place, word.as_bytes()), "{word} while it is open");
    }
    assert!(contains(&place, b"sandbox"), "the search finds what is there");
    drop(catalog);
    for word in words {
        assert!(!contains(&place, word.as_bytes()), "{word} once it is closed");
    }
}

#[test]
fn what_was_sealed_is_overwritten_once_it_is_purged() {
    let place = Place::new();
    let mut catalog = place.create();
    let meta = meta(1, ItemKind::Artifact, &[], 0);
    let sealed = b"a sealed text that can be searched for".repeat(200);
    let item = NewItem { id: id(1), slot: 1, meta: &meta, sealed: &sealed, stored_bytes: 1 };
    write(&mut catalog, |tx| tx.insert_item(&item));
    drop(catalog);
    assert!(contains(&place, &sealed[..38]));
    let mut catalog = place.open();
    write(&mut catalog, |tx| tx.purged(&id(1), 2));
    drop(catalog);
    assert!(!contains(&place, &sealed[..38]), "nor in a free page");
    assert_eq!(place.open().item(&id(1)).expect("a catalog").expect("its row").sealed, None);
}

#[test]
fn errors_tell_no_path() {
    let place = Place::new();
    let folder = place.folder.path().to_string_lossy().into_owned();
    let gone = Catalog::open(&place.file()).map(drop).expect_err("there is none");
    drop(place.create());
    let shown = format!("{:?}", place.open());
    assert!(!shown.contains(&folder), "{shown}");
    fs::write(place.file(), b"nothing").expect("a file");
    let damaged = Catalog::open(&place.file()).map(drop).expect_err("it is none");
    for error in [gone, damaged] {
        let text = format!("{error} {error:?}");
        assert!(!text.contains(&folder) && !text.contains("catalog.sqlite"), "{text}");
    }
}

#[test]
fn another_sqlite_reads_it() {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, 1..4);
    drop(catalog);
    let sql = "SELECT lower(hex(id)) FROM item JOIN facet USING (facet) WHERE class = 'report' ORDER BY row";
    let Ok(output) = Command::new("sqlite3").arg("-readonly").arg(place.file()).arg(sql).output() else {
        return; // it is not on this machine
    };
    let expected: Vec<ItemId> = (1..4).map(id).collect();
    let found = String::from_utf8(output.stdout).expect("text");
    let found: Vec<ItemId> = found.lines().filter_map(ItemId::parse).collect();
    assert_eq!(found, expected, "{}", String::from_utf8_lossy(&output.stderr));
}
