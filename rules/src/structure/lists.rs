//! Numbers of several people in one list: `workers 21072, 21073 and 21074`.

use super::Place;
use crate::Candidate;

/// What announces such a list.
pub(super) const PEOPLE: &[&str] = &[
    "orkers ",
    "mployees ",
    "workers: ",
    "employees: ",
    "andidates ",
    "pplicants ",
    "alariés ",
    "mpleados ",
];

/// Numbers of a list at most, and letters and digits of one.
const ITEMS_MAX: usize = 64;
const NUMBER_BYTES: std::ops::RangeInclusive<usize> = 4..=12;

pub(super) fn numbers(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let mut items = Vec::new();
    let mut at = place.end;
    while items.len() < ITEMS_MAX
        && let Some(end) = number(place.text, at)
    {
        items.push((at, end));
        let Some(next) = behind_separator(place.text, end) else { break };
        at = next;
    }
    let Some(hit) = place.lexicon.lookup_label("employee id").filter(|_| items.len() > 1) else { return };
    for item in items {
        place.lexicon.push_value(place.text, hit, item, out);
    }
}

/// Where the number that starts at `at` ends, if one does.
fn number(text: &str, at: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..];
    let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    let letters = rest.iter().take_while(|b| b.is_ascii_uppercase() || **b == b'-').count();
    let digits = rest[letters..len].iter().all(u8::is_ascii_digit) && len - letters >= 4;
    let telling = letters > 0 || len > 4;
    (NUMBER_BYTES.contains(&len) && letters <= 4 && digits && telling).then_some(at + len)
}

/// Where the next number of a list may start.
fn behind_separator(text: &str, at: usize) -> Option<usize> {
    const SEPARATORS: [&str; 11] =
        [", and ", ", ", " and ", " & ", "; ", ",", " und ", " et ", " y ", " or ", " oder "];
    let rest = &text[at..];
    SEPARATORS.iter().find(|separator| rest.starts_with(**separator)).map(|separator| at + separator.len())
}
