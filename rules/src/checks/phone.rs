//! International telephone numbers: known country code and possible length. Lenient on purpose: fictitious
//! ranges (`555-01xx`) count as numbers.
//!
//! Source: ITU-T E.164 and the metadata of libphonenumber, as kept by the `phonenumber` crate.

/// Digits an international number has at least, country code included.
const DIGITS_MIN: usize = 8;
/// Digits an international number has at most (E.164), with the zero some write behind the country code.
const DIGITS_MAX: usize = 16;

/// Says whether a number written with `+` or `00` can be dialled.
pub(super) fn valid(text: &str) -> bool {
    let number = text.split(['x', 'X', 'e', 'E']).next().unwrap_or("").replace("(0)", "");
    let count = number.bytes().filter(u8::is_ascii_digit).count();
    let plus = match number.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => number,
    };
    (DIGITS_MIN..=DIGITS_MAX).contains(&count) && phonenumber::parse(None, plus).is_ok()
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn country_code_and_length_count() {
        for good in ["+1 415 555 0132", "+49 (0)30 1234567", "0044 7700 900123", "+1-202-555-0143 x12"] {
            assert!(valid(good), "{good}");
        }
        for bad in ["+1 415", "+999 1234567", "+0 123 456 789"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
