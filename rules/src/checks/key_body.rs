//! Private keys: what stands between the lines that open and close them.
//!
//! Source: RFC 7468 (Base64 of at least a few bytes).

/// Says whether key material follows the opening line.
pub(super) fn valid(text: &str) -> bool {
    let body = ["KEY-----", "BLOCK-----", "KEY ----"].iter().find_map(|mark| text.split_once(mark));
    let body = body.map_or(text, |(_, body)| body);
    let body = body.split("---- END").next().unwrap_or(body);
    let body = body.split("-----END").next().unwrap_or(body).replace("\\n", "");
    let count = |kind: fn(&u8) -> bool| body.bytes().filter(kind).count();
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let digits = count(u8::is_ascii_digit);
    upper + lower + digits >= 8 && upper > 0 && lower + digits > 0
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn a_key_needs_a_body() {
        assert!(valid("-----BEGIN PRIVATE KEY-----\nRVhBTVBMRQ==\n-----END PRIVATE KEY-----"));
        for bad in [
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nanything\n-----END PRIVATE KEY-----",
        ] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
