//! The key file beside a simple model: keys are added, destroyed, made durable, rotated, and lost to power cuts and
//! faults at random; what was durable is there, and what is there was put there.

use crate::sim::{EIO, SimDisk};
use crate::support::{DiskHolder, data_key, item, same};
use custody_retention::keys::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
    Add,
    Destroy(usize),
    Sync,
    Reopen,
    Rotate,
    PowerCut(u64),
    /// A call fails some calls from now; then the store is opened anew.
    Fault(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => Just(Step::Add),
        3 => any::<usize>().prop_map(Step::Destroy),
        3 => Just(Step::Sync),
        1 => Just(Step::Reopen),
        1 => Just(Step::Rotate),
        2 => any::<u64>().prop_map(Step::PowerCut),
        1 => (0_u64..40).prop_map(Step::Fault),
    ];
    prop::collection::vec(step, 1..60)
}

/// What is known of an item's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Live,
    Gone,
    /// Added, and not durable yet.
    PerhapsLive,
    /// Destroyed, and not durable yet.
    PerhapsGone,
}

struct Model {
    disk: SimDisk,
    keys: KeyFile,
    items: BTreeMap<u64, (Slot, Known)>,
    next: u64,
    generation: u64,
}

impl Model {
    fn new() -> Self {
        let disk = SimDisk::new();
        let holder = DiskHolder(disk.clone());
        let made = holder.make(Which::Current).expect("made");
        let secrets = Secrets::random().expect("random");
        let keys = KeyFile::create(&disk, StoreId([7; 16]), &made, &secrets).expect("made");
        Self { disk, generation: keys.generation(), keys, items: BTreeMap::new(), next: 0 }
    }

    fn step(&mut self, step: &Step) -> Result<(), KeyError> {
        match step {
            Step::Add => {
                let slot = self.keys.add(&item(self.next), &data_key(self.next))?;
                self.items.insert(self.next, (slot, Known::PerhapsLive));
                self.next += 1;
            }
            Step::Destroy(which) => {
                let live: Vec<_> =
                    self.items.iter().filter(|(_, (_, known))| *known == Known::Live).collect();
                let Some(&(&number, &(slot, _))) = live.get(which % live.len().max(1)) else { return Ok(()) };
                self.items.insert(number, (slot, Known::PerhapsGone));
                assert_eq!(self.keys.destroy(slot, &item(number))?, Destroyed::Done);
            }
            Step::Sync => {
                self.generation = self.keys.sync()?;
                self.durable();
            }
            Step::Rotate => {
                self.generation = self.keys.rotate(&self.disk, &DiskHolder(self.disk.clone()))?.generation;
                self.durable();
                self.items.retain(|_, (_, known)| *known == Known::Live);
            }
            Step::Reopen => self.reopen(),
            Step::PowerCut(seed) => {
                self.disk = self.disk.crash(*seed);
                self.reopen();
            }
            Step::Fault(calls) => self.disk.fail_at(*calls, EIO),
        }
        Ok(())
    }

    fn durable(&mut self) {
        for (_, known) in self.items.values_mut() {
            *known =
                if matches!(known, Known::Live | Known::PerhapsLive) { Known::Live } else { Known::Gone };
        }
    }

    /// Opens the store anew and takes over what is there, as far as it was not known.
    fn reopen(&mut self) {
        self.disk.heal();
        let (keys, report) = KeyFile::open(&self.disk, &DiskHolder(self.disk.clone())).expect("opens");
        assert!(!report.damaged_copy && keys.generation() >= self.generation);
        self.generation = keys.generation();
        self.items.retain(|number, (slot, known)| {
            match (keys.get(*slot, &item(*number)), *known) {
                (Ok(key), Known::Live | Known::PerhapsLive | Known::PerhapsGone) => {
                    assert!(same(&key, &data_key(*number)));
                    *known = Known::Live;
                    true
                }
                (Err(KeyError::Destroyed), Known::Gone | Known::PerhapsGone) => {
                    *known = Known::Gone;
                    true
                }
                // Never durable, or freed by a rotation that a power cut let end, or half written by a fault.
                (
                    Err(KeyError::NoKey | KeyError::OtherItem),
                    Known::PerhapsLive | Known::Gone | Known::PerhapsGone,
                )
                | (Err(KeyError::DamagedSlot { .. }), Known::PerhapsLive | Known::PerhapsGone) => false,
                other => panic!("item {number} in {slot:?}: {other:?}"),
            }
        });
        self.keys = keys;
    }

    /// Every live key in the file is of an item that was put there, and all of those are in the file.
    fn check(&self) {
        let mut live = BTreeMap::new();
        let seen = self.keys.for_each(|slot, state| {
            if let SlotState::Live(there) = state {
                assert_eq!(live.insert(slot, there), None);
            }
            Ok::<_, KeyError>(())
        });
        seen.expect("reads");
        let known =
            self.items.iter().filter(|(_, (_, known))| matches!(known, Known::Live | Known::PerhapsLive));
        let known: BTreeMap<_, _> = known.map(|(number, (slot, _))| (*slot, item(*number))).collect();
        assert!(known.iter().all(|(slot, there)| live.get(slot) == Some(there)));
        // An item whose adding failed may have left its key: nobody was told its slot.
        let told =
            |there| (0..self.next).any(|number| item(number) == there && self.items.contains_key(&number));
        assert!(live.iter().all(|(slot, there)| known.get(slot) == Some(there) || !told(*there)));
        assert_eq!(self.keys.doubled(), Ok(vec![]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_key_file_does_what_the_model_does(steps in steps()) {
        let mut model = Model::new();
        for step in &steps {
            if model.step(step).is_err() {
                // The number is not used again: its key may be there.
                model.next += 1;
                model.reopen();
            }
        }
        model.reopen();
        model.check();
    }
}
