//! Globs over relative paths: `*` and `?` within one part, `**` across parts. One without `/` fits a part at
//! any depth's end: `*.log`.

use crate::rulefile::bounded;
use regex_automata::meta::Regex;
use std::fmt::Write as _;

/// Paths an entry is limited to.
pub(super) struct Paths(Vec<Regex>);

impl Paths {
    /// Compiles globs; the reason if one cannot be used.
    pub(super) fn new(globs: &[String]) -> Result<Self, String> {
        globs.iter().map(|glob| bounded(&pattern(glob))).collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of them fits.
    pub(super) fn fit(&self, path: &str) -> bool {
        self.0.iter().any(|glob| glob.is_match(path))
    }
}

/// The glob as a regular expression over the whole path.
fn pattern(glob: &str) -> String {
    let mut pattern = String::from("(?s)^");
    let mut rest = glob.strip_prefix('/').unwrap_or(glob);
    if !glob.contains('/') {
        pattern.push_str("(?:.*/)?");
    }
    while let Some(c) = rest.chars().next() {
        let (part, length) = match rest {
            _ if rest.starts_with("**/") => ("(?:.*/)?", 3),
            _ if rest.starts_with("**") => (".*", 2),
            _ if c == '*' => ("[^/]*", 1),
            _ if c == '?' => ("(?u:[^/])", 1),
            _ => ("", c.len_utf8()),
        };
        if part.is_empty() {
            let _ = if c.is_ascii_alphanumeric() || !c.is_ascii() {
                write!(pattern, "{c}")
            } else {
                write!(pattern, "\\x{:02x}", c as u32)
            };
        } else {
            pattern.push_str(part);
        }
        rest = &rest[length..];
    }
    pattern.push('$');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_fit_as_people_expect() {
        for (glob, path, expected) in [
            ("*.log", "a/b/c.log", true),
            ("a/*.log", "a/b/c.log", false),
            ("a/**/c.log", "a/c.log", true),
            ("a/**", "a/b/c.log", true),
            ("/c.log", "a/c.log", false),
            ("c.l?g", "ü/c.lög", true),
            ("[a]+.log", "a.log", false),
            ("[a]+.log", "[a]+.log", true),
        ] {
            let paths = Paths::new(&[glob.to_owned()]).expect("good");
            assert_eq!(paths.fit(path), expected, "{glob} {path}");
        }
    }
}
