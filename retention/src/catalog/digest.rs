//! The catalog's checksum. SQLite has none for its pages, so that a flipped bit in a row would be read as what it says:
//! a hold on another item, an older time. Triggers keep the sum of the hashes of all rows, and a check makes it anew.
//! Indexes are held against their tables in the same way. It finds what broke by itself, not who means to deceive:
//! that is what the ledger is for.

use super::error::CatalogError;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

/// The table of the sum; it is the one that the sum is not over.
const TABLE: &str = "digest";

/// Makes the functions known that the triggers call.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("row_digest", -1, flags, |arguments| {
        let mut bytes = Vec::with_capacity(256);
        (0..arguments.len()).for_each(|place| push(&mut bytes, arguments.get_raw(place)));
        Ok(hash(&bytes).cast_signed())
    })?;
    connection.create_scalar_function("digest_sum", 3, flags, |arguments| {
        let (sum, before): (i64, i64) = (arguments.get(0)?, arguments.get(1)?);
        Ok(sum.wrapping_sub(before).wrapping_add(arguments.get(2)?))
    })
}

/// The statements that make the sum's table and its triggers, for the tables that are there.
pub(super) fn tables(connection: &Connection) -> rusqlite::Result<String> {
    let mut made = vec![
        format!(
            "CREATE TABLE {TABLE} (one INTEGER PRIMARY KEY CHECK (one = 1), sum INTEGER NOT NULL) STRICT"
        ),
        format!("INSERT INTO {TABLE} VALUES (1, 0)"),
    ];
    for Table { name, columns, .. } in Table::all(connection)? {
        let row = |of: &str| {
            let values: String = columns.iter().map(|column| format!(", {of}.{column}")).collect();
            format!("row_digest('{name}'{values})")
        };
        let (old, new) = (row("OLD"), row("NEW"));
        for (act, before, after) in [("insert", "0", &*new), ("update", &*old, &*new), ("delete", &*old, "0")]
        {
            made.push(format!(
                "CREATE TRIGGER {name}_{act} AFTER {act} ON {name} BEGIN \
                 UPDATE {TABLE} SET sum = digest_sum(sum, {before}, {after}); END"
            ));
        }
    }
    Ok(made.join(";\n"))
}

/// Writes the sum of what is there.
pub(super) fn begin(connection: &Connection) -> Result<(), CatalogError> {
    let sum = sum(connection)?;
    connection.execute(&format!("UPDATE {TABLE} SET sum = ?1"), [sum.cast_signed()])?;
    Ok(())
}

/// Reads all tables and all indexes, and holds them against the sum and against each other.
pub(super) fn check(connection: &Connection) -> Result<(), CatalogError> {
    let known: i64 = connection.query_row(&format!("SELECT sum FROM {TABLE}"), [], |row| row.get(0))?;
    if sum(connection)? == known.cast_unsigned() {
        return Ok(());
    }
    Err(CatalogError::Unreadable { why: "its rows are not those that were written" })
}

/// The sum over all tables; an index that is not its table's is an error.
fn sum(connection: &Connection) -> Result<u64, CatalogError> {
    let (mut sum, mut bytes) = (0_u64, Vec::new());
    for table in Table::all(connection)? {
        let name = ValueRef::Text(table.name.as_bytes());
        let mut of_indexes = vec![0_u64; table.indexes.len()];
        let mut query = connection.prepare(&table.scan)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            bytes.clear();
            push(&mut bytes, name);
            sum = sum.wrapping_add(cells(&mut bytes, row, 0..table.columns.len())?);
            for (index, sum) in table.indexes.iter().zip(&mut of_indexes) {
                if index.partial && row.get_ref(index.columns[0])? == ValueRef::Null {
                    continue;
                }
                bytes.clear();
                *sum = sum.wrapping_add(cells(&mut bytes, row, index.columns.iter().copied())?);
            }
        }
        for (index, expected) in table.indexes.iter().zip(of_indexes) {
            if index.sum(connection)? != expected {
                return Err(CatalogError::Unreadable { why: "an index is not its table's" });
            }
        }
    }
    Ok(sum)
}

