//! Phones as numbers: with or without country code, whatever stands between the digits. Knows no number plan.

/// Fewest digits of a phone.
pub(super) const DIGITS_MIN: u32 = 7;
/// Most digits of a phone, prefixes included.
pub(super) const DIGITS_MAX: u32 = 16;
/// Digits from the end that tell a phone: the national number without prefixes.
const KEY_DIGITS: u32 = 9;
/// Digits of the longest country code.
const COUNTRY_DIGITS_MAX: u32 = 3;

/// What tells a phone: its last nine digits without leading zeros, and how many they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) key: u64,
    pub(super) digits: u32,
}

/// The key of a number, the same for national and international spelling where the national number has nine digits.
pub(super) fn number(value: u64) -> Option<Number> {
    let digits = digits(value);
    let key = value % 10u64.pow(KEY_DIGITS);
    (digits >= DIGITS_MIN).then_some(Number { key, digits: digits.min(KEY_DIGITS) })
}

/// Number of digits without leading zeros.
fn digits(value: u64) -> u32 {
    value.checked_ilog10().map_or(0, |log| log + 1)
}

/// Whether a number cannot be one that is dialled: no country code but 1 starts with a 1, and behind it come ten digits.
/// Times in milliseconds are such numbers. Source: ITU-T E.164, list of assigned codes.
pub(super) fn is_no_number(value: u64) -> bool {
    let digits = digits(value);
    digits > 11 && value / 10u64.pow(digits - 1) == 1
}

/// The international number in the text, and what is left of it without its country's one to three digits.
pub(super) fn candidates(value: u64) -> impl Iterator<Item = Number> {
    let own = digits(value);
    let international = own <= KEY_DIGITS + COUNTRY_DIGITS_MAX;
    let codes = (1..=COUNTRY_DIGITS_MAX).filter(move |&code| international && code < own);
    number(value).into_iter().chain(codes.filter_map(move |code| number(value % 10u64.pow(own - code))))
}

/// All keys of a phone of the roster. A short national number is part of the key's nine digits: it has a key of its
/// own.
pub(super) fn spellings(text: &str, plus: bool) -> impl Iterator<Item = Number> {
    let value: u64 = text.parse().ok().filter(|_| text.len() <= DIGITS_MAX as usize).unwrap_or(0);
    let own = digits(value);
    let short = own > COUNTRY_DIGITS_MAX && own < KEY_DIGITS + COUNTRY_DIGITS_MAX;
    let national = (short && (plus || text.starts_with("00"))).then(|| {
        let code = country_digits(value / 10u64.pow(own - 2));
        number(value % 10u64.pow(own - code))
    });
    number(value).into_iter().chain(national.flatten())
}

/// Digits of the country code of a number that starts with these two. Source: ITU-T E.164, list of assigned codes.
fn country_digits(first_two: u64) -> u32 {
    match first_two {
        10..=19 | 70..=79 => 1,
        20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98 => {
            2
        }
        _ => 3,
    }
}
