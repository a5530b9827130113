//! A catalog to make plans of: two policies, items, and what happens to them.

use super::set;
use custody_retention::catalog::{Catalog, CatalogError, NewItem, Writes};
use custody_retention::ledger::UserId;
use custody_retention::plan::{Head, PlanItem, PlanReader, PlanWriter, Planned, Scope, evaluate};
use custody_retention::policy::PolicySet;
use custody_retention::{ContentId, Exposure, ItemId, ItemKind, ItemMeta};

pub(crate) const DAY_MS: u64 = 86_400_000;
pub(crate) const START_MS: u64 = 1_800_000_000_000;
pub(crate) const OWNER: &str = "u-00000000000000000000000000000001";
pub(crate) const STORE: &str = "00112233445566778899aabbccddeeff";

pub(crate) const REPORTS: &str = r#"
id = "reports"
describe = "d"
basis = "b"
unattended = true
[match]
class = ["report"]
[keep]
from = "last-used"
days = 7
at_most_days = 30
"#;

pub(crate) const LOGS: &str = r#"
id = "logs"
describe = "d"
basis = "b"
approvals = 2
grace_days = 3
[match]
class = ["log"]
[keep]
from = "event"
event = "ticket-closed"
days = 5
at_least_days = 2
at_most_days = 30
"#;

pub(crate) fn policies() -> PolicySet {
    set(&[("reports.toml", REPORTS), ("logs.toml", LOGS)])
}

pub(crate) fn by() -> UserId {
    UserId::parse("u-00000000000000000000000000000002").expect("a user ID")
}

pub(crate) fn id(number: u8) -> ItemId {
    ItemId([number; 32])
}

pub(crate) fn day(number: u64) -> u64 {
    START_MS + number * DAY_MS
}

pub(crate) fn meta(class: &str) -> ItemMeta {
    ItemMeta {
        kind: ItemKind::Artifact,
        format: "csv".to_owned(),
        class: class.to_owned(),
        environment: "sandbox".to_owned(),
        owner: OWNER.to_owned(),
        source: "file".to_owned(),
        exposure: Exposure::Raw,
        content: ContentId([1; 32]),
        size_bytes: 100,
        ingested_ms: START_MS,
        parents: Vec::new(),
        name: "Jane Doe.csv".to_owned(),
        origin: Some("/import/Jane Doe.csv".to_owned()),
    }
}

pub(crate) struct Store {
    _dir: tempfile::TempDir,
    pub(crate) catalog: Catalog,
}

impl Store {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let catalog = Catalog::create(&dir.path().join("catalog.sqlite")).expect("a new catalog");
        Self { _dir: dir, catalog }
    }

    pub(crate) fn write(&mut self, act: impl FnOnce(&Writes<'_>) -> Result<(), CatalogError>) {
        self.catalog.write(act).expect("it can be written");
    }

    pub(crate) fn insert(&mut self, number: u8, meta: &ItemMeta) {
        self.write(|tx| {
            let item = NewItem { id: id(number), slot: number.into(), meta, sealed: &[], stored_bytes: 1 };
            tx.insert_item(&item).map(drop)
        });
    }

    pub(crate) fn plan_with(&self, policies: &PolicySet, now_ms: u64, scope: Scope) -> (Planned, Vec<u8>) {
        let mut out = Vec::new();
        let hash = *blake3::hash(&policies.canonical_bytes()).as_bytes();
        let head = Head { now_ms, store: STORE, policies: hash, scope };
        let writer = PlanWriter::new(&mut out, hasher());
        let planned = evaluate(&self.catalog, policies, &head, writer).expect("it can be planned");
        (planned, out)
    }

    pub(crate) fn plan(&self, now_ms: u64) -> (Planned, Vec<u8>) {
        self.plan_with(&policies(), now_ms, Scope::All)
    }
}

pub(crate) fn hasher() -> blake3::Hasher {
    blake3::Hasher::new_keyed(&[9; 32])
}

pub(crate) fn items(plan: &[u8]) -> Vec<PlanItem<'static>> {
    let mut reader = PlanReader::new(plan, hasher()).expect("a plan");
    let mut all = Vec::new();
    while let Some(item) = reader.next_item().expect("an item") {
        all.push(item.into_owned());
    }
    all
}
