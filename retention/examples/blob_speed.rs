//! Measures what keeping content costs: hashing, encrypting, writing, making durable, and reading it again; beside the
//! machine's own limits in the same run. Two numbers as arguments are MiB of content (1,024) and times each step runs
//! (3; the best counts). Files are made in a temporary folder on `TMPDIR`.
#![allow(clippy::print_stdout, reason = "an example talks on the terminal")]

use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305};
use custody_retention::blob::{BlobReader, BlobWriter, CHUNK_BYTES, DataKey};
use custody_retention::disk::{Disk, RealDisk, write_all_at};
use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

type Done = Result<(), Box<dyn Error>>;

/// Bytes that the caller hands over at once.
const PIECE: usize = 1024 * 1024;

fn main() -> Done {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse());
    let mib: usize = arguments.next().unwrap_or(Ok(1024))?;
    let times: usize = arguments.next().unwrap_or(Ok(3))?;
    let folder = tempfile::tempdir()?;
    let disk = RealDisk::create(&folder.path().join("store"))?;
    let bench = Bench { mib, times, piece: vec![7; PIECE], disk, key: DataKey::new([8; 32]) };
    println!("{mib} MiB, best of {times}");
    println!("{:<46} {:>9} {:>9} {:>11} {:>10}", "step", "wall s", "CPU s", "MB/s of CPU", "MB/s wall");
    bench.step("limit: keyed BLAKE3 alone, one thread", || {
        bench.hash();
        Ok(())
    })?;
    bench.step("limit: XChaCha20-Poly1305 alone, chunk by chunk", || bench.seal())?;
    bench.step("limit: write and fsync alone", || bench.write())?;
    bench.step("blob: encrypt, write, fsync", || bench.blob(false))?;
    bench.step("ingest: hash, encrypt, write, fsync", || bench.blob(true))?;
    bench.step("read: read and decrypt (cached file)", || bench.read())?;
    Ok(())
}

struct Bench {
    mib: usize,
    times: usize,
    piece: Vec<u8>,
    disk: RealDisk,
    key: DataKey,
}

impl Bench {
    /// Runs a step and prints its best time.
    fn step(&self, name: &str, work: impl Fn() -> Done) -> Done {
        let mut best: Option<(f64, f64)> = None;
        for _ in 0..self.times {
            let (started, cpu) = (Instant::now(), cpu_time());
            work()?;
            let cpu = cpu_time().saturating_sub(cpu).as_secs_f64();
            let wall = started.elapsed().as_secs_f64();
            if best.is_none_or(|(_, least)| cpu < least) {
                best = Some((wall, cpu));
            }
        }
        let (wall, cpu) = best.unwrap_or_default();
        let mb = (self.mib * PIECE) as f64 / 1e6;
        println!("{name:<46} {wall:>9.2} {cpu:>9.2} {:>11.0} {:>10.0}", mb / cpu, mb / wall);
        Ok(())
    }

    fn hash(&self) {
        let mut hasher = blake3::Hasher::new_keyed(&[9; 32]);
        for _ in 0..self.mib {
            hasher.update(&self.piece);
        }
        std::hint::black_box(hasher.finalize());
    }

    fn seal(&self) -> Done {
        let stream = StreamBE32::from_aead(XChaCha20Poly1305::new(&Key::from([8; 32])), &[0; 19].into());
        let mut chunk = Vec::with_capacity(CHUNK_BYTES + 16);
        for number in 0..self.mib * PIECE / CHUNK_BYTES {
            chunk.clear();
            chunk.resize(CHUNK_BYTES, 7);
            let sealed = stream.encrypt_in_place(u32::try_from(number)?, false, &[], &mut chunk);
            sealed.map_err(|_| "the counter ended")?;
        }
        Ok(())
    }

    fn write(&self) -> Done {
        let file = self.disk.create_new("plain")?;
        for number in 0..self.mib {
            write_all_at(file.as_ref(), &self.piece, (number * PIECE) as u64)?;
        }
        file.sync()?;
        Ok(self.disk.unlink("plain")?)
    }

    fn blob(&self, hashed: bool) -> Done {
        if self.disk.stat("blob")?.is_some() {
            self.disk.unlink("blob")?;
        }
        let mut blob = BlobWriter::create(&self.disk, "blob", &self.key)?;
        let mut hasher = blake3::Hasher::new_keyed(&[9; 32]);
        for _ in 0..self.mib {
            if hashed {
                hasher.update(&self.piece);
            }
            blob.write_all(&self.piece)?;
        }
        std::hint::black_box(hasher.finalize());
        blob.finish(b"{}")?;
        Ok(())
    }

    fn read(&self) -> Done {
        let blob = BlobReader::open(&self.disk, "blob", &self.key)?;
        let mut piece = vec![0; PIECE];
        let mut offset = 0;
        while offset < blob.size_bytes() {
            offset += blob.read_at(&mut piece, offset)? as u64;
        }
        Ok(())
    }
}

/// CPU time of this process so far, in the kernel too.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
