//! Measures the key file: adding, reading, destroying, showing all, rotating, and the memory all of it takes. A number
//! as argument is the number of keys (1,000,000). The file is made in a temporary folder on `TMPDIR`.
#![allow(clippy::print_stdout, reason = "an example talks on the terminal")]

use custody_retention::ItemId;
use custody_retention::blob::DataKey;
use custody_retention::disk::{Disk, RealDisk};
use custody_retention::keys::{FileHolder, KeyError, KeyFile, KeyHolder, Secrets, Slot, StoreId, Which};
use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

/// Keys that are made durable together.
const BATCH: u64 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let disk = RealDisk::create(&folder.path().join("store"))?;
    let holder = FileHolder::new(&folder.path().join("store-key"))?;
    let made = holder.make(Which::Current)?;
    let mut keys = KeyFile::create(&disk, StoreId::random()?, &made, &Secrets::random()?)?;
    println!("{:<42} {:>9} {:>9} {:>14} {:>9}", "step", "wall s", "CPU s", "keys/s", "MiB now");
    step("add, batches of 1,000, synced each", count, || {
        for number in 0..count {
            let slot = keys.add(&item(number), &DataKey::new([7; 32]))?;
            assert_eq!(slot, Slot(number), "slots follow each other");
            if (number + 1) % BATCH == 0 {
                keys.sync()?;
            }
        }
        Ok(())
    })?;
    step("get each", count, || {
        (0..count).try_for_each(|number| keys.get(Slot(number), &item(number)).map(drop))
    })?;
    step("destroy half, batches of 1,000, synced each", count / 2, || {
        for number in 0..count / 2 {
            keys.destroy(Slot(2 * number), &item(2 * number))?;
            if (number + 1) % BATCH == 0 {
                keys.sync()?;
            }
        }
        keys.sync().map(drop)
    })?;
    step("show and verify all", count, || keys.for_each(|_, _| Ok::<_, KeyError>(())))?;
    step("look for doubled items", count, || keys.doubled().map(|doubled| assert!(doubled.is_empty())))?;
    step("rotate", count / 2, || keys.rotate(&disk, &holder).map(drop))?;
    step("open", 1, || KeyFile::open(&disk, &holder).map(drop))?;
    let bytes = disk.stat("keys.custody")?.map_or(0, |stat| stat.size_bytes);
    println!("\n{bytes} bytes; most memory ever: {} MiB", memory_mib("VmHWM"));
    Ok(())
}

fn item(number: u64) -> ItemId {
    ItemId(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

/// Runs a step and prints its line.
fn step(name: &str, keys: u64, work: impl FnOnce() -> Result<(), KeyError>) -> Result<(), KeyError> {
    let (started, cpu) = (Instant::now(), cpu_time());
    work()?;
    let (wall, cpu) = (started.elapsed().as_secs_f64(), cpu_time().saturating_sub(cpu).as_secs_f64());
    println!("{name:<42} {wall:>9.2} {cpu:>9.2} {:>14.0} {:>9}", keys as f64 / wall, memory_mib("VmRSS"));
    Ok(())
}

/// CPU time of this process so far, in the kernel too.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A line of the kernel's account of this process, in MiB.
fn memory_mib(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'));
    let kib = value.and_then(|value| value.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() >> 10
}
