//! Measures the catalog: adding items, walking all roots as a plan does, counting, holding, purging, opening, and the
//! memory all of it takes. A number as argument is the number of roots (1,000,000). The catalog is made in a
//! temporary folder on `TMPDIR`.
#![allow(clippy::print_stdout, reason = "an example talks on the terminal")]

use custody_retention::catalog::{BlobFacts, Catalog, CatalogError, Filter, NewItem, fold};
use custody_retention::ledger::{Act, ActKind, Ending, Entry, IdKey, Subject, SubjectKind};
use custody_retention::{ContentId, Exposure, ItemId, ItemKind, ItemMeta};
use std::error::Error;
use std::time::{Duration, Instant};

/// Items of one transaction.
const BATCH: u32 = 1_000;
/// Every so many roots has a table, and every so many is held, pinned, or was loaded.
const SPARSE: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let roots: u32 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("catalog.sqlite");
    let mut catalog = Catalog::create(&file)?;
    println!("{:<46} {:>9} {:>9} {:>14} {:>9}", "step", "wall s", "CPU s", "items/s", "MiB now");
    step("insert, transactions of 1,000 roots", roots, || insert(&mut catalog, roots))?;
    step("hold, pin, mark and event on every tenth", roots / SPARSE, || annotate(&mut catalog, roots))?;
    drop(catalog);
    let mut catalog = step("open: every page, row and index checked", roots, || Catalog::open(&file))?;
    step("open unchecked", 1, || Catalog::open_unchecked(&file).map(drop))?;
    step("walk all roots", roots, || walk(&catalog))?;
    step("walk all roots again", roots, || walk(&catalog))?;
    step("count", roots, || catalog.counts())?;
    let filter = Filter { kind: Some(ItemKind::Artifact), ..Filter::default() };
    step("list all artifacts", roots, || catalog.list(&filter, |_| Ok::<(), CatalogError>(())))?;
    let checks = roots.min(100_000);
    step("is it held, one by one", checks, || {
        (0..checks).try_for_each(|n| catalog.is_held(&id(n)).map(drop))
    })?;
    let purges = roots / 2;
    step("purge, transactions of 1,000", purges, || purge(&mut catalog, purges))?;
    let reader = step("open for reading", 1, || Catalog::open_reader(&file))?;
    step("walk what is left", roots - purges, || walk(&reader))?;
    let anew = dir.path().join("anew.sqlite");
    let mut anew = Catalog::create(&anew)?;
    step("make anew from a ledger of ingests", roots, || rebuild(&mut anew, roots))?;
    drop(catalog);
    let bytes = std::fs::metadata(&file)?.len();
    println!("\n{} bytes a root; most memory ever: {} MiB", bytes / u64::from(roots), memory_mib("VmHWM"));
    Ok(())
}

