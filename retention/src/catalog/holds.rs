//! What can be asked about holds and pins.

use super::error::CatalogError;
use super::rows::{HoldRow, MatterRow, PinRow};
use super::view::View;
use crate::item::ItemId;
use rusqlite::Row;

impl View {
    /// Whether a hold is on an item, its root or one of its copies. An item that is not known is not held.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn is_held(&self, id: &ItemId) -> Result<bool, CatalogError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM item i JOIN hold h ON h.root = coalesce(i.root, i.row) WHERE i.id = ?1)";
        Ok(self.one(sql, [&id.0], |row| row.get(0))?.unwrap_or(false))
    }

    /// The holds on an item itself.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn holds(&self, id: &ItemId) -> Result<Vec<HoldRow>, CatalogError> {
        let sql = "SELECT h.matter, i.id, h.placed_ms, h.placed_by FROM item i JOIN hold h ON h.item = i.row \
                   WHERE i.id = ?1 ORDER BY h.matter";
        self.all(sql, [&id.0], hold_row)
    }

    /// The holds on all members of an item's unit.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn unit_holds(&self, id: &ItemId) -> Result<Vec<HoldRow>, CatalogError> {
        let sql = "SELECT h.matter, m.id, h.placed_ms, h.placed_by FROM item i \
                   JOIN hold h ON h.root = coalesce(i.root, i.row) JOIN item m ON m.row = h.item \
                   WHERE i.id = ?1 ORDER BY h.matter, m.row";
        self.all(sql, [&id.0], hold_row)
    }

    /// Calls `each` with every hold of a matter, in the order of the items' ingest.
    ///
    /// # Errors
    /// Those of `each`; [`CatalogError::Database`].
    pub fn holds_of<E: From<CatalogError>>(
        &self,
        matter: &[u8; 32],
        each: impl FnMut(HoldRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT h.matter, i.id, h.placed_ms, h.placed_by FROM hold h JOIN item i ON i.row = h.item \
                   WHERE h.matter = ?1 ORDER BY h.item";
        self.each(sql, [matter], hold_row, each)
    }

    /// Calls `each` with the matter and the item of every hold, and with whether it is found at the item's unit.
    ///
    /// # Errors
    /// Those of `each`; [`CatalogError::Database`].
    pub fn each_hold<E: From<CatalogError>>(
        &self,
        mut each: impl FnMut([u8; 32], ItemId, bool) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT h.matter, i.id, EXISTS (SELECT 1 FROM item u JOIN hold f ON f.root = coalesce(u.root, u.row) \
                   WHERE u.id = i.id AND f.matter = h.matter) FROM hold h JOIN item i ON i.row = h.item";
        let read = |row: &Row<'_>| Ok((row.get(0)?, ItemId(row.get(1)?), row.get(2)?));
        self.each(sql, [], read, |(matter, id, in_unit)| each(matter, id, in_unit))
    }

    /// All matters with holds.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn matters(&self) -> Result<Vec<MatterRow>, CatalogError> {
        let sql = "SELECT matter, count(*), min(placed_ms) FROM hold GROUP BY matter ORDER BY 3, 1";
        self.all(sql, [], |row| {
            Ok(MatterRow { matter: row.get(0)?, items: row.get(1)?, first_ms: row.get(2)? })
        })
    }

    /// What pins an item's unit.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn pins(&self, id: &ItemId) -> Result<Vec<PinRow>, CatalogError> {
        let sql = "SELECT p.pinned_by, p.pinned_ms FROM item i JOIN pin p ON p.root = coalesce(i.root, i.row) \
                   WHERE i.id = ?1 ORDER BY p.pinned_by";
        self.all(sql, [&id.0], |row| Ok(PinRow { by: row.get(0)?, pinned_ms: row.get(1)? }))
    }

    /// The roots that a plan, a review or a run pins.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn pinned_by(&self, by: &[u8; 32]) -> Result<Vec<ItemId>, CatalogError> {
        let sql =
            "SELECT i.id FROM pin p JOIN item i ON i.row = p.root WHERE p.pinned_by = ?1 ORDER BY i.row";
        self.all(sql, [by], |row| row.get(0).map(ItemId))
    }
}

fn hold_row(row: &Row<'_>) -> rusqlite::Result<HoldRow> {
    Ok(HoldRow {
        matter: row.get(0)?,
        item: ItemId(row.get(1)?),
        placed_ms: row.get(2)?,
        placed_by: row.get(3)?,
    })
}
