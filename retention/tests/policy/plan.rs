//! Plans over a catalog: what is taken, what is kept and why, that counts balance, and that a changed plan is none.

use super::set;
use custody_retention::catalog::{Catalog, CatalogError, NewItem, Writes};
use custody_retention::ledger::UserId;
use custody_retention::plan::{
    Act, Head, KeptBy, PlanError, PlanItem, PlanReader, PlanWriter, Planned, Scope, Taken, evaluate, verdict,
};
use custody_retention::policy::{CapExceeded, PolicySet};
use custody_retention::{ContentId, Exposure, ItemId, ItemKind, ItemMeta, Policy, Rule, Verdict};
use proptest::prelude::*;

const DAY_MS: u64 = 86_400_000;
const START_MS: u64 = 1_800_000_000_000;
const OWNER: &str = "u-00000000000000000000000000000001";
const STORE: &str = "00112233445566778899aabbccddeeff";

const REPORTS: &str = r#"
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

const LOGS: &str = r#"
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

fn policies() -> PolicySet {
    set(&[("reports.toml", REPORTS), ("logs.toml", LOGS)])
}

fn by() -> UserId {
    UserId::parse("u-00000000000000000000000000000002").expect("a user ID")
}

fn id(number: u8) -> ItemId {
    ItemId([number; 32])
}

fn day(number: u64) -> u64 {
    START_MS + number * DAY_MS
}

fn meta(class: &str) -> ItemMeta {
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

struct Store {
    _dir: tempfile::TempDir,
    catalog: Catalog,
}

impl Store {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let catalog = Catalog::create(&dir.path().join("catalog.sqlite")).expect("a new catalog");
        Self { _dir: dir, catalog }
    }

    fn write(&mut self, act: impl FnOnce(&Writes<'_>) -> Result<(), CatalogError>) {
        self.catalog.write(act).expect("it can be written");
    }

    fn insert(&mut self, number: u8, meta: &ItemMeta) {
        self.write(|tx| {
            let item = NewItem { id: id(number), slot: number.into(), meta, sealed: &[], stored_bytes: 1 };
            tx.insert_item(&item).map(drop)
        });
    }

    fn plan_with(&self, policies: &PolicySet, now_ms: u64, scope: Scope) -> (Planned, Vec<u8>) {
        let mut out = Vec::new();
        let hash = *blake3::hash(&policies.canonical_bytes()).as_bytes();
        let head = Head { now_ms, store: STORE, policies: hash, scope };
        let writer = PlanWriter::new(&mut out, hasher());
        let planned = evaluate(&self.catalog, policies, &head, writer).expect("it can be planned");
        (planned, out)
    }

    fn plan(&self, now_ms: u64) -> (Planned, Vec<u8>) {
        self.plan_with(&policies(), now_ms, Scope::All)
    }
}

fn hasher() -> blake3::Hasher {
    blake3::Hasher::new_keyed(&[9; 32])
}

fn items(plan: &[u8]) -> Vec<PlanItem<'static>> {
    let mut reader = PlanReader::new(plan, hasher()).expect("a plan");
    let mut all = Vec::new();
    while let Some(item) = reader.next_item().expect("an item") {
        all.push(item.into_owned());
    }
    all
}

#[test]
fn what_is_due_is_named_with_its_policy_rule_and_copies() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    let table = ItemMeta { kind: ItemKind::Table, parents: vec![id(1)], ..meta("report") };
    store.insert(2, &table);
    store.insert(3, &meta("report"));
    store.write(|tx| tx.touch(&id(3), day(6)));
    let (planned, plan) = store.plan(day(7));
    let expected = PlanItem {
        act: Act::Purge,
        id: id(1),
        kind: ItemKind::Artifact,
        class: "report".into(),
        environment: "sandbox".into(),
        policy: "reports".into(),
        rule: Rule::Period,
        since_ms: day(7),
        size_bytes: 100,
        copies: 1,
    };
    assert_eq!(items(&plan), [expected]);
    let summary = planned.summary;
    assert_eq!((summary.present, summary.purge), (2, Taken { items: 1, copies: 1, size_bytes: 100 }));
    assert_eq!(
        (summary.kept[0].policy.as_str(), summary.kept[0].by, summary.kept[0].items),
        ("reports", KeptBy::Period, 1)
    );
    assert!(summary.approvals == 0 && summary.mark == Taken::default());
}

