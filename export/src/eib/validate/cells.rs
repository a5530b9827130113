//! One cell by its column's format. Most cells are found right by a look at their bytes.

use crate::CellFormat;
use crate::eib::finding::Code;
use crate::escape::{is_date, is_number};
use crate::template::Column;

/// Characters of one cell, as Excel counts them: UTF-16 units.
const CELL_CHARS_MAX: usize = 32_767;
/// Lengths at which programs cut texts off: old text cells, and Excel's own limit.
const CUT_CHARS: [usize; 2] = [255, CELL_CHARS_MAX];
/// Days as Excel counts them: 1954 to 2064.
const SERIALS: std::ops::RangeInclusive<u32> = 20_000..=60_000;
/// ID types of persons, as far as their names tell.
const PERSON_TYPES: [&str; 8] =
    ["Employee_ID", "Worker_ID", "Applicant", "Student_ID", "Person", "Affiliate", "Candidate", "Contact_ID"];

/// What belongs into a column's cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    YesNo,
    Date,
    DateTime,
    Number(Option<(u8, u8)>),
    /// One of these words; what it is when it is none of them.
    List(Vec<String>, Code),
    Wid,
    /// An ID of a person's.
    PersonId,
    /// Another ID of a known type.
    OtherId,
    /// An ID whose type stands in another cell.
    AnyId,
}

/// Which orders of day and month a column's dates prove.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DateOrders {
    day_first: bool,
    month_first: bool,
}

impl DateOrders {
    pub(super) fn are_mixed(self) -> bool {
        self.day_first && self.month_first
    }

    /// Takes `31/12/2024`, `12.31.24` and the like.
    fn take(&mut self, text: &str) {
        let mut numbers = text.split(['/', '.', '-']).map(|part| part.trim().parse::<u32>().ok());
        let [Some(Some(first)), Some(Some(second)), Some(Some(_)), None] =
            [numbers.next(), numbers.next(), numbers.next(), numbers.next()]
        else {
            return;
        };
        self.day_first |= (13..=31).contains(&first) && (1..=12).contains(&second);
        self.month_first |= (1..=12).contains(&first) && (13..=31).contains(&second);
    }
}

impl Kind {
    /// Of a column, with the ID type that is chosen for it.
    pub(super) fn of(column: &Column, chosen: Option<&str>) -> Self {
        let label = column.label.trim();
        match &column.format {
            CellFormat::Text if matches!(label, "ID Value" | "Parent ID Value") => Self::AnyId,
            CellFormat::Text => Self::Text,
            CellFormat::YesNo => Self::YesNo,
            CellFormat::Date => Self::Date,
            CellFormat::DateTime => Self::DateTime,
            CellFormat::Number(digits) => Self::Number(*digits),
            // The file does not say which words it takes.
            CellFormat::Lookup if column.id_types.is_empty() => Self::Text,
            CellFormat::Lookup => {
                let code = if label.ends_with("ID Type") { Code::UnknownIdType } else { Code::NotInList };
                Self::List(column.id_types.clone(), code)
            }
            CellFormat::Iid if chosen == Some("WID") => Self::Wid,
            CellFormat::Iid => Self::AnyId,
            CellFormat::Reference(own) => match chosen.unwrap_or(own) {
                "WID" => Self::Wid,
                id_type if PERSON_TYPES.iter().any(|part| id_type.contains(part)) => Self::PersonId,
                _ => Self::OtherId,
            },
        }
    }

