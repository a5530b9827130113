//! French establishment numbers (SIRET): company number and establishment, each with Luhn.
//!
//! Source: Code de commerce R. 123-221; INSEE: Luhn over the first nine and over all fourteen; the postal
//! service (356 000 000) has a plain sum divisible by 5.

use super::digits;

/// Says whether fourteen digits are a company number and a number within it, or nine a company number (SIREN).
pub(super) fn valid(text: &str) -> bool {
    if let Some(company) = digits::<9>(text) {
        return company.iter().any(|&digit| digit > 0) && luhn::valid(text);
    }
    let Some(d) = digits::<14>(text) else { return false };
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let post = plain.starts_with("356000000") && d.iter().sum::<u32>().is_multiple_of(5);
    d[..9].iter().any(|&digit| digit > 0) && luhn::valid(&plain[..9]) && (luhn::valid(&plain) || post)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn both_digits_count() {
        assert!(valid("000 000 018 00002"));
        assert!(!valid("000 000 018 00000"));
        assert!(valid("000 000 018") && !valid("000 000 019") && !valid("000000000"));
        assert!(!valid("000 000 018 0000"));
        assert!(!valid("00000000000000"));
    }
}