#[test]
fn a_plan_is_text_with_ids_and_no_names() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    let (planned, plan) = store.plan(day(7));
    let text = String::from_utf8(plan).expect("text");
    let policies = blake3::hash(&policies().canonical_bytes()).to_hex();
    let created = day(7);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        format!(
            "{{\"schema\":\"custody-retention-plan/1\",\"created_ms\":{created},\"store\":\"{STORE}\",\
             \"policies\":\"{policies}\",\"ledger_size\":0,\"scope\":\"all\"}}"
        )
    );
    assert_eq!(
        lines[1],
        format!(
            "{{\"act\":\"purge\",\"id\":\"{}\",\"kind\":\"artifact\",\"class\":\"report\",\
             \"environment\":\"sandbox\",\"policy\":\"reports\",\"rule\":\"period\",\"since_ms\":{created},\
             \"size_bytes\":100,\"copies\":0}}",
            id(1)
        )
    );
    assert_eq!(lines[3], format!("{{\"hash\":\"{}\"}}", blake3::Hash::from_bytes(planned.hash).to_hex()));
    assert_eq!(lines.len(), 4);
    assert!(!text.contains("Jane") && !text.contains("import"));
}

#[test]
fn every_reason_to_stay_is_counted() {
    let mut store = Store::new();
    for number in 1..=8 {
        store.insert(number, &meta(if number < 4 { "report" } else { "log" }));
    }
    store.insert(9, &meta("payroll"));
    store.insert(10, &ItemMeta { environment: String::new(), ..meta("") });
    store.write(|tx| {
        tx.hold(&[7; 32], &id(1), day(1), by())?;
        tx.pin(&[8; 32], &id(2), day(1))?;
        tx.touch(&id(3), day(1))?;
        // 4: marked, and in its grace; 5 and 7: no mark yet; 6: no event; 8: its grace is over.
        for (number, closed) in [(4, 1), (5, 1), (7, 4), (8, 1)] {
            tx.event(&id(number), "ticket-closed", day(closed))?;
        }
        tx.mark(&id(4), day(7))?;
        tx.mark(&id(8), day(6)).map(drop)
    });
    let (planned, plan) = store.plan(day(8) + DAY_MS);
    let acts: Vec<_> = items(&plan).into_iter().map(|item| (item.act, item.id)).collect();
    assert_eq!(acts, [(Act::Purge, id(3)), (Act::Mark, id(5)), (Act::Mark, id(7)), (Act::Purge, id(8))]);
    let summary = planned.summary;
    let kept: Vec<_> = summary.kept.iter().map(|kept| (kept.policy.as_str(), kept.by, kept.items)).collect();
    assert_eq!(
        kept,
        [("logs", KeptBy::AtMost, 1), ("logs", KeptBy::Grace, 1), ("reports", KeptBy::Pinned, 1)]
    );
    assert_eq!((summary.present, summary.held, summary.pinned), (10, 1, 1));
    let ungoverned = summary.ungoverned;
    assert_eq!((ungoverned.items, ungoverned.old_items, ungoverned.old_ids), (2, 2, vec![id(9), id(10)]));
    assert_eq!(summary.approvals, 2);
}

#[test]
fn what_no_policy_is_for_raises_its_hand_after_seven_days() {
    let mut store = Store::new();
    store.insert(1, &meta("payroll"));
    // What is held is somebody's already.
    store.insert(2, &meta("payroll"));
    store.write(|tx| tx.hold(&[7; 32], &id(2), day(1), by()).map(drop));
    let old = |now_ms| store.plan(now_ms).0.summary.ungoverned.old_items;
    assert_eq!([old(day(7)), old(day(7) + 1)], [0, 1]);
    let (ungoverned, held) =
        (store.plan(day(8)).0.summary.ungoverned.items, store.plan(day(8)).0.summary.held);
    assert_eq!((ungoverned, held), (1, 1));
}

#[test]
fn with_nobody_watching_attended_policies_wait() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    store.insert(2, &meta("log"));
    let (planned, plan) = store.plan_with(&policies(), day(40), Scope::Unattended);
    assert_eq!(items(&plan).into_iter().map(|item| item.id).collect::<Vec<_>>(), [id(1)]);
    let kept = &planned.summary.kept[0];
    assert_eq!((kept.policy.as_str(), kept.by, kept.items), ("logs", KeptBy::Attended, 1));
    assert_eq!((planned.header.scope, planned.summary.approvals), (Scope::Unattended, 0));
}

