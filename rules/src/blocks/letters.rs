//! Addresses over several lines, and what stands under a letter: name, title, telephone. A line can speak for the
//! ones above it; these are told as values, to be looked for.

use super::recent::Recent;
use super::words::{CLOSINGS, COUNTRIES, PHONES, has};
use super::{BlockFinder, Earlier};
use crate::token::is_replaced;
use crate::{Candidate, fold, names};

/// Bytes of a line of an address or a signature.
const LINE_BYTES_MAX: usize = 64;
/// Lines of a signature at most.
const SIGNATURE_LINES: u8 = 8;
/// Score of what the lines around say.
const SCORE: f32 = 0.65;
/// Digits of a telephone number.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// How far into a letter's end the text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Letter {
    /// A closing stood above: the name comes next.
    closed: bool,
    /// Lines of a signature that may still come.
    signature: u8,
    /// The line above was the last but one of an address.
    town: bool,
}

/// Looks at a short line.
pub(super) fn line(
    finder: &BlockFinder,
    recent: &Recent,
    text: &str,
    letter: &mut Letter,
    (out, earlier): (&mut Vec<Candidate>, &mut Vec<Earlier>),
) {
    let town = std::mem::take(&mut letter.town);
    if text.len() > 2 * LINE_BYTES_MAX {
        *letter = Letter::default();
        return;
    }
    let body = text.trim_matches([' ', '\t', '\r', '>', '|']);
    if body.is_empty() || body.len() > LINE_BYTES_MAX {
        letter.signature = if body.is_empty() { letter.signature.saturating_sub(1) } else { 0 };
        letter.closed &= body.is_empty();
        return;
    }
    let start = body.as_ptr() as usize - text.as_ptr() as usize;
    let span = (start, start + body.len());
    if is_replaced(body) {
        if std::mem::take(&mut letter.closed) {
            letter.signature = SIGNATURE_LINES;
        }
        return;
    }
    if std::mem::take(&mut letter.closed) && (is_name(finder, body) || is_first_name(finder, recent, body)) {
        out.push(finder.person(span, SCORE));
        letter.signature = SIGNATURE_LINES;
        return;
    }
    if is_closing(body) {
        *letter = Letter { closed: true, ..Letter::default() };
        return;
    }
    if town && COUNTRIES.contains(&fold(body).as_str()) {
        out.push(finder.address(span, SCORE));
        return;
    }
    if is_town(body) && street_above(finder, recent, earlier) {
        out.push(finder.address(span, SCORE));
        letter.town = true;
        return;
    }
    if letter.signature > 0 {
        letter.signature -= 1;
    }
    if let Some((from, to)) = phone_line(body)
        && (letter.signature > 0 || signed_above(finder, recent, earlier))
    {
        out.push(finder.phone((start + from, start + to), SCORE));
        letter.signature = letter.signature.max(SIGNATURE_LINES / 2);
    }
}

/// `Best regards,`, `-- `
fn is_closing(body: &str) -> bool {
    if body == "--" {
        return true;
    }
    if body.len() > 40 || !body.starts_with(char::is_alphabetic) {
        return false;
    }
    let words = body.trim_end_matches([',', '.', '!', ' ']);
    words.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ' || b >= 0x80)
        && words.bytes().filter(|&b| b == b' ').count() <= 3
        && CLOSINGS.contains(&fold(words).as_str())
}

/// Two to five words with capitals, none of them of business.
fn is_name(finder: &BlockFinder, body: &str) -> bool {
    let mut capitals = 0;
    for word in body.split(' ') {
        let word = word.trim_end_matches(['.', ',']);
        let small = word.chars().all(char::is_lowercase) && word.len() <= 4;
        let capital = word.starts_with(char::is_uppercase);
        if !(capital || small && capitals > 0)
            || !word.chars().all(|c| c.is_alphabetic() || "'’-".contains(c))
        {
            return false;
        }
        if capital && (finder.is_business(word) || names::is_grammar(word)) {
            return false;
        }
        capitals += usize::from(capital);
    }
    (2..=5).contains(&capitals)
}

/// `Torben` under `Thanks,`: one word with a capital that is neither of business nor an ordinary one, and no brand
/// under two dashes.
fn is_first_name(finder: &BlockFinder, recent: &Recent, body: &str) -> bool {
    let word = body.trim_end_matches(['.', ',']);
    let dashes = (0..2).any(|back| recent.back(back).trim() == "--");
    let lower = fold(word);
    !dashes
        && word.len() >= 3
        && word.starts_with(char::is_uppercase)
        && word.chars().skip(1).all(|c| c.is_lowercase() || c == '-')
        && !finder.is_business(word)
        && !names::is_grammar(&lower)
        && !names::is_ordinary(&lower)
}

