//! Measures a whole store: taking small items in, purging them through the one door, taking one large item in, and
//! opening what is left. Arguments: the number of items (20,000), then MiB of the large one (1,024). The store is made
//! in a temporary folder on `TMPDIR`: point that at the device in question.
#![allow(clippy::print_stdout, reason = "an example talks on the terminal")]

use custody_retention::certificate::Presence;
use custody_retention::disk::{Disk, RealDisk, write_all_at};
use custody_retention::keys::{FileHolder, KeyHolder, Which};
use custody_retention::ledger::{SubjectKind, UserId};
use custody_retention::store::{Init, ItemSpec, KeySource, Store, StorePlace, Who};
use custody_retention::sweep::{Cause, Step, SweepReport, Sweeper, Warrant, sweep};
use custody_retention::{Exposure, ItemId, ItemKind, PolicySet};
use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Done<T> = Result<T, Box<dyn Error>>;

const TIME_MS: u64 = 1_767_225_600_000;
const LATER_MS: u64 = TIME_MS + 8 * 86_400_000;
const BATCH: u64 = 1_000;
const POLICY: (&str, &str) = (
    "reports.toml",
    "id = \"reports\"\ndescribe = \"Reports\"\nbasis = \"b\"\nunattended = true\n[match]\nclass = [\"report\"]\n\
     [keep]\nfrom = \"ingested\"\ndays = 7\n",
);

fn main() -> Done<()> {
    let mut arguments = std::env::args().skip(1);
    let items: u64 = arguments.next().map_or(Ok(20_000), |text| text.parse())?;
    let mib: u64 = arguments.next().map_or(Ok(1_024), |text| text.parse())?;
    let dir = tempfile::tempdir()?;
    println!("{:<46} {:>9} {:>9} {:>12} {:>9}", "step", "wall s", "CPU s", "a wall s", "MiB now");
    step("limit: 500 unlinks, then one sync, repeatedly", items, || {
        unlinks(&dir.path().join("limit"), items)
    })?;
    let (place, holder) = make(&dir.path().join("store"))?;
    let opened = || -> Done<Store> { Ok(Store::open_on(&place, &holder, LATER_MS, false)?.0) };
    let mut store = Store::open_on(&place, &holder, TIME_MS, false)?.0;
    let user = store.ids().user("somebody");
    let ids = step("ingest, 300 bytes each, 1,000 a batch", items, || ingest(&mut store, user, items))?;
    store.checkpoint()?;
    drop(store);
    let mut store = step("open", items, opened)?;
    let report = step("purge through the door", items, || purge(&mut store, user, &ids))?;
    assert_eq!(report.purged, items);
    step("checkpoint", 1, || Ok(store.checkpoint()?))?;
    drop(store);
    let mut store = step("open, all purged", items, opened)?;
    let bytes = mib << 20;
    let started = (Instant::now(), cpu_time());
    large(&mut store, user, bytes)?;
    let cpu = cpu_time().saturating_sub(started.1).as_secs_f64();
    let wall = started.0.elapsed().as_secs_f64();
    let mb = bytes as f64 / 1e6;
    println!(
        "ingest of {mib} MiB: {wall:.2} s, CPU {cpu:.2} s: {:.0} MB/s of CPU, {:.0} of wall",
        mb / cpu,
        mb / wall
    );
    println!("most memory ever: {} MiB", memory_mib("VmHWM"));
    Ok(())
}

fn step<T>(name: &str, count: u64, work: impl FnOnce() -> Done<T>) -> Done<T> {
    let (started, cpu) = (Instant::now(), cpu_time());
    let done = work()?;
    let wall = started.elapsed().as_secs_f64();
    let cpu = cpu_time().saturating_sub(cpu).as_secs_f64();
    println!("{name:<46} {wall:>9.2} {cpu:>9.2} {:>12.0} {:>9}", count as f64 / wall, memory_mib("VmRSS"));
    Ok(done)
}

fn make(folder: &Path) -> Done<(StorePlace, FileHolder)> {
    let place = StorePlace { disk: Arc::new(RealDisk::create(folder)?), folder: folder.to_owned() };
    let holder = FileHolder::new(&folder.with_extension("key"))?;
    let key = holder.make(Which::Current)?;
    let init = Init {
        id: [1; 16],
        source: KeySource::File("store.key".to_owned()),
        key: &key,
        environment: Some("sandbox".to_owned()),
        policies: &[POLICY],
        account: "somebody",
        time_ms: TIME_MS,
    };
    Store::init(&place, &init)?;
    Ok((place, holder))
}

