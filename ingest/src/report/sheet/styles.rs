//! Which styles of a workbook make a number a date, a duration or an identifier with its zeros.

use crate::formats::workbook::package::attribute;
use crate::formats::workbook::value::Mask;
use crate::formats::xml::lexer::{Attribute, Run, Visitor, local_name};
use custody_rules::Refusal;
use std::collections::HashMap;

/// How numbers of a style are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Style {
    /// As numbers.
    Plain,
    /// As days or moments.
    Date,
    /// As hours that may exceed a day.
    Duration,
    /// With the zeros and signs of an identifier.
    Mask(Mask),
}

/// `xl/styles.xml`: the styles by number.
#[derive(Debug, Default)]
pub(super) struct Styles {
    /// What cells refer to.
    pub(super) list: Vec<Style>,
    codes: HashMap<u32, String>,
    in_cells: bool,
    depth: u32,
}

impl Visitor for Styles {
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        self.depth += 1;
        let number = |name: &str| -> Result<Option<u32>, Refusal> {
            Ok(attribute(attributes, name)?.and_then(|digits| digits.parse().ok()))
        };
        match local_name(name) {
            "numFmt" => {
                if let (Some(id), Some(code)) = (number("numFmtId")?, attribute(attributes, "formatCode")?) {
                    self.codes.insert(id, code);
                }
            }
            "cellXfs" => self.in_cells = true,
            "xf" if self.in_cells && self.depth == 3 => {
                let id = number("numFmtId")?.unwrap_or(0);
                let style = match (self.codes.get(&id), id) {
                    (Some(code), _) => of_code(code),
                    // Built-in formats (ECMA-376 part 1, 18.8.30), those of Asian locales included.
                    (None, 14..=17 | 22 | 27..=31 | 34..=36 | 50..=54 | 57..=58) => Style::Date,
                    (None, 18..=21 | 32 | 33 | 45 | 47 | 55 | 56) => Style::Date,
                    (None, 46) => Style::Duration,
                    _ => Style::Plain,
                };
                self.list.push(style);
            }
            _ => {}
        }
        Ok(())
    }

    fn run(&mut self, _: Run<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        self.depth = self.depth.saturating_sub(1);
        // Children of `styleSheet` are at depth 2.
        self.in_cells &= self.depth >= 2;
        Ok(())
    }
}

/// The style of a format's code.
fn of_code(code: &str) -> Style {
    if let Some(mask) = Mask::of(code) {
        return Style::Mask(mask);
    }
    let mut chars = code.split(';').next().unwrap_or_default().chars();
    let mut date = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' | '_' | '*' => drop(chars.next()),
            '"' => chars.by_ref().take_while(|&c| c != '"').for_each(drop),
            '[' => {
                let inside: String = chars.by_ref().take_while(|&c| c != ']').collect();
                let letter = inside.chars().next().map(|c| c.to_ascii_lowercase());
                let same = letter.is_some_and(|l| inside.chars().all(|c| c.to_ascii_lowercase() == l));
                if same && matches!(letter, Some('h' | 'm' | 's')) {
                    return Style::Duration;
                }
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => date = true,
            // `General` has no letter of a date but might in other languages.
            'G' | 'g' | 'E' | 'e' if !date && code.to_ascii_lowercase().starts_with("general") => {
                return Style::Plain;
            }
            _ => {}
        }
    }
    if date { Style::Date } else { Style::Plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for code in
            ["yyyy-mm-dd", "m/d/yy", "[$-409]d mmm yyyy;@", "dd.mm.yyyy hh:mm", "[Red]yyyy", "h:mm AM/PM"]
        {
            assert_eq!(of_code(code), Style::Date, "{code}");
        }
        for code in [
            "General",
            "0.00",
            "#,##0.00 \"days\"",
            "0.00E+00",
            "#,##0\\d",
            "@",
            "[$$-409]#,##0.00",
            "[Red]-0.0",
        ] {
            assert_eq!(of_code(code), Style::Plain, "{code}");
        }
        assert_eq!(of_code("[h]:mm"), Style::Duration);
        assert!(matches!(of_code("00000"), Style::Mask(_)));
    }
}
