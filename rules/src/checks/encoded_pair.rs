//! A user and a password in Base64.
//!
//! Source: RFC 7617, RFC 4648.

/// Says whether a text decodes to printable characters with a colon in them.
pub(super) fn valid(text: &str) -> bool {
    let (mut bits, mut held, mut plain) = (0u32, 0, Vec::with_capacity(text.len()));
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            plain.push((bits >> held & 0xff) as u8);
        }
    }
    let user = plain.split(|&b| b == b':').next().map_or(0, <[u8]>::len);
    plain.len() >= 4
        && user < plain.len()
        && plain.iter().all(|b| (b' '..=b'~').contains(b))
        && !plain[..user].contains(&b' ')
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn only_pairs_count() {
        assert!(valid("ZXhhbXBsZTpleGFtcGxl"));
        for bad in ["authentication", "ZXhhbXBsZQ==", "realm", ""] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
