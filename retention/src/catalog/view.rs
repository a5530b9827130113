//! What can be asked of a catalog about items. Nothing here changes anything.

use super::error::CatalogError;
use super::rows::{Counts, FacetId, FacetRow, Filter, ItemRow, Life, Meta, RowId};
use crate::item::{ContentId, Exposure, ItemId, ItemKind};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, TransactionBehavior, params};
use std::fmt;

/// Columns of an [`ItemRow`], in its order.
const ITEM: &str = "SELECT i.row, i.id, d.content, coalesce((SELECT id FROM item WHERE row = i.root), i.id), i.life, \
    f.kind, d.format, f.class, f.environment, f.owner, f.source, f.state, f.exposure, i.slot, i.size_bytes, \
    i.stored_bytes, i.ingested_ms, i.last_used_ms, i.marked_ms, i.restarted_ms, i.purged_ms, \
    EXISTS (SELECT 1 FROM hold WHERE hold.root = coalesce(i.root, i.row)), \
    EXISTS (SELECT 1 FROM pin WHERE pin.root = coalesce(i.root, i.row)), d.sealed \
    FROM item i JOIN facet f ON f.facet = i.facet JOIN detail d ON d.row = i.row";

/// A catalog, for reading.
pub struct View {
    connection: Connection,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The connection would tell its path.
        f.write_str("View")
    }
}

/// An item's place: its row, the row of its unit's root, and whether it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) row: i64,
    pub(super) root: i64,
    pub(super) life: Life,
}

