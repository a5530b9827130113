//! What is no catalog, or none any more, is refused and left as it is.

use crate::support::{DAY_MS, Place, artifacts, copied, id, insert, meta, rows, user, write};
use custody_retention::ItemKind;
use custody_retention::catalog::{ApprovalRow, Catalog, CatalogError, Meta};
use std::fs;

/// A small catalog with something in every table, closed.
fn whole() -> Place {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, 1..12);
    write(&mut catalog, |tx| {
        insert(tx, 20, &meta(20, ItemKind::Table, &[id(1)], DAY_MS))?;
        insert(tx, 21, &meta(21, ItemKind::Workbook, &[id(20)], DAY_MS))?;
        tx.hold(&[1; 32], &id(20), 5, user(1))?;
        tx.hold(&[2; 32], &id(3), 6, user(1))?;
        tx.pin(&[3; 32], &id(4), 7)?;
        tx.event(&id(21), "load-confirmed", 8)?;
        tx.mark(&id(5), 9)?;
        tx.purged(&id(6), 10)?;
        tx.approved(&ApprovalRow {
            id: [4; 32],
            plan: [5; 32],
            what: "purge".to_owned(),
            approver: user(2).to_string(),
            approved_ms: 11,
            expires_ms: 12,
            spent_ms: None,
        })?;
        tx.set_meta(Meta { ledger_size: 30, key_generation: 2, clock_ms: 13 })
    });
    drop(catalog);
    place
}

/// A copy of a catalog's file, with other bytes in place of some.
fn with(bytes: Vec<u8>) -> Place {
    let place = Place::new();
    fs::write(place.file(), bytes).expect("a file");
    place
}

/// Opens what is damaged in one way: refused and left alone, or all of it as it was. Says whether it was refused.
fn refused_or_unharmed(bytes: &[u8], rows_before: &[String], meta_before: Meta, what: &str) -> bool {
    let place = with(bytes.to_vec());
    match Catalog::open(&place.file()) {
        Ok(catalog) => {
            assert_eq!(catalog.meta(), Ok(meta_before), "{what}");
            drop(catalog);
            assert_eq!(rows(&place), rows_before, "{what}");
            false
        }
        Err(error) => {
            let expected = matches!(
                error,
                CatalogError::Unreadable { .. } | CatalogError::Database { .. } | CatalogError::Io { .. }
            );
            assert!(expected, "{what}: {error:?}");
            assert_eq!(fs::read(place.file()).expect("the file"), bytes, "{what}");
            true
        }
    }
}

