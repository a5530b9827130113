//! A store driven at random, beside a simple model of it: what comes in, holds and their release, use, events, pins,
//! requests, approvals, sweeps, rotations, closings and catalogs made anew. The model says what every act has to do.

use crate::model::{Fate, Model, POLICIES};
use crate::oracle;
use crate::support::{DAY_MS, Memory, TIME_MS, fast_folder, item_rows, look, spec, who};
use custody_retention::disk::RealDisk;
use custody_retention::keys::{KeyHolder, Which};
use custody_retention::ledger::SubjectKind;
use custody_retention::request::RequestKind;
use custody_retention::store::*;
use custody_retention::sweep::{Cause, Step, SweepReport, Sweeper, Warrant, sweep};
use custody_retention::{ItemId, ItemKind, PolicySet};
use custody_rules::approval::Approved;
use proptest::prelude::*;
use std::sync::Arc;

/// One act. Numbers choose among what is there.
#[derive(Debug, Clone)]
enum Act {
    Ingest { class: usize, copies: usize, same: bool },
    Derive { unit: usize },
    Hold { unit: usize, member: usize, matter: usize },
    Release { unit: usize, matter: usize, approved: bool },
    Use { unit: usize, member: usize },
    Event { unit: usize },
    Pin { unit: usize, by: usize },
    Unpin { unit: usize, by: usize },
    Sweep { chosen: u64, marks: u64 },
    Purge { unit: usize, other: usize },
    Erase { unit: usize, approved: bool },
    Rotate,
    Reopen,
    Rebuild,
    Advance { days: u64 },
}

fn acts() -> impl Strategy<Value = Act> {
    let n = || 0_usize..12;
    prop_oneof![
        6 => (0_usize..3, 0_usize..3, any::<bool>())
            .prop_map(|(class, copies, same)| Act::Ingest { class, copies, same }),
        1 => n().prop_map(|unit| Act::Derive { unit }),
        3 => (n(), n(), 0_usize..2).prop_map(|(unit, member, matter)| Act::Hold { unit, member, matter }),
        3 => (n(), 0_usize..2, prop::bool::weighted(0.8))
            .prop_map(|(unit, matter, approved)| Act::Release { unit, matter, approved }),
        2 => (n(), n()).prop_map(|(unit, member)| Act::Use { unit, member }),
        2 => n().prop_map(|unit| Act::Event { unit }),
        1 => (n(), 0_usize..2).prop_map(|(unit, by)| Act::Pin { unit, by }),
        1 => (n(), 0_usize..2).prop_map(|(unit, by)| Act::Unpin { unit, by }),
        5 => (any::<u64>(), any::<u64>()).prop_map(|(chosen, marks)| Act::Sweep { chosen, marks }),
        1 => (n(), n()).prop_map(|(unit, other)| Act::Purge { unit, other }),
        1 => (n(), any::<bool>()).prop_map(|(unit, approved)| Act::Erase { unit, approved }),
        1 => Just(Act::Rotate),
        1 => Just(Act::Reopen),
        1 => Just(Act::Rebuild),
        4 => (0_u64..6).prop_map(|days| Act::Advance { days }),
    ]
}

struct Machine {
    _dir: tempfile::TempDir,
    place: StorePlace,
    holder: Memory,
    policies: PolicySet,
    store: Option<Store>,
    model: Model,
}

impl Machine {
    fn new() -> Self {
        let dir = fast_folder();
        let folder = dir.path().join("store");
        let disk = RealDisk::create(&folder).expect("a folder");
        let (place, holder) = (StorePlace { disk: Arc::new(disk), folder }, Memory::default());
        let key = holder.make(Which::Current).expect("a key");
        let init = Init {
            id: [3; 16],
            source: KeySource::Keyring,
            key: &key,
            environment: None,
            policies: &POLICIES,
            account: "an.account",
            time_ms: TIME_MS,
        };
        Store::init(&place, &init).expect("a new store");
        let policies = PolicySet::parse(&POLICIES).expect("valid policies");
        let mut made = Self { _dir: dir, place, holder, policies, store: None, model: Model::new(TIME_MS) };
        made.open();
        made
    }

