//! What Git says differs, as somebody else may have it say: any bytes. What is read is whole, and comes in the order of
//! the bytes.
#![no_main]
#![allow(dead_code, reason = "shared by path; the rest of it is not fuzzed")]

use libfuzzer_sys::fuzz_target;
use raw::{Raw, RawReader};
use words::{GitError, Oid};

#[path = "../../src/guard/git/raw.rs"]
mod raw;
#[path = "../../src/guard/git/words.rs"]
mod words;

fuzz_target!(|data: &[u8]| {
    let mut reader = RawReader::new(data);
    while let Ok(Some(piece)) = reader.next_piece() {
        if let Raw::Change(change) = piece {
            assert!(!change.path.is_empty() && !change.path.contains(&0));
            assert!(!change.old.is_empty() && change.old.len() == change.status.len());
        }
    }
});
