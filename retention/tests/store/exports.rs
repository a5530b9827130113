//! Plans of workbooks and extracts: approved as they are, carried out once, and whatever goes wrong between intent and
//! outcome costs nothing but the attempt.

use crate::oracle;
use crate::support::*;
use crate::world::{NOW_MS, World};
use custody_retention::approval::Approver;
use custody_retention::catalog::PlanState;
use custody_retention::ledger::Subject;
use custody_retention::store::{Store, StoreError, StorePlace};
use custody_retention::{ItemId, ItemKind};
use custody_rules::approval::Approved;

const PLAN: &str = "{\n  \"rows\": 43\n}\n";
const ONE: (usize, Approver) = (1, Approver::Anybody);
const OTHER: (usize, Approver) = (1, Approver::Another);

/// What was refused, as it is said.
fn refused<T: std::fmt::Debug>(done: Result<T, StoreError>) -> String {
    match done {
        Err(StoreError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// A store with a report, and a plan made from it by `an.account` at [`TIME_MS`].
struct Case {
    _dir: tempfile::TempDir,
    place: StorePlace,
    holder: Memory,
    store: Store,
    report: ItemId,
    plan: Subject,
}

impl Case {
    fn new() -> Self {
        let (dir, place, holder) = new_store();
        let mut store = open(&place, &holder);
        let (report, _) = ingest(&mut store, "text", TIME_MS);
        let plan = planned(&mut store, TIME_MS, &[report]);
        Self { _dir: dir, place, holder, store, report, plan }
    }

    fn allowed(&self, account: &str, ms: u64, needed: (usize, Approver)) -> Result<usize, StoreError> {
        let approvals = self.store.allowed_export(who(&self.store, account, ms), &self.plan, needed)?;
        Ok(approvals.len())
    }

    fn approve(&mut self, account: &str, ms: u64, approver: Approver) -> Result<Subject, StoreError> {
        let who = who(&self.store, account, ms);
        self.store.approve_as(who, self.plan, Approved::Export, approver)
    }

    fn pins(&self) -> usize {
        self.store.catalog().pins(&self.report).expect("pins").len()
    }

    fn file(&self) -> std::path::PathBuf {
        self.place.folder.join(format!("plans/{}.export", ItemId(self.plan.id)))
    }

    /// Carries the plan out, to this ending.
    fn carry_out(&mut self, ms: u64, good: bool) -> Result<(), StoreError> {
        carry_out(&mut self.store, self.plan, ms, good)
    }

    /// The catalog says the same when it is made anew.
    fn rebuilt(self) {
        oracle::check(&self.store, &self.place, &self.holder, &[]);
        let live = oracle::dump(&self.store, &self.place);
        let Self { store, place, holder, .. } = self;
        drop(store);
        let (store, _) = Store::rebuild(&place, &holder, TIME_MS + 30 * DAY_MS).expect("made anew");
        oracle::same(&live, &oracle::dump(&store, &place), "made anew");
    }
}

fn planned(store: &mut Store, ms: u64, from: &[ItemId]) -> Subject {
    let who = who(store, "an.account", ms);
    store.plan_export(who, PLAN, from).expect("planned")
}

fn carry_out(store: &mut Store, plan: Subject, ms: u64, good: bool) -> Result<(), StoreError> {
    let who = who(store, "an.account", ms);
    let approvals = store.allowed_export(who, &plan, ONE)?;
    let begun = store.begin_export(who, plan, &approvals)?;
    if good { store.exported(begun, who) } else { store.not_exported(begun, ms) }
}

#[test]
fn a_plan_is_carried_out_once_by_whoever_approved_it() {
    let mut case = Case::new();
    assert_eq!(case.store.read_export(&case.plan).expect("its text"), PLAN);
    assert!(refused(case.allowed("an.account", TIME_MS, ONE)).contains("nobody has approved"));
    assert!(refused(case.carry_out(TIME_MS, true)).contains("nobody has approved"));
    case.approve("an.account", TIME_MS, Approver::Anybody).expect("one's own");
    assert_eq!(case.allowed("an.account", TIME_MS, ONE).expect("allowed"), 1);
    case.carry_out(TIME_MS + 1, true).expect("carried out");
    assert!(refused(case.carry_out(TIME_MS + 2, true)).contains("was built"));
    assert!(refused(case.approve("second", TIME_MS + 2, Approver::Anybody)).contains("make a new one"));
    let spent = case.store.catalog().approvals(&case.plan.id).expect("approvals");
    assert_eq!(spent.iter().map(|row| row.spent_ms).collect::<Vec<_>>(), [Some(TIME_MS + 1)]);
    case.rebuilt();
}

#[test]
fn where_a_second_person_is_needed_neither_planner_nor_builder_will_do() {
    let mut case = Case::new();
    assert!(refused(case.approve("an.account", TIME_MS, Approver::Another)).contains("a second person"));
    // One's own approval, given where that was enough.
    case.approve("an.account", TIME_MS, Approver::Anybody).expect("one's own");
    assert!(refused(case.allowed("an.account", TIME_MS, OTHER)).contains("neither made it, nor build it"));
    assert!(refused(case.allowed("second", TIME_MS, OTHER)).contains("neither made it, nor build it"));
    case.approve("second", TIME_MS, Approver::Another).expect("another's");
    assert_eq!(case.allowed("an.account", TIME_MS, OTHER).expect("allowed"), 1);
    assert!(
        refused(case.allowed("second", TIME_MS, OTHER)).contains("neither made it, nor build it"),
        "its own builder"
    );
    // Twice by one person is one person.
    case.approve("second", TIME_MS + 1, Approver::Another).expect("again");
    assert!(
        refused(case.allowed("an.account", TIME_MS + 1, (2, Approver::Another)))
            .contains("neither made it, nor build it")
    );
    case.approve("third", TIME_MS + 1, Approver::Another).expect("a third person's");
    assert_eq!(case.allowed("an.account", TIME_MS + 1, (2, Approver::Another)).expect("allowed"), 2);
    case.rebuilt();
}

#[test]
fn an_approval_is_for_one_purpose_and_for_seven_days() {
    let mut case = Case::new();
    for what in [Approved::Purge, Approved::Erase, Approved::HoldRelease, Approved::CapException] {
        let second = who(&case.store, "second", TIME_MS);
        case.store.approve(second, case.plan, what).expect("approved for something else");
    }
    assert!(refused(case.allowed("an.account", TIME_MS, ONE)).contains("nobody has approved"));
    case.approve("second", TIME_MS, Approver::Anybody).expect("approved");
    let last = TIME_MS + 7 * DAY_MS - 1;
    assert_eq!(case.allowed("an.account", last, ONE).expect("the last moment"), 1);
    assert!(refused(case.allowed("an.account", last + 1, ONE)).contains("older than 7 days"));
    // A later approval does not make the plan younger.
    case.approve("second", last, Approver::Anybody).expect("approved late");
    assert!(refused(case.allowed("an.account", last + 1, ONE)).contains("older than 7 days"));
    // And no approval counts before it was given.
    assert_eq!(case.allowed("an.account", TIME_MS, ONE).expect("the first one alone"), 1);
}

#[test]
fn what_failed_costs_no_approval_and_what_was_interrupted_neither() {
    let mut case = Case::new();
    case.approve("second", TIME_MS, Approver::Anybody).expect("approved");
    for _ in 0..3 {
        case.carry_out(TIME_MS, false).expect("it failed, and that was recorded");
        assert_eq!((case.allowed("an.account", TIME_MS, ONE).expect("usable"), case.pins()), (1, 1));
    }
    let me = who(&case.store, "an.account", TIME_MS);
    let approvals = case.store.allowed_export(me, &case.plan, ONE).expect("allowed");
    let begun = case.store.begin_export(me, case.plan, &approvals).expect("begun");
    drop((begun, case.store));
    let (store, report) =
        Store::open_on(&case.place, &case.holder, TIME_MS, false).expect("it opens after a crash");
    assert_eq!((report.finished, report.undone), (0, 1), "the export is ended as failed");
    case.store = store;
    assert_eq!((case.allowed("an.account", TIME_MS, ONE).expect("usable"), case.pins()), (1, 1));
    case.carry_out(TIME_MS, true).expect("carried out");
    refused(case.allowed("an.account", TIME_MS, ONE));
    case.rebuilt();
}

#[test]
fn a_text_with_one_byte_changed_is_no_plan() {
    let mut case = Case::new();
    case.approve("second", TIME_MS, Approver::Anybody).expect("approved");
    let text = std::fs::read_to_string(case.file()).expect("the file");
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        std::fs::write(case.file(), &bytes).expect("edited");
        assert!(refused(case.store.read_export(&case.plan)).contains("was changed"), "byte {at}");
        let other = case.store.export_subject(&String::from_utf8_lossy(&bytes));
        assert_ne!(other.id, case.plan.id, "byte {at}");
        let me = who(&case.store, "an.account", TIME_MS);
        assert!(refused(case.store.allowed_export(me, &other, ONE)).contains("no such plan"), "byte {at}");
    }
    for bytes in [&text.as_bytes()[..text.len() - 1], b"", format!("{text} ").as_bytes()] {
        std::fs::write(case.file(), bytes).expect("edited");
        refused(case.store.read_export(&case.plan));
    }
    std::fs::rename(case.file(), case.place.folder.with_extension("away")).expect("moved");
    assert!(refused(case.store.read_export(&case.plan)).contains("no such plan"));
}

#[test]
fn a_plan_is_the_plan_of_one_store() {
    let (one, mut other) = (Case::new(), Case::new());
    assert_ne!(one.plan.id, other.plan.id, "the same text has another hash in every store");
    other.approve("second", TIME_MS, Approver::Anybody).expect("approved there");
    let name = |case: &Case| case.file().file_name().map(std::ffi::OsStr::to_owned).expect("a name");
    let planted = one.place.folder.join("plans").join(name(&other));
    std::fs::copy(other.file(), &planted).expect("carried over");
    assert!(refused(one.store.read_export(&other.plan)).contains("was changed"));
    let me = who(&one.store, "an.account", TIME_MS);
    assert!(refused(one.store.allowed_export(me, &other.plan, ONE)).contains("no such plan"));
    let approvals = other.store.catalog().approvals(&other.plan.id).expect("approvals");
    let file = format!("plans/{}.approval", ItemId(approvals[0].id));
    std::fs::copy(other.place.folder.join(&file), one.place.folder.join(&file)).expect("carried over");
    assert!(refused(one.allowed("an.account", TIME_MS, ONE)).contains("nobody has approved"));
}

/// The catalog is an index: an approval that is in it alone lets nothing through.
#[test]
fn an_approval_without_its_signed_text_lets_nothing_through() {
    let mut case = Case::new();
    let approval = case.approve("second", TIME_MS, Approver::Anybody).expect("approved");
    let file = case.place.folder.join(format!("plans/{}.approval", ItemId(approval.id)));
    let text = std::fs::read_to_string(&file).expect("the approval");
    let damaged = |case: &Case| match case.allowed("an.account", TIME_MS, ONE) {
        Err(error @ StoreError::Contradiction(_)) => assert!(error.is_damage()),
        other => panic!("{other:?}"),
    };
    let longer = text.replace(&(TIME_MS + 7 * DAY_MS).to_string(), &(TIME_MS + 8 * DAY_MS).to_string());
    assert_ne!(longer, text);
    for edited in [longer.as_str(), "", "{}"] {
        std::fs::write(&file, edited).expect("edited");
        damaged(&case);
    }
    std::fs::rename(&file, case.place.folder.with_extension("away")).expect("moved");
    damaged(&case);
    std::fs::write(&file, &text).expect("put back");
    assert_eq!(case.allowed("an.account", TIME_MS, ONE).expect("allowed"), 1);
}

#[test]
fn sources_stay_while_a_plan_is_open_and_go_then() {
    let policy = POLICY.replace("days = 7", "days = 7\nat_most_days = 30");
    let policies = custody_retention::PolicySet::parse(&[("reports.toml", &policy)]).expect("valid policies");
    for ending in ["exported", "dropped"] {
        let mut case = Case::new();
        assert_eq!(case.pins(), 1);
        let purge = |case: &mut Case, ms| {
            let steps = vec![purge_step(case.report)];
            sweep_under(&mut case.store, ms, (&policies, steps), &mut |_, _| Ok(true)).expect("swept").purged
        };
        // The policy keeps it for 7 days, and what is pinned until its maximum.
        let due_ms = TIME_MS + 8 * DAY_MS;
        assert_eq!(purge(&mut case, due_ms), 0, "{ending}: it is pinned");
        let me = who(&case.store, "an.account", due_ms);
        match ending {
            "exported" => {
                case.plan = case.store.plan_export(me, "another text", &[case.report]).expect("planned");
                case.approve("second", due_ms, Approver::Anybody).expect("approved");
                case.carry_out(due_ms, true).expect("carried out");
                let first = case.store.export_subject(PLAN);
                assert_eq!((case.pins(), purge(&mut case, due_ms)), (1, 0), "the first plan is open");
                case.store.drop_export(me, first, &[case.report]).expect("given up");
            }
            _ => {
                case.store.drop_export(me, case.plan, &[case.report]).expect("given up");
                assert!(refused(case.allowed("an.account", TIME_MS, ONE)).contains("given up"));
            }
        }
        assert_eq!((case.pins(), purge(&mut case, due_ms)), (0, 1), "{ending}");
        case.rebuilt();
    }
}

#[test]
fn what_is_planned_again_needs_a_new_approval() {
    let mut case = Case::new();
    case.approve("second", TIME_MS, Approver::Anybody).expect("approved");
    let entries = case.store.entries();
    assert_eq!(planned(&mut case.store, TIME_MS + 1, &[case.report]), case.plan);
    assert_eq!(case.store.entries(), entries, "it is open: the same one");
    assert_eq!(case.allowed("an.account", TIME_MS + 1, ONE).expect("approved already"), 1);
    let me = who(&case.store, "an.account", TIME_MS + 2);
    case.store.drop_export(me, case.plan, &[case.report]).expect("given up");
    assert_eq!(planned(&mut case.store, TIME_MS + 3, &[case.report]), case.plan);
    assert!(refused(case.allowed("an.account", TIME_MS + 3, ONE)).contains("nobody has approved"));
    assert_eq!(case.pins(), 1);
    let long = "x".repeat((16 << 20) + 1);
    assert!(refused(case.store.plan_export(me, &long, &[])).contains("at most"));
    case.rebuilt();
}

#[test]
fn what_was_purged_meanwhile_does_not_stop_an_ending() {
    let mut case = Case::new();
    case.approve("second", TIME_MS, Approver::Anybody).expect("approved");
    let items = item_rows(&case.store, &[case.report]);
    let (counsel, why) =
        (who(&case.store, "counsel", TIME_MS), custody_retention::store::about(case.store.ids(), "a reason"));
    let kind = custody_retention::request::RequestKind::Purge;
    let (request, _) = case.store.request(counsel, kind, why, &items).expect("asked for");
    assert_eq!(dispose_at(&mut case.store, TIME_MS, &request).expect("done").purged, 1);
    case.carry_out(TIME_MS, true).expect("the caller looks at its sources; the outcome is written");
    let gone = case.store.plan_export(who(&case.store, "an.account", TIME_MS), "new", &[case.report]);
    assert!(matches!(gone, Err(StoreError::Purged(_))), "{gone:?}");
    case.rebuilt();
}

/// A plan that is approved, on a disk that can fail.
fn approved_world() -> (World, ItemId, Subject) {
    let (world, cast) = World::new();
    let (mut store, _) = world.open().expect("it opens");
    let plan = planned(&mut store, NOW_MS, &[cast.young]);
    let second = who(&store, "second", NOW_MS);
    store.approve_as(second, plan, Approved::Export, Approver::Anybody).expect("approved");
    store.checkpoint().expect("a checkpoint");
    drop(store);
    (world.closed(), cast.young, plan)
}

/// As the program does it: intent, the copy that leaves as an item, its place, outcome, checkpoint.
fn export(world: &World, from: ItemId, plan: Subject) -> Result<(), StoreError> {
    let (mut store, _) = world.open()?;
    let me = who(&store, "an.account", NOW_MS);
    let approvals = store.allowed_export(me, &plan, ONE)?;
    let begun = store.begin_export(me, plan, &approvals)?;
    let mut batch = store.begin_ingest(me)?;
    batch.stage(spec(ItemKind::Workbook, "out.xlsx", vec![from]), &mut &b"cells"[..])?;
    batch.commit()?;
    store.exported(begun, me)?;
    store.checkpoint().map(drop)
}

/// Either all of it happened, or nothing was spent and it can be done again.
fn all_or_nothing(world: &World, from: ItemId, plan: Subject, what: &str) -> bool {
    let store = world.recovered(what);
    let state = store.catalog().plan(&plan.id).expect("it can be read").expect("it is known").state;
    let spent = store.catalog().approvals(&plan.id).expect("approvals")[0].spent_ms.is_some();
    let pins = store.catalog().pins(&from).expect("pins").len();
    let done = state == PlanState::Applied;
    assert_eq!(
        (state, spent, pins),
        if done { (PlanState::Applied, true, 0) } else { (PlanState::Open, false, 1) },
        "{what}"
    );
    oracle::check(&store, &world.place, &world.holder, &[]);
    let me = who(&store, "an.account", NOW_MS);
    assert_eq!(store.allowed_export(me, &plan, ONE).is_ok(), !done, "{what}");
    drop(store);
    world.same_when_rebuilt(what);
    if !done {
        export(world, from, plan).unwrap_or_else(|error| panic!("{what}: again: {error}"));
    }
    done
}

#[test]
fn a_crash_at_any_call_leaves_nothing_spent_or_everything_done() {
    let (base, from, plan) = approved_world();
    let whole = base.fork();
    let before = whole.sim.calls();
    export(&whole, from, plan).expect("nothing fails");
    let calls = whole.sim.calls() - before;
    let (mut done, mut undone) = (0, 0);
    for n in 0..calls {
        let world = base.fork();
        if !world.fails_from(n, || export(&world, from, plan)) {
            continue;
        }
        let now = world.catalog_now();
        for (seed, catalog) in [(n, &now), (n + 1_000, &base.catalog)] {
            let what = format!("power lost at call {n}, seed {seed}");
            let left = world.crashed(seed, catalog);
            *(if all_or_nothing(&left, from, plan, &what) { &mut done } else { &mut undone }) += 1;
        }
    }
    assert!(done > 0 && undone > 0, "{done} done, {undone} not");
}

#[test]
fn a_crash_while_planning_and_approving_leaves_what_can_be_done_again() {
    let (base, cast) = World::new();
    let attempt = |world: &World| -> Result<(), StoreError> {
        let (mut store, _) = world.open()?;
        let me = who(&store, "an.account", NOW_MS);
        let plan = store.plan_export(me, PLAN, &[cast.young])?;
        store.approve_as(me, plan, Approved::Export, Approver::Anybody)?;
        store.checkpoint().map(drop)
    };
    let whole = base.fork();
    let before = whole.sim.calls();
    attempt(&whole).expect("nothing fails");
    for n in 0..whole.sim.calls() - before {
        let world = base.fork();
        if !world.fails_from(n, || attempt(&world)) {
            continue;
        }
        let what = format!("power lost at call {n}");
        let left = world.crashed(n, &world.catalog_now());
        drop(left.recovered(&what));
        attempt(&left).unwrap_or_else(|error| panic!("{what}: again: {error}"));
        let store = left.recovered(&what);
        let plan = store.export_subject(PLAN);
        assert_eq!(store.read_export(&plan).expect("its text"), PLAN, "{what}");
        let pins = store.catalog().pins(&cast.young).expect("pins").len();
        assert_eq!(pins, 1, "{what}: an open plan keeps what it was made from");
        drop(store);
        export(&left, cast.young, plan).unwrap_or_else(|error| panic!("{what}: {error}"));
        all_or_nothing(&left, cast.young, plan, &what);
    }
}
