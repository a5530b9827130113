//! Catalogs in temporary folders, and items made from numbers.

use custody_retention::catalog::{Catalog, CatalogError, NewItem, RowId, Writes};
use custody_retention::ledger::{IdKey, UserId};
use custody_retention::{ContentId, Exposure, ItemId, ItemKind, ItemMeta};
use std::path::PathBuf;
use tempfile::TempDir;

/// A day in milliseconds.
pub(crate) const DAY_MS: u64 = 86_400_000;

/// A folder with a catalog's file.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("catalog.sqlite")
    }

    pub(crate) fn create(&self) -> Catalog {
        Catalog::create(&self.file()).expect("a new catalog")
    }

    pub(crate) fn open(&self) -> Catalog {
        Catalog::open(&self.file()).expect("a catalog")
    }
}

/// The item of a number.
pub(crate) fn id(number: u32) -> ItemId {
    ItemId(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

/// The content of a number.
pub(crate) fn content(number: u32) -> ContentId {
    ContentId(*blake3::hash(&[b"content".as_slice(), &number.to_le_bytes()].concat()).as_bytes())
}

/// The user of a number.
pub(crate) fn user(number: u8) -> UserId {
    IdKey::new([7; 32]).user(&number.to_string())
}

/// An item of a kind, ingested at a time.
pub(crate) fn meta(number: u32, kind: ItemKind, parents: &[ItemId], ingested_ms: u64) -> ItemMeta {
    ItemMeta {
        kind,
        format: "csv".to_owned(),
        class: "report".to_owned(),
        environment: "sandbox".to_owned(),
        owner: user(1).to_string(),
        source: "file".to_owned(),
        exposure: Exposure::Raw,
        content: content(number),
        size_bytes: 1_000 + u64::from(number),
        ingested_ms,
        parents: parents.to_vec(),
        name: format!("Payroll of Jane Doe {number}.csv"),
        origin: Some(format!("/srv/hr/Payroll {number}.csv")),
    }
}

/// Adds an item to a transaction.
pub(crate) fn insert(tx: &Writes<'_>, number: u32, meta: &ItemMeta) -> Result<RowId, CatalogError> {
    let stored_bytes = meta.size_bytes + 200;
    tx.insert_item(&NewItem {
        id: id(number),
        slot: u64::from(number),
        meta,
        sealed: b"sealed",
        stored_bytes,
    })
}

/// Adds artifacts with these numbers, ingested at as many days.
pub(crate) fn artifacts(catalog: &mut Catalog, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        let meta = meta(number, ItemKind::Artifact, &[], u64::from(number) * DAY_MS);
        write(catalog, |tx| insert(tx, number, &meta));
    }
}

/// Changes that have to succeed.
pub(crate) fn write<T>(catalog: &mut Catalog, act: impl FnOnce(&Writes<'_>) -> Result<T, CatalogError>) -> T {
    catalog.write(act).expect("a change")
}

/// Copies of the files of a catalog, as they are on disk, in a folder of their own.
pub(crate) fn copied(from: &Place, names: &[&str]) -> Place {
    let to = Place::new();
    for name in names {
        std::fs::copy(from.folder.path().join(name), to.folder.path().join(name)).expect("a copy");
    }
    to
}

/// All rows of all tables but those that say how far the catalog is, as SQLite reads them without any of our code.
pub(crate) fn rows(place: &Place) -> Vec<String> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(place.file(), flags).expect("a database");
    let tables =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('meta', 'digest') ORDER BY 1";
    let mut query = connection.prepare(tables).expect("a query");
    let tables = query.query_map([], |row| row.get::<_, String>(0)).expect("tables");
    let mut found = Vec::new();
    for table in tables {
        let table = table.expect("a table");
        let mut query = connection.prepare(&format!("SELECT * FROM {table}")).expect("a query");
        let columns = query.column_count();
        let mut rows = query.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let cells: Vec<_> = (0..columns).map(|column| row.get_ref(column).expect("a cell")).collect();
            found.push(format!("{table} {cells:?}"));
        }
    }
    found.sort();
    found
}
