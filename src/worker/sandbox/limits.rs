//! Limits the kernel keeps for a worker: memory, processor time, descriptors, the size of what it writes.

use custody_rules::{Reason, Refusal};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors: three of its own, at most nine of a job, and copies of these.
const DESCRIPTORS: u64 = 64;
/// Longest output, in bytes. A recording that is rewritten has its own compression: it can grow.
pub(super) const OUTPUT_BYTES_MAX: u64 = 16 << 30;
/// Processor time between the signal that ends a worker and the one it cannot catch, in seconds.
const GRACE_SECONDS: u64 = 5;

/// What one worker may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Memory of its own, in MiB.
    pub memory_mib: u64,
    /// Processor time of all its threads, in seconds.
    pub cpu_seconds: u64,
}

impl Default for Bounds {
    /// Memory: the largest picture takes 1.2 GB, a recording in 8K 2.9 GB. Time: a recording in which text never
    /// stands still takes about as long as it lasts.
    fn default() -> Self {
        Self { memory_mib: 6_144, cpu_seconds: 14_400 }
    }
}

impl Bounds {
    /// Says that the memory was too little.
    pub(in crate::worker) fn out_of_memory(self) -> Refusal {
        let detail = format!("decoding it takes more than {} MiB of memory", self.memory_mib);
        Refusal::new(Reason::WorkerLimit, detail)
    }

    pub(super) fn memory_bytes(self) -> u64 {
        self.memory_mib.saturating_mul(1 << 20)
    }
}

/// Lowers the limits of this process; none is ever raised.
pub(super) fn lower(bounds: Bounds) -> Result<(), Errno> {
    let memory = bounds.memory_bytes();
    // Pixels never land in a core file.
    at_most(Resource::Core, 0, 0)?;
    at_most(Resource::Nofile, DESCRIPTORS, DESCRIPTORS)?;
    at_most(Resource::Fsize, OUTPUT_BYTES_MAX, OUTPUT_BYTES_MAX)?;
    at_most(Resource::Cpu, bounds.cpu_seconds, bounds.cpu_seconds.saturating_add(GRACE_SECONDS))?;
    at_most(Resource::Data, memory, memory)?;
    // Shared memory is no data to the kernel: the filter forbids it, and without a filter this bounds it. Twice, and
    // four GiB more: libraries, stacks and what the allocator keeps for later take addresses, for each thread.
    let addresses = memory.saturating_mul(2).saturating_add(4 << 30);
    at_most(Resource::As, addresses, addresses)
}

fn at_most(resource: Resource, current: u64, maximum: u64) -> Result<(), Errno> {
    let have = getrlimit(resource);
    let maximum = have.maximum.map_or(maximum, |have| have.min(maximum));
    let current = have.current.map_or(current, |have| have.min(current)).min(maximum);
    setrlimit(resource, Rlimit { current: Some(current), maximum: Some(maximum) })
}
