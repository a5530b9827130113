//! The report tables of a store by their names and versions, ready for queries. A table is called by its report's name in
//! lower case; ingesting a report under a name that exists makes the next version of its tables.

use super::Opened;
use anyhow::{Context as _, bail};
use custody_export::tables::{QueryLimits, TableId, Tables};
use custody_retention::catalog::{Filter, Life};
use custody_retention::ledger::UserId;
use custody_retention::object_store::StoreObjects;
use custody_retention::store::{SharedStore, Store, StoreError};
use custody_retention::{ContentId, ItemId, ItemKind};
use custody_rules::{Reason, Refusal};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What the format of a report table is called in the catalog; the other tables are `parquet`.
pub const FORMAT: &str = "report";
/// Characters of a table's name.
const NAME_CHARS_MAX: usize = 100;

/// One version of a report's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableEntry {
    /// Its name: small letters, digits and `_`.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    /// The table.
    pub id: ItemId,
    /// What the table holds.
    pub content: ContentId,
    /// The report that it was read from.
    pub artifact: ItemId,
    /// The environment that it belongs to.
    pub environment: String,
}

impl TableEntry {
    /// `workers@3`.
    pub fn versioned(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Its ID as the tables know it.
    ///
    /// # Errors
    /// Never for an ID of the store.
    pub fn table_id(&self) -> anyhow::Result<TableId> {
        TableId::parse(&self.id.to_string()).context("an ID is an ID")
    }
}

/// A report's name as its tables have it: what is no letter or digit becomes `_`.
///
/// # Errors
/// A [`Refusal`] where nothing is left of it.
pub fn table_name(report: &str, part: &str) -> Result<String, Refusal> {
    let whole = if part.is_empty() { report.to_owned() } else { format!("{report}_{part}") };
    let mut name = String::new();
    for c in whole.chars().flat_map(char::to_lowercase).take(NAME_CHARS_MAX) {
        match c {
            _ if c.is_alphanumeric() => name.push(c),
            _ if !name.ends_with('_') => name.push('_'),
            _ => {}
        }
    }
    let name = name.trim_matches('_');
    if name.is_empty() {
        return Err(Refusal::new(Reason::Unsupported, "its name gives no name for a table: --name N"));
    }
    // SQL has no name that begins with a digit.
    Ok(if name.starts_with(|c: char| c.is_ascii_digit()) { format!("t_{name}") } else { name.to_owned() })
}

/// The tables that are there, of all environments, by name and version.
///
/// # Errors
/// What the store says.
pub fn list(store: &Store) -> Result<Vec<TableEntry>, StoreError> {
    let filter = Filter { kind: Some(ItemKind::Table), life: Some(Life::Present), ..Filter::default() };
    let mut found = Vec::new();
    store.catalog().list(&filter, |row| {
        if row.format == FORMAT {
            let (name, _) = store.name_of(&row)?;
            let entry = name.rsplit_once('@').and_then(|(name, version)| {
                Some(TableEntry {
                    name: name.to_owned(),
                    version: version.parse().ok()?,
                    id: row.id,
                    content: row.content,
                    artifact: row.root,
                    environment: row.environment.clone(),
                })
            });
            found.extend(entry);
        }
        Ok::<(), StoreError>(())
    })?;
    found.sort_by(|a, b| (&a.name, a.version, &a.id).cmp(&(&b.name, b.version, &b.id)));
    Ok(found)
}

/// Hands out the next versions of names.
#[derive(Debug)]
pub struct Versions(BTreeMap<String, u32>);

impl Versions {
    /// Looks which versions there are.
    ///
    /// # Errors
    /// What the store says.
    pub fn of(store: &Store) -> Result<Self, StoreError> {
        let mut last = BTreeMap::new();
        for entry in list(store)? {
            let version = last.entry(entry.name).or_insert(0);
            *version = entry.version.max(*version);
        }
        Ok(Self(last))
    }

