//! Whether two catalogs say the same: the one that is used, and one that was made anew from what both are an index of.
//! SQLite keeps no checksums of what stands in its pages; this finds what turned over in them.

use super::error::CatalogError;
use super::view::View;
use rusqlite::types::ValueRef;

/// What is compared, in an order that both have. Of what was purged a new catalog knows only what the ledger says; and
/// names are sealed anew.
const TABLES: [(&str, &str); 9] = [
    (
        "items",
        "SELECT i.id, d.content, coalesce((SELECT id FROM item WHERE row = i.root), i.id), i.life, f.kind, \
         i.ingested_ms, i.last_used_ms, i.marked_ms, i.restarted_ms, i.purged_ms, d.sealed IS NULL FROM item i \
         JOIN facet f ON f.facet = i.facet JOIN detail d ON d.row = i.row ORDER BY i.row",
    ),
    (
        "items that are there",
        "SELECT i.id, d.format, f.class, f.environment, f.owner, f.source, f.state, f.exposure, i.slot, \
         i.size_bytes, i.stored_bytes FROM item i JOIN facet f ON f.facet = i.facet \
         JOIN detail d ON d.row = i.row WHERE i.life <> 1 ORDER BY i.row",
    ),
    (
        "lineage",
        "SELECT c.id, l.place, p.id FROM lineage l JOIN item c ON c.row = l.child \
         JOIN item p ON p.row = l.parent ORDER BY l.child, l.place",
    ),
    (
        "holds",
        "SELECT i.id, h.matter, r.id, h.placed_ms, h.placed_by FROM hold h JOIN item i ON i.row = h.item \
         JOIN item r ON r.row = h.root ORDER BY h.item, h.matter",
    ),
    (
        "pins and events",
        "SELECT i.id, p.pinned_by, p.pinned_ms FROM pin p JOIN item i ON i.row = p.root UNION ALL \
         SELECT i.id, k.name, e.event_ms FROM event e JOIN item i ON i.row = e.root \
         JOIN event_kind k ON k.kind = e.kind ORDER BY 1, 2",
    ),
    ("plans", "SELECT hash, what, created_ms, planned_by, state FROM plan ORDER BY hash"),
    (
        "approvals",
        "SELECT id, plan, what, approver, approved_ms, expires_ms, spent_ms FROM approval ORDER BY id",
    ),
    (
        "users, environments and secrets",
        "SELECT kind, id, content, changed_ms, changed_by FROM governed ORDER BY kind, id",
    ),
    ("sweeps", "SELECT id, started_ms, ended_ms, exit_code, items FROM sweep ORDER BY sweep"),
];

impl View {
    /// The names of what is not the same in another catalog; none when they say the same.
    ///
    /// # Errors
    /// [`CatalogError::Database`].
    pub fn differences(&self, other: &Self) -> Result<Vec<&'static str>, CatalogError> {
        let mut found = Vec::new();
        let whole: String = self.connection().query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if whole != "ok" {
            found.push("indexes");
        }
        for (name, sql) in TABLES {
            if !self.answers_as(other, sql)? {
                found.push(name);
            }
        }
        Ok(found)
    }

    fn answers_as(&self, other: &Self, sql: &str) -> Result<bool, CatalogError> {
        let (mut ours, mut theirs) = (self.connection().prepare(sql)?, other.connection().prepare(sql)?);
        let columns = ours.column_count();
        let (mut ours, mut theirs) = (ours.query([])?, theirs.query([])?);
        loop {
            match (ours.next()?, theirs.next()?) {
                (None, None) => return Ok(true),
                (Some(one), Some(other)) => {
                    for column in 0..columns {
                        let one: ValueRef<'_> = one.get_ref(column)?;
                        if one != other.get_ref(column)? {
                            return Ok(false);
                        }
                    }
                }
                _ => return Ok(false),
            }
        }
    }
}
