//! Somebody exchanges what lies in the store's folder, before a sweep and in its middle: no link is followed, nothing
//! outside is touched, and what is not the store's own is reported and stays.

use crate::oracle;
use crate::support::*;
use custody_retention::ItemId;
use custody_retention::disk::{Disk, DiskFile, RealDisk, Stat};
use custody_retention::store::{Oddity, Store, StorePlace};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const NOW_MS: u64 = TIME_MS + 8 * DAY_MS;

fn blob(place: &StorePlace, id: &ItemId) -> PathBuf {
    let digits = id.to_string();
    place.folder.join("blobs").join(&digits[..2]).join(format!("{digits}.blob"))
}

/// All files below a folder with their bytes.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        if entry.file_type().expect("a type").is_dir() {
            found.extend(contents(&entry.path()));
        } else {
            found.push((entry.path(), fs::read(entry.path()).expect("a file")));
        }
    }
    found.sort();
    found
}

/// What somebody does to a blob; the last is a folder outside of the store.
type Attack = fn(&Path, &Path);

fn link_elsewhere(blob: &Path, outside: &Path) {
    fs::rename(blob, outside.join("taken")).expect("moved");
    symlink(outside.join("taken"), blob).expect("linked");
}

fn hard_link(blob: &Path, outside: &Path) {
    fs::hard_link(blob, outside.join("second name")).expect("linked");
}

fn folder_instead(blob: &Path, outside: &Path) {
    fs::rename(blob, outside.join("taken")).expect("moved");
    fs::create_dir(blob).expect("made");
    fs::write(blob.join("inside"), "precious").expect("written");
}

fn folder_linked(blob: &Path, outside: &Path) {
    let folder = blob.parent().expect("a folder");
    fs::rename(folder, outside.join("fan")).expect("moved");
    symlink(outside.join("fan"), folder).expect("linked");
}

fn larger(blob: &Path, _: &Path) {
    fs::write(blob, vec![1; 5_000]).expect("written");
}

const ATTACKS: [(&str, Attack); 5] = [
    ("a link in its place", link_elsewhere),
    ("a second name", hard_link),
    ("a folder in its place", folder_instead),
    ("a link in its folder's place", folder_linked),
    ("other bytes", larger),
];

/// A store with one item to be attacked and one that is left alone, both due.
fn two_due() -> (tempfile::TempDir, StorePlace, Memory, ItemId, ItemId) {
    let (dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    // In other folders, or the attack would meet both.
    let fan = |ids: &(ItemId, ItemId)| [ids.0.0[0], ids.1.0[0]];
    let attacked = ingest(&mut store, "attacked", TIME_MS);
    let mut other = ingest(&mut store, "other", TIME_MS);
    while fan(&other).iter().any(|fan_of| fan(&attacked).contains(fan_of)) || attacked.0.0[0] == other.1.0[0]
    {
        other = ingest(&mut store, "other", TIME_MS);
    }
    drop(store);
    drop(open_at(&place, &holder, NOW_MS));
    (dir, place, holder, attacked.0, other.0)
}

#[test]
fn what_was_exchanged_before_a_sweep_is_reported_and_stays() {
    for (name, attack) in ATTACKS {
        let (dir, place, holder, attacked, other) = two_due();
        let outside = dir.path().join("outside");
        fs::create_dir(&outside).expect("made");
        fs::write(outside.join("file"), "precious").expect("written");
        attack(&blob(&place, &attacked), &outside);
        let before = contents(&outside);
        let mut store = open_at(&place, &holder, NOW_MS);
        let steps = [attacked, other].map(purge_step).to_vec();
        let report = sweep_at(&mut store, NOW_MS, steps, &mut |_, _| Ok(true)).expect(name);
        assert_eq!((report.purged, report.odd), (1, vec![attacked]), "{name}");
        assert_eq!(contents(&outside), before, "{name}: nothing outside is touched");
        assert!(fs::symlink_metadata(blob(&place, &attacked)).is_ok(), "{name}: it stays");
        let item = store.catalog().item(&attacked).expect("read").expect("known");
        assert!(!item.is_purged(), "{name}");
        let seen = oracle::oddities(&store);
        let about = |oddity: &Oddity| match oddity {
            Oddity::NotTheFile(id) | Oddity::MissingBlob(id) | Oddity::Damaged(id) => *id == attacked,
            // A catalog made anew would miss it.
            Oddity::Unknown { .. } | Oddity::CatalogDiffers(_) => true,
            _ => false,
        };
        assert!(!seen.is_empty() && seen.iter().all(about), "{name}: {seen:?}");
    }
}

/// A disk on which somebody does something at the moment before a blob is unlinked.
struct Meddled {
    disk: RealDisk,
    meddler: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl std::fmt::Debug for Meddled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meddled").finish_non_exhaustive()
    }
}

