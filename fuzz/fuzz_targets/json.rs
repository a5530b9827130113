//! JSON and NDJSON: escapes, nesting, broken documents.
#![no_main]

use custody_fuzz::{drain, limits, view};
use custody_ingest::formats::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = limits();
    drain(json::open(view(data), &limits), &limits, data.len() as u64);
});
