//! All units that are there, one after the other, with all that decides whether they are due. Four queries are read
//! side by side in the order of the rows, so that nothing is looked up for each and nothing grows with their number.

use super::error::CatalogError;
use super::rows::{EventKind, FacetId, RootRow, RowId};
use super::view::View;
use crate::item::ItemId;
use rusqlite::{Row, Rows};

const ROOTS: &str = "SELECT row, id, facet, slot, size_bytes, ingested_ms, last_used_ms, marked_ms, restarted_ms \
    FROM item WHERE root IS NULL AND life = 0 ORDER BY row";
const HOLDS: &str = "SELECT root, 0, 0 FROM hold ORDER BY root";
const PINS: &str = "SELECT root, 0, 0 FROM pin ORDER BY root";
const EVENTS: &str = "SELECT root, kind, event_ms FROM event ORDER BY root, kind";

impl View {
    /// Calls `each` with the root of every unit that is there, in the order of their ingest and all of one moment.
    ///
    /// # Errors
    /// Those of `each`; [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn for_each_root<E: From<CatalogError>>(
        &self,
        mut each: impl FnMut(&RootRow<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.snapshot(|view| {
            let prepare = |sql| view.connection().prepare_cached(sql).map_err(CatalogError::from);
            let (mut roots, mut holds) = (prepare(ROOTS)?, prepare(HOLDS)?);
            let (mut pins, mut events) = (prepare(PINS)?, prepare(EVENTS)?);
            let mut roots = roots.query([]).map_err(CatalogError::from)?;
            let mut holds = Beside::new(holds.query([]).map_err(CatalogError::from)?)?;
            let mut pins = Beside::new(pins.query([]).map_err(CatalogError::from)?)?;
            let mut events = Beside::new(events.query([]).map_err(CatalogError::from)?)?;
            let mut of_root = Vec::new();
            while let Some(row) = roots.next().map_err(CatalogError::from)? {
                let mut root = root_row(row)?;
                root.held = holds.at(root.row.0, |_| ())?;
                root.pinned = pins.at(root.row.0, |_| ())?;
                of_root.clear();
                events.at(root.row.0, |event| of_root.push(event))?;
                each(&RootRow { events: &of_root, ..root })?;
            }
            Ok(())
        })
    }

    /// The kind of events with this name; none when no such event ever happened.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn event_kind(&self, name: &str) -> Result<Option<EventKind>, CatalogError> {
        self.one("SELECT kind FROM event_kind WHERE name = ?1", [name], |row| row.get(0).map(EventKind))
    }

    /// The last time that an event happened to an item's unit.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn event_ms(&self, row: RowId, name: &str) -> Result<Option<u64>, CatalogError> {
        let sql = "SELECT e.event_ms FROM item i JOIN event e ON e.root = coalesce(i.root, i.row) \
                   JOIN event_kind k ON k.kind = e.kind WHERE i.row = ?1 AND k.name = ?2";
        self.one(sql, (row.0, name), |row| row.get(0))
    }

    /// What happened to an item's unit, and when it did last.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn events(&self, id: &ItemId) -> Result<Vec<(String, u64)>, CatalogError> {
        let sql = "SELECT k.name, e.event_ms FROM item i JOIN event e ON e.root = coalesce(i.root, i.row) \
                   JOIN event_kind k ON k.kind = e.kind WHERE i.id = ?1 ORDER BY e.event_ms, k.name";
        self.all(sql, [&id.0], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

fn root_row(row: &Row<'_>) -> Result<RootRow<'static>, CatalogError> {
    Ok(RootRow {
        row: RowId(row.get(0)?),
        id: ItemId(row.get(1)?),
        facet: FacetId(row.get(2)?),
        slot: row.get(3)?,
        size_bytes: row.get(4)?,
        ingested_ms: row.get(5)?,
        last_used_ms: row.get(6)?,
        marked_ms: row.get(7)?,
        restarted_ms: row.get(8)?,
        held: false,
        pinned: false,
        events: &[],
    })
}

/// A query that is read along with another, both in the order of the roots.
struct Beside<'s> {
    rows: Rows<'s>,
    next: Option<(i64, EventKind, u64)>,
}

impl<'s> Beside<'s> {
    fn new(rows: Rows<'s>) -> Result<Self, CatalogError> {
        let mut beside = Self { rows, next: None };
        beside.advance()?;
        Ok(beside)
    }

    fn advance(&mut self) -> Result<(), CatalogError> {
        self.next = match self.rows.next()? {
            Some(row) => Some((row.get(0)?, EventKind(row.get(1)?), row.get(2)?)),
            None => None,
        };
        Ok(())
    }

    /// Takes what is of this root, and says whether there was any.
    fn at(&mut self, root: i64, mut take: impl FnMut((EventKind, u64))) -> Result<bool, CatalogError> {
        let mut found = false;
        while let Some((of, kind, ms)) = self.next.filter(|(of, ..)| *of <= root) {
            if of == root {
                take((kind, ms));
                found = true;
            }
            self.advance()?;
        }
        Ok(found)
    }
}
