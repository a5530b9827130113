//! Sniffing by content, and then reading what it says it is.
#![no_main]

use custody_fuzz::{drain, file, limits};
use custody_ingest::{FileReader, sniff};
use custody_rules::Reader;
use libfuzzer_sys::fuzz_target;
use std::io::Seek;

fuzz_target!(|data: &[u8]| {
    let limits = limits();
    let mut input = file(data);
    let Ok(sniffed) = sniff(&input, &limits) else { return };
    if sniffed.kind.is_media() {
        return;
    }
    input.rewind().expect("a temporary file can be rewound");
    // The UTF-8 view of other encodings is at most three times as long.
    drain(FileReader.open(input, sniffed, &limits), &limits, 3 * data.len() as u64 + 3);
});
