//! Looks for every value of the bundle in raw decoded text: also where no reader looks, in keys, element
//! names, parts of a workbook.

use crate::detect::VALUE_CHARS_MIN;
use custody_rules::ValueIndex;
use std::io::{BufRead, BufReader, Read};

/// Bytes of one line that are looked at together.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Characters that divide cells, keys and tags: a value never reaches across them.
const STRUCTURE: [char; 12] = [',', ';', '\t', '|', '"', '<', '>', '{', '}', '[', ']', '='];

/// Counts values of at least [`VALUE_CHARS_MIN`] letters or digits in a UTF-8 view.
///
/// # Errors
/// When the view cannot be read.
pub fn value_hits(values: &ValueIndex, view: &mut dyn Read) -> std::io::Result<u64> {
    let mut hits = 0;
    let mut reader = BufReader::with_capacity(1 << 20, view);
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(hits);
        }
        hits += hits_in(values, &String::from_utf8_lossy(&line));
    }
}

/// Counts values in one piece of text.
pub(super) fn hits_in(values: &ValueIndex, text: &str) -> u64 {
    let mut hits = 0;
    values.find(text, &mut |hit| {
        let value = &text[hit.start..hit.end];
        let long = value.chars().filter(|c| c.is_alphanumeric()).count() >= VALUE_CHARS_MIN;
        hits += u64::from(long && !value.contains(STRUCTURE));
    });
    hits
}
