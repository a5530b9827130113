//! What is written of items. Every change of one transaction goes through [`Writes`]; each is made so that making it
//! again after later ones, in the ledger's order, ends in the same catalog.

use super::error::CatalogError;
use super::rows::{Life, Meta, NewItem, RowId, STATE_INGESTED};
use super::view::{Place, View, change, exposure_number};
use crate::item::{ContentId, Exposure, ItemId, ItemKind};
use crate::ledger::UserId;
use rusqlite::{Connection, ToSql};
use std::cell::Cell;
use std::ops::Deref;

/// Bytes of a word: a class, an environment, an event.
const WORD_BYTES_MAX: usize = 64;

/// An open transaction: reads what [`View`] reads, its own changes included, and changes rows.
#[derive(Debug)]
pub struct Writes<'c> {
    view: &'c View,
    /// How far the catalog will be, once it is written at the end.
    meta: Cell<Option<Meta>>,
}

impl Deref for Writes<'_> {
    type Target = View;

    fn deref(&self) -> &View {
        self.view
    }
}

/// A row to be inserted, whether its blob is there or not.
pub(super) struct Row<'a> {
    pub(super) id: ItemId,
    pub(super) kind: ItemKind,
    pub(super) content: ContentId,
    pub(super) parents: &'a [ItemId],
    pub(super) life: Life,
    pub(super) ingested_ms: u64,
    pub(super) blob: Option<NewItem<'a>>,
}

impl<'c> Writes<'c> {
    pub(super) fn new(view: &'c View) -> Self {
        Self { view, meta: Cell::new(None) }
    }

    pub(super) fn connection(&self) -> &Connection {
        self.view.connection()
    }

    /// Adds an item that has been ingested. A copy joins the unit of its first parent.
    ///
    /// # Errors
    /// [`CatalogError::KnownItem`]; [`CatalogError::UnknownItem`] for a parent; [`CatalogError::Invalid`] for a copy
    /// without parents or of a purged root, an owner that is no user ID, and a class, environment, source or format
    /// that is no word of letters, digits and `._-`; [`CatalogError::Database`].
    pub fn insert_item(&self, item: &NewItem<'_>) -> Result<RowId, CatalogError> {
        let meta = item.meta;
        self.insert(&Row {
            id: item.id,
            kind: meta.kind,
            content: meta.content,
            parents: &meta.parents,
            life: Life::Present,
            ingested_ms: meta.ingested_ms,
            blob: Some(*item),
        })
    }

    pub(super) fn insert(&self, row: &Row<'_>) -> Result<RowId, CatalogError> {
        if self.place(&row.id)?.is_some() {
            return Err(CatalogError::KnownItem);
        }
        let parents = row.parents.iter().map(|id| self.known(id)).collect::<Result<Vec<_>, _>>()?;
        let root = self.root_of_new(row.kind, parents.first())?;
        let facet = self.facet(row.kind, row.blob.as_ref())?;
        let blob = row.blob.as_ref();
        let slot = blob.map(|blob| blob.slot);
        let (size, stored) = blob.map_or((0, 0), |blob| (blob.meta.size_bytes, blob.stored_bytes));
        let sql = "INSERT INTO item (id, facet, root, life, slot, size_bytes, stored_bytes, ingested_ms, last_used_ms) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)";
        let life = row.life as u8;
        let values: [&dyn ToSql; 8] =
            [&row.id.0, &facet, &root, &life, &slot, &size, &stored, &row.ingested_ms];
        self.change(sql, &values)?;
        let number = self.connection().last_insert_rowid();
        let format = blob.map_or(Ok(""), |blob| checked_word("format", &blob.meta.format))?;
        let sealed = blob.map(|blob| blob.sealed);
        let sql = "INSERT INTO detail (row, content, format, sealed) VALUES (?1, ?2, ?3, ?4)";
        self.change(sql, &[&number, &row.content.0, &format, &sealed])?;
        for (place, parent) in parents.iter().enumerate() {
            self.change("INSERT INTO lineage VALUES (?1, ?2, ?3)", &[&number, &place, &parent.row])?;
        }
        Ok(RowId(number))
    }

    fn root_of_new(&self, kind: ItemKind, parent: Option<&Place>) -> Result<Option<i64>, CatalogError> {
        if !kind.is_copy() {
            return Ok(None);
        }
        let root = parent.ok_or(CatalogError::Invalid { what: "copy without a parent" })?.root;
        match self.life_of(root)? {
            Life::Purged => Err(CatalogError::Invalid { what: "copy of what was purged" }),
            Life::Present | Life::Missing => Ok(Some(root)),
        }
    }

