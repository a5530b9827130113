//! Text that was written as Base64 inside text: what can be read of it is searched as well, with the way
//! back to the raw bytes. Knows no padding rules and no file formats: it looks for readable stretches.

/// Bytes from which a run is looked at.
pub(super) const RUN_BYTES_MIN: usize = 12;
/// Characters that so many bytes give.
const RUN_CHARS_MIN: usize = 16;
/// Readable bytes in a row that do not come about by chance.
const STRETCH_BYTES_MIN: usize = RUN_BYTES_MIN;
/// Characters of a run that are looked at for known values in all four alignments, if nothing of it is readable.
const UNREADABLE_CHARS_MAX: usize = 64 << 10;
/// What stands for bytes that are no text.
const GAP: char = '\n';

/// What one run of Base64 says.
#[derive(Debug)]
pub(super) struct Decoded {
    /// Its text, byte for byte; a line feed in place of each byte that is none.
    pub(super) text: String,
    /// Whether it has a stretch of text that cannot be chance.
    pub(super) readable: bool,
    start: usize,
    end: usize,
    offset: usize,
}

impl Decoded {
    /// The raw bytes of the readable stretch that holds a range of the text: the whole run, mostly.
    pub(super) fn raw_span(&self, start: usize, end: usize) -> (usize, usize) {
        let from = self.text[..start].rfind(GAP).map_or(0, |at| at + 1);
        let to = self.text[end..].find(GAP).map_or(self.text.len(), |at| end + at);
        let first = self.start + self.offset + from * 4 / 3;
        let last = self.start + self.offset + (to * 4).div_ceil(3);
        let whole = |near: usize, border: usize| near.abs_diff(border) < 4;
        let first = if whole(first, self.start) { self.start } else { first };
        (first, if last + 4 > self.end { self.end } else { last })
    }
}

/// Calls `found` for every run of Base64 that can be read. Runs that cannot are handed over as well, once for
/// each alignment, if `unreadable`: known values may stand in them.
pub(super) fn runs(text: &str, unreadable: bool, found: &mut dyn FnMut(&Decoded)) {
    let bytes = text.as_bytes();
    // A run that is long enough holds one of these places.
    let mut probe = RUN_CHARS_MIN - 1;
    let mut bytes_out = Vec::new();
    while let Some(&byte) = bytes.get(probe) {
        if digit(byte).is_none() {
            probe += RUN_CHARS_MIN;
            continue;
        }
        let start = probe - bytes[..probe].iter().rev().take_while(|&&b| digit(b).is_some()).count();
        let end = probe + bytes[probe..].iter().take_while(|&&b| digit(b).is_some()).count();
        if end - start >= RUN_CHARS_MIN && is_mixed(&bytes[start..end]) {
            let padded = end + bytes[end..].iter().take(2).take_while(|&&b| b == b'=').count();
            run(text, (start, end, padded), (unreadable, &mut bytes_out), found);
        }
        probe = end + RUN_CHARS_MIN;
    }
}

fn run(
    text: &str,
    (start, end, padded): (usize, usize, usize),
    (unreadable, bytes): (bool, &mut Vec<u8>),
    found: &mut dyn FnMut(&Decoded),
) {
    let run = &text.as_bytes()[start..end];
    let read = (0..4).find(|&offset| {
        decode(&run[offset..], bytes);
        longest_stretch(bytes) >= STRETCH_BYTES_MIN
    });
    if let Some(offset) = read {
        found(&readable(bytes, (start, padded, offset), true));
    } else if unreadable && run.len() <= UNREADABLE_CHARS_MAX {
        for offset in 0..4 {
            decode(&run[offset..], bytes);
            found(&readable(bytes, (start, padded, offset), false));
        }
    }
}

/// Whether capitals and small letters stand in it: words and digests do not have both.
fn is_mixed(run: &[u8]) -> bool {
    run.iter().any(u8::is_ascii_uppercase) && run.iter().any(u8::is_ascii_lowercase)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn decode(run: &[u8], out: &mut Vec<u8>) {
    out.clear();
    for group in run.chunks(4) {
        let bits = group.iter().fold(0u32, |bits, &b| bits << 6 | u32::from(digit(b).unwrap_or(0)));
        let bits = bits << (6 * (4 - group.len()));
        out.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
}

fn longest_stretch(bytes: &[u8]) -> usize {
    let (mut longest, mut at) = (0, 0);
    while at < bytes.len() && longest < STRETCH_BYTES_MIN {
        let mut end = at;
        while let Some(length) = character(&bytes[end..]) {
            end += length;
        }
        longest = longest.max(end - at);
        at = end + 1;
    }
    longest
}

/// How many bytes the character of a text takes that stands at the front; `None` if none does.
fn character(bytes: &[u8]) -> Option<usize> {
    let first = *bytes.first()?;
    let length = match first {
        b' '..=b'~' | b'\t' | b'\r' | b'\n' => return Some(1),
        0xc3..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => return None,
    };
    std::str::from_utf8(bytes.get(..length)?).is_ok().then_some(length)
}

fn readable(bytes: &[u8], (start, end, offset): (usize, usize, usize), readable: bool) -> Decoded {
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match character(&bytes[at..]).map(|length| std::str::from_utf8(&bytes[at..at + length])) {
            // Line feeds of its own must not look like gaps: the finding is in a longer stretch.
            Some(Ok("\n" | "\r")) => text.push(' '),
            Some(Ok(character)) => {
                text.push_str(character);
                at += character.len() - 1;
            }
            _ => text.push(GAP),
        }
        at += 1;
    }
    Decoded { text, readable, start, end, offset }
}

/// Base64 without padding.
pub(super) fn encode(value: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(value.len().div_ceil(3) * 4);
    for group in value.as_bytes().chunks(3) {
        let bits = group.iter().fold(0u32, |bits, &b| bits << 8 | u32::from(b)) << (8 * (3 - group.len()));
        for at in 0..=group.len() {
            out.push(char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        runs(text, false, &mut |run| {
            let (start, end) = run.raw_span(0, run.text.len());
            out.push((run.text.clone(), text[start..end].to_owned()));
        });
        out
    }

    #[test]
    fn what_can_be_read_leads_back_to_the_run() {
        for value in ["jane.doe@example.org", "Zoë Doe-Müller, 14 Elm Street", "{\"ssn\": \"000-00-0000\"}"]
        {
            let run = encode(value);
            let line = format!("sent body={run}== (ok)");
            let found = all(&line);
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!(found[0].0, value);
            assert_eq!(found[0].1, format!("{run}=="));
        }
    }

    #[test]
    fn runs_that_begin_elsewhere_are_read_in_their_own_alignment() {
        for before in ["", "x/", "ab/", "Abc/", "path/"] {
            let line = format!("GET /{before}{} HTTP", encode("user jane.doe@example.org here"));
            let found = all(&line);
            assert!(found[0].0.contains("jane.doe@example.org"), "{line}: {found:?}");
        }
    }

    #[test]
    fn names_paths_and_digests_are_not_read() {
        for text in [
            "org.springframework.beans.factory.support.DefaultListableBeanFactory",
            "src/detect/SomeLongPathToAFile/WithManyFolders.rs",
            "9fceb02d0ae598e95dc970b74767f19372d61af8",
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
            "short aGVsbG8=",
        ] {
            assert_eq!(all(text), [], "{text}");
        }
    }
}
