//! What the readers of trees (JSON, XML) and workbooks share: a small number for each path of keys, batches
//! of bounded size, and I/O errors as refusals. No format is read here.

use arrow_array::RecordBatch;
use custody_rules::{CellsBuilder, Limits, Refusal};
use std::collections::HashMap;

/// Distinct paths that get a number of their own; all later ones share [`PATHS_MAX`] itself.
pub(crate) const PATHS_MAX: u32 = 16_384;

/// Bytes of a key above which a path gets no number of its own.
const KEY_BYTES_MAX: usize = 256;

/// Gives every path of keys a small number, in the order in which the paths are first seen.
#[derive(Debug, Default)]
pub(crate) struct PathNumbers {
    children: HashMap<u32, HashMap<Box<str>, u32>>,
    last: u32,
}

impl PathNumbers {
    /// The path of no key at all.
    pub(crate) const ROOT: u32 = 0;

    /// The number of `key` below `parent`.
    pub(crate) fn child(&mut self, parent: u32, key: &str) -> u32 {
        if parent == PATHS_MAX || key.len() > KEY_BYTES_MAX {
            return PATHS_MAX;
        }
        if let Some(&number) = self.children.get(&parent).and_then(|keys| keys.get(key)) {
            return number;
        }
        if self.last + 1 >= PATHS_MAX {
            return PATHS_MAX;
        }
        self.last += 1;
        self.children.entry(parent).or_default().insert(key.into(), self.last);
        self.last
    }
}

/// Whether the rows so far make a batch.
pub(crate) fn is_full(cells: &CellsBuilder, limits: &Limits) -> bool {
    cells.rows() >= limits.batch_rows_max || cells.bytes() >= limits.batch_bytes_max
}

/// The rows so far as a batch, or `None` if there are none.
pub(crate) fn take(cells: &mut CellsBuilder) -> Option<RecordBatch> {
    (cells.rows() > 0).then(|| cells.finish())
}

/// Turns an I/O error into a refusal: the one it carries, or one by its kind alone.
pub(crate) fn io_refusal(error: &std::io::Error) -> Refusal {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>());
    inner.cloned().unwrap_or_else(|| Refusal::from_io(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::Reason;

    #[test]
    fn paths_are_numbered_as_first_seen_and_capped() {
        let mut paths = PathNumbers::default();
        let worker = paths.child(PathNumbers::ROOT, "worker");
        let name = paths.child(worker, "name");
        assert_eq!((worker, name), (1, 2));
        assert_eq!(paths.child(PathNumbers::ROOT, "name"), 3);
        assert_eq!(paths.child(worker, "name"), name);
        for i in 0..2 * PATHS_MAX {
            assert!(paths.child(PathNumbers::ROOT, &i.to_string()) <= PATHS_MAX);
        }
        assert_eq!(paths.child(PathNumbers::ROOT, "late"), PATHS_MAX);
        assert_eq!(paths.child(PATHS_MAX, "name"), PATHS_MAX);
        assert_eq!(paths.child(PathNumbers::ROOT, &"k".repeat(1_000)), PATHS_MAX);
        assert_eq!(paths.child(worker, "name"), name);
    }

    #[test]
    fn a_refusal_travels_through_io_errors() {
        let refusal = Refusal::new(Reason::NulBytes, "NUL at byte 7");
        assert_eq!(io_refusal(&std::io::Error::other(refusal.clone())), refusal);
        let plain = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        assert_eq!(io_refusal(&plain).reason, Reason::Truncated);
    }
}