fn spec() -> ItemSpec {
    ItemSpec {
        kind: ItemKind::Artifact,
        format: "csv".to_owned(),
        class: "report".to_owned(),
        environment: "sandbox".to_owned(),
        owner: None,
        source: "file".to_owned(),
        exposure: Exposure::Raw,
        parents: Vec::new(),
        name: "a report.csv".to_owned(),
        origin: None,
    }
}

fn ingest(store: &mut Store, user: UserId, items: u64) -> Done<Vec<ItemId>> {
    let mut ids = Vec::new();
    for first in (0..items).step_by(BATCH as usize) {
        let mut batch = store.begin_ingest(Who { user, time_ms: TIME_MS })?;
        for number in first..(first + BATCH).min(items) {
            let text = format!("{number:0300}");
            ids.push(batch.stage(spec(), &mut text.as_bytes())?);
        }
        batch.commit()?;
    }
    Ok(ids)
}

fn purge(store: &mut Store, user: UserId, ids: &[ItemId]) -> Done<SweepReport> {
    let policies = PolicySet::parse(&[POLICY]).map_err(|_| "the policy is not one")?;
    let warrant = Warrant {
        plan: store.ids().subject(SubjectKind::Plan, b"plan"),
        policies: store.ids().subject(SubjectKind::Policy, b"policies"),
        approvals: Vec::new(),
        approvers: Vec::new(),
    };
    let cause = Cause::Policy { policy: "reports".to_owned(), rule: "period".to_owned(), since_ms: TIME_MS };
    let mut sweeper = Sweeper {
        user,
        clock_ms: &mut || LATER_MS,
        policies: Some(&policies),
        look: &mut |_, _| (String::new(), Presence::Unknown),
        between: &mut |_, _| Ok(true),
    };
    let mut steps = ids.iter().map(|id| Ok(Step::Purge(*id, cause.clone())));
    Ok(sweep(store, &mut sweeper, &warrant, &mut steps)?)
}

/// Takes in bytes that no file system can guess.
fn large(store: &mut Store, user: UserId, bytes: u64) -> Done<()> {
    let mut piece = vec![0; 1 << 20];
    blake3::Hasher::new().finalize_xof().fill(&mut piece);
    let mut batch = store.begin_ingest(Who { user, time_ms: LATER_MS })?;
    batch.stage(spec(), &mut Repeated { piece: &piece, left: bytes })?;
    batch.commit()?;
    Ok(())
}

struct Repeated<'a> {
    piece: &'a [u8],
    left: u64,
}

impl Read for Repeated<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let length = bytes.len().min(self.piece.len()).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        bytes[..length].copy_from_slice(&self.piece[..length]);
        self.left -= length as u64;
        Ok(length)
    }
}

/// What the machine takes for the files alone: in as many folders, removed and synced in batches of the same size.
fn unlinks(folder: &Path, items: u64) -> Done<()> {
    let disk = RealDisk::create(folder)?;
    let path = |number: u64| format!("{:02x}/{number}", number % 256);
    for number in 0..items {
        if number < 256 {
            disk.make_folder(&format!("{number:02x}"))?;
        }
        write_all_at(&*disk.create_new(&path(number))?, &[7; 700], 0)?;
    }
    let log = disk.create_new("log")?;
    let started = Instant::now();
    for first in (0..items).step_by(500) {
        for number in first..(first + 500).min(items) {
            disk.unlink(&path(number))?;
        }
        let folders: Vec<String> = (0..256.min(items)).map(|number| format!("{number:02x}")).collect();
        disk.sync_folders(&mut folders.iter().map(|folder| &**folder))?;
        write_all_at(&*log, &[7; 700], first)?;
        log.sync()?;
    }
    println!("  unlinks alone: {:.0} a second", items as f64 / started.elapsed().as_secs_f64());
    Ok(())
}

fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // Fields 14 and 15 of proc(5), in hundredths of a second.
    let ticks = |field: usize| fields.get(field).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

fn memory_mib(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