    fn facet(&self, kind: ItemKind, blob: Option<&NewItem<'_>>) -> Result<i64, CatalogError> {
        let (mut words, mut exposure) = (["", "", "", "", ""], Exposure::Raw);
        if let Some(NewItem { meta, .. }) = blob {
            words = [
                checked_word("class", &meta.class)?,
                checked_word("environment", &meta.environment)?,
                checked_user(&meta.owner)?,
                checked_word("source", &meta.source)?,
                STATE_INGESTED,
            ];
            exposure = meta.exposure;
        }
        let (kind, exposure) = (kind as u8, exposure_number(exposure));
        let [class, environment, owner, source, state] = &words;
        let values: [&dyn ToSql; 7] = [&kind, class, environment, owner, source, state, &exposure];
        let same = "kind = ?1 AND class = ?2 AND environment = ?3 AND owner = ?4 AND source = ?5 AND state = ?6 \
                    AND exposure = ?7";
        let find = format!("SELECT facet FROM facet WHERE {same}");
        if let Some(facet) = self.one(&find, &values[..], |row| row.get(0))? {
            return Ok(facet);
        }
        let sql = "INSERT INTO facet (kind, class, environment, owner, source, state, exposure) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.change(sql, &values)?;
        Ok(self.connection().last_insert_rowid())
    }

    /// Notes that an item was used, and with it its unit. An earlier time than the last changes nothing.
    ///
    /// # Errors
    /// [`CatalogError::UnknownItem`] and [`CatalogError::Database`].
    pub fn touch(&self, id: &ItemId, ms: u64) -> Result<(), CatalogError> {
        let place = self.known(id)?;
        let sql = "UPDATE item SET last_used_ms = max(last_used_ms, ?3) WHERE row IN (?1, ?2) AND life <> 1";
        self.change(sql, &[&place.row, &place.root, &ms]).map(drop)
    }

    /// Notes that an event happened to an item's unit: its state is the event's name from now on. The last time of
    /// each event is kept. Says whether the unit is there; what happens to a purged one is not noted.
    ///
    /// # Errors
    /// [`CatalogError::UnknownItem`], [`CatalogError::Invalid`] and [`CatalogError::Database`].
    pub fn event(&self, id: &ItemId, event: &str, ms: u64) -> Result<bool, CatalogError> {
        let event = Some(checked_word("event", event)?).filter(|event| !event.is_empty());
        let event = event.ok_or(CatalogError::Invalid { what: "event" })?;
        let root = self.known(id)?.root;
        if self.life_of(root)? == Life::Purged {
            return Ok(false);
        }
        self.change("INSERT INTO event_kind (name) VALUES (?1) ON CONFLICT DO NOTHING", &[&event])?;
        let sql = "INSERT INTO event SELECT ?1, kind, ?3 FROM event_kind WHERE name = ?2 \
                   ON CONFLICT DO UPDATE SET event_ms = max(event_ms, excluded.event_ms)";
        self.change(sql, &[&root, &event, &ms])?;
        let sql = "INSERT INTO facet (kind, class, environment, owner, source, state, exposure) \
                   SELECT kind, class, environment, owner, source, ?2, exposure FROM facet \
                   WHERE facet = (SELECT facet FROM item WHERE row = ?1) ON CONFLICT DO NOTHING";
        self.change(sql, &[&root, &event])?;
        let sql = "UPDATE item SET facet = (SELECT n.facet FROM facet o JOIN facet n ON n.kind = o.kind \
                   AND n.class = o.class AND n.environment = o.environment AND n.owner = o.owner \
                   AND n.source = o.source AND n.state = ?2 AND n.exposure = o.exposure \
                   WHERE o.facet = item.facet) WHERE row = ?1";
        Ok(self.change(sql, &[&root, &event])? > 0)
    }

    /// Marks an item's unit as due since `ms`, in place of an earlier mark. Says whether it is there.
    ///
    /// # Errors
    /// [`CatalogError::UnknownItem`] and [`CatalogError::Database`].
    pub fn mark(&self, id: &ItemId, ms: u64) -> Result<bool, CatalogError> {
        let root = self.known(id)?.root;
        Ok(self.change("UPDATE item SET marked_ms = ?2 WHERE row = ?1 AND life <> 1", &[&root, &ms])? > 0)
    }