impl Disk for Meddled {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.disk.create_new(path)
    }
    fn open_read(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open_read(path)
    }
    fn open_write(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open_write(path)
    }
    fn stat(&self, path: &str) -> io::Result<Option<Stat>> {
        self.disk.stat(path)
    }
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.disk.list(folder)
    }
    fn make_folder(&self, path: &str) -> io::Result<()> {
        self.disk.make_folder(path)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename_new(from, to)
    }
    fn unlink(&self, path: &str) -> io::Result<()> {
        if path.starts_with("blobs/")
            && let Some(meddle) = self.meddler.lock().expect("nobody panicked").take()
        {
            meddle();
        }
        self.disk.unlink(path)
    }
    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.disk.sync_folder(folder)
    }
}

/// The keys are destroyed by then. What lies there now is not the store's: it stays, it is reported, and the store
/// can be opened afterwards.
#[test]
fn what_is_exchanged_in_the_middle_of_a_purge_stays_as_well() {
    // Bytes of the same file cannot be told from those that were written; its key is gone all the same.
    for (name, attack) in &ATTACKS[..4] {
        let (dir, place, holder, attacked, other) = two_due();
        let outside = dir.path().join("outside");
        fs::create_dir(&outside).expect("made");
        let (path, folder) = (blob(&place, &attacked), outside.clone());
        let attack = *attack;
        let meddler: Box<dyn FnOnce() + Send> = Box::new(move || attack(&path, &folder));
        let disk = RealDisk::open(&place.folder).expect("the store");
        let disk = Arc::new(Meddled { disk, meddler: Mutex::new(Some(meddler)) });
        let meddled = StorePlace { disk, folder: place.folder.clone() };
        let mut store = open_at(&meddled, &holder, NOW_MS);
        let steps = [attacked, other].map(purge_step).to_vec();
        let report = sweep_at(&mut store, NOW_MS, steps, &mut |_, _| Ok(true)).expect(name);
        assert_eq!((report.purged, &report.odd, report.is_whole()), (2, &vec![attacked], false), "{name}");
        assert!(!contents(&outside).is_empty() || *name == "a folder in its place", "{name}: it is there");
        assert!(fs::symlink_metadata(blob(&place, &attacked)).is_ok(), "{name}: it stays");
        drop(store);
        let (store, _) = Store::open_on(&place, &holder, NOW_MS, false).expect(name);
        let stays = |oddity: &Oddity| matches!(oddity, Oddity::Orphan(id) if *id == attacked);
        let seen = oracle::oddities(&store);
        assert!(
            seen.iter().all(|oddity| stays(oddity) || matches!(oddity, Oddity::Unknown { .. })),
            "{name}: {seen:?}"
        );
        assert!(!seen.is_empty(), "{name}");
        oracle::check(&store, &place, &holder, &seen);
    }
}

#[test]
fn a_hold_that_is_placed_while_a_sweep_goes_on_is_kept() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let who_ms = who(&store, "an.account", TIME_MS);
    let mut ids = Vec::new();
    for part in 0..2 {
        let mut batch = store.begin_ingest(who_ms).expect("a batch");
        for number in 0..400 {
            let text = format!("{part} {number}");
            let spec = spec(custody_retention::ItemKind::Artifact, "a.csv", vec![]);
            ids.push(batch.stage(spec, &mut text.as_bytes()).expect("staged"));
        }
        batch.commit().expect("taken in");
    }
    drop(store);
    let mut store = open_at(&place, &holder, NOW_MS);
    let late = [ids[600], ids[799]];
    let mut held = false;
    let mut between = |store: &mut Store, _: &custody_retention::sweep::SweepReport| {
        if !std::mem::replace(&mut held, true) {
            let counsel = who(store, "counsel", NOW_MS);
            store.hold(counsel, "Case 1", &late).expect("held");
        }
        Ok(true)
    };
    let steps = ids.iter().map(|id| purge_step(*id)).collect();
    let report = sweep_at(&mut store, NOW_MS, steps, &mut between).expect("swept");
    assert_eq!((report.purged, report.held), (798, 2));
    for id in late {
        store.open_item(&id).expect("it is held");
    }
    oracle::check(&store, &place, &holder, &[]);
}

/// As root: `cargo test -p custody-retention --test store -- --ignored mounted`
#[test]
#[ignore = "mounts something: needs root"]
fn what_is_mounted_in_a_blobs_place_stays() {
    let (dir, place, holder, attacked, other) = two_due();
    let outside = dir.path().join("outside");
    fs::create_dir(&outside).expect("made");
    let taken = outside.join("taken");
    fs::copy(blob(&place, &attacked), &taken).expect("copied");
    let run = |program: &str, args: &[&Path]| {
        assert!(std::process::Command::new(program).args(args).status().expect(program).success());
    };
    run("mount", &[Path::new("--bind"), &taken, &blob(&place, &attacked)]);
    let mut store = open_at(&place, &holder, NOW_MS);
    let steps = [attacked, other].map(purge_step).to_vec();
    let report = sweep_at(&mut store, NOW_MS, steps, &mut |_, _| Ok(true)).expect("swept");
    let there = taken.exists();
    run("umount", &[&blob(&place, &attacked)]);
    assert_eq!((report.purged, report.odd, there), (1, vec![attacked], true));
}
