//! Stores for the tests, with synthetic content.

use custody_retention::keys::{KeyError, KeyHolder, Made, StoreKey, Which};
use custody_retention::ledger::UserId;
use custody_retention::store::*;
use custody_retention::sweep::{SweepReport, Sweeper};
use custody_retention::{Exposure, ItemId, ItemKind, PolicySet, disk::RealDisk};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The clock's start in all tests, in milliseconds.
pub(crate) const TIME_MS: u64 = 1_767_225_600_000;
pub(crate) const DAY_MS: u64 = 86_400_000;

/// A store key in memory, as a keyring would hold it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Memory(Arc<Mutex<[Option<StoreKey>; 2]>>);

fn place(which: Which) -> usize {
    usize::from(which == Which::Next)
}

impl KeyHolder for Memory {
    fn get(
        &self,
        which: Which,
        _: Option<&custody_retention::keys::Kdf>,
    ) -> Result<Option<StoreKey>, KeyError> {
        Ok(self.0.lock().expect("nobody panicked")[place(which)].clone())
    }

    fn make(&self, which: Which) -> Result<Made, KeyError> {
        let key = StoreKey::random()?;
        self.0.lock().expect("nobody panicked")[place(which)] = Some(key.clone());
        Ok(Made { key, kdf: None })
    }

    fn promote(&self) -> Result<(), KeyError> {
        let mut keys = self.0.lock().expect("nobody panicked");
        if let Some(next) = keys[1].take() {
            keys[0] = Some(next);
        }
        Ok(())
    }

    fn forget_next(&self) -> Result<(), KeyError> {
        self.0.lock().expect("nobody panicked")[1] = None;
        Ok(())
    }
}

pub(crate) const POLICY: &str = "id = \"reports\"\ndescribe = \"Imported reports\"\nbasis = \"GDPR Art. 5(1)(e)\"\n\
unattended = true\n[match]\nclass = [\"report\"]\n[keep]\nfrom = \"ingested\"\ndays = 7\n";

/// A new store in a folder that lasts as long as the first value.
pub(crate) fn new_store() -> (tempfile::TempDir, StorePlace, Memory) {
    let dir = fast_folder();
    let folder = dir.path().join("store");
    let disk = RealDisk::create(&folder).expect("a folder for the store");
    let place = StorePlace { disk: Arc::new(disk), folder };
    let holder = Memory::default();
    let key = holder.make(Which::Current).expect("a key");
    let init = Init {
        id: [7; 16],
        source: KeySource::Keyring,
        key: &key,
        environment: Some("sandbox".to_owned()),
        policies: &[("reports.toml", POLICY)],
        account: "an.account",
        time_ms: TIME_MS,
    };
    Store::init(&place, &init).expect("a new store");
    (dir, place, holder)
}

/// Opens a store that needs no recovery.
pub(crate) fn open(place: &StorePlace, holder: &Memory) -> Store {
    open_at(place, holder, TIME_MS)
}

/// Opens a store at a time.
pub(crate) fn open_at(place: &StorePlace, holder: &Memory, time_ms: u64) -> Store {
    let (store, report) = Store::open_on(place, holder, time_ms, false).expect("it can be opened");
    assert_eq!((report.finished, report.undone, report.torn_tail), (0, 0, None));
    store
}

pub(crate) fn user(store: &Store, account: &str) -> UserId {
    store.ids().user(account)
}

pub(crate) fn who(store: &Store, account: &str, time_ms: u64) -> Who {
    Who { user: user(store, account), time_ms }
}

pub(crate) fn spec(kind: ItemKind, name: &str, parents: Vec<ItemId>) -> ItemSpec {
    ItemSpec {
        kind,
        format: "csv".to_owned(),
        class: "report".to_owned(),
        environment: "sandbox".to_owned(),
        source: "file".to_owned(),
        exposure: Exposure::Raw,
        owner: None,
        parents,
        name: name.to_owned(),
        origin: None,
    }
}

/// Ingests a report with a table made of it; both have the text as content.
pub(crate) fn ingest(store: &mut Store, text: &str, time_ms: u64) -> (ItemId, ItemId) {
    let who = who(store, "an.account", time_ms);
    let mut batch = store.begin_ingest(who).expect("a batch");
    let report = batch.stage(spec(ItemKind::Artifact, "Planted Name.csv", vec![]), &mut text.as_bytes());
    let report = report.expect("it can be staged");
    let table = batch.stage(spec(ItemKind::Table, "Planted Name.csv", vec![report]), &mut text.as_bytes());
    let table = table.expect("it can be staged");
    assert_eq!(batch.commit().expect("taken in").len(), 2);
    (report, table)
}

pub(crate) fn policies() -> PolicySet {
    PolicySet::parse(&[("reports.toml", POLICY)]).expect("valid policies")
}

