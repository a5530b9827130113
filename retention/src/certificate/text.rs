//! How a certificate shows numbers, times and foreign text.

use chrono::{DateTime, SecondsFormat};

pub(super) use crate::hex::digits as hex;

/// A time in UTC, to the second, that no line is broken in; the number itself where no calendar reaches.
pub(super) fn time(time_ms: u64) -> String {
    let time = i64::try_from(time_ms).ok().and_then(DateTime::from_timestamp_millis);
    match time {
        Some(time) => {
            time.to_rfc3339_opts(SecondsFormat::Secs, true).replace('T', "\u{a0}").replace('Z', "\u{a0}UTC")
        }
        None => format!("{time_ms} ms"),
    }
}

/// A number in groups of three digits.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of things by their name.
pub(super) fn of(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A size.
pub(super) fn size(size_bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    if size_bytes < 1_000 {
        return format!("{size_bytes} B");
    }
    let (mut size, mut unit) = (size_bytes as f64 / 1e3, 0);
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1e3;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// Text that shows all its characters: nothing in it moves, hides or turns its neighbours around.
pub(super) fn visible(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    text.chars().map(|c| if hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_numbers_and_sizes_read_well() {
        assert_eq!(time(0), "1970-01-01\u{a0}00:00:00\u{a0}UTC");
        assert_eq!(time(1_767_225_600_999), "2026-01-01\u{a0}00:00:00\u{a0}UTC");
        assert_eq!(time(951_782_400_000), "2000-02-29\u{a0}00:00:00\u{a0}UTC");
        assert_eq!(time(u64::MAX), "18446744073709551615 ms");
        let counts = [0, 7, 999, 1_000, 1_234_567].map(count);
        assert_eq!(counts, ["0", "7", "999", "1,000", "1,234,567"]);
        assert_eq!((of(1, "item", "items"), of(2, "item", "items")), ("1 item".into(), "2 items".into()));
        let sizes = [0, 999, 1_000, 999_949, 999_950, 1_500_000, u64::MAX].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 KB", "999.9 KB", "1.0 MB", "1.5 MB", "18446.7 PB"]);
    }

    #[test]
    fn nothing_in_a_text_hides() {
        assert_eq!(visible("a/ü x.csv"), "a/ü x.csv");
        for hidden in ['\n', '\u{1b}', '\u{202e}', '\u{200b}', '\u{2066}', '\u{feff}', '\u{e0041}'] {
            assert_eq!(visible(&format!("a{hidden}b")), "a\u{fffd}b");
        }
    }
}
