//! A small store on a disk in memory, with something of everything in it, that can be copied as often as a test needs.
//! Its catalog lies on a real file system, as SQLite keeps its own.

use crate::oracle;
use crate::sim::SimDisk;
use crate::support::*;
use custody_retention::ItemId;
use custody_retention::ItemKind;
use custody_retention::keys::{KeyHolder, Which};
use custody_retention::ledger::Subject;
use custody_retention::request::RequestKind;
use custody_retention::store::*;
use custody_retention::sweep::RecordPlace;
use custody_rules::approval::Approved;
use std::sync::Arc;

/// When everything happens that a test does to it.
pub(crate) const NOW_MS: u64 = TIME_MS + 8 * DAY_MS;

/// A store, closed.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) sim: SimDisk,
    pub(crate) place: StorePlace,
    pub(crate) holder: Memory,
    pub(crate) catalog: Vec<u8>,
    _dir: tempfile::TempDir,
}

/// Who is in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cast {
    /// Due; with a table and a location.
    pub(crate) due: ItemId,
    pub(crate) due_table: ItemId,
    /// Due, with a table.
    pub(crate) also_due: ItemId,
    /// Due and held, by its table.
    pub(crate) held: ItemId,
    /// Due and held; its release is approved.
    pub(crate) released: ItemId,
    /// Not due; its erasure is approved.
    pub(crate) erased: ItemId,
    pub(crate) erasure: Subject,
    /// Not due.
    pub(crate) young: ItemId,
}

impl World {
    /// Does a deed while every call from one on fails; whether one was met. IDs are random, and some save a call: then there
    /// may be none left to fail, and the deed is done.
    pub(crate) fn fails_from<T>(&self, n: u64, deed: impl FnOnce() -> Result<T, StoreError>) -> bool {
        let before = self.sim.calls();
        self.sim.fail_from(n, crate::sim::EIO);
        let done = deed();
        let met = self.sim.calls() - before > n;
        assert_eq!(done.is_err(), met, "call {n}: it went on");
        met
    }

    pub(crate) fn new() -> (Self, Cast) {
        let (sim, holder) = (SimDisk::new(), Memory::default());
        let world = Self::on(sim, holder, None);
        let key = world.holder.make(Which::Current).expect("a key");
        let init = Init {
            id: [5; 16],
            source: KeySource::Keyring,
            key: &key,
            environment: Some("sandbox".to_owned()),
            policies: &[("reports.toml", POLICY)],
            account: "an.account",
            time_ms: TIME_MS,
        };
        Store::init(&world.place, &init).expect("a new store");
        let mut store = open(&world.place, &world.holder);
        let cast = populate(&mut store);
        store.checkpoint().expect("a checkpoint");
        drop(store);
        drop(open_at(&world.place, &world.holder, NOW_MS));
        let catalog = world.catalog_now();
        (Self { catalog, ..world }, cast)
    }

    fn on(sim: SimDisk, holder: Memory, catalog: Option<&[u8]>) -> Self {
        let dir = fast_folder();
        let place = StorePlace { disk: Arc::new(sim.clone()), folder: dir.path().to_owned() };
        if let Some(bytes) = catalog {
            std::fs::write(place.folder.join("catalog.sqlite"), bytes).expect("written");
        }
        Self { sim, place, holder, catalog: catalog.unwrap_or_default().to_vec(), _dir: dir }
    }

    /// Another one like this, as it was when it was closed.
    pub(crate) fn fork(&self) -> Self {
        Self::on(self.sim.copy(), self.holder.copy(), Some(&self.catalog))
    }

    /// What is left of it after a power cut: with its catalog as it is, or as it was in the beginning.
    pub(crate) fn crashed(&self, seed: u64, catalog: &[u8]) -> Self {
        Self::on(self.sim.crash(seed), self.holder.copy(), Some(catalog))
    }

    /// The path of some blob.
    pub(crate) fn a_blob(&self) -> String {
        let paths = self.sim.paths().into_iter();
        paths.filter(|path| path.starts_with("blobs/")).max_by_key(String::len).expect("a blob")
    }

    pub(crate) fn catalog_now(&self) -> Vec<u8> {
        let wal = self.place.folder.join("catalog.sqlite-wal");
        assert!(!wal.exists(), "it was closed");
        std::fs::read(self.place.folder.join("catalog.sqlite")).expect("it is there")
    }

    /// The same, with what was done to it since as its beginning.
    pub(crate) fn closed(self) -> Self {
        Self { catalog: self.catalog_now(), ..self }
    }

    pub(crate) fn open(&self) -> Result<(Store, OpenReport), StoreError> {
        Store::open_on(&self.place, &self.holder, NOW_MS, false)
    }

    /// Opens it twice after whatever happened: the second time nothing is left to do.
    pub(crate) fn recovered(&self, what: &str) -> Store {
        let (store, _) = self.open().unwrap_or_else(|error| panic!("{what}: recovery: {error}"));
        let entries = store.entries();
        drop(store);
        let (store, second) = self.open().unwrap_or_else(|error| panic!("{what}: once more: {error}"));
        assert_eq!(
            (second.finished, second.undone, second.folded, second.torn_tail, second.rotation),
            (0, 0, 0, None, None),
            "{what}"
        );
        assert_eq!(store.entries(), entries, "{what}");
        store
    }

