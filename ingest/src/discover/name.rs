//! File names as text: bytes that are not UTF-8, control characters, and two names that become one.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// The name as text. Old archives and file systems hold Windows-1252, so that a name that is not UTF-8 keeps
/// its letters and can be recognised.
pub(super) fn decode(name: &OsStr) -> String {
    match name.to_str() {
        Some(name) => name.to_owned(),
        None => encoding_rs::WINDOWS_1252.decode_without_bom_handling(name.as_bytes()).0.into_owned(),
    }
}

/// The name without characters that move a terminal's cursor or change its colours.
pub(super) fn display(name: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    name.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}

/// Makes names distinct within one folder: the second `a.txt` becomes `a (2).txt`.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    taken: HashSet<String>,
}

impl Distinct {
    /// Takes a name nobody else has.
    pub(super) fn take(&mut self, name: String) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        let (stem, ending) = match name.rfind('.') {
            Some(dot) if dot > 0 => name.split_at(dot),
            _ => (name.as_str(), ""),
        };
        let mut number = 2_u64;
        loop {
            let free = format!("{stem} ({number}){ending}");
            if self.taken.insert(free.clone()) {
                return free;
            }
            number += 1;
        }
    }

    /// Keeps a name from being given to another.
    pub(super) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_text() {
        assert_eq!(decode(OsStr::new("Zoë.log")), "Zoë.log");
        assert_eq!(decode(OsStr::from_bytes(b"M\xfcller.log")), "Müller.log");
        assert_eq!(display("a\x1b[31m\nb\u{202e}"), "a\u{fffd}[31m\u{fffd}b\u{fffd}");
    }

    #[test]
    fn clashes_are_numbered() {
        let mut distinct = Distinct::default();
        distinct.reserve("a (2).txt");
        let names = ["a.txt", "a.txt", "a.txt", ".x", ".x"].map(|name| distinct.take(name.to_owned()));
        assert_eq!(names, ["a.txt", "a (3).txt", "a (4).txt", ".x", ".x (2)"]);
    }
}