#[test]
fn caps_count_what_is_purged() {
    let mut store = Store::new();
    for number in 1..=30 {
        store.insert(number, &meta("report"));
    }
    let exceeded = |caps: &str| {
        let set = set(&[("reports.toml", REPORTS), ("caps.toml", caps)]);
        store.plan_with(&set, day(7), Scope::All).0.summary.caps.exceeded
    };
    assert_eq!(exceeded(""), Some(CapExceeded::Percent), "30 of 30, above the floor of 20");
    assert_eq!(exceeded("floor_items = 30"), None);
    assert_eq!(exceeded("max_percent = 100"), None);
    assert_eq!(exceeded("max_items = 29"), Some(CapExceeded::Items));
    assert_eq!(store.plan(day(6)).0.summary.caps.exceeded, None);
}

#[test]
fn the_hash_is_of_this_plan_of_this_store() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    let (planned, plan) = store.plan(day(7));
    let read = PlanReader::new(&plan[..], hasher()).expect("a plan").check().expect("as it was made");
    assert_eq!(read, planned);
    assert_eq!(store.plan(day(7)), (planned.clone(), plan.clone()), "the same again");
    assert_ne!(store.plan(day(7) + 1).0.hash, planned.hash);
    let other = set(&[("reports.toml", REPORTS)]);
    assert_ne!(store.plan_with(&other, day(7), Scope::All).0.hash, planned.hash);
    let foreign = PlanReader::new(&plan[..], blake3::Hasher::new_keyed(&[8; 32])).expect("a plan");
    assert!(matches!(foreign.check(), Err(PlanError::Hash)));
}

/// Whether a text is taken for a plan.
fn is_plan(text: &[u8]) -> bool {
    PlanReader::new(text, hasher()).and_then(PlanReader::check).is_ok()
}

#[test]
fn a_changed_plan_is_none_at_every_bit_and_every_length() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    store.insert(2, &meta("payroll"));
    let (_, plan) = store.plan(day(40));
    assert!(is_plan(&plan));
    for at in 0..plan.len() {
        assert!(!is_plan(&plan[..at]), "cut at {at}");
        for bit in 0..8 {
            let mut changed = plan.clone();
            changed[at] ^= 1 << bit;
            assert!(!is_plan(&changed), "byte {at}, bit {bit}");
        }
    }
    assert!(!is_plan(&[&plan[..], b"\n"].concat()));
    assert!(!is_plan(&[&plan[..], &plan[..]].concat()));
}

#[test]
fn lines_that_are_taken_out_or_put_in_are_found() {
    let mut store = Store::new();
    for number in 1..=3 {
        store.insert(number, &meta("report"));
    }
    let (_, plan) = store.plan(day(7));
    let text = String::from_utf8(plan).expect("text");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let without: String =
            lines.iter().enumerate().filter(|(line, _)| *line != at).map(|(_, text)| *text).collect();
        assert!(!is_plan(without.as_bytes()), "without line {at}");
        let twice: String =
            lines.iter().enumerate().map(|(line, text)| text.repeat(1 + usize::from(line == at))).collect();
        assert!(!is_plan(twice.as_bytes()), "line {at} twice");
    }
    let error = PlanReader::new(&b"{\"schema\":\"Jane Doe\"}\n"[..], hasher()).expect_err("no plan");
    assert_eq!(error.to_string(), "line 1 of the plan: it is not a plan's first line; make a new plan");
}

#[test]
fn an_output_that_fails_makes_no_plan() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let store = Store::new();
    let head = Head { now_ms: day(7), store: STORE, policies: [0; 32], scope: Scope::All };
    let error = evaluate(&store.catalog, &policies(), &head, PlanWriter::new(&mut Full, hasher()));
    assert!(matches!(error, Err(PlanError::Io { kind: std::io::ErrorKind::StorageFull, .. })));
}

/// What happened to one item.
#[derive(Debug, Clone)]
struct History {
    class: usize,
    ingested: u64,
    used: Option<u64>,
    closed: Option<u64>,
    marked: Option<u64>,
    held: bool,
    pinned: bool,
}

fn history() -> impl Strategy<Value = History> {
    let maybe = || prop::option::of(0..60_u64);
    (0..3_usize, 0..60_u64, maybe(), maybe(), maybe(), prop::bool::weighted(0.2), prop::bool::weighted(0.2))
        .prop_map(|(class, ingested, used, closed, marked, held, pinned)| History {
            class,
            ingested,
            used,
            closed,
            marked,
            held,
            pinned,
        })
}