    /// Opens it twice and asks everything of it.
    #[allow(clippy::print_stdout, reason = "shown when something below fails")]
    pub(crate) fn sound(&self, cast: &Cast, what: &str) {
        println!("{what}");
        let mut store = self.recovered(what);
        let (due, table) = (present(&store, &cast.due), present(&store, &cast.due_table));
        assert_eq!(due, table, "{what}: a unit goes as a whole");
        assert!(present(&store, &cast.held), "{what}: it is held");
        assert!(present(&store, &cast.young), "{what}: it was not due");
        ingest(&mut store, "after all", NOW_MS);
        store.checkpoint().expect("a checkpoint");
        oracle::check(&store, &self.place, &self.holder, &[]);
    }

    /// A catalog that is made anew says what the one says that is there.
    pub(crate) fn same_when_rebuilt(&self, what: &str) {
        let (store, _) = self.open().expect("it opens");
        let live = oracle::dump(&store, &self.place);
        drop(store);
        let other = Self::on(self.sim.copy(), self.holder.copy(), None);
        let (store, _) = Store::rebuild(&other.place, &other.holder, NOW_MS).expect("made anew");
        oracle::same(&live, &oracle::dump(&store, &other.place), what);
    }
}

pub(crate) fn present(store: &Store, id: &ItemId) -> bool {
    !store.catalog().item(id).expect("it can be read").expect("it is known").is_purged()
}

fn populate(store: &mut Store) -> Cast {
    let names = ["due", "also due", "held", "released"];
    let [due, also_due, held, released] = names.map(|name| ingest(store, name, TIME_MS));
    let content = store.content_of(&b"preview"[..]).expect("hashed");
    let preview =
        RecordPlace { path: "/somewhere/Planted Name.csv".to_owned(), what: "preview".to_owned(), content };
    store.locate(who(store, "an.account", TIME_MS), &[(due.0, preview)]).expect("remembered");
    let counsel = who(store, "counsel", TIME_MS);
    store.hold(counsel, "Case 1", &[held.1]).expect("held");
    store.hold(counsel, "Case 2", &[released.0]).expect("held");
    let (young, _) = ingest(store, "young", TIME_MS + 5 * DAY_MS);
    let (erased, _) = ingest(store, "erased", TIME_MS + 5 * DAY_MS);
    let items = item_rows(store, &[erased]);
    let reason = about(store.ids(), "a reason");
    let asked = who(store, "an.account", NOW_MS);
    let (erasure, _) = store.request(asked, RequestKind::Erase, reason, &items).expect("asked for");
    let second = who(store, "second", NOW_MS);
    store.approve(second, erasure, Approved::Erase).expect("approved");
    let items = item_rows(store, &[released.0]);
    let (release, _) = store.release(asked, "Case 2", &items).expect("asked for");
    store.approve(second, release, Approved::HoldRelease).expect("approved");
    Cast {
        due: due.0,
        due_table: due.1,
        also_due: also_due.0,
        held: held.0,
        released: released.0,
        erased,
        erasure,
        young,
    }
}

/// Everything that can be done to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Ingest,
    Record,
    Hold,
    Sweep,
    Release,
    Erase,
    Rotate,
    Ask,
}

impl Deed {
    pub(crate) const ALL: [Self; 8] = [
        Self::Ingest,
        Self::Record,
        Self::Hold,
        Self::Sweep,
        Self::Release,
        Self::Erase,
        Self::Rotate,
        Self::Ask,
    ];

    /// Opens the store, does it, and signs a checkpoint.
    pub(crate) fn done(self, world: &World, cast: &Cast) -> Result<(), StoreError> {
        let (mut store, _) = world.open()?;
        self.act(&mut store, cast, &world.holder)?;
        store.checkpoint().map(drop)
    }

    fn act(self, store: &mut Store, cast: &Cast, holder: &Memory) -> Result<(), StoreError> {
        let me = who(store, "an.account", NOW_MS);
        match self {
            Self::Ingest => {
                let mut batch = store.begin_ingest(me)?;
                let text = vec![7; 70_000];
                let id = batch.stage(spec(ItemKind::Artifact, "new.csv", vec![]), &mut &text[..])?;
                batch.stage(spec(ItemKind::Table, "new.csv", vec![id]), &mut &b"new"[..])?;
                batch.commit().map(drop)
            }
            Self::Record => {
                store.used(me, &[cast.due_table])?;
                store.event(me, "ticket-closed", &[cast.young])?;
                let by = about(store.ids(), "a plan");
                store.pin(me, by, &[cast.due])?;
                store.unpin(me, by, &[cast.due])
            }
            Self::Hold => store.hold(me, "Case 3", &[cast.due, cast.young]),
            Self::Sweep => {
                let steps = [cast.due, cast.held, cast.also_due, cast.young].map(purge_step).to_vec();
                sweep_at(store, NOW_MS, steps, &mut |_, _| Ok(true)).map(drop)
            }
            Self::Release => {
                let items = item_rows(store, &[cast.released]);
                store.release(me, "Case 2", &items).map(drop)
            }
            Self::Erase => dispose_at(store, NOW_MS, &cast.erasure).map(drop),
            Self::Rotate => store.rotate(me, holder).map(drop),
            Self::Ask => {
                let items = item_rows(store, &[cast.due, cast.young]);
                let why = about(store.ids(), "another reason");
                let (plan, _) = store.request(me, RequestKind::Purge, why, &items)?;
                let second = who(store, "second", NOW_MS);
                store.approve(second, plan, Approved::Purge).map(drop)
            }
        }
    }
}
