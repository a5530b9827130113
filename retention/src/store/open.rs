//! Making a store and opening it: everything is checked against everything else before anything is written.

use super::Parts;
use super::config::{self, KeySource, StoreConfig};
use super::fold::Facts;
use super::holds::Standing;
use super::plans::NEW_PLAN;
use super::{BLOBS, CATALOG, LEDGER, PLANS, POLICIES, STAGING, Store, StoreError, Who, act};
use crate::catalog::{Catalog, fold};
use crate::clock::{self, ClockError};
use crate::disk::{Disk, RealDisk, StoreLock, write_all_at};
use crate::hex;
use crate::keys::{Kdf, KeyError, KeyFile, KeyHolder, Made, Rotation, Secrets, StoreId, StoreKey, Which};
use crate::ledger::{ActKind, Entry, IdKey, Ledger, SignerKey, TornTail};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Waits for another writer at most so long.
const WAIT: Duration = Duration::from_secs(10);

/// Where a store is: its disk, and the folder that SQLite opens by path.
#[derive(Debug, Clone)]
pub struct StorePlace {
    /// Blobs, keys and ledger.
    pub disk: Arc<dyn Disk>,
    /// The folder of the catalog.
    pub folder: PathBuf,
}

/// What a new store is made with.
#[derive(Debug)]
pub struct Init<'a> {
    /// The store's ID, random: [`new_id`].
    pub id: [u8; 16],
    /// Where its key comes from, as it is written down.
    pub source: KeySource,
    /// The key itself, made by its holder.
    pub key: &'a Made,
    /// The environment that artifacts belong to when nothing else is said.
    pub environment: Option<String>,
    /// Files of `policies/`: names and texts.
    pub policies: &'a [(&'a str, &'a str)],
    /// Account of who makes it.
    pub account: &'a str,
    /// The time, in milliseconds since 1970-01-01T00:00:00Z.
    pub time_ms: u64,
}

/// What opening a store found and did.
#[derive(Debug, Default)]
#[must_use = "what was found has to be reported"]
pub struct OpenReport {
    /// An unfinished write of the ledger, set aside.
    pub torn_tail: Option<TornTail>,
    /// What became of a key rotation that was interrupted.
    pub rotation: Option<Rotation>,
    /// One of the two copies of the key file's header cannot be read. The next one that is written takes its place; a
    /// power cut can have caused it, and nothing else that is harmless.
    pub damaged_key_header: bool,
    /// Acts of an interrupted run that were finished.
    pub finished: u64,
    /// Acts of an interrupted run that had not begun, or were undone.
    pub undone: u64,
    /// Entries that the catalog did not know.
    pub folded: u64,
}

impl StorePlace {
    /// A folder on disk. It has to belong to the user and to be closed to everyone else.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Disk`].
    pub fn real(folder: &Path) -> Result<Self, StoreError> {
        if !folder.join(config::FILE).exists() {
            return Err(StoreError::Missing);
        }
        let disk = RealDisk::open(folder)?;
        Ok(Self { disk: Arc::new(disk), folder: folder.to_owned() })
    }

    /// The store's description, without opening anything else.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Config`].
    pub fn config(&self) -> Result<StoreConfig, StoreError> {
        let text = config::read_text(&*self.disk, config::FILE)?.ok_or(StoreError::Missing)?;
        StoreConfig::parse(&text)
    }

    /// The file of the catalog.
    pub(crate) fn catalog(&self) -> PathBuf {
        self.folder.join(CATALOG)
    }
}

/// An ID for a new store.
///
/// # Errors
/// When the machine gives no random numbers.
pub fn new_id() -> Result<[u8; 16], StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Contradiction("there is no randomness"))?;
    Ok(bytes)
}