/// Sweeps with steps that are given, at a time.
pub(crate) fn sweep_at(
    store: &mut Store,
    time_ms: u64,
    steps: Vec<custody_retention::sweep::Step>,
    between: &mut custody_retention::sweep::Between<'_>,
) -> Result<SweepReport, StoreError> {
    sweep_under(store, time_ms, (&policies(), steps), between)
}

/// As [`sweep_at`], under policies that are given.
pub(crate) fn sweep_under(
    store: &mut Store,
    time_ms: u64,
    (policies, steps): (&PolicySet, Vec<custody_retention::sweep::Step>),
    between: &mut custody_retention::sweep::Between<'_>,
) -> Result<SweepReport, StoreError> {
    let user = user(store, "sweep");
    let ids = store.ids();
    let kind = custody_retention::ledger::SubjectKind::Plan;
    let warrant = custody_retention::sweep::Warrant {
        plan: ids.subject(kind, &time_ms.to_le_bytes()),
        policies: ids.subject(custody_retention::ledger::SubjectKind::Policy, b"policies"),
        approvals: Vec::new(),
        approvers: Vec::new(),
    };
    let mut sweeper =
        Sweeper { user, clock_ms: &mut || time_ms, policies: Some(policies), look: &mut look, between };
    custody_retention::sweep::sweep(store, &mut sweeper, &warrant, &mut steps.into_iter().map(Ok))
}

pub(crate) fn purge_step(id: ItemId) -> custody_retention::sweep::Step {
    let cause = custody_retention::sweep::Cause::Policy {
        policy: "reports".to_owned(),
        rule: "period".to_owned(),
        since_ms: TIME_MS,
    };
    custody_retention::sweep::Step::Purge(id, cause)
}

/// Whether some bytes stand in any file below a folder.
pub(crate) fn anywhere(folder: &Path, wanted: &[u8]) -> bool {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            if entry.file_type().expect("a type").is_dir() {
                folders.push(entry.path());
            } else if std::fs::read(entry.path()).expect("a file").windows(wanted.len()).any(|w| w == wanted)
            {
                return true;
            }
        }
    }
    false
}

/// A folder on a file system in memory, where there is one: a test that syncs thousands of times needs no device.
pub(crate) fn fast_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a temporary folder")
}

impl Memory {
    /// The same keys, held by another.
    pub(crate) fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.0.lock().expect("nobody panicked").clone())))
    }
}

/// A sweep for a request, without policies.
pub(crate) fn dispose_at(
    store: &mut Store,
    time_ms: u64,
    plan: &custody_retention::ledger::Subject,
) -> Result<SweepReport, StoreError> {
    let user = user(store, "an.account");
    let mut sweeper = Sweeper {
        user,
        clock_ms: &mut || time_ms,
        policies: None,
        look: &mut look,
        between: &mut |_, _| Ok(true),
    };
    store.dispose(plan, "a reason", &mut sweeper)
}

/// The catalog's rows of items.
pub(crate) fn item_rows(store: &Store, ids: &[ItemId]) -> Vec<custody_retention::catalog::ItemRow> {
    ids.iter().map(|id| store.catalog().item(id).expect("it can be read").expect("it is known")).collect()
}

/// What a sweep is told of files outside of the store: nobody looked.
pub(crate) fn look(
    _: &Store,
    place: &custody_retention::sweep::RecordPlace,
) -> (String, custody_retention::certificate::Presence) {
    (place.what.clone(), custody_retention::certificate::Presence::Unknown)
}

/// A store in a folder, with its key in a file beside it, for more than one process.
pub(crate) fn shared_store() -> (tempfile::TempDir, std::path::PathBuf, custody_retention::keys::FileHolder) {
    let dir = fast_folder();
    let folder = dir.path().join("store");
    let disk = RealDisk::create(&folder).expect("a folder for the store");
    let place = StorePlace { disk: Arc::new(disk), folder: folder.clone() };
    let holder = custody_retention::keys::FileHolder::new(&folder.with_extension("key")).expect("a path");
    let key = holder.make(Which::Current).expect("a key");
    let init = Init {
        id: [9; 16],
        source: KeySource::File("store.key".to_owned()),
        key: &key,
        environment: Some("sandbox".to_owned()),
        policies: &[("reports.toml", POLICY)],
        account: "an.account",
        time_ms: TIME_MS,
    };
    Store::init(&place, &init).expect("a new store");
    (dir, folder, holder)
}

impl Memory {
    /// The keys that another holder has now.
    pub(crate) fn of(holder: &dyn KeyHolder) -> Self {
        let key = |which| holder.get(which, None).expect("it can be asked");
        Self(Arc::new(Mutex::new([key(Which::Current), key(Which::Next)])))
    }
}
