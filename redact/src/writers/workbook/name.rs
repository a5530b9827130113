//! Names of sheets as a spreadsheet accepts them: at most 31 UTF-16 units, without `[]:*?/\`, unique whatever
//! their case.

use std::collections::HashSet;

/// UTF-16 units of a sheet's name.
const NAME_UNITS_MAX: usize = 31;

/// Hands out valid names and remembers them.
#[derive(Debug, Default)]
pub(super) struct SheetNames(HashSet<String>);

impl SheetNames {
    /// A valid name as near to `wanted` as can be, that was not given out before.
    pub(super) fn unique(&mut self, wanted: &str) -> String {
        let base = valid(wanted);
        let mut name = cut(&base, NAME_UNITS_MAX).to_owned();
        let mut number = 1_usize;
        while !self.0.insert(name.to_lowercase()) {
            number += 1;
            let ending = format!(" ({number})");
            name = format!("{}{ending}", cut(&base, NAME_UNITS_MAX - ending.len()));
        }
        name
    }
}

fn valid(wanted: &str) -> String {
    let bad = |c: char| {
        matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\u{fffe}' | '\u{ffff}') || c.is_control()
    };
    let name: String = wanted.chars().map(|c| if bad(c) { '_' } else { c }).collect();
    let name = name.trim_matches(['\'', ' ']);
    match name {
        "" => "Sheet".to_owned(),
        // Reserved by Excel for its change tracking.
        name if name.eq_ignore_ascii_case("history") => format!("{name}_"),
        name => name.to_owned(),
    }
}

/// The first characters, at most `units` UTF-16 units, without an apostrophe or space at the end.
fn cut(name: &str, units: usize) -> &str {
    let mut used = 0;
    let end = name.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used > units
    });
    name[..end.map_or(name.len(), |(at, _)| at)].trim_end_matches(['\'', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_made_valid_and_unique() {
        let mut names = SheetNames::default();
        assert_eq!(names.unique("Pay 2024/25"), "Pay 2024_25");
        assert_eq!(names.unique("PAY 2024:25"), "PAY 2024_25 (2)");
        assert_eq!(names.unique("'x'"), "x");
        assert_eq!(names.unique(""), "Sheet");
        assert_eq!(names.unique("sheet"), "sheet (2)");
        assert_eq!(names.unique("History"), "History_");
        assert_eq!(names.unique("<PERSON_1>"), "<PERSON_1>");
        assert_eq!(names.unique(&"é".repeat(40)), "é".repeat(31));
        assert_eq!(names.unique(&"é".repeat(40)), format!("{} (2)", "é".repeat(27)));
    }

    proptest! {
        #[test]
        fn the_library_takes_every_name(wanted in prop::collection::vec("\\PC{0,40}", 1..6)) {
            let mut names = SheetNames::default();
            for name in wanted {
                let mut sheet = rust_xlsxwriter::Worksheet::new();
                prop_assert!(sheet.set_name(names.unique(&name)).is_ok());
            }
        }
    }
}
