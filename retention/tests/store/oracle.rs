//! What has to hold of every store whatever happened to it, asked of the files themselves: the second verifier, the
//! ledger read anew, every blob and every slot of the key file, and a catalog that is made anew beside the first.

use crate::independent;
use crate::support::Memory;
use custody_retention::ItemId;
use custody_retention::catalog::{Filter, ItemRow, Life};
use custody_retention::disk::{Disk, EntryKind, read_full_at};
use custody_retention::keys::{KeyFile, SlotState};
use custody_retention::ledger::{Act, ActKind, Ending, Entry, LedgerFolder, SubjectKind, for_each_entry};
use custody_retention::store::{Oddity, Store, StoreError, StorePlace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A file of a disk, whole.
pub(crate) fn read(disk: &dyn Disk, path: &str) -> Vec<u8> {
    let file = disk.open_read(path).expect("it is there");
    let mut bytes = vec![0; file.size_bytes().expect("its size") as usize];
    let read = read_full_at(file.as_ref(), &mut bytes, 0).expect("it can be read");
    assert_eq!(read, bytes.len());
    bytes
}

pub(crate) fn entries(place: &StorePlace) -> Vec<(u64, Entry)> {
    let mut entries = Vec::new();
    let folder = LedgerFolder::on(Arc::clone(&place.disk), "ledger");
    for_each_entry(folder, |index, entry| entries.push((index, entry))).expect("they can be read");
    entries
}

pub(crate) fn rows(store: &Store) -> Vec<ItemRow> {
    let mut rows = Vec::new();
    let listed = store.catalog().list(&Filter::default(), |row| {
        rows.push(row);
        Ok::<(), StoreError>(())
    });
    listed.expect("they can be listed");
    rows
}

pub(crate) fn oddities(store: &Store) -> Vec<Oddity> {
    let mut found = Vec::new();
    store.check(true, &mut |oddity| found.push(oddity)).expect("it can be checked");
    found
}

/// Everything. `allowed` are the oddities that a test has made.
pub(crate) fn check(store: &Store, place: &StorePlace, holder: &Memory, allowed: &[Oddity]) {
    verified(store, &*place.disk);
    let odd: Vec<_> = oddities(store).into_iter().filter(|oddity| !allowed.contains(oddity)).collect();
    assert_eq!(odd, []);
    let rows = rows(store);
    nothing_purged_is_left(&rows, &*place.disk, holder);
    for row in &rows {
        assert_ne!(row.life, Life::Missing, "{}", row.id);
        if row.life == Life::Present && allowed.is_empty() {
            store.open_item(&row.id).expect("it is there");
        }
    }
    let counts = store.catalog().counts().expect("counts");
    assert_eq!((counts.held_and_purged, counts.missing), (0, 0));
    let told = Told::of(&entries(place));
    let present: BTreeSet<ItemId> = rows.iter().filter(|row| !row.is_purged()).map(|row| row.id).collect();
    let purged: BTreeSet<ItemId> = rows.iter().filter(|row| row.is_purged()).map(|row| row.id).collect();
    assert_eq!(told.ingested.len(), rows.len(), "what was ingested is present or purged");
    assert_eq!(told.purged, purged, "what the ledger says was purged");
    assert_eq!(told.ingested.difference(&purged).copied().collect::<BTreeSet<_>>(), present);
    assert_eq!(store.entries(), store.catalog().meta().expect("it says").ledger_size);
}

/// The ledger, by the verifier that shares no code with the first.
fn verified(store: &Store, disk: &dyn Disk) {
    let folder = "ledger/checkpoints";
    let names = disk.list(folder).expect("checkpoints");
    let notes = names.iter().filter(|name| name.ends_with(".checkpoint"));
    let notes: Vec<String> = notes
        .map(|name| String::from_utf8(read(disk, &format!("{folder}/{name}"))).expect("a note"))
        .collect();
    let key = store.config().verifier.to_string();
    let seen = independent::check(&read(disk, "ledger/entries.ledger"), &key, &notes);
    let seen = seen.expect("the second verifier is content");
    assert_eq!((seen.entries.len() as u64, seen.open_intents), (store.entries(), 0));
}

fn nothing_purged_is_left(rows: &[ItemRow], disk: &dyn Disk, holder: &Memory) {
    let mut live = BTreeMap::new();
    let keys = KeyFile::open_read(disk, holder).expect("the key file opens");
    let read = keys.for_each(|slot, state| {
        if let SlotState::Live(id) = state {
            assert_eq!(live.insert(id, slot), None, "{id} has two keys");
        }
        Ok::<(), StoreError>(())
    });
    read.expect("it can be read");
    for row in rows {
        let digits = row.id.to_string();
        let blob = disk.stat(&format!("blobs/{}/{digits}.blob", &digits[..2]));
        if row.is_purged() {
            assert_eq!(live.get(&row.id), None, "the key of {digits} is there");
            // Where a folder is a link, nothing can be said.
            assert!(
                !matches!(blob, Ok(Some(stat)) if stat.kind == EntryKind::File && stat.links == 1),
                "the blob of {digits} is there"
            );
        } else {
            assert_eq!(live.get(&row.id).copied(), row.key_slot(), "the key of {digits}");
        }
    }
}

/// What the ledger alone tells.
#[derive(Debug, Default)]
struct Told {
    ingested: BTreeSet<ItemId>,
    purged: BTreeSet<ItemId>,
    roots: BTreeMap<ItemId, ItemId>,
    /// Holds that stand: matter and item.
    holds: BTreeSet<([u8; 32], ItemId)>,
}

impl Told {
    fn of(entries: &[(u64, Entry)]) -> Self {
        let mut told = Self::default();
        for (index, entry) in entries {
            match entry {
                Entry::Genesis { .. } => {}
                Entry::Intent(act) if act.kind == ActKind::Purge => told.may_go(*index, act),
                Entry::Intent(_) => {}
                Entry::Outcome { ending, act, .. } => {
                    if matches!(ending, Ending::Done | Ending::AlreadyDone) {
                        told.done(act);
                    }
                }
            }
        }
        told
    }

    /// No unit with a hold on any of its members may ever be meant by an intent to purge.
    fn may_go(&self, index: u64, act: &Act) {
        let id = ItemId(act.subjects[0].id);
        let root = self.roots[&id];
        let held = self.holds.iter().find(|(_, item)| self.roots[item] == root);
        assert_eq!(held, None, "entry {index} purges what is held");
    }

    fn done(&mut self, act: &Act) {
        let ids = |skip: usize| act.subjects.iter().skip(skip).map(|subject| ItemId(subject.id));
        match act.kind {
            ActKind::Ingest => {
                let id = ItemId(act.subjects[0].id);
                let kind = act.subjects[0].kind;
                let copy = matches!(kind, SubjectKind::Table | SubjectKind::Location);
                let parent = act.subjects.get(2).map(|subject| ItemId(subject.id));
                let root = parent.filter(|_| copy).map_or(id, |parent| self.roots[&parent]);
                self.roots.insert(id, root);
                assert!(self.ingested.insert(id));
            }
            ActKind::Purge => {
                let id = ItemId(act.subjects[0].id);
                assert!(self.ingested.contains(&id) && self.purged.insert(id), "{id} is purged once");
            }
            ActKind::Hold => self.holds.extend(ids(1).map(|id| (act.subjects[0].id, id))),
            ActKind::Unhold => {
                for id in ids(1) {
                    self.holds.remove(&(act.subjects[0].id, id));
                }
            }
            _ => {}
        }
    }
}

/// A catalog's content as text, but for what a rebuilt one cannot know: what purged items were like, how large, and
/// sealed names, which are sealed anew.
pub(crate) fn dump(store: &Store, place: &StorePlace) -> Vec<String> {
    let catalog = store.catalog();
    let mut lines = Vec::new();
    for row in rows(store) {
        let parents = catalog.parents(&row.id).expect("parents");
        let pins = catalog.pins(&row.id).expect("pins");
        let events = ["load-confirmed", "ticket-closed", "case-closed", "employment-ended"];
        let events = events.map(|event| catalog.event_ms(row.row, event).expect("events"));
        let times = (row.ingested_ms, row.last_used_ms, row.marked_ms, row.restarted_ms, row.purged_ms);
        lines.push(format!(
            "{} {} {:?} {:?} root {} {times:?} {parents:?} {pins:?} {events:?} {:?}",
            row.id,
            row.content,
            row.kind,
            row.life,
            row.root,
            (row.held, row.pinned)
        ));
        if !row.is_purged() {
            let ItemRow { format, class, environment, owner, source, state, .. } = &row;
            let sizes = (row.slot, row.size_bytes, row.stored_bytes, row.exposure);
            lines.push(format!("  {format} {class} {environment} {owner} {source} {state} {sizes:?}"));
            let (name, origin) = store.name_of(&row).expect("a name");
            lines.push(format!("  {name} {origin:?}"));
        }
    }
    for matter in catalog.matters().expect("matters") {
        let listed = catalog.holds_of(&matter.matter, |hold| {
            lines.push(format!("{hold:?}"));
            Ok::<(), StoreError>(())
        });
        listed.expect("holds");
    }
    for (_, entry) in entries(place) {
        if let Entry::Outcome { act, .. } = entry
            && act.kind == ActKind::Plan
        {
            let plan = act.subjects[0].id;
            lines.push(format!("{:?} {:?}", catalog.plan(&plan), catalog.approvals(&plan)));
        }
    }
    for sweep in catalog.last_sweeps(1_000).expect("sweeps") {
        let times = (sweep.started_ms, sweep.ended_ms, sweep.exit_code, sweep.items);
        lines.push(format!("{} {times:?}", sweep.id));
    }
    let meta = catalog.meta().expect("it says");
    lines.push(format!("{} {}", meta.ledger_size, meta.key_generation));
    lines
}

/// Two dumps say the same; what differs is shown alone.
pub(crate) fn same(live: &[String], anew: &[String], what: &str) {
    let only = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|line| !other.contains(line)).cloned().collect()
    };
    assert_eq!(only(live, anew), only(anew, live), "{what}");
    assert_eq!(live.len(), anew.len(), "{what}");
}
