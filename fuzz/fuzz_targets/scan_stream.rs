//! The scanner over foreign bytes: a stream in chunks of any size against the buffer as a whole, and buffers with foreign
//! offsets as a string array.
#![no_main]

use custody_rules::{Candidate, RuleSet, RuleSource, ScanStream, Scanner, Scratch};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::fs;
use std::sync::LazyLock;

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/recognizers");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("recognizers").map(|e| e.expect("a file").path()).collect();
    files.sort();
    let texts: Vec<(String, String)> =
        files.iter().map(|f| (f.display().to_string(), fs::read_to_string(f).expect("UTF-8"))).collect();
    let sources: Vec<_> = texts.iter().map(|(name, text)| RuleSource { name, text }).collect();
    Scanner::with_floor(RuleSet::load(&sources).expect("sound").into(), 0.5).expect("compiles")
});

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(SCANNER.scratch());
}

fn streamed(bytes: &[u8], (chunk, window): (usize, usize), scratch: &mut Scratch) -> Vec<Candidate> {
    let mut out = Vec::new();
    let mut stream = ScanStream::with_window(&SCANNER, scratch, window);
    bytes.chunks(chunk).for_each(|chunk| stream.push(chunk, &mut out));
    stream.finish(&mut out);
    assert!(out.iter().all(|found| found.start < found.end && found.end <= bytes.len()), "within the input");
    out
}

fn offsets(bytes: &[u8], scratch: &mut Scratch) {
    let offsets: Vec<i32> = bytes.iter().take(16).map(|&byte| i32::from(byte as i8)).collect();
    let mut out = Vec::new();
    if SCANNER.scan_values((bytes, &offsets), None, scratch, &mut out).is_ok() {
        for (element, found) in out {
            let (start, end) = (offsets[element] as usize, offsets[element + 1] as usize);
            assert!(
                std::str::from_utf8(&bytes[start..end])
                    .is_ok_and(|text| text.get(found.start..found.end).is_some())
            );
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&size, bytes)) = data.split_first() else { return };
    let (chunk, window) = (usize::from(size % 16) + 1, 64 + usize::from(size / 16) * 32);
    SCRATCH.with_borrow_mut(|scratch| {
        let expected = streamed(bytes, (bytes.len().max(1), window), scratch);
        assert_eq!(
            streamed(bytes, (chunk, window), scratch),
            expected,
            "chunks of {chunk}, windows of {window}"
        );
        let mut whole = Vec::new();
        SCANNER.scan_bytes(bytes, scratch, &mut whole);
        assert_eq!(streamed(bytes, (chunk, 1 << 20), scratch), whole, "chunks of {chunk}");
        if let Ok(text) = std::str::from_utf8(bytes) {
            let mut lines = Vec::new();
            SCANNER.scan_lines(text, scratch, &mut lines);
            assert_eq!(lines, whole, "text and bytes");
        }
        offsets(bytes, scratch);
    });
});
