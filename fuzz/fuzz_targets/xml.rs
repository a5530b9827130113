//! XML and RaaS reports: tags, references, document types.
#![no_main]

use custody_fuzz::{drain, limits, view};
use custody_ingest::formats::xml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = limits();
    drain(xml::open(view(data), &limits), &limits, data.len() as u64);
});