impl Store {
    /// Makes a store in an empty folder. Its description is written last: a crash leaves no store.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the folder holds anything, otherwise what the disk says.
    pub fn init(place: &StorePlace, init: &Init<'_>) -> Result<(), StoreError> {
        let disk = &place.disk;
        let failed = StoreError::io("making the store");
        if !disk.list("").map_err(&failed)?.is_empty() {
            return Err(StoreError::Exists);
        }
        if init.environment.as_deref().is_some_and(|name| !config::is_word(name)) {
            return Err(StoreError::Refused(
                "an environment is named with 1 to 40 of a-z, 0-9 and -".to_owned(),
            ));
        }
        for folder in [STAGING, BLOBS, POLICIES, PLANS] {
            disk.make_folder(folder).map_err(&failed)?;
        }
        let (id, secrets) = (init.id, Secrets::random()?);
        KeyFile::create(&**disk, StoreId(id), init.key, &secrets)?;
        let digits = hex::digits(&id);
        let signer = SignerKey::new(&format!("custody/{digits}"), &secrets.signer_seed())?;
        Ledger::create_on(Arc::clone(disk), LEDGER, &signer)?;
        for (name, text) in init.policies {
            write_new(&**disk, &format!("{POLICIES}/{name}"), text.as_bytes()).map_err(&failed)?;
        }
        disk.sync_folder(POLICIES).map_err(&failed)?;
        drop(Catalog::create(&place.catalog())?);
        let config = StoreConfig {
            id,
            environment: init.environment.clone(),
            key: init.source.clone(),
            verifier: signer.verifier().clone(),
        };
        write_new(&**disk, "store.toml.new", config.to_text()?.as_bytes()).map_err(&failed)?;
        disk.rename_new("store.toml.new", config::FILE).map_err(&failed)?;
        disk.sync_folder("").map_err(&failed)?;
        let ids = IdKey::new(*secrets.id_key());
        let held = Fixed(&init.key.key);
        let (mut store, _) = Self::open_on(place, &held, init.time_ms, false)?;
        let who = Who { user: ids.user(init.account), time_ms: init.time_ms };
        let key = store.epoch_subject();
        store.act_now(act(ActKind::Init, who.user, who.time_ms, vec![key]))?;
        store.checkpoint()?;
        Ok(())
    }

    /// Opens a store on disk for this process alone: waits for another writer for a while, then opens it as
    /// [`Store::open_on`] does. Keep the lock as long as the store.
    ///
    /// # Errors
    /// [`StoreError::Busy`], otherwise as [`Store::open_on`].
    pub fn open(
        folder: &Path,
        holder: &dyn KeyHolder,
        now_ms: u64,
        accept_clock: bool,
    ) -> Result<(StoreLock, Self, OpenReport), StoreError> {
        let place = StorePlace::real(folder)?;
        let disk = RealDisk::open(folder)?;
        let lock = StoreLock::exclusive(&disk, WAIT)?;
        let (store, report) = Self::open_on(&place, holder, now_ms, accept_clock)?;
        Ok((lock, store, report))
    }

