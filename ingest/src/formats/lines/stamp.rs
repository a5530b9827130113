//! Timestamp and level at the beginning of a log line, parsed by hand: a regex here would cost more than
//! everything else the line reader does.

/// Bytes of a line that are looked at.
const HEAD_BYTES: usize = 100;
/// 2001-09-09 and 2100-01-01: thirteen digits between them are taken for milliseconds.
const EPOCH_MS: std::ops::Range<i64> = 1_000_000_000_000..4_102_444_800_000;
const LEVELS: [&str; 9] =
    ["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL"];
const LEVEL_KEYS: [&[u8]; 4] = [b"level", b"lvl", b"severity", b"loglevel"];
const TIME_KEYS: [&[u8]; 4] = [b"ts", b"time", b"timestamp", b"epoch"];
const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// What the beginning of a line says.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Milliseconds since the Unix epoch, UTC where no zone is written.
    pub(crate) timestamp_ms: Option<i64>,
    /// In capitals, as the log names it.
    pub(crate) level: Option<&'static str>,
}

/// What the last word was, as far as it says something of the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    None,
    Level,
    Time,
}

/// Reads the first timestamp and the first level among the first bytes of a line.
pub(crate) fn read(line: &str) -> Stamp {
    let head = &line.as_bytes()[..line.len().min(HEAD_BYTES)];
    let (mut stamp, mut at, mut key) = (Stamp::default(), 0, Key::None);
    while at < head.len() && (stamp.timestamp_ms.is_none() || stamp.level.is_none()) {
        match head[at] {
            b'0'..=b'9' => {
                let found = (stamp.timestamp_ms.is_none()).then(|| timestamp(head, at, key)).flatten();
                let digits = run(&head[at..], |b| b.is_ascii_digit());
                at += found.map_or(digits, |(_, length)| length);
                stamp.timestamp_ms = stamp.timestamp_ms.or(found.map(|(ms, _)| ms));
                // A word glued to digits is no level: `7INFO`, `2ERRORS`.
                at += run(&head[at..], is_word);
                key = Key::None;
            }
            c if is_word(c) => {
                let length = run(&head[at..], is_word);
                let word = &head[at..at + length];
                stamp.level =
                    stamp.level.or_else(|| level(word, key == Key::Level || is_bracketed(head, at, length)));
                key = key_of(word);
                at += length;
            }
            b'"' | b'\'' | b'=' | b':' | b' ' => at += 1,
            _ => {
                key = Key::None;
                at += 1;
            }
        }
    }
    stamp
}

fn run(bytes: &[u8], accept: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&b| !accept(b)).unwrap_or(bytes.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_bracketed(head: &[u8], at: usize, length: usize) -> bool {
    at > 0
        && matches!(head[at - 1], b'[' | b'<' | b'(')
        && matches!(head.get(at + length), Some(b']' | b'>' | b')'))
}

/// Capitals are a level anywhere, other spellings only behind a key or in brackets.
fn level(word: &[u8], any_case: bool) -> Option<&'static str> {
    if !(4..=8).contains(&word.len()) {
        return None;
    }
    let same = |level: &&&str| {
        if any_case { word.eq_ignore_ascii_case(level.as_bytes()) } else { word == level.as_bytes() }
    };
    LEVELS.iter().find(same).copied()
}

fn key_of(word: &[u8]) -> Key {
    let is = |key: &&[u8]| word.eq_ignore_ascii_case(key);
    match word.len() {
        2..=9 if LEVEL_KEYS.iter().any(&is) => Key::Level,
        2..=9 if TIME_KEYS.iter().any(is) => Key::Time,
        _ => Key::None,
    }
}

/// The timestamp that begins at `at` and how many bytes it takes.
fn timestamp(head: &[u8], at: usize, key: Key) -> Option<(i64, usize)> {
    let text = &head[at..];
    match text.get(4) {
        Some(b'-' | b'/') => iso(text),
        Some(_) if text.get(2) == Some(&b'/') => common_log(text),
        Some(c) if c.is_ascii_digit() => {
            let alone = head[..at].iter().all(|b| matches!(b, b'[' | b' ' | b'{' | b'"'));
            if alone || key == Key::Time { epoch_ms(text) } else { None }
        }
        _ => None,
    }
}

/// `2026-11-23T20:41:58.123+01:00` and its relatives: a space for the T, a comma in the fraction, no zone.
fn iso(text: &[u8]) -> Option<(i64, usize)> {
    let date = (number(text, 0, 4)?, number(text, 5, 2)?, number(text, 8, 2)?);
    if text[4] != text[7] || !matches!(text.get(10)?, b'T' | b't' | b' ' | b'_') {
        return None;
    }
    let (clock, mut at) = clock_ms(text, 11)?;
    let mut ms = days(date)? * 86_400_000 + clock;
    if let Some(b'.' | b',') = text.get(at) {
        let digits = run(&text[at + 1..], |b| b.is_ascii_digit());
        let scale = [100, 10, 1];
        let fraction = text[at + 1..at + 1 + digits].iter().zip(scale);
        ms += fraction.map(|(digit, scale)| i64::from(digit - b'0') * scale).sum::<i64>();
        at += if digits > 0 { 1 + digits } else { 0 };
    }
    let (zone, length) = zone_ms(&text[at..]);
    Some((ms - zone, at + length))
}