fn unreadable(place: &Place) -> &'static str {
    let before = fs::read(place.file()).expect("the file");
    let refused = Catalog::open(&place.file()).map(drop);
    assert_eq!(Catalog::open_reader(&place.file()).map(drop), refused);
    assert_eq!(fs::read(place.file()).expect("the file"), before);
    match refused {
        Err(CatalogError::Unreadable { why }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_catalog_is_refused() {
    assert_eq!(unreadable(&with(Vec::new())), "it is too short");
    assert_eq!(unreadable(&with(b"no database".repeat(9))), "it is too short");
    assert_eq!(unreadable(&with(b"no database".repeat(900))), "it is no catalog");
    let missing = Catalog::open(&Place::new().file()).map(drop);
    let kind = std::io::ErrorKind::NotFound;
    assert_eq!(missing, Err(CatalogError::Io { doing: "opening the catalog", kind }));
}

#[test]
fn another_programs_database_and_another_version_are_refused() {
    let place = Place::new();
    let other = rusqlite::Connection::open(place.file()).expect("a database");
    other.execute_batch("CREATE TABLE item (row INTEGER PRIMARY KEY)").expect("a table");
    drop(other);
    assert_eq!(unreadable(&place), "it is no catalog");
    let place = whole();
    change(&place, "PRAGMA user_version = 3");
    assert_eq!(unreadable(&place), "it is of another version: custody doctor --rebuild makes it anew");
}

#[test]
fn tables_that_were_changed_are_refused() {
    for sql in [
        "CREATE TABLE another (x)",
        "CREATE TRIGGER t AFTER INSERT ON item BEGIN DELETE FROM hold; END",
        "CREATE VIEW v AS SELECT * FROM item",
        "DROP INDEX hold_matter",
        "DROP TRIGGER hold_delete",
        "ALTER TABLE item ADD COLUMN x INTEGER",
    ] {
        let place = whole();
        change(&place, sql);
        assert_eq!(unreadable(&place), "its tables are not a catalog's", "{sql}");
    }
}

/// Changes a database as another program would.
fn change(place: &Place, sql: &str) {
    let connection = rusqlite::Connection::open(place.file()).expect("a database");
    connection.execute_batch(sql).expect("a change");
}

#[test]
fn rows_that_were_changed_past_the_catalog_are_found() {
    for sql in [
        "DELETE FROM hold",
        "UPDATE hold SET root = 4, item = 4 WHERE root = 3",
        "UPDATE item SET ingested_ms = 0 WHERE row = 2",
        "UPDATE item SET life = 0, purged_ms = NULL WHERE row = 6",
        "UPDATE facet SET environment = 'preview'",
        "UPDATE approval SET expires_ms = 99",
        "UPDATE meta SET ledger_size = 29",
        "UPDATE digest SET sum = 0",
    ] {
        let place = whole();
        // Without the triggers: with them, another program cannot write at all.
        let connection = rusqlite::Connection::open(place.file()).expect("a database");
        if !sql.contains("digest") {
            connection.execute_batch(sql).expect_err("the triggers call what only the catalog has");
        }
        let no_triggers = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
        connection.set_db_config(no_triggers, false).expect("a setting");
        connection.execute_batch(sql).expect("a change");
        drop(connection);
        let refused = Catalog::open(&place.file()).map(drop);
        let why = "its rows are not those that were written";
        assert_eq!(refused, Err(CatalogError::Unreadable { why }), "{sql}");
        let unchecked = Catalog::open_unchecked(&place.file()).expect("its shape is right");
        assert_eq!(unchecked.check(), Err(CatalogError::Unreadable { why }), "{sql}");
    }
}

#[test]
fn truncation_is_refused() {
    let place = whole();
    let bytes = fs::read(place.file()).expect("the file");
    let (before, meta) = (rows(&place), place.open().meta().expect("a catalog"));
    for length in (0..bytes.len()).step_by(2_039) {
        assert!(refused_or_unharmed(&bytes[..length], &before, meta, "cut"), "cut to {length}");
    }
}

#[test]
fn every_flipped_bit_of_the_header_is_refused_or_harmless() {
    let place = whole();
    let mut bytes = fs::read(place.file()).expect("the file");
    let (before, meta) = (rows(&place), place.open().meta().expect("a catalog"));
    let mut refused = 0;
    for bit in 0..100 * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        refused += u32::from(refused_or_unharmed(&bytes, &before, meta, &format!("bit {bit}")));
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(refused > 300, "{refused}");
}

#[test]
fn flipped_bits_anywhere_are_refused_or_harmless() {
    flip_bits(151);
}

#[test]
#[ignore = "every byte of the file: minutes"]
fn a_flipped_bit_in_every_byte_is_refused_or_harmless() {
    flip_bits(1);
}

fn flip_bits(step: usize) {
    let place = whole();
    let mut bytes = fs::read(place.file()).expect("the file");
    let (before, meta) = (rows(&place), place.open().meta().expect("a catalog"));
    let mut refused = 0;
    for at in (100..bytes.len()).step_by(step) {
        // Another bit of each, in no order.
        let bit = 1 << ((at * 5 + at / 8) % 8);
        bytes[at] ^= bit;
        refused += u32::from(refused_or_unharmed(&bytes, &before, meta, &format!("byte {at}, bit {bit}")));
        bytes[at] ^= bit;
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn every_flipped_bit_of_a_hold_is_refused() {
    let place = whole();
    let mut bytes = fs::read(place.file()).expect("the file");
    let (before, meta) = (rows(&place), place.open().meta().expect("a catalog"));
    // Its record's and its index entries' matter, with the columns before and after.
    let starts: Vec<usize> = (0..bytes.len() - 32).filter(|at| bytes[*at..at + 32] == [2; 32]).collect();
    assert_eq!(starts.len(), 3, "the table, the indexes by matter and by item");
    for start in starts {
        for bit in (start - 8) * 8..(start + 40) * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let refused = refused_or_unharmed(&bytes, &before, meta, &format!("bit {bit} of {start}"));
            let inside = (start..start + 32).contains(&(bit / 8));
            assert!(refused || !inside, "bit {bit} of {start}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// A catalog as a crash leaves it: what came after its making is in the WAL only.
fn crashed() -> (Place, usize) {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, 1..12);
    (copied(&place, &["catalog.sqlite", "catalog.sqlite-wal"]), 11)
}

#[test]
fn a_lost_wal_is_an_older_catalog_and_never_half_of_a_newer() {
    let (place, items) = crashed();
    let without = copied(&place, &["catalog.sqlite"]);
    assert_eq!(without.open().counts().expect("a catalog").present, 0, "the ledger tells the rest");
    let bytes = fs::read(place.folder.path().join("catalog.sqlite-wal")).expect("the WAL");
    let mut seen = vec![0; items + 1];
    for length in (0..bytes.len()).step_by(1_471) {
        let cut = copied(&place, &["catalog.sqlite"]);
        fs::write(cut.folder.path().join("catalog.sqlite-wal"), &bytes[..length]).expect("a WAL");
        let present = cut.open().counts().expect("some moment's catalog").present;
        seen[present as usize] += 1;
    }
    assert!(seen.iter().filter(|times| **times > 0).count() > 5, "{seen:?}");
}

#[test]
fn a_flipped_bit_in_the_wal_ends_it() {
    let (place, items) = crashed();
    let mut bytes = fs::read(place.folder.path().join("catalog.sqlite-wal")).expect("the WAL");
    for at in (0..bytes.len()).step_by(2_411) {
        bytes[at] ^= 16;
        let flipped = copied(&place, &["catalog.sqlite"]);
        fs::write(flipped.folder.path().join("catalog.sqlite-wal"), &bytes).expect("a WAL");
        if let Ok(catalog) = Catalog::open(&flipped.file()) {
            let counts = catalog.counts().expect("some moment's catalog");
            assert!(counts.present <= items as u64, "byte {at}");
        }
        bytes[at] ^= 16;
    }
}

#[test]
fn a_refused_catalogs_wal_is_left_as_it_is() {
    let (place, _) = crashed();
    let wal = place.folder.path().join("catalog.sqlite-wal");
    // A transaction of another program after the catalog's own, past the triggers.
    let connection = rusqlite::Connection::open(place.file()).expect("a database");
    let config = rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection.set_db_config(config, true).expect("a setting");
    connection
        .set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)
        .expect("a setting");
    connection.execute_batch("UPDATE item SET ingested_ms = 0 WHERE row = 1").expect("a change");
    drop(connection);
    let (bytes, file) = (fs::read(&wal).expect("the WAL"), fs::read(place.file()).expect("the file"));
    let why = "its rows are not those that were written";
    assert_eq!(Catalog::open(&place.file()).map(drop), Err(CatalogError::Unreadable { why }));
    assert_eq!(fs::read(&wal).expect("the WAL"), bytes);
    assert_eq!(fs::read(place.file()).expect("the file"), file);
}

#[test]
fn another_catalogs_wal_is_not_taken_for_its_own() {
    let (place, _) = crashed();
    let other = Place::new();
    let mut catalog = other.create();
    artifacts(&mut catalog, 100..103);
    drop(catalog);
    let mixed = copied(&other, &["catalog.sqlite"]);
    let wal = "catalog.sqlite-wal";
    fs::copy(place.folder.path().join(wal), mixed.folder.path().join(wal)).expect("a copy");
    match Catalog::open(&mixed.file()) {
        // The WAL's own header says that it is whole; its pages are of another database.
        Err(CatalogError::Unreadable { .. }) => {}
        Ok(catalog) => {
            let counts = catalog.counts().expect("a catalog");
            assert!([3, 11].contains(&counts.present), "one or the other: {counts:?}");
        }
        Err(other) => panic!("{other:?}"),
    }
}