    /// Takes the mark off an item's unit. The ledger does not say so: a rebuilt catalog has it again, and whoever
    /// reads it has to see that it is older than what made the item due.
    ///
    /// # Errors
    /// [`CatalogError::UnknownItem`] and [`CatalogError::Database`].
    pub fn unmark(&self, id: &ItemId) -> Result<bool, CatalogError> {
        let root = self.known(id)?.root;
        Ok(self
            .change("UPDATE item SET marked_ms = NULL WHERE row = ?1 AND marked_ms IS NOT NULL", &[&root])?
            > 0)
    }

    /// Places a hold. Says whether it is new: `false` when it stands already, or the item was purged.
    ///
    /// # Errors
    /// [`CatalogError::UnknownItem`] and [`CatalogError::Database`].
    pub fn hold(&self, matter: &[u8; 32], id: &ItemId, ms: u64, by: UserId) -> Result<bool, CatalogError> {
        let place = self.known(id)?;
        if place.life == Life::Purged {
            return Ok(false);
        }
        let sql = "INSERT INTO hold (item, matter, root, placed_ms, placed_by) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT DO NOTHING";
        Ok(self.change(sql, &[&place.row, matter, &place.root, &ms, &by.to_string()])? > 0)
    }

    /// Releases a hold; the periods of the whole unit begin anew at `ms`, and a mark is void. Says whether there was
    /// such a hold; nothing begins anew when there was none.
    ///
    /// # Errors
    /// [`CatalogError::UnknownItem`] and [`CatalogError::Database`].
    pub fn release(&self, matter: &[u8; 32], id: &ItemId, ms: u64) -> Result<bool, CatalogError> {
        let place = self.known(id)?;
        let was = self.unhold(matter, place)?;
        if was {
            self.restart(place.root, ms)?;
        }
        Ok(was)
    }

    /// As [`release`](Self::release), of what the ledger says was released. The hold may be gone already and what came
    /// between hold and release be folded in again: the periods begin anew in any case.
    pub(super) fn released_in_truth(
        &self,
        matter: &[u8; 32],
        id: &ItemId,
        ms: u64,
    ) -> Result<(), CatalogError> {
        let place = self.known(id)?;
        self.unhold(matter, place)?;
        self.restart(place.root, ms)
    }

    fn unhold(&self, matter: &[u8; 32], place: Place) -> Result<bool, CatalogError> {
        let sql = "DELETE FROM hold WHERE root = ?1 AND item = ?2 AND matter = ?3";
        Ok(self.change(sql, &[&place.root, &place.row, matter])? > 0)
    }

    fn restart(&self, root: i64, ms: u64) -> Result<(), CatalogError> {
        let sql = "UPDATE item SET restarted_ms = max(coalesce(restarted_ms, 0), ?2), marked_ms = NULL \
                   WHERE row = ?1 AND life <> 1";
        self.change(sql, &[&root, &ms]).map(drop)
    }

    /// Pins an item's unit for an open plan, review or run. Says whether the pin is new: `false` when it stands
    /// already, or the unit was purged.
    ///
    /// # Errors
    /// [`CatalogError::UnknownItem`] and [`CatalogError::Database`].
    pub fn pin(&self, by: &[u8; 32], id: &ItemId, ms: u64) -> Result<bool, CatalogError> {
        let root = self.known(id)?.root;
        if self.life_of(root)? == Life::Purged {
            return Ok(false);
        }
        let sql = "INSERT INTO pin (root, pinned_by, pinned_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        Ok(self.change(sql, &[&root, by, &ms])? > 0)
    }

    /// Gives a pin up. Says whether there was one.
    ///
    /// # Errors
    /// [`CatalogError::UnknownItem`] and [`CatalogError::Database`].
    pub fn unpin(&self, by: &[u8; 32], id: &ItemId) -> Result<bool, CatalogError> {
        let root = self.known(id)?.root;
        Ok(self.change("DELETE FROM pin WHERE root = ?1 AND pinned_by = ?2", &[&root, by])? > 0)
    }