    /// Opens a store that nobody else has open: keys, ledger and catalog have to agree, what a crash left is ended, and the
    /// catalog learns of entries that it does not know.
    ///
    /// # Errors
    /// Every kind of [`StoreError`]; [`StoreError::is_damage`] tells whether the store is to be looked at by a person.
    pub fn open_on(
        place: &StorePlace,
        holder: &dyn KeyHolder,
        now_ms: u64,
        accept_clock: bool,
    ) -> Result<(Self, OpenReport), StoreError> {
        let config = place.config()?;
        let (keys, key_report) = KeyFile::open(&*place.disk, holder)?;
        if keys.store().0 != config.id {
            return Err(StoreError::Contradiction("the key file is another store's"));
        }
        let mut catalog = Catalog::open(&place.catalog())?;
        let meta = catalog.meta()?;
        if keys.generation() < meta.key_generation {
            return Err(StoreError::Contradiction("the key file is older than the catalog"));
        }
        let signer = SignerKey::new(config.verifier.name(), &keys.secrets().signer_seed())?;
        if *signer.verifier() != config.verifier {
            return Err(StoreError::Contradiction("store.toml names another verifier key than the key file"));
        }
        let ids = IdKey::new(*keys.secrets().id_key());
        let (disk, mut newest_ms, mut folded) = (Arc::clone(&place.disk), 0, 0);
        let from = meta.ledger_size;
        // What the catalog does not know yet it learns while the ledger is read; a ledger that does not verify leaves it as
        // it was.
        let (ledger, opened) = catalog.write(|tx| {
            let mut facts = Facts::new(&*place.disk, &keys, (&ids, &config.id));
            let (mut failed, mut standing) = (None, Standing::default());
            let mut seen = |index: u64, entry: &Entry| {
                standing.passes(entry);
                // Also of what is known: a sweep's outcome is told by its intent and the purges between.
                facts.passes(entry);
                if index < from {
                    return;
                }
                if let Entry::Intent(act) | Entry::Outcome { act, .. } = entry {
                    newest_ms = act.time_ms.max(newest_ms);
                }
                if failed.is_none() {
                    failed = fold(tx, index, entry, &mut facts).err();
                    folded += 1;
                }
            };
            let opened = Ledger::open_on_with(disk, LEDGER, &config.verifier, from, &mut seen)?;
            facts.whole()?;
            failed.map_or(Ok(()), |error| Err(StoreError::from(error)))?;
            standing.compare(tx)?;
            Ok::<_, StoreError>(opened)
        })?;
        clock(now_ms, meta.clock_ms.max(newest_ms), accept_clock)?;
        let parts = Parts {
            disk: Arc::clone(&place.disk),
            config,
            keys,
            ledger,
            ids,
            signer,
            unsigned: false,
            pending: Vec::new(),
        };
        let mut store = Self { catalog, parts, person: None, poisoned: false };
        let mut report = OpenReport {
            torn_tail: opened.torn_tail,
            damaged_key_header: key_report.damaged_copy,
            rotation: (key_report.rotation != Rotation::None).then_some(key_report.rotation),
            folded,
            ..OpenReport::default()
        };
        store.recover(&mut report, now_ms)?;
        let generation = store.parts.keys.generation();
        store.catalog.write(|tx| {
            let mut meta = tx.meta()?;
            meta.clock_ms = meta.clock_ms.max(now_ms);
            meta.key_generation = generation;
            tx.set_meta(meta)
        })?;
        Ok((store, report))
    }
}

/// Whether the time can be believed. A store that was rebuilt has only its ledger to tell.
fn clock(now_ms: u64, seen_ms: u64, accept_ahead: bool) -> Result<(), StoreError> {
    match clock::check(now_ms, seen_ms, 0) {
        Err(ClockError::Ahead { .. }) if accept_ahead => Ok(()),
        other => other.map(drop).map_err(StoreError::from),
    }
}

/// A key that is there already.
#[derive(Debug)]
struct Fixed<'a>(&'a StoreKey);

impl KeyHolder for Fixed<'_> {
    fn get(&self, which: Which, _: Option<&Kdf>) -> Result<Option<StoreKey>, KeyError> {
        Ok((which == Which::Current).then(|| self.0.clone()))
    }

    fn make(&self, _: Which) -> Result<Made, KeyError> {
        Err(KeyError::Holder { why: "a new store has its key" })
    }

    fn promote(&self) -> Result<(), KeyError> {
        Ok(())
    }

    fn forget_next(&self) -> Result<(), KeyError> {
        Ok(())
    }
}

/// Writes a file of the plans that is not there yet, durably. A file of this name is whole, whatever interrupts its writing.
pub(crate) fn write_plan(disk: &dyn Disk, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    let staged = format!("{PLANS}/{NEW_PLAN}");
    if disk.stat(&staged)?.is_some() {
        disk.unlink(&staged)?;
    }
    write_new(disk, &staged, bytes)?;
    disk.rename_new(&staged, path)?;
    disk.sync_folder(PLANS)
}

/// Writes a file that is not there yet, durably but for its name.
pub(super) fn write_new(disk: &dyn Disk, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    let file = disk.create_new(path)?;
    write_all_at(&*file, bytes, 0)?;
    file.sync()
}
