//! Looks for every value of the bundle in raw decoded text: also where no reader looks, in keys, element
//! names, parts of a workbook.

use crate::detect::VALUE_CHARS_MIN;
use custody_rules::{EntityId, ValueIndex};
use std::io::{BufRead, BufReader, Read};

/// Bytes of one line that are looked at together.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Bytes of a cut line that are looked at twice: more than the longest value worth the name.
const OVERLAP_BYTES: usize = 1 << 10;
/// Characters that divide cells, keys and tags: a value never reaches across them.
const STRUCTURE: [char; 12] = [',', ';', '\t', '|', '"', '<', '>', '{', '}', '[', ']', '='];

/// Whether a value may stay where it is: it is allowed there, and redacted elsewhere.
pub type MayStay<'a> = &'a dyn Fn(EntityId, &str) -> bool;

/// Counts values of at least [`VALUE_CHARS_MIN`] letters or digits in a UTF-8 view, without those that may stay.
///
/// # Errors
/// When the view cannot be read.
pub fn value_hits(values: &ValueIndex, view: &mut dyn Read, may_stay: MayStay<'_>) -> std::io::Result<u64> {
    let mut hits = 0;
    let mut reader = BufReader::with_capacity(1 << 20, view);
    let mut line = Vec::new();
    loop {
        if reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(hits);
        }
        hits += hits_in(values, &String::from_utf8_lossy(&line), may_stay);
        // A value may stand across the cut of a long line: its last bytes are looked at again.
        let done = if line.ends_with(b"\n") { line.len() } else { line.len().saturating_sub(OVERLAP_BYTES) };
        line.drain(..done);
    }
}

/// Counts values in one piece of text, without those that may stay.
pub(super) fn hits_in(values: &ValueIndex, text: &str, may_stay: MayStay<'_>) -> u64 {
    let mut hits = 0;
    values.find(text, &mut |hit| {
        let value = &text[hit.start..hit.end];
        let long = value.chars().filter(|c| c.is_alphanumeric()).count() >= VALUE_CHARS_MIN;
        hits += u64::from(long && !value.contains(STRUCTURE) && !may_stay(hit.entity, value));
    });
    hits
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::{EntityId, ValueIndexBuilder};

    #[test]
    fn a_value_across_the_cut_of_a_long_line_is_seen() {
        let mut builder = ValueIndexBuilder::new(7);
        builder.add("Jane Example", EntityId(0), 1, 1);
        let values = builder.build();
        for before in LINE_BYTES_MAX as usize - 14..LINE_BYTES_MAX as usize + 2 {
            let text = format!("{} Jane Example {}\nend", "x".repeat(before), "y".repeat(4_000));
            assert!(
                value_hits(&values, &mut text.as_bytes(), &|_, _| false).expect("readable") > 0,
                "{before}"
            );
        }
        assert_eq!(value_hits(&values, &mut &b"Jane\nExample"[..], &|_, _| false).expect("readable"), 0);
    }

    #[test]
    fn what_may_stay_does_not_count() {
        let mut builder = ValueIndexBuilder::new(7);
        builder.add("Jane Example", EntityId(0), 1, 1);
        builder.add("Max Penrose", EntityId(0), 2, 1);
        let (values, text) = (builder.build(), "Jane Example, MAX PENROSE");
        assert_eq!(hits_in(&values, text, &|_, _| false), 2);
        assert_eq!(hits_in(&values, text, &|_, value| value == "Jane Example"), 1);
    }
}
