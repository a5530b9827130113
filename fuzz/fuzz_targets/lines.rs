//! Lines of text: line ends, invalid UTF-8, long lines.
#![no_main]

use custody_fuzz::{drain, limits, view};
use custody_ingest::formats::lines;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = limits();
    drain(lines::open(view(data), &limits), &limits, data.len() as u64);
});