/// `23/Nov/2026:20:41:58 +0000`, as web servers write it.
fn common_log(text: &[u8]) -> Option<(i64, usize)> {
    let (month, _) = (1_i64..).zip(MONTHS).find(|(_, month)| text.get(3..6) == Some(*month))?;
    let date = (number(text, 7, 4)?, month, number(text, 0, 2)?);
    if text.get(6) != Some(&b'/') || text.get(11) != Some(&b':') {
        return None;
    }
    let (clock, at) = clock_ms(text, 12)?;
    let (zone, length) = zone_ms(&text[at..]);
    Some((days(date)? * 86_400_000 + clock - zone, at + length))
}

fn epoch_ms(text: &[u8]) -> Option<(i64, usize)> {
    let ms = number(text, 0, 13)?;
    let ends = text.get(13).is_none_or(|&b| !is_word(b) && b != b'-');
    (ends && EPOCH_MS.contains(&ms)).then_some((ms, 13))
}

/// `20:41` or `20:41:58` at `at`, in milliseconds, and where it ends.
fn clock_ms(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let (hour, minute) = (number(text, at, 2)?, number(text, at + 3, 2)?);
    let second = (text.get(at + 5) == Some(&b':')).then(|| number(text, at + 6, 2)).flatten();
    let sound = text[at + 2] == b':' && hour < 24 && minute < 60 && second.is_none_or(|second| second <= 60);
    let ms = (hour * 3_600 + minute * 60 + second.unwrap_or(0)) * 1_000;
    sound.then_some((ms, at + if second.is_some() { 8 } else { 5 }))
}

/// The zone's distance from UTC, and its length; 0 and 0 where none is written.
fn zone_ms(text: &[u8]) -> (i64, usize) {
    let space = usize::from(text.first() == Some(&b' '));
    let sign = match text.get(space) {
        Some(b'Z' | b'z') if space == 0 => return (0, 1),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return (0, 0),
    };
    let Some(hours) = number(text, space + 1, 2) else { return (0, 0) };
    let colon = usize::from(text.get(space + 3) == Some(&b':'));
    let minutes = number(text, space + 3 + colon, 2);
    let length = space + 3 + if minutes.is_some() { colon + 2 } else { 0 };
    if space == 1 && minutes.is_none() {
        return (0, 0);
    }
    (sign * (hours * 60 + minutes.unwrap_or(0)) * 60_000, length)
}

/// So many digits at `at`.
fn number(text: &[u8], at: usize, digits: usize) -> Option<i64> {
    text.get(at..at + digits)?
        .iter()
        .try_fold(0_i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Days from 1970-01-01 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
fn days((year, month, day): (i64, i64, i64)) -> Option<i64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23 20:41:58 UTC, by `date -u -d '2026-11-23 20:41:58' +%s`.
    const MS: i64 = 1_795_466_518_000;

    fn check(line: &str, timestamp_ms: Option<i64>, level: Option<&str>) {
        let stamp = read(line);
        assert_eq!((stamp.timestamp_ms, stamp.level), (timestamp_ms, level), "{line}");
    }

    #[test]
    fn timestamps() {
        check("2026-11-23 20:41:58 started", Some(MS), None);
        check("[2026-11-23T20:41:58.125Z] x", Some(MS + 125), None);
        check("2026-11-23 20:41:58,007 x", Some(MS + 7), None);
        check("2026-11-23T21:41:58.000123+01:00 x", Some(MS), None);
        check("2026-11-23T15:41:58-0500 x", Some(MS), None);
        check("2026/11/23 20:41:58 [error] 7#7: *1 open()", Some(MS), Some("ERROR"));
        check("10.0.0.1 - - [23/Nov/2026:20:41:58 +0000] \"GET /\"", Some(MS), None);
        check("1795466518000 x", Some(MS), None);
        check(r#"{"ts":1795466518000,"level":"info"}"#, Some(MS), Some("INFO"));
        check("2026-11-23T20:41 x", Some(MS - 58_000), None);
    }

    #[test]
    fn what_is_no_timestamp() {
        check("Nov 23 20:41:58 host sshd[7]: x", None, None);
        check("id 1795466518000", None, None);
        check("2026-13-23 20:41:58", None, None);
        check("2026-11-23", None, None);
        check("2026-11-23T", None, None);
        check("2026-11-23 2", None, None);
        check("99/Nov/", None, None);
        check("1", None, None);
        check("", None, None);
    }

    #[test]
    fn levels() {
        check("2026-11-23 20:41:58 INFO x", Some(MS), Some("INFO"));
        check("[warn] x", None, Some("WARN"));
        check("WARNING: x", None, Some("WARNING"));
        check("level=info msg=x", None, Some("INFO"));
        check(r#"{"msg":"x","level": "error"}"#, None, Some("ERROR"));
        check("<CRITICAL> x", None, Some("CRITICAL"));
        check("for your info: an error", None, None);
        check("INFORMATION 7INFO INFO_2", None, None);
    }

    #[test]
    fn only_the_beginning_is_read() {
        check(&format!("{} ERROR", "x".repeat(100)), None, None);
        check(&format!("{}é", "x".repeat(99)), None, None);
    }
}