fn id(number: u32) -> ItemId {
    ItemId(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

fn table(number: u32) -> ItemId {
    ItemId(*blake3::hash(&[b"table".as_slice(), &number.to_le_bytes()].concat()).as_bytes())
}

fn meta(number: u32, owner: &str) -> ItemMeta {
    ItemMeta {
        kind: ItemKind::Artifact,
        format: "csv".to_owned(),
        class: ["report", "screenshot", "recording", "log"][number as usize % 4].to_owned(),
        environment: ["sandbox", "preview", "production"][number as usize % 3].to_owned(),
        owner: owner.to_owned(),
        source: "file".to_owned(),
        exposure: Exposure::Raw,
        content: ContentId(id(number).0),
        size_bytes: u64::from(number),
        ingested_ms: u64::from(number) * 1_000,
        parents: Vec::new(),
        name: String::new(),
        origin: None,
    }
}

fn insert(catalog: &mut Catalog, roots: u32) -> Result<(), CatalogError> {
    let owner = IdKey::new([7; 32]).user("sweep").to_string();
    for batch in 0..roots.div_ceil(BATCH) {
        catalog.write(|tx| {
            for number in batch * BATCH..roots.min((batch + 1) * BATCH) {
                let mut meta = meta(number, &owner);
                let slot = u64::from(number);
                let sealed = &[0; 160];
                tx.insert_item(&NewItem { id: id(number), slot, meta: &meta, sealed, stored_bytes: slot })?;
                if number % SPARSE == 0 {
                    (meta.kind, meta.parents) = (ItemKind::Table, vec![id(number)]);
                    tx.insert_item(&NewItem {
                        id: table(number),
                        slot,
                        meta: &meta,
                        sealed,
                        stored_bytes: slot,
                    })?;
                }
            }
            Ok::<(), CatalogError>(())
        })?;
    }
    Ok(())
}

fn annotate(catalog: &mut Catalog, roots: u32) -> Result<(), CatalogError> {
    let user = IdKey::new([7; 32]).user("sweep");
    catalog.write(|tx| {
        for number in (0..roots).step_by(SPARSE as usize) {
            // Purged are the first half: the second is held.
            if number > roots / 2 {
                tx.hold(&[1; 32], &id(number), 1, user)?;
            }
            tx.pin(&[2; 32], &id(number), 1)?;
            tx.mark(&id(number), 1)?;
            tx.event(&id(number), "load-confirmed", 1)?;
        }
        Ok(())
    })
}

/// What a plan does with every root, without the policies.
fn walk(catalog: &Catalog) -> Result<u64, CatalogError> {
    let loaded = catalog.event_kind("load-confirmed")?;
    let mut due = 0;
    catalog.for_each_root(|root| {
        let from_ms = loaded.and_then(|kind| root.event_ms(kind)).unwrap_or(root.last_used_ms);
        due += u64::from(!root.held && !root.pinned && from_ms < 1_000_000_000);
        Ok::<(), CatalogError>(())
    })?;
    Ok(due)
}

fn purge(catalog: &mut Catalog, purges: u32) -> Result<(), CatalogError> {
    for batch in 0..purges / BATCH {
        catalog.write(|tx| {
            (batch * BATCH..(batch + 1) * BATCH).try_for_each(|number| tx.purged(&id(number), 1).map(drop))
        })?;
    }
    Ok(())
}

/// Folds intents and outcomes of ingests, 1,000 entries a transaction, with blobs that are read at once.
fn rebuild(catalog: &mut Catalog, roots: u32) -> Result<(), CatalogError> {
    let user = IdKey::new([7; 32]).user("sweep");
    let owner = user.to_string();
    let mut number = 0;
    while number < roots {
        catalog.write(|tx| {
            for _ in 0..BATCH / 2 {
                let meta = meta(number, &owner);
                let content = Subject { kind: SubjectKind::Content, id: meta.content.0 };
                let subjects = vec![meta.kind.subject(id(number)), content];
                let act = Act { kind: ActKind::Ingest, user, time_ms: meta.ingested_ms, subjects };
                let index = u64::from(number) * 2;
                let facts = BlobFacts { slot: index, meta, stored_bytes: 1, sealed: vec![0; 160] };
                let mut blob = |_: &ItemId| Some(facts.clone());
                fold(tx, index, &Entry::Intent(act.clone()), &mut blob)?;
                let outcome = Entry::Outcome { intent: index, ending: Ending::Done, act };
                fold(tx, index + 1, &outcome, &mut blob)?;
                number += 1;
            }
            Ok::<(), CatalogError>(())
        })?;
    }
    Ok(())
}

/// Runs a step and prints its line.
fn step<T>(
    name: &str,
    items: u32,
    work: impl FnOnce() -> Result<T, CatalogError>,
) -> Result<T, CatalogError> {
    let (started, cpu) = (Instant::now(), cpu_time());
    let result = work()?;
    let (wall, cpu) = (started.elapsed().as_secs_f64(), cpu_time().saturating_sub(cpu).as_secs_f64());
    let rate = f64::from(items) / wall;
    println!("{name:<46} {wall:>9.2} {cpu:>9.2} {rate:>14.0} {:>9}", memory_mib("VmRSS"));
    Ok(result)
}

/// CPU time of this process so far.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A line of the kernel's account of this process, in MiB.
fn memory_mib(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'));
    let kib = value.and_then(|value| value.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() >> 10
}
