//! How many different values there are: counted as long as they can be remembered, estimated beyond.

use serde::Serialize;
use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

/// Values that are remembered of a column in which some stand more than once.
const REPEATED_MAX: usize = 1 << 16;
/// Values that are remembered of a column in which each was another one so far: it may be a key.
const UNIQUE_MAX: usize = 1 << 21;
/// Registers of the estimate: 2 to the power of this; its error is about 1.6 % then.
const BITS: u32 = 12;

/// A number of different values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Distinct {
    /// How many.
    pub count: u64,
    /// Whether that is exact, and no estimate.
    pub exact: bool,
}

impl fmt::Display for Distinct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.exact { "" } else { "≈" }, self.count)
    }
}

/// A hash is a hash already.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Counts values by their hashes.
#[derive(Default)]
pub(super) struct Counter {
    seen: HashSet<u64, BuildHasherDefault<AsItIs>>,
    /// The estimate, once there were too many.
    sketch: Option<Vec<u8>>,
    repeats: bool,
}

impl Counter {
    pub(super) fn add(&mut self, hash: u64) {
        if let Some(sketch) = &mut self.sketch {
            return note(sketch, hash);
        }
        self.repeats |= !self.seen.insert(hash);
        let most = if self.repeats { REPEATED_MAX } else { UNIQUE_MAX };
        if self.seen.len() > most {
            let mut sketch = vec![0; 1 << BITS];
            std::mem::take(&mut self.seen).into_iter().for_each(|hash| note(&mut sketch, hash));
            self.sketch = Some(sketch);
        }
    }

    /// Whether no value came twice, if that is known.
    pub(super) fn unique(&self) -> Option<bool> {
        match (self.repeats, &self.sketch) {
            (true, _) => Some(false),
            (false, None) => Some(true),
            (false, Some(_)) => None,
        }
    }

    pub(super) fn finish(self) -> Distinct {
        match self.sketch {
            None => Distinct { count: self.seen.len() as u64, exact: true },
            Some(sketch) => Distinct { count: estimate(&sketch), exact: false },
        }
    }
}

/// Notes a hash: its first bits name a register, which keeps the most zeros that the others began with
/// (Flajolet, Fusy, Gandouet, Meunier: `HyperLogLog`, 2007).
fn note(sketch: &mut [u8], hash: u64) {
    // Hashes of small numbers may be even in some bits.
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let register = (hash >> (64 - BITS)) as usize;
    let zeros = (hash << BITS).leading_zeros().min(64 - BITS) as u8 + 1;
    sketch[register] = sketch[register].max(zeros);
}

fn estimate(sketch: &[u8]) -> u64 {
    let registers = sketch.len() as f64;
    let sum: f64 = sketch.iter().map(|zeros| (-f64::from(*zeros)).exp2()).sum();
    let bias = 0.7213 / (1.0 + 1.079 / registers);
    (bias * registers * registers / sum).round() as u64
}