impl Store {
    fn live(&mut self, number: u8, history: &History) {
        let class = ["report", "log", "payroll"][history.class];
        self.insert(number, &ItemMeta { ingested_ms: day(history.ingested), ..meta(class) });
        self.write(|tx| {
            if let Some(used) = history.used {
                tx.touch(&id(number), day(used))?;
            }
            if let Some(closed) = history.closed {
                tx.event(&id(number), "ticket-closed", day(closed))?;
            }
            if let Some(marked) = history.marked {
                tx.mark(&id(number), day(marked))?;
            }
            if history.held {
                tx.hold(&[7; 32], &id(number), day(0), by())?;
            }
            if history.pinned {
                tx.pin(&[8; 32], &id(number), day(0))?;
            }
            Ok(())
        });
    }
}

/// What is said of one item is what the plan says.
fn judged_alike(
    store: &Store,
    id: ItemId,
    (now_ms, scope): (u64, Scope),
    items: &[PlanItem<'_>],
) -> Result<(), TestCaseError> {
    let policies = policies();
    let judged = verdict(&store.catalog, &policies, &id, now_ms).expect("a catalog").expect("it is there");
    let planned = items.iter().find(|item| item.id == id);
    let expected = match judged.verdict {
        Verdict::Mark { since_ms, rule } => Some((Act::Mark, since_ms, rule)),
        Verdict::Purge { since_ms, rule } => Some((Act::Purge, since_ms, rule)),
        _ => None,
    };
    let in_scope = scope == Scope::All || judged.policy.is_some_and(Policy::unattended);
    let planned_act = planned.map(|item| (item.act, item.since_ms, item.rule));
    prop_assert_eq!(planned_act, expected.filter(|_| in_scope));
    if let Some(item) = planned {
        prop_assert_eq!(Some(&*item.policy), judged.policy.map(Policy::id));
    }
    Ok(())
}

#[test]
fn a_copy_is_judged_as_its_unit() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    store.insert(2, &ItemMeta { kind: ItemKind::Table, parents: vec![id(1)], ..meta("payroll") });
    store.insert(3, &meta("payroll"));
    let policies = policies();
    let judge = |store: &Store, number| {
        verdict(&store.catalog, &policies, &id(number), day(7))
            .expect("a catalog")
            .map(|judged| (judged.root, judged.policy.map(|policy| policy.id().to_owned()), judged.verdict))
    };
    let purge = Verdict::Purge { since_ms: day(7), rule: Rule::Period };
    let due = Some((id(1), Some("reports".to_owned()), purge));
    assert_eq!((judge(&store, 1), judge(&store, 2)), (due.clone(), due));
    assert_eq!(judge(&store, 3), Some((id(3), None, Verdict::Ungoverned)));
    assert_eq!(judge(&store, 4), None);
    store.write(|tx| tx.hold(&[7; 32], &id(2), day(1), by()).map(drop));
    assert_eq!(judge(&store, 1).map(|(_, _, verdict)| verdict), Some(Verdict::Held));
    store.write(|tx| {
        tx.release(&[7; 32], &id(2), day(1))?;
        tx.purged(&id(1), day(2)).map(drop)
    });
    assert_eq!((judge(&store, 1), judge(&store, 2)), (None, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counts_balance_and_nothing_held_or_ungoverned_is_taken(
        histories in prop::collection::vec(history(), 0..12), now in 0..120_u64, attended: bool
    ) {
        let mut store = Store::new();
        for (number, history) in histories.iter().enumerate() {
            store.live(number as u8, history);
        }
        let scope = if attended { Scope::All } else { Scope::Unattended };
        let (planned, plan) = store.plan_with(&policies(), day(now), scope);
        prop_assert!(planned.summary.balances(), "{:?}", planned.summary);
        prop_assert_eq!(planned.summary.present, histories.len() as u64);
        let read = PlanReader::new(&plan[..], hasher()).expect("a plan").check().expect("as it was made");
        prop_assert_eq!(read, planned);
        for number in 0..histories.len() as u8 {
            judged_alike(&store, id(number), (day(now), scope), &items(&plan))?;
        }
        for item in items(&plan) {
            let history = &histories[usize::from(item.id.0[0])];
            prop_assert!(!history.held && history.class < 2, "{:?}", history);
            prop_assert!(item.since_ms <= day(now) && item.since_ms > day(history.ingested));
            prop_assert!(attended || history.class == 0);
        }
    }
}