    /// What is wrong with a text.
    pub(super) fn check(&self, text: &str, orders: &mut DateOrders, codes: &mut Vec<Code>) {
        let bytes = text.as_bytes();
        let plain = bytes.iter().fold(true, |plain, &b| plain & (0x20..0x80).contains(&b));
        if !plain {
            self.characters(text, codes);
        }
        let outer = |byte: Option<&u8>| byte.is_some_and(|&byte| byte <= b' ' || byte >= 0x80);
        if (outer(bytes.first()) || outer(bytes.last())) && text.trim().len() < text.len() {
            codes.push(Code::OuterSpaces);
        }
        if bytes.len() > CELL_CHARS_MAX && text.encode_utf16().count() > CELL_CHARS_MAX {
            codes.push(Code::TooLong);
        }
        match self {
            Self::Text => {
                if bytes.len() >= CUT_CHARS[0] && CUT_CHARS.contains(&text.encode_utf16().count()) {
                    codes.push(Code::TextCut);
                }
            }
            Self::YesNo => codes.extend((!matches!(text, "Y" | "N")).then_some(Code::WrongYesNo)),
            Self::Date => {
                if !is_date(text) {
                    codes.push(if is_serial(text) { Code::ExcelSerial } else { Code::WrongDate });
                    orders.take(text);
                }
            }
            Self::DateTime => {
                if !is_date_time(text) {
                    codes.push(if is_serial(text) { Code::ExcelSerial } else { Code::WrongDateTime });
                    orders.take(text);
                }
            }
            Self::Number(digits) => {
                if !is_number(text, None) {
                    codes.push(Code::WrongNumber);
                } else if digits.is_some() && !is_number(text, *digits) {
                    codes.push(Code::NumberDigits);
                }
            }
            Self::List(words, code) => {
                codes.extend((!words.iter().any(|word| word == text)).then_some(*code));
            }
            Self::Wid => codes.extend((!is_wid(text)).then_some(Code::WidMalformed)),
            Self::PersonId | Self::OtherId | Self::AnyId => self.id(text, codes),
        }
    }

    fn characters(&self, text: &str, codes: &mut Vec<Code>) {
        // As XML 1.0 has it; a carriage return does not survive it.
        let forbidden =
            |c: char| (c < ' ' && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}');
        if text.chars().any(forbidden) {
            codes.push(Code::ForbiddenCharacter);
        }
        let odd = ['\u{a0}', '\u{2007}', '\u{202f}', '\u{200b}', '\u{2060}', '\u{feff}'];
        if text.contains(odd) {
            codes.push(Code::NonBreakingSpace);
        }
        if *self != Self::Text && text.contains(['\n', '\t']) {
            codes.push(Code::LineBreak);
        }
    }

    fn id(&self, text: &str, codes: &mut Vec<Code>) {
        if *self != Self::AnyId && text.len() == 32 && is_wid(text) {
            codes.push(Code::IdTypeMismatch);
        }
        // Nothing else that is looked for does without one of them.
        if !text.bytes().any(|byte| matches!(byte, b' ' | b'(') || byte >= 0x80) {
            return;
        }
        if text.ends_with(')') && custody_rules::descriptor::split(text).1.is_some() {
            codes.push(Code::DescriptorInId);
        } else if looks_like_a_name(text) {
            codes.push(if *self == Self::PersonId { Code::NameInId } else { Code::NameLikeId });
        }
    }
}

/// Several words of letters, or one with letters that no ID has.
fn looks_like_a_name(text: &str) -> bool {
    let text = text.trim();
    let letters =
        |c: char| c.is_alphabetic() || matches!(c, ' ' | '\'' | '’' | '-' | '.' | ',' | '(' | ')' | '&');
    let several = text.contains(' ') || text.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    several && text.chars().any(char::is_alphabetic) && text.chars().all(letters)
}

fn is_wid(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_serial(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    whole.len() == 5
        && whole.parse().is_ok_and(|days: u32| SERIALS.contains(&days))
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2024-03-01T09:00:00`, with fractions of a second and a zone or without.
fn is_date_time(text: &str) -> bool {
    let Some((day, time)) = text.split_once('T') else { return false };
    let (time, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, "Z"),
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let in_range = |part: &str, below: u32| {
        part.len() == 2
            && part.bytes().all(|b| b.is_ascii_digit())
            && part.parse().is_ok_and(|number: u32| number < below)
    };
    let clock: Vec<&str> = time.split(':').collect();
    let zone_fits =
        zone == "Z" || zone[1..].split_once(':').is_some_and(|(h, m)| in_range(h, 15) && in_range(m, 60));
    is_date(day)
        && matches!(clock.as_slice(), [h, m, s] if in_range(h, 24) && in_range(m, 60) && in_range(s, 60))
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && zone_fits
}

#[cfg(test)]
mod tests;
