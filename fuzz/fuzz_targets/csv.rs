//! Delimited records: quotes, delimiters, ragged rows.
#![no_main]

use custody_fuzz::{drain, limits, view};
use custody_ingest::formats::csv;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = limits();
    drain(csv::open(view(data), &limits), &limits, data.len() as u64);
});
