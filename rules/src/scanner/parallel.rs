//! Scanning one buffer with many threads: it is cut at line ends, and candidates come in the order one thread gives
//! them. Files and batches are spread over threads elsewhere; this is for one large text.

use super::{Scanner, Scratch};
use crate::Candidate;
use memchr::memchr;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Bytes a thread takes at a time, and what is missing of the last line.
const PIECE_BYTES: usize = 1 << 20;

impl Scanner {
    /// Does what [`Self::scan_lines`] does with so many threads. Each has a scratch space of its own: those that
    /// `scratches` lacks are made, and kept there for the next text.
    pub fn scan_lines_parallel(
        &self,
        text: &str,
        (threads, scratches): (NonZeroUsize, &mut Vec<Scratch>),
        out: &mut Vec<Candidate>,
    ) {
        while scratches.len() < threads.get() {
            scratches.push(self.scratch());
        }
        self.scan_pieces((text, PIECE_BYTES), &mut scratches[..threads.get()], out);
    }

    fn scan_pieces(
        &self,
        (text, piece_bytes): (&str, usize),
        scratches: &mut [Scratch],
        out: &mut Vec<Candidate>,
    ) {
        let pieces = pieces(text, piece_bytes);
        let next = AtomicUsize::new(0);
        let work = |scratch: &mut Scratch| {
            let mut done = Vec::new();
            while let Some(&(start, end)) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut found = Vec::new();
                self.scan_lines(&text[start..end], scratch, &mut found);
                done.push((start, found));
            }
            done
        };
        let mut done: Vec<(usize, Vec<Candidate>)> = thread::scope(|scope| {
            let threads: Vec<_> = scratches.iter_mut().map(|scratch| scope.spawn(|| work(scratch))).collect();
            let joined = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|p| resume_unwind(p)));
            joined.flatten().collect()
        });
        done.sort_unstable_by_key(|(start, _)| *start);
        for (base, found) in done {
            out.extend(found.into_iter().map(|candidate| Candidate {
                start: candidate.start + base,
                end: candidate.end + base,
                ..candidate
            }));
        }
    }
}

/// Cuts a text behind line ends.
fn pieces(text: &str, piece_bytes: usize) -> Vec<(usize, usize)> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    while start < text.len() {
        let from = (start + piece_bytes).min(text.len());
        let end = memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |at| from + at + 1);
        pieces.push((start, end));
        start = end;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::samples::{scanner, text};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pieces_make_up_the_text_and_end_with_lines() {
        let text = "ab\n\ncdefgh\ni";
        assert_eq!(pieces(text, 1), [(0, 3), (3, 11), (11, 12)]);
        assert_eq!(pieces(text, 3), [(0, 4), (4, 11), (11, 12)]);
        assert_eq!(pieces(text, 100), [(0, 12)]);
        assert_eq!(pieces("", 1), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn threads_find_what_one_finds_in_the_same_order(text in text(), piece_bytes in 0_usize..300) {
            let scanner = scanner();
            let (mut one, mut many) = (Vec::new(), Vec::new());
            scanner.scan_lines(&text, &mut scanner.scratch(), &mut one);
            let mut scratches = vec![scanner.scratch(), scanner.scratch(), scanner.scratch()];
            scanner.scan_pieces((&text, piece_bytes), &mut scratches, &mut many);
            prop_assert_eq!(&one, &many);
            let mut scratches = Vec::new();
            many.clear();
            scanner.scan_lines_parallel(&text, (NonZeroUsize::MIN, &mut scratches), &mut many);
            prop_assert_eq!(&one, &many);
            prop_assert_eq!(scratches.len(), 1);
        }
    }
}
