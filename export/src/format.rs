//! The words in a template's header rows: restrictions (row 3) and formats (row 4), read and written.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether a column has to be filled, and how often it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Restriction {
    /// Has to be filled.
    Required,
    /// Has to be filled, further rows may add values.
    RequiredMultiple,
    /// May stay empty.
    Optional,
    /// May stay empty, further rows may add values.
    OptionalMultiple,
    /// Has to be filled when something else says so.
    Conditional,
}

impl Restriction {
    /// Reads a cell of row 3; `None` when it holds no known restriction.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "Required" => Self::Required,
            "Required. May have multiples" => Self::RequiredMultiple,
            "Optional" => Self::Optional,
            "Optional. May have multiples" => Self::OptionalMultiple,
            "Conditionally Required" => Self::Conditional,
            _ => return None,
        })
    }

    /// As row 3 has it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::RequiredMultiple => "Required. May have multiples",
            Self::Optional => "Optional",
            Self::OptionalMultiple => "Optional. May have multiples",
            Self::Conditional => "Conditionally Required",
        }
    }
}

impl TryFrom<String> for Restriction {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no known restriction")
    }
}

impl From<Restriction> for String {
    fn from(restriction: Restriction) -> Self {
        restriction.text().to_owned()
    }
}

/// What a column's cells hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CellFormat {
    /// Free text; the only format that `{empty}` clears.
    Text,
    /// `Y` or `N`.
    YesNo,
    /// `YYYY-MM-DD`.
    Date,
    /// A date with a time.
    DateTime,
    /// A number; digits in total and after the point where the template says so.
    Number(Option<(u8, u8)>),
    /// One of a list.
    Lookup,
    /// An instance ID.
    Iid,
    /// An ID of this type, such as `Employee_ID`; the type's cell is a drop-down that may be changed.
    Reference(String),
}

impl CellFormat {
    /// Reads a cell of row 4; `None` when it is empty or neither a known word nor an ID type.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        Some(match text {
            "Text" => Self::Text,
            "Y/N" => Self::YesNo,
            "YYYY-MM-DD" => Self::Date,
            "DateTime" => Self::DateTime,
            "Number" => Self::Number(None),
            "Lookup" => Self::Lookup,
            "IID" => Self::Iid,
            _ => match text.strip_prefix("Number") {
                Some(digits) if digits.trim_start().starts_with('(') => {
                    Self::Number(Some(digit_counts(digits)?))
                }
                _ => Self::Reference(id_type(text)?.to_owned()),
            },
        })
    }
}

/// As row 4 has it.
impl fmt::Display for CellFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("Text"),
            Self::YesNo => f.write_str("Y/N"),
            Self::Date => f.write_str("YYYY-MM-DD"),
            Self::DateTime => f.write_str("DateTime"),
            Self::Number(None) => f.write_str("Number"),
            Self::Number(Some((total, fraction))) => write!(f, "Number ({total},{fraction})"),
            Self::Lookup => f.write_str("Lookup"),
            Self::Iid => f.write_str("IID"),
            Self::Reference(id_type) => f.write_str(id_type),
        }
    }
}

impl TryFrom<String> for CellFormat {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no known format")
    }
}

impl From<CellFormat> for String {
    fn from(format: CellFormat) -> Self {
        format.to_string()
    }
}

/// `(total,fraction)`.
fn digit_counts(text: &str) -> Option<(u8, u8)> {
    let (total, fraction) = text.trim().strip_prefix('(')?.strip_suffix(')')?.split_once(',')?;
    let (total, fraction) = (total.trim().parse().ok()?, fraction.trim().parse().ok()?);
    (fraction <= total).then_some((total, fraction))
}

/// The name of an ID type: letters, digits, `_`, `-`, `.`, starting with a letter, without spaces.
fn id_type(text: &str) -> Option<&str> {
    let valid = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= 200
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    valid.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_formats_are_read() {
        let cases = [
            ("Text", CellFormat::Text),
            ("Y/N", CellFormat::YesNo),
            ("Number", CellFormat::Number(None)),
            ("Number (18,6)", CellFormat::Number(Some((18, 6)))),
            ("Employee_ID", CellFormat::Reference("Employee_ID".to_owned())),
            ("ISO_3166-1_Alpha-2_Code", CellFormat::Reference("ISO_3166-1_Alpha-2_Code".to_owned())),
        ];
        for (text, expected) in cases {
            assert_eq!(CellFormat::parse(text), Some(expected));
        }
    }

    #[test]
    fn odd_formats_are_not_guessed() {
        for text in ["", "  ", "some words", "Number (3)", "Number (2,9)", "42", "=A1"] {
            assert_eq!(CellFormat::parse(text), None, "{text}");
        }
        assert_eq!(Restriction::parse("Mandatory"), None);
    }
}
