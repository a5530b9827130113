//! Measures plans over a catalog: with nothing due, a tenth due, and all due; reading one back; and the memory they
//! take. A number as argument is the number of units (1,000,000). The catalog and the plans are made in a temporary
//! folder on `TMPDIR`.
#![allow(clippy::print_stdout, reason = "an example talks on the terminal")]

use custody_retention::catalog::{Catalog, CatalogError, NewItem};
use custody_retention::plan::{Head, PlanReader, PlanWriter, Planned, Scope, evaluate};
use custody_retention::policy::PolicySet;
use custody_retention::{ContentId, Exposure, ItemId, ItemKind, ItemMeta};
use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::{Duration, Instant};

const DAY_MS: u64 = 86_400_000;
const START_MS: u64 = 1_800_000_000_000;
/// Units of one transaction.
const BATCH: u32 = 10_000;
/// Every so many units has a table.
const SPARSE: u32 = 10;
const STORE: &str = "00112233445566778899aabbccddeeff";

fn main() -> Result<(), Box<dyn Error>> {
    let units: u32 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let dir = tempfile::tempdir()?;
    let mut catalog = Catalog::create(&dir.path().join("catalog.sqlite"))?;
    let policies = policies()?;
    println!("{:<40} {:>9} {:>9} {:>12} {:>9}", "step", "wall s", "CPU s", "units/s", "MiB now");
    step("insert", units, || insert(&mut catalog, units))?;
    // Units come one after the other over the last hundred days, and go after seven.
    for (name, days) in [("plan, nothing due", 0), ("plan, a tenth due", 17), ("plan, all due", 200)] {
        let file = dir.path().join(days.to_string());
        let now_ms = START_MS + days * DAY_MS;
        let planned = step(name, units, || plan(&catalog, &policies, now_ms, &file))?;
        let due = planned.summary.purge.items as u32;
        let read = step("  read back and checked", due.max(1), || check(&file))?;
        println!("  {due} items, {} copies, {} bytes", planned.summary.purge.copies, file.metadata()?.len());
        if read != planned {
            return Err("the plan that was read is not the plan that was made".into());
        }
    }
    println!("\nmost memory ever: {} MiB", memory_mib("VmHWM"));
    Ok(())
}

fn policies() -> Result<PolicySet, Box<dyn Error>> {
    let policy = |class: &str| {
        format!(
            "id = \"{class}\"\ndescribe = \"d\"\nbasis = \"b\"\nunattended = true\n[match]\nclass = [\"{class}\"]\n\
             [keep]\nfrom = \"last-used\"\ndays = 7\nat_most_days = 30\n"
        )
    };
    let files =
        ["report", "screenshot", "recording", "log"].map(|class| (format!("{class}.toml"), policy(class)));
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    PolicySet::parse(&files).map_err(|mistakes| format!("{mistakes:?}").into())
}

fn hasher() -> blake3::Hasher {
    blake3::Hasher::new_keyed(&[7; 32])
}

fn plan(
    catalog: &Catalog,
    policies: &PolicySet,
    now_ms: u64,
    file: &Path,
) -> Result<Planned, Box<dyn Error>> {
    let hash = *blake3::hash(&policies.canonical_bytes()).as_bytes();
    let head = Head { now_ms, store: STORE, policies: hash, scope: Scope::All };
    let mut out = File::create(file)?;
    Ok(evaluate(catalog, policies, &head, PlanWriter::new(&mut out, hasher()))?)
}

fn check(file: &Path) -> Result<Planned, Box<dyn Error>> {
    Ok(PlanReader::new(BufReader::new(File::open(file)?), hasher())?.check()?)
}

fn id(bytes: &[u8], number: u32) -> ItemId {
    ItemId(*blake3::hash(&[bytes, &number.to_le_bytes()].concat()).as_bytes())
}

fn insert(catalog: &mut Catalog, units: u32) -> Result<(), CatalogError> {
    for batch in 0..units.div_ceil(BATCH) {
        catalog.write(|tx| {
            for number in batch * BATCH..units.min((batch + 1) * BATCH) {
                let mut meta = ItemMeta {
                    kind: ItemKind::Artifact,
                    format: "csv".to_owned(),
                    class: ["report", "screenshot", "recording", "log"][number as usize % 4].to_owned(),
                    environment: ["sandbox", "preview", "production"][number as usize % 3].to_owned(),
                    owner: format!("u-{:032x}", number % 100),
                    source: "file".to_owned(),
                    exposure: Exposure::Raw,
                    content: ContentId(id(b"content", number).0),
                    size_bytes: u64::from(number),
                    ingested_ms: START_MS + u64::from(number) * 100 * DAY_MS / u64::from(units),
                    parents: Vec::new(),
                    name: String::new(),
                    origin: None,
                };
                let (root, slot, sealed) = (id(b"root", number), number.into(), &[0; 160]);
                tx.insert_item(&NewItem { id: root, slot, meta: &meta, sealed, stored_bytes: slot })?;
                if number % SPARSE == 0 {
                    (meta.kind, meta.parents) = (ItemKind::Table, vec![root]);
                    let table = id(b"table", number);
                    tx.insert_item(&NewItem { id: table, slot, meta: &meta, sealed, stored_bytes: slot })?;
                }
            }
            Ok::<(), CatalogError>(())
        })?;
    }
    Ok(())
}

fn step<T, E>(name: &str, units: u32, act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let (wall, cpu) = (Instant::now(), cpu_time());
    let value = act()?;
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), (cpu_time().saturating_sub(cpu)).as_secs_f64());
    let speed = f64::from(units) / wall;
    println!("{name:<40} {wall:>9.3} {cpu:>9.3} {speed:>12.0} {:>9}", memory_mib("VmRSS"));
    Ok(value)
}

fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn memory_mib(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1_024
}