impl View {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs `act` so that all it reads is of one moment, whatever a writer does meanwhile.
    ///
    /// # Errors
    /// Those of `act`; [`CatalogError::Database`].
    pub fn snapshot<T, E: From<CatalogError>>(
        &self,
        act: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if !self.connection.is_autocommit() {
            return act(self);
        }
        let begun = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred);
        let _ended_when_dropped = begun.map_err(CatalogError::from)?;
        act(self)
    }

    /// How far the catalog is.
    ///
    /// # Errors
    /// [`CatalogError::Database`] and [`CatalogError::Unreadable`], as in every question below.
    pub fn meta(&self) -> Result<Meta, CatalogError> {
        let meta = self.one("SELECT ledger_size, key_generation, clock_ms FROM meta", [], |row| {
            Ok(Meta { ledger_size: row.get(0)?, key_generation: row.get(1)?, clock_ms: row.get(2)? })
        })?;
        meta.ok_or(CatalogError::Unreadable { why: "it does not say how far it is" })
    }

    /// An item by its ID.
    ///
    /// # Errors
    /// [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn item(&self, id: &ItemId) -> Result<Option<ItemRow>, CatalogError> {
        self.one(&format!("{ITEM} WHERE i.id = ?1"), [&id.0], item_row)
    }

    /// Items whose ID or whose content's begins with these hexadecimal digits, at most `limit`: ask for 2 to see
    /// whether there is one.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] for what are no digits in lower case; [`CatalogError::Database`] and
    /// [`CatalogError::Unreadable`].
    pub fn find(&self, prefix: &str, limit: usize) -> Result<Vec<ItemRow>, CatalogError> {
        let fill = |digit: char| {
            let filled: String = prefix.chars().chain(std::iter::repeat(digit)).take(64).collect();
            crate::hex::parse::<32>(&filled)
        };
        let range = fill('0').zip(fill('f')).filter(|_| (1..=64).contains(&prefix.len()));
        let (low, high) = range.ok_or(CatalogError::Invalid { what: "beginning of an ID" })?;
        let sql = format!(
            "{ITEM} WHERE i.row IN (SELECT row FROM item WHERE id BETWEEN ?1 AND ?2 \
             UNION SELECT row FROM detail WHERE content BETWEEN ?1 AND ?2 LIMIT ?3) ORDER BY i.row"
        );
        self.all(&sql, params![low, high, limit], item_row)
    }

    /// Items that are there with this content.
    ///
    /// # Errors
    /// [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn duplicates(&self, content: &ContentId) -> Result<Vec<ItemRow>, CatalogError> {
        let sql = format!("{ITEM} WHERE d.content = ?1 AND i.life = 0 ORDER BY i.row");
        self.all(&sql, [&content.0], item_row)
    }

    /// Calls `each` with every item that the filter lets through, in the order of their ingest. Names are sealed:
    /// the caller looks at them.
    ///
    /// # Errors
    /// Those of `each`; [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn list<E: From<CatalogError>>(
        &self,
        filter: &Filter,
        each: impl FnMut(ItemRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!(
            "{ITEM} WHERE (?1 IS NULL OR f.kind = ?1) AND (?2 IS NULL OR f.class = ?2) \
             AND (?3 IS NULL OR f.environment = ?3) AND (?4 IS NULL OR f.owner = ?4) \
             AND (?5 IS NULL OR f.source = ?5) AND (?6 IS NULL OR f.state = ?6) \
             AND (?7 IS NULL OR f.exposure = ?7) AND (?8 IS NULL OR i.life = ?8) \
             AND (?9 IS NULL OR ?9 = EXISTS (SELECT 1 FROM hold WHERE hold.root = coalesce(i.root, i.row))) \
             ORDER BY i.row"
        );
        let values = params![
            filter.kind.map(|kind| kind as u8),
            filter.class,
            filter.environment,
            filter.owner,
            filter.source,
            filter.state,
            filter.exposure.map(exposure_number),
            filter.life.map(|life| life as u8),
            filter.held
        ];
        self.each(&sql, values, item_row, each)
    }

    /// The members of an item's unit, the root first.
    ///
    /// # Errors
    /// [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn unit(&self, id: &ItemId) -> Result<Vec<ItemRow>, CatalogError> {
        let Some(place) = self.place(id)? else { return Ok(Vec::new()) };
        let sql = format!("{ITEM} WHERE i.row = ?1 OR i.root = ?1 ORDER BY i.root IS NOT NULL, i.row");
        self.all(&sql, [place.root], item_row)
    }

    /// How many copies of a root are there.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn copies(&self, root: RowId) -> Result<u64, CatalogError> {
        let count =
            self.one("SELECT count(*) FROM item WHERE root = ?1 AND life = 0", [root.0], |row| row.get(0))?;
        Ok(count.unwrap_or(0))
    }

    /// What an item was derived from.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn parents(&self, id: &ItemId) -> Result<Vec<ItemId>, CatalogError> {
        let sql = "SELECT p.id FROM item c JOIN lineage l ON l.child = c.row JOIN item p ON p.row = l.parent \
                   WHERE c.id = ?1 ORDER BY l.place";
        self.all(sql, [&id.0], |row| row.get(0).map(ItemId))
    }

    /// What was derived from an item.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn children(&self, id: &ItemId) -> Result<Vec<ItemId>, CatalogError> {
        let sql = "SELECT DISTINCT c.id FROM item p JOIN lineage l ON l.parent = p.row JOIN item c ON c.row = l.child \
                   WHERE p.id = ?1 ORDER BY c.row";
        self.all(sql, [&id.0], |row| row.get(0).map(ItemId))
    }

    /// All that was derived from an item, over any number of steps, itself not among them.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn descendants(&self, id: &ItemId) -> Result<Vec<ItemId>, CatalogError> {
        let sql = "WITH RECURSIVE below (row) AS (SELECT l.child FROM item i JOIN lineage l ON l.parent = i.row \
                   WHERE i.id = ?1 UNION SELECT l.child FROM below JOIN lineage l ON l.parent = below.row) \
                   SELECT i.id FROM below JOIN item i ON i.row = below.row ORDER BY i.row";
        self.all(sql, [&id.0], |row| row.get(0).map(ItemId))
    }

    /// All combinations of what policies look at, those of purged items among them.
    ///
    /// # Errors
    /// [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn facets(&self) -> Result<Vec<FacetRow>, CatalogError> {
        let sql = "SELECT facet, kind, class, environment, owner, source, state, exposure FROM facet ORDER BY facet";
        self.all(sql, [], |row| {
            Ok(FacetRow {
                id: FacetId(row.get(0)?),
                kind: kind(row, 1)?,
                class: row.get(2)?,
                environment: row.get(3)?,
                owner: row.get(4)?,
                source: row.get(5)?,
                state: row.get(6)?,
                exposure: exposure(row, 7)?,
            })
        })
    }

    /// Counts all items, by reading all of them.
    ///
    /// # Errors
    /// [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn counts(&self) -> Result<Counts, CatalogError> {
        self.snapshot(|view| {
            let kinds = view.facets()?.into_iter().map(|facet| (facet.id.0, facet.kind));
            let kinds: std::collections::HashMap<i64, ItemKind> = kinds.collect();
            let mut counts = Counts::default();
            let sql = "SELECT facet, life, size_bytes, stored_bytes, marked_ms IS NOT NULL FROM item";
            let read =
                |row: &Row<'_>| Ok((row.get(0)?, life(row, 1)?, row.get(2)?, row.get(3)?, row.get(4)?));
            view.each(sql, [], read, |(facet, life, size, stored, marked): (i64, Life, u64, u64, bool)| {
                match life {
                    Life::Present => {
                        let kind =
                            kinds.get(&facet).ok_or(CatalogError::Unreadable { why: "it is damaged" })?;
                        counts.by_kind[*kind as usize - 1] += 1;
                        counts.present += 1;
                        counts.marked += u64::from(marked);
                        counts.size_bytes = counts.size_bytes.saturating_add(size);
                        counts.stored_bytes = counts.stored_bytes.saturating_add(stored);
                    }
                    Life::Purged => counts.purged += 1,
                    Life::Missing => counts.missing += 1,
                }
                Ok::<(), CatalogError>(())
            })?;
            let among = |table: &str, life: &str| {
                let sql = format!(
                    "SELECT count(DISTINCT t.root) FROM {table} t JOIN item i ON i.row = t.root {life}"
                );
                view.one(&sql, [], |row| row.get(0)).map(Option::unwrap_or_default)
            };
            counts.held = among("hold", "WHERE i.life = 0")?;
            counts.pinned = among("pin", "WHERE i.life = 0")?;
            let sql =
                "SELECT count(DISTINCT h.item) FROM hold h JOIN item i ON i.row = h.item WHERE i.life = 1";
            counts.held_and_purged = view.one(sql, [], |row| row.get(0))?.unwrap_or_default();
            Ok(counts)
        })
    }

    pub(super) fn place(&self, id: &ItemId) -> Result<Option<Place>, CatalogError> {
        self.one("SELECT row, coalesce(root, row), life FROM item WHERE id = ?1", [&id.0], |row| {
            Ok(Place { row: row.get(0)?, root: row.get(1)?, life: life(row, 2)? })
        })
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, CatalogError> {
        Ok(self.connection.prepare_cached(sql)?.query_row(values, read).optional()?)
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, CatalogError> {
        let mut found = Vec::new();
        self.each(sql, values, read, |value| {
            found.push(value);
            Ok::<(), CatalogError>(())
        })?;
        Ok(found)
    }

    pub(super) fn each<T, E: From<CatalogError>>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        mut each: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut query = self.connection.prepare_cached(sql).map_err(CatalogError::from)?;
        let mut rows = query.query(values).map_err(CatalogError::from)?;
        while let Some(row) = rows.next().map_err(CatalogError::from)? {
            each(read(row).map_err(CatalogError::from)?)?;
        }
        Ok(())
    }
}