/// A table of the catalog.
struct Table {
    name: String,
    columns: Vec<String>,
    /// Reads all of it from the table itself.
    scan: String,
    indexes: Vec<Index>,
}

/// An index beside a table. One that is partial leaves those rows out whose first column is null.
struct Index {
    partial: bool,
    /// Its columns, by their places in the table.
    columns: Vec<usize>,
    /// Reads all of it from the index itself.
    scan: String,
}

impl Table {
    fn all(connection: &Connection) -> rusqlite::Result<Vec<Self>> {
        let sql = "SELECT name, wr FROM pragma_table_list WHERE type = 'table' AND schema = 'main' \
                   AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?1 ORDER BY name";
        let mut query = connection.prepare(sql)?;
        let names = query.query_map([TABLE], |row| Ok((row.get(0)?, row.get(1)?)))?;
        names.map(|table| table.and_then(|(name, rowless)| Self::of(connection, name, rowless))).collect()
    }

    fn of(connection: &Connection, name: String, rowless: bool) -> rusqlite::Result<Self> {
        let mut query = connection.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?;
        let columns = query.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let columns = columns.collect::<rusqlite::Result<Vec<(String, u32)>>>()?;
        let number = columns.iter().position(|(_, key)| *key == 1).unwrap_or_default();
        let columns: Vec<String> = columns.into_iter().map(|(column, _)| column).collect();
        // A table without row numbers lies in the index of its key.
        let by =
            if rowless { format!("INDEXED BY sqlite_autoindex_{name}_1") } else { "NOT INDEXED".to_owned() };
        let scan = format!("SELECT {} FROM {name} {by}", columns.join(", "));
        let mut query =
            connection.prepare("SELECT name, partial FROM pragma_index_list(?1) WHERE origin <> 'pk'")?;
        let indexes = query.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let indexes = indexes.map(|index| {
            let (index, partial): (String, bool) = index?;
            let mut query = connection.prepare("SELECT cid FROM pragma_index_xinfo(?1) ORDER BY seqno")?;
            let places = query.query_map([&index], |row| row.get(0))?;
            let places = places.collect::<rusqlite::Result<Vec<i64>>>()?;
            // -1 is the row's number.
            let places: Vec<usize> =
                places.into_iter().map(|cid| usize::try_from(cid).unwrap_or(number)).collect();
            let read: Vec<&str> = places.iter().map(|place| columns[*place].as_str()).collect();
            let only = if partial { format!("WHERE {} IS NOT NULL", read[0]) } else { String::new() };
            let scan = format!("SELECT {} FROM {name} INDEXED BY {index} {only}", read.join(", "));
            Ok(Index { partial, columns: places, scan })
        });
        let indexes = indexes.collect::<rusqlite::Result<Vec<Index>>>()?;
        Ok(Self { name, columns, scan, indexes })
    }
}

impl Index {
    fn sum(&self, connection: &Connection) -> Result<u64, CatalogError> {
        let mut query = connection.prepare(&self.scan)?;
        let mut rows = query.query([])?;
        let (mut sum, mut bytes) = (0_u64, Vec::new());
        while let Some(row) = rows.next()? {
            bytes.clear();
            sum = sum.wrapping_add(cells(&mut bytes, row, 0..self.columns.len())?);
        }
        Ok(sum)
    }
}

/// The hash of `bytes`, with cells of a row after them.
fn cells(
    bytes: &mut Vec<u8>,
    row: &Row<'_>,
    mut places: impl Iterator<Item = usize>,
) -> rusqlite::Result<u64> {
    places.try_for_each(|place| row.get_ref(place).map(|value| push(bytes, value)))?;
    Ok(hash(bytes))
}

/// Appends a value; no two lists of values have the same bytes.
fn push(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    let (tag, content): (u8, &[u8]) = match &value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(number) => (1, &number.to_le_bytes()),
        ValueRef::Real(number) => (2, &number.to_le_bytes()),
        ValueRef::Text(text) => (3, text),
        ValueRef::Blob(blob) => (4, blob),
    };
    bytes.push(tag);
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend_from_slice(content);
}

fn hash(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    u64::from_le_bytes(first)
}