    fn open(&mut self) {
        let opened = Store::open_on(&self.place, &self.holder, self.model.now_ms, false);
        let (store, report) = opened.expect("it opens");
        assert_eq!((report.finished, report.undone, report.folded, report.torn_tail), (0, 0, 0, None));
        self.store = Some(store);
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_mut().expect("it is open")
    }

    fn who(&self, account: &str) -> Who {
        who(self.store.as_ref().expect("it is open"), account, self.model.now_ms)
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Ingest { class, copies, same } => self.ingest(class, copies, same),
            Act::Derive { unit } => self.derive(unit),
            Act::Hold { unit, member, matter } => self.hold(unit, member, matter),
            Act::Release { unit, matter, approved } => self.release(unit, matter, approved),
            Act::Use { unit, member } => self.used(unit, member),
            Act::Event { unit } => self.event(unit),
            Act::Pin { unit, by } => self.pin(unit, by, true),
            Act::Unpin { unit, by } => self.pin(unit, by, false),
            Act::Sweep { chosen, marks } => self.sweep(chosen, marks),
            Act::Purge { unit, other } => self.purge(unit, other),
            Act::Erase { unit, approved } => self.erase(unit, approved),
            Act::Rotate => {
                let (who, holder) = (self.who("an.account"), self.holder.clone());
                self.store().rotate(who, &holder).expect("rotated");
            }
            Act::Reopen => {
                self.store().checkpoint().expect("a checkpoint");
                self.store = None;
                self.open();
                self.asked();
            }
            Act::Rebuild => self.rebuild(),
            Act::Advance { days } => self.model.now_ms += days * DAY_MS,
        }
        self.balanced();
        // Nobody approves the same thing twice in one millisecond.
        self.model.now_ms += 1;
    }

    fn ingest(&mut self, class: usize, copies: usize, same: bool) {
        let who = self.who("an.account");
        let number = if same { 0 } else { self.model.units.len() };
        let word = Model::class(class);
        let mut batch = self.store().begin_ingest(who).expect("a batch");
        let mut members: Vec<ItemId> = Vec::new();
        for copy in 0..=copies {
            let kind = if copy == 0 { ItemKind::Artifact } else { ItemKind::Table };
            let mut spec =
                spec(kind, &format!("name {number}"), members.first().copied().into_iter().collect());
            word.clone_into(&mut spec.class);
            let text = format!("content {number} {copy}");
            members.push(batch.stage(spec, &mut text.as_bytes()).expect("staged"));
        }
        let taken = batch.commit().expect("taken in");
        assert_eq!(taken.iter().map(|item| item.id).collect::<Vec<_>>(), members);
        self.model.ingested(class, members);
    }

    /// A copy of something: of what is gone there is none.
    fn derive(&mut self, unit: usize) {
        let (Some(unit), who) = (self.model.pick(unit), self.who("an.account")) else { return };
        let (root, gone) = (self.model.units[unit].members[0], self.model.units[unit].purged);
        let mut batch = self.store().begin_ingest(who).expect("a batch");
        let mut late = spec(ItemKind::Table, "late", vec![root]);
        "log".clone_into(&mut late.class);
        let id = batch.stage(late, &mut &b"late"[..]).expect("staged");
        match batch.commit() {
            Ok(_) if !gone => self.model.units[unit].members.push(id),
            Err(StoreError::Purged(_)) if gone => {}
            other => panic!("{other:?}"),
        }
    }

    fn hold(&mut self, unit: usize, member: usize, matter: usize) {
        let (Some(unit), who) = (self.model.pick(unit), self.who("counsel")) else { return };
        let members = &self.model.units[unit].members;
        let (id, gone) = (members[member % members.len()], self.model.units[unit].purged);
        match self.store().hold(who, &format!("Case {matter}"), &[id]) {
            Ok(()) if !gone => drop(self.model.units[unit].holds.insert((matter, id))),
            Err(StoreError::Purged(_)) if gone => {}
            other => panic!("{other:?}"),
        }
    }

    fn release(&mut self, unit: usize, matter: usize, approved: bool) {
        let (Some(unit), who) = (self.model.pick(unit), self.who("an.account")) else { return };
        let second = self.who("second");
        let members = self.model.units[unit].members.clone();
        let items = item_rows(self.store(), &members);
        let held = self.model.units[unit].holds.iter().any(|(of, _)| *of == matter);
        let name = format!("Case {matter}");
        match self.store().release(who, &name, &items) {
            Err(StoreError::Refused(_)) if !held => {}
            Ok((plan, None)) if held => {
                if !approved {
                    return;
                }
                assert!(self.store().approve(who, plan, Approved::HoldRelease).is_err(), "one's own");
                self.store().approve(second, plan, Approved::HoldRelease).expect("approved");
                let count = self.store().release(who, &name, &items).expect("released").1;
                let all = self.model.released(unit, matter);
                assert_eq!(count, Some(all));
            }
            other => panic!("{other:?}"),
        }
    }

    fn used(&mut self, unit: usize, member: usize) {
        let (Some(unit), who) = (self.model.pick(unit), self.who("an.account")) else { return };
        let members = &self.model.units[unit].members;
        let (id, gone) = (members[member % members.len()], self.model.units[unit].purged);
        match self.store().used(who, &[id]) {
            Ok(()) if !gone => self.model.units[unit].used_ms = self.model.now_ms,
            Err(StoreError::Purged(_)) if gone => {}
            other => panic!("{other:?}"),
        }
    }

    fn event(&mut self, unit: usize) {
        let (Some(unit), who) = (self.model.pick(unit), self.who("an.account")) else { return };
        let (root, gone) = (self.model.units[unit].members[0], self.model.units[unit].purged);
        match self.store().event(who, "load-confirmed", &[root]) {
            Ok(()) if !gone => self.model.units[unit].event_ms = Some(self.model.now_ms),
            Err(StoreError::Purged(_)) if gone => {}
            other => panic!("{other:?}"),
        }
    }

    fn pin(&mut self, unit: usize, by: usize, pinned: bool) {
        let (Some(unit), who) = (self.model.pick(unit), self.who("an.account")) else { return };
        let (root, gone) = (self.model.units[unit].members[0], self.model.units[unit].purged);
        let plan = about(self.store().ids(), &format!("plan {by}"));
        let done = if pinned {
            self.store().pin(who, plan, &[root])
        } else {
            self.store().unpin(who, plan, &[root])
        };
        match done {
            Ok(()) if !gone && pinned => drop(self.model.units[unit].pins.insert(by)),
            Ok(()) if !gone => drop(self.model.units[unit].pins.remove(&by)),
            Err(StoreError::Purged(_)) if gone => {}
            other => panic!("{other:?}"),
        }
    }

    /// Sweeps whatever is chosen, due or not: what comes of it is what the model says.
    fn sweep(&mut self, chosen: u64, marks: u64) {
        let units = (0..self.model.units.len()).filter(|unit| chosen >> (unit % 64) & 1 == 1);
        let units: Vec<(usize, bool)> = units.map(|unit| (unit, marks >> (unit % 64) & 1 == 1)).collect();
        let steps = units.iter().map(|(unit, mark)| {
            let root = self.model.units[*unit].members[0];
            let cause = Cause::Policy { policy: "p".to_owned(), rule: "period".to_owned(), since_ms: 0 };
            Ok(if *mark { Step::Mark(root) } else { Step::Purge(root, cause) })
        });
        let steps: Vec<_> = steps.collect();
        let (who, now_ms) = (self.who("sweep"), self.model.now_ms);
        let store = self.store.as_mut().expect("it is open");
        let plan = |kind| store.ids().subject(kind, &now_ms.to_le_bytes());
        let warrant = Warrant {
            plan: plan(SubjectKind::Plan),
            policies: plan(SubjectKind::Policy),
            approvals: Vec::new(),
            approvers: Vec::new(),
        };
        let mut sweeper = Sweeper {
            user: who.user,
            clock_ms: &mut || now_ms,
            policies: Some(&self.policies),
            look: &mut look,
            between: &mut |_, _| Ok(true),
        };
        let report = sweep(store, &mut sweeper, &warrant, &mut steps.into_iter()).expect("swept");
        let (mut purged, mut marked, mut held, mut not_due, mut gone) = (0, 0, 0, 0, 0);
        for (unit, mark) in units {
            match (self.model.fate(unit), mark) {
                (Fate::Gone, _) => gone += 1,
                (Fate::Held, _) => held += 1,
                (Fate::Mark, true) => {
                    marked += 1;
                    self.model.units[unit].marked_ms = Some(now_ms);
                }
                (Fate::Purge, false) => {
                    purged += 1;
                    self.model.units[unit].purged = true;
                }
                _ => not_due += 1,
            }
        }
        let seen = (report.purged, report.marked, report.held, report.not_due, report.already_gone);
        assert_eq!(seen, (purged, marked, held, not_due, gone));
        assert_eq!(report.odd, []);
    }

    fn dispose(&mut self, plan: &custody_retention::ledger::Subject) -> Result<SweepReport, StoreError> {
        crate::support::dispose_at(self.store.as_mut().expect("it is open"), self.model.now_ms, plan)
    }

    fn purge(&mut self, unit: usize, other: usize) {
        let (Some(unit), Some(other)) = (self.model.pick(unit), self.model.pick(other)) else { return };
        let who = self.who("an.account");
        let mut chosen = vec![unit, other];
        chosen.dedup();
        let ids: Vec<ItemId> = chosen.iter().map(|unit| self.model.units[*unit].members[0]).collect();
        let items = item_rows(self.store(), &ids);
        let reason = about(self.store().ids(), "a reason");
        let (plan, _) = self.store().request(who, RequestKind::Purge, reason, &items).expect("asked for");
        let report = self.dispose(&plan).expect("done");
        let (mut purged, mut held) = (0, 0);
        for unit in chosen {
            match self.model.fate(unit) {
                Fate::Gone => {}
                Fate::Held => held += 1,
                _ => {
                    purged += 1;
                    self.model.units[unit].purged = true;
                }
            }
        }
        assert_eq!((report.purged, report.held), (purged, held));
        assert!(self.dispose(&plan).is_err(), "it was carried out");
    }

    fn erase(&mut self, unit: usize, approved: bool) {
        let (Some(unit), who) = (self.model.pick(unit), self.who("an.account")) else { return };
        let second = self.who("second");
        let root = self.model.units[unit].members[0];
        let items = item_rows(self.store(), &[root]);
        let person = about(self.store().ids(), "somebody");
        let (plan, _) = self.store().request(who, RequestKind::Erase, person, &items).expect("asked for");
        if !approved {
            assert!(matches!(self.dispose(&plan), Err(StoreError::Refused(_))));
            return;
        }
        self.store().approve(second, plan, Approved::Erase).expect("approved");
        let fate = self.model.fate(unit);
        let report = self.dispose(&plan).expect("done");
        assert_eq!(report.held > 0, fate == Fate::Held);
        assert_eq!(report.purged > 0, !matches!(fate, Fate::Held | Fate::Gone));
        self.model.units[unit].purged |= report.purged > 0;
        assert!(self.dispose(&plan).is_err(), "an approval is good for once");
    }

    /// Closes it and goes on with a catalog that is made anew.
    fn rebuild(&mut self) {
        let store = self.store.take().expect("it is open");
        let live = oracle::dump(&store, &self.place);
        drop(store);
        let made = Store::rebuild(&self.place, &self.holder, self.model.now_ms);
        let (store, _) = made.expect("made anew");
        oracle::same(&live, &oracle::dump(&store, &self.place), "made anew");
        self.store = Some(store);
        self.asked();
    }

    /// What is cheap enough to be asked after every act.
    fn balanced(&mut self) {
        let rows = oracle::rows(self.store());
        for unit in &self.model.units {
            for id in &unit.members {
                let row = rows.iter().find(|row| row.id == *id).expect("it is known");
                assert_eq!((row.is_purged(), row.held), (unit.purged, !unit.holds.is_empty()));
                assert_eq!(row.pinned, !unit.pins.is_empty() && !unit.purged);
            }
        }
        let counts = self.store().catalog().counts().expect("counts");
        assert_eq!(counts.present + counts.purged, rows.len() as u64);
    }

    fn asked(&self) {
        oracle::check(self.store.as_ref().expect("it is open"), &self.place, &self.holder, &[]);
    }
}

/// Sequences of acts that are tried; more for a soak.
fn cases() -> u32 {
    std::env::var("CUSTODY_TEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_store_does_what_a_simple_model_says(acts in prop::collection::vec(acts(), 10..60)) {
        let mut machine = Machine::new();
        for act in &acts {
            machine.act(act);
        }
        machine.act(&Act::Reopen);
        machine.act(&Act::Rebuild);
    }
}
