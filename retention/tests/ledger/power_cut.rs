//! A device that loses power: of what was written since the last sync any sectors may be there and any others not,
//! in any order. What was durable has to be there afterwards.

use crate::independent;
use crate::support::{intent, key, new_ledger, outcome};
use custody_retention::ledger::*;
use proptest::prelude::*;
use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::Path;
use std::rc::Rc;

/// Sectors are small, so that records lie across many.
const SECTOR_BYTES: usize = 16;

/// What a device holds for certain, and what the machine believes it does.
#[derive(Debug, Default)]
struct Device {
    durable: Vec<u8>,
    cached: Vec<u8>,
    /// The next sync fails: what is cached will never be written, and no later sync says so again.
    failing: bool,
    lost: bool,
}

#[derive(Debug, Clone)]
struct OnDevice(Rc<RefCell<Device>>);

impl LogFile for OnDevice {
    fn size_bytes(&self) -> io::Result<u64> {
        self.0.borrow().cached.size_bytes()
    }
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.borrow().cached.read_at(bytes, offset)
    }
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.0.borrow_mut().cached.write_at(bytes, offset)
    }
    fn sync(&mut self) -> io::Result<()> {
        let Device { durable, cached, failing, lost } = &mut *self.0.borrow_mut();
        if std::mem::take(failing) {
            *lost = true;
            return Err(io::Error::other("injected"));
        }
        if !*lost {
            durable.clone_from(cached);
        }
        Ok(())
    }
    fn truncate(&mut self, size_bytes: u64) -> io::Result<()> {
        self.0.borrow_mut().cached.truncate(size_bytes as usize);
        Ok(())
    }
    fn forget_cached(&self) -> io::Result<()> {
        let Device { durable, cached, lost, .. } = &mut *self.0.borrow_mut();
        if std::mem::take(lost) {
            cached.clone_from(durable);
        }
        Ok(())
    }
}

impl OnDevice {
    /// Keeps the unsynced sectors that `keeps` says, and a length between the two.
    fn lose_power(&self, keeps: &[bool], size: f64) {
        let mut device = self.0.borrow_mut();
        let (durable, cached) = (device.durable.clone(), device.cached.clone());
        let grown = cached.len().saturating_sub(durable.len());
        let length = durable.len() + (grown as f64 * size) as usize;
        let mut left = durable;
        left.resize(length, 0);
        for (i, sector) in cached.chunks(SECTOR_BYTES).enumerate() {
            let start = i * SECTOR_BYTES;
            let end = (start + sector.len()).min(length);
            if keeps[i % keeps.len()] && start < end {
                left[start..end].copy_from_slice(&sector[..end - start]);
            }
        }
        (device.durable, device.cached) = (left.clone(), left);
    }

    /// A device with a new ledger's file on it.
    fn with_entries(folder: &Path) -> Self {
        let bytes = fs::read(Ledger::entries_file(folder)).expect("the entries");
        Self(Rc::new(RefCell::new(Device { durable: bytes.clone(), cached: bytes, ..Device::default() })))
    }
}

/// Linux marks pages as clean whose sync failed: they look written until the cache lets them go.
#[test]
fn after_a_failed_sync_only_what_the_device_has_counts() {
    let (_dir, folder) = new_ledger();
    let device = OnDevice::with_entries(&folder);
    let (mut ledger, _) = Ledger::open_with(&folder, key().verifier(), device.clone()).expect("it opens");
    device.0.borrow_mut().failing = true;
    ledger.append(&intent(1)).expect("an entry");
    assert!(ledger.commit().is_err());
    drop(ledger);
    assert!(device.0.borrow().cached.len() > device.0.borrow().durable.len());
    let (mut ledger, _) = Ledger::open_with(&folder, key().verifier(), device.clone()).expect("it opens");
    assert_eq!(ledger.size(), 1);
    ledger.append(&intent(2)).expect("an entry");
    assert_eq!(ledger.commit().expect("durable"), 2);
    device.lose_power(&[false], 0.0);
    let left = device.0.borrow().cached.clone();
    let report = verify_entries(&left, key().verifier(), &[]).expect("memory can be read");
    assert!(report.is_clean() && report.size == 2, "{report:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_was_durable_survives_any_order_of_writes(
        rounds in proptest::collection::vec((0_u64..6, 0_u64..6, any::<bool>(), any::<bool>()), 1..6),
        keeps in proptest::collection::vec(any::<bool>(), 1..40), size in 0.0..=1.0_f64,
    ) {
        let (_dir, folder) = new_ledger();
        let device = OnDevice::with_entries(&folder);
        for (acts, unsynced, checkpoint, power) in rounds {
            let opened = Ledger::open_with(&folder, key().verifier(), device.clone());
            let (mut ledger, _) = opened.expect("recovery");
            for number in 0..acts {
                let index = ledger.append(&intent(number)).expect("an entry");
                ledger.commit().expect("durable");
                ledger.append(&outcome(index, number)).expect("an entry");
            }
            if checkpoint {
                ledger.checkpoint(&key()).expect("a checkpoint");
            }
            let durable = ledger.commit().expect("durable");
            let root = ledger.root();
            // Written, never synced: an entry so long that the batch does not wait in memory.
            for number in 0..unsynced {
                ledger.append(&long(number)).expect("an entry");
            }
            drop(ledger);
            // Otherwise the process alone dies, and what it wrote stays in the cache.
            if power {
                device.lose_power(&keeps, size);
            }
            let left = device.0.borrow().cached.clone();
            let report = verify_entries(&left, key().verifier(), &[]).expect("memory can be read");
            prop_assert!(report.size >= durable, "{} of {durable}: {:?}", report.size, report.findings);
            let torn = |finding: &Finding| matches!(finding, Finding::TornTail { .. });
            prop_assert!(report.findings.iter().all(torn), "{:?}", report.findings);
            prop_assert!(report.size > durable || report.root == root);
        }
        let (ledger, _) = Ledger::open_with(&folder, key().verifier(), device.clone()).expect("recovery");
        let again = Ledger::open_with(&folder, key().verifier(), device.clone()).expect("once more");
        prop_assert_eq!((again.1.torn_tail, again.0.size()), (None, ledger.size()));
        let seen = independent::check(&device.0.borrow().cached, &key().verifier().to_string(), &[]);
        prop_assert_eq!(seen.expect("it verifies").entries.len() as u64, ledger.size());
    }
}

/// An intent on as many subjects as there can be.
fn long(number: u64) -> Entry {
    let Entry::Intent(mut act) = intent(number) else { unreachable!("it is an intent") };
    act.subjects = vec![act.subjects[0]; SUBJECTS_MAX];
    Entry::Intent(act)
}