/// Changes rows with a statement that stays compiled, and says how many. SQLite itself may have rolled a transaction
/// back after an error; whoever goes on then would change rows outside of any.
pub(super) fn change(
    connection: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
) -> Result<usize, CatalogError> {
    if connection.is_autocommit() {
        return Err(CatalogError::Poisoned);
    }
    Ok(connection.prepare_cached(sql)?.execute(values)?)
}

pub(super) fn exposure_number(exposure: Exposure) -> u8 {
    match exposure {
        Exposure::Raw => 1,
        Exposure::Redacted => 2,
    }
}

fn item_row(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok(ItemRow {
        row: RowId(row.get(0)?),
        id: ItemId(row.get(1)?),
        content: ContentId(row.get(2)?),
        root: ItemId(row.get(3)?),
        life: life(row, 4)?,
        kind: kind(row, 5)?,
        format: row.get(6)?,
        class: row.get(7)?,
        environment: row.get(8)?,
        owner: row.get(9)?,
        source: row.get(10)?,
        state: row.get(11)?,
        exposure: exposure(row, 12)?,
        slot: row.get(13)?,
        size_bytes: row.get(14)?,
        stored_bytes: row.get(15)?,
        ingested_ms: row.get(16)?,
        last_used_ms: row.get(17)?,
        marked_ms: row.get(18)?,
        restarted_ms: row.get(19)?,
        purged_ms: row.get(20)?,
        held: row.get(21)?,
        pinned: row.get(22)?,
        sealed: row.get(23)?,
    })
}

fn kind(row: &Row<'_>, column: usize) -> rusqlite::Result<ItemKind> {
    ItemKind::from_number(row.get(column)?).ok_or_else(|| unknown(column))
}

pub(super) fn life(row: &Row<'_>, column: usize) -> rusqlite::Result<Life> {
    Life::from_number(row.get(column)?).ok_or_else(|| unknown(column))
}

fn exposure(row: &Row<'_>, column: usize) -> rusqlite::Result<Exposure> {
    let number: u8 = row.get(column)?;
    [Exposure::Raw, Exposure::Redacted]
        .into_iter()
        .find(|exposure| exposure_number(*exposure) == number)
        .ok_or_else(|| unknown(column))
}

pub(super) fn unknown(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, String::new(), Type::Integer)
}
