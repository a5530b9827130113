//! International telephone numbers: known country code and possible length. Lenient on purpose: fictitious
//! ranges (`555-01xx`) count as numbers.
//!
//! Source: ITU-T E.164, list of assigned country codes; the tests compare with the `phonenumber` crate.

/// Digits an international number has at least, country code included.
const DIGITS_MIN: usize = 8;
/// Digits an international number has at most (E.164), with the zero some write behind the country code.
const DIGITS_MAX: usize = 16;

/// Says whether a number written with `+` or `00` can be dialled.
pub(super) fn valid(text: &str) -> bool {
    let number = text.split(['x', 'X', 'e', 'E']).next().unwrap_or("");
    let count = number.bytes().filter(u8::is_ascii_digit).count() - number.matches("(0)").count();
    let international = number.strip_prefix("00").or_else(|| number.strip_prefix('+'));
    (DIGITS_MIN..=DIGITS_MAX).contains(&count) && international.is_some_and(has_country)
}

/// Whether a number starts with the code of a country or of a service of all countries.
fn has_country(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).map(|digit| u16::from(digit - b'0'));
    let mut code = 0;
    for digit in digits.take(3) {
        code = code * 10 + digit;
        if code == 0 || COUNTRIES.binary_search(&code).is_ok() {
            return code > 0;
        }
    }
    false
}

/// The codes that are assigned; none starts with another one.
const COUNTRIES: [u16; 215] = [
    1, 7, 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57,
    58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98, 211, 212, 213, 216, 218, 220,
    221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241,
    242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 258, 260, 261, 262, 263,
    264, 265, 266, 267, 268, 269, 290, 291, 297, 298, 299, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359,
    370, 371, 372, 373, 374, 375, 376, 377, 378, 380, 381, 382, 383, 385, 386, 387, 389, 420, 421, 423, 500,
    501, 502, 503, 504, 505, 506, 507, 508, 509, 590, 591, 592, 593, 594, 595, 596, 597, 598, 599, 670, 672,
    673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688, 689, 690, 691, 692, 800, 808,
    850, 852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 888, 960, 961, 962, 963, 964, 965, 966, 967,
    968, 970, 971, 972, 973, 974, 975, 976, 977, 979, 992, 993, 994, 995, 996, 998,
];

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_number_counts_where_phonenumber_can_read_it(
            code in 0u16..1000,
            national in "[1-9][0-9]{3} ?[0-9]{4,7}",
            zeros in proptest::bool::ANY,
        ) {
            let number = format!("{code} {national}");
            let text = if zeros { format!("00{number}") } else { format!("+{number}") };
            proptest::prop_assert_eq!(valid(&text), phonenumber::parse(None, format!("+{number}")).is_ok(), "{}", text);
        }
    }

    #[test]
    fn the_codes_are_in_order_and_free_of_each_other() {
        assert!(COUNTRIES.is_sorted());
        let prefix = |long: &u16, short: &u16| long / 10 == *short || long / 100 == *short;
        assert!(
            !COUNTRIES.iter().any(|long| COUNTRIES.iter().any(|short| prefix(long, short) && long != short))
        );
    }

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