    /// `workers@4`.
    pub fn next(&mut self, name: &str) -> String {
        let version = self.0.entry(name.to_owned()).or_insert(0);
        *version += 1;
        format!("{name}@{version}")
    }
}

/// A store whose tables can be asked.
#[derive(Debug)]
pub struct StoreTables {
    /// The tables, each by its name (the newest version) and as `name@version`.
    pub tables: Tables,
    /// What there is, by name and version.
    pub list: Vec<TableEntry>,
    shared: SharedStore,
    user: UserId,
    lock: custody_retention::disk::StoreLock,
}

impl StoreTables {
    /// Takes a store and names its tables: those of one environment, or of all.
    ///
    /// # Errors
    /// What the store says; when the machine gives no threads.
    pub fn open(
        opened: Opened,
        environment: Option<&str>,
        (limits, cancel): (QueryLimits, Arc<AtomicBool>),
    ) -> anyhow::Result<Self> {
        let Opened { store, user, lock } = opened;
        let mut list = list(&store)?;
        list.retain(|entry| environment.is_none_or(|name| entry.environment == name));
        let shared = SharedStore::new(store);
        let objects = Arc::new(StoreObjects::new(Arc::new(shared.clone())));
        let tables = Tables::new(objects, limits)?.cancelled_by(cancel);
        // In the order of versions: the name alone is the newest one's.
        for entry in &list {
            let id = entry.table_id()?;
            tables.name(&entry.name, &id);
            tables.name(&entry.versioned(), &id);
        }
        Ok(Self { tables, list, shared, user, lock })
    }

    /// A table by `workers`, `workers@3` or the first digits of its ID.
    ///
    /// # Errors
    /// When there is none, with the names that there are.
    pub fn find(&self, asked: &str) -> anyhow::Result<&TableEntry> {
        find(&self.list, asked)
    }

    /// The store, for this thread, while its tables are open.
    pub fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.shared.lock()
    }

    /// Who acts.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The store again.
    ///
    /// # Errors
    /// When a query is still at work.
    pub fn close(self) -> anyhow::Result<Opened> {
        let Self { tables, shared, user, lock, .. } = self;
        drop(tables);
        let store = shared.into_inner().context("the store is still in use")?;
        Ok(Opened { store, user, lock })
    }
}

/// A table of a list by `workers`, `workers@3` or the first digits of its ID.
///
/// # Errors
/// When there is none, with the names that there are.
pub fn find<'a>(list: &'a [TableEntry], asked: &str) -> anyhow::Result<&'a TableEntry> {
    let wanted = asked.trim().to_lowercase();
    let newest = list.iter().rfind(|entry| entry.name == wanted || entry.versioned() == wanted);
    let by_id = || {
        let mut found = list.iter().filter(|entry| {
            wanted.len() >= 8
                && (entry.id.to_string().starts_with(&wanted)
                    || entry.artifact.to_string().starts_with(&wanted))
        });
        found.next().filter(|_| found.next().is_none())
    };
    if let Some(entry) = newest.or_else(by_id) {
        return Ok(entry);
    }
    let mut names: Vec<&str> = list.iter().map(|entry| entry.name.as_str()).collect();
    names.dedup();
    if names.is_empty() {
        bail!("there is no report table in the store: custody ingest takes reports in");
    }
    bail!("there is no table {asked:?}; there are {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_sql_takes() {
        let cases = [
            (("Workers", ""), "workers"),
            (("All Workers (EMEA)", "Sheet 1"), "all_workers_emea_sheet_1"),
            (("2024", ""), "t_2024"),
            (("Übersicht", ""), "übersicht"),
        ];
        for ((report, part), expected) in cases {
            assert_eq!(table_name(report, part).expect("a name"), expected);
        }
        assert!(table_name("---", "").is_err());
    }

    #[test]
    fn the_name_alone_is_the_newest_version() {
        let entry = |name: &str, version| TableEntry {
            name: name.to_owned(),
            version,
            id: ItemId([version as u8; 32]),
            content: ContentId([0; 32]),
            artifact: ItemId([9; 32]),
            environment: "sandbox".to_owned(),
        };
        let list = [entry("grades", 3), entry("workers", 1), entry("workers", 2)];
        assert_eq!(find(&list, "Workers").expect("found").version, 2);
        assert_eq!(find(&list, "workers@1").expect("found").version, 1);
        assert_eq!(find(&list, "03030303").expect("found").name, "grades");
        let error = find(&list, "people").expect_err("none").to_string();
        assert_eq!(error, "there is no table \"people\"; there are grades, workers");
    }
}