    /// Gives everything up that is pinned by something. Says how many units that were.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn unpin_all(&self, by: &[u8; 32]) -> Result<usize, CatalogError> {
        self.change("DELETE FROM pin WHERE pinned_by = ?1", &[by])
    }

    /// Notes that an item was purged. Its row stays, with its hash and its times; what was sealed goes. `ms` is to
    /// be the time of the ledger's outcome. Says whether the item was there before.
    ///
    /// # Errors
    /// [`CatalogError::Held`] when a hold is on its unit; [`CatalogError::UnknownItem`] and
    /// [`CatalogError::Database`].
    pub fn purged(&self, id: &ItemId, ms: u64) -> Result<bool, CatalogError> {
        if self.is_held(id)? {
            return Err(CatalogError::Held);
        }
        self.purged_in_truth(id, ms)
    }

    /// As [`purged`](Self::purged), of what the ledger says has happened, whatever should have stopped it.
    pub(super) fn purged_in_truth(&self, id: &ItemId, ms: u64) -> Result<bool, CatalogError> {
        let row = self.known(id)?.row;
        let sql = "UPDATE item SET life = 1, purged_ms = ?2, marked_ms = NULL WHERE row = ?1 AND life <> 1";
        if self.change(sql, &[&row, &ms])? == 0 {
            return Ok(false);
        }
        self.change("UPDATE detail SET sealed = NULL WHERE row = ?1", &[&row])?;
        self.change("DELETE FROM pin WHERE root = ?1", &[&row])?;
        Ok(true)
    }

    /// Removes the row of an ingest that failed. Says whether there was one; that of a purged item stays.
    ///
    /// # Errors
    /// [`CatalogError::Held`] and [`CatalogError::HasChildren`] for what cannot have failed;
    /// [`CatalogError::Database`].
    pub fn forget_failed(&self, id: &ItemId) -> Result<bool, CatalogError> {
        let Some(place) = self.place(id)?.filter(|place| place.life != Life::Purged) else {
            return Ok(false);
        };
        if !self.holds(id)?.is_empty() {
            return Err(CatalogError::Held);
        }
        if !self.children(id)?.is_empty() {
            return Err(CatalogError::HasChildren);
        }
        Ok(self.change("DELETE FROM item WHERE row = ?1", &[&place.row])? > 0)
    }

    /// How far the catalog is, with what this transaction noted.
    ///
    /// # Errors
    /// [`CatalogError::Database`] and [`CatalogError::Unreadable`].
    pub fn meta(&self) -> Result<Meta, CatalogError> {
        self.meta.get().map_or_else(|| self.view.meta(), Ok)
    }

    /// Notes how far the catalog is.
    ///
    /// # Errors
    /// [`CatalogError::Backwards`] when the ledger or the key file would be older than they were;
    /// [`CatalogError::Database`].
    pub fn set_meta(&self, meta: Meta) -> Result<(), CatalogError> {
        let known = self.meta()?;
        let backwards = [
            ("ledger", meta.ledger_size < known.ledger_size),
            ("key file", meta.key_generation < known.key_generation),
        ];
        if let Some((what, _)) = backwards.into_iter().find(|(_, backwards)| *backwards) {
            return Err(CatalogError::Backwards { what });
        }
        self.meta.set(Some(meta));
        Ok(())
    }

    /// Writes what was noted, before the commit.
    pub(super) fn finish(&self) -> Result<(), CatalogError> {
        let Some(meta) = self.meta.get() else { return Ok(()) };
        let sql = "UPDATE meta SET ledger_size = ?1, key_generation = ?2, clock_ms = ?3";
        self.change(sql, &[&meta.ledger_size, &meta.key_generation, &meta.clock_ms]).map(drop)
    }

    pub(super) fn known(&self, id: &ItemId) -> Result<Place, CatalogError> {
        self.place(id)?.ok_or(CatalogError::UnknownItem)
    }

    fn life_of(&self, row: i64) -> Result<Life, CatalogError> {
        let life =
            self.one("SELECT life FROM item WHERE row = ?1", [row], |row| super::view::life(row, 0))?;
        life.ok_or(CatalogError::UnknownItem)
    }

    fn change(&self, sql: &str, values: &[&dyn ToSql]) -> Result<usize, CatalogError> {
        change(self.connection(), sql, values)
    }
}

/// Lets words through and no text that could be a name with spaces, a path or an address.
pub(super) fn checked_word<'a>(what: &'static str, word: &'a str) -> Result<&'a str, CatalogError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let valid = word.len() <= WORD_BYTES_MAX && word.bytes().all(allowed);
    valid.then_some(word).ok_or(CatalogError::Invalid { what })
}

/// Lets user IDs through, and nothing at all where there is no user.
pub(super) fn checked_user(user: &str) -> Result<&str, CatalogError> {
    let valid = user.is_empty() || UserId::parse(user).is_some();
    valid.then_some(user).ok_or(CatalogError::Invalid { what: "user, it has to be an ID" })
}