/// A line with a code and a town, and hardly anything else: `00000 Musterstadt`, `Sampletown, IL 00000`.
fn is_town(body: &str) -> bool {
    let (first, last) = (body.as_bytes()[0], body.as_bytes()[body.len() - 1]);
    let ends = first.is_ascii_digit() || last.is_ascii_digit() || first.is_ascii_uppercase();
    if !ends || !body.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let mut codes = 0;
    let mut words = 0;
    for word in body.split([' ', ',']).filter(|word| !word.is_empty()) {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let plain = word.chars().all(|c| c.is_alphanumeric() || "-.'’".contains(c));
        let upper = word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        if !plain || !upper && word.len() > 4 {
            return false;
        }
        if digits > 0 {
            let national = (4..=5).contains(&digits)
                && word.trim_start_matches(char::is_alphabetic).trim_start_matches('-').len() == digits;
            let long = digits == 9 && word.contains('-');
            let mixed =
                digits <= 3 && (2..=4).contains(&word.len()) && word.bytes().any(|b| b.is_ascii_uppercase());
            let three = digits == 3 && word.len() == 3 || digits == 2 && word.len() == 2;
            if !(national || long || mixed || three) {
                return false;
            }
            codes += 1;
        } else {
            words += 1;
        }
    }
    (1..=2).contains(&codes) && (1..=6).contains(&words)
}

/// Whether the line above is a street; tells it, and a name above it, as values.
fn street_above(finder: &BlockFinder, recent: &Recent, earlier: &mut Vec<Earlier>) -> bool {
    let mut back = 0;
    let mut above = recent.back(back).trim_matches([' ', '\t', '\r', '>', '|']);
    if is_unit(above) {
        back += 1;
        above = recent.back(back).trim_matches([' ', '\t', '\r', '>', '|']);
    }
    // `Address: 12 Example Street`
    let labelled = above.rsplit_once(": ").map_or(above, |(_, value)| value);
    if labelled.is_empty() || labelled.len() > LINE_BYTES_MAX || !is_street(finder, labelled) {
        return false;
    }
    earlier.push(finder.earlier_address(labelled));
    let name = recent.back(back + 1).trim_matches([' ', '\t', '\r', '>', '|', ',']);
    if labelled.len() == above.len() && !name.is_empty() && is_name(finder, name) {
        earlier.push(finder.earlier_person(name));
    }
    true
}

fn is_unit(line: &str) -> bool {
    const UNITS: [&str; 10] =
        ["apt", "apartment", "suite", "ste", "unit", "flat", "floor", "c/o", "appt", "wohnung"];
    let first = line.split([' ', '.']).next().unwrap_or(line);
    line.len() <= 32 && UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(first))
}

/// A number before or behind some words with capitals, or what the finder of addresses says.
fn is_street(finder: &BlockFinder, line: &str) -> bool {
    let mut found = Vec::new();
    finder.addresses.find(line, &mut found);
    if found.iter().any(|c| c.end - c.start + 4 >= line.len()) {
        return true;
    }
    let words: Vec<&str> = line.split(' ').collect();
    let number = |word: &str| {
        word.len() <= 5
            && word.starts_with(|c: char| c.is_ascii_digit())
            && word.chars().all(char::is_alphanumeric)
    };
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let name = if number(last) { &words[..words.len() - 1] } else { &words[1..] };
    (number(first) || number(last))
        && (1..=5).contains(&name.len())
        && name.iter().all(|w| w.chars().all(|c| c.is_alphabetic() || "-.'’".contains(c)))
        && name.iter().any(|w| w.starts_with(char::is_uppercase) && w.len() > 3 && !finder.is_business(w))
}

/// The number of a line that is a telephone's and nothing else: `Tel.: +49 …`, `(555) …`.
fn phone_line(body: &str) -> Option<(usize, usize)> {
    let from = body.find(|c: char| c.is_ascii_digit() || c == '+' || c == '(')?;
    let word = body[..from].trim_matches([' ', '.', ':', '/']);
    if word.len() > 24 {
        return None;
    }
    let words_fit = word.split([' ', '/', '.']).all(|w| w.is_empty() || has(PHONES, &fold(w)));
    let number = body[from..].trim_end();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b" +-./()".contains(&b));
    let date =
        number.bytes().filter(|&b| b == b':').count() > 0 || number.starts_with("20") && number.contains('-');
    (words_fit
        && plain
        && !date
        && DIGITS.contains(&digits)
        && number.len() < body.len() + 1
        && (!word.is_empty() || number.starts_with(['+', '(', '0'])))
    .then_some((from, from + number.len()))
}

/// Whether a name and a title stand above, as in a signature without a closing; tells the name as a value.
fn signed_above(finder: &BlockFinder, recent: &Recent, earlier: &mut Vec<Earlier>) -> bool {
    for back in 0..3 {
        let title = recent.back(back).trim();
        let name = recent.back(back + 1).trim();
        let titled = title.len() <= LINE_BYTES_MAX && title.split([' ', ',', '/']).any(names::leads_to_name);
        if titled && !title.contains(':') && !name.is_empty() && is_name(finder, name) {
            earlier.push(finder.earlier_person(name));
            return true;
        }
    }
    false
}
