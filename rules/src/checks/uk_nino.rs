//! UK national insurance numbers: prefixes that are issued.
//!
//! Source: HMRC, National Insurance Manual NIM39110. QQ, which is never issued, is taken too: forms and
//! tests use it.

/// Says whether two letters, six digits and a suffix can be a national insurance number.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    let [first, second, body @ .., suffix] = code.as_slice() else { return false };
    let sized = body.len() == 6 && body.iter().all(u8::is_ascii_digit) && (b'A'..=b'D').contains(suffix);
    let prefix = [*first, *second];
    let issued = !b"DFIQUV".contains(first)
        && !b"DFIOQUV".contains(second)
        && ![*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].contains(&prefix);
    sized && (issued || prefix == *b"QQ")
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_prefix_counts() {
        assert!(valid("QQ 12 34 56 C"));
        assert!(valid("ab123456c"));
        assert!(!valid("GB 12 34 56 C"));
        assert!(!valid("AB 12 34 56 E"));
    }
}
