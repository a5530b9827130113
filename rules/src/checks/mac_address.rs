//! Hardware addresses: twelve hexadecimal digits that are neither nothing nor everybody.
//!
//! Source: IEEE 802-2014, clause 8.

/// Says whether the address denotes one device.
pub(super) fn valid(text: &str) -> bool {
    let hex: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).map(|b| b.to_ascii_lowercase()).collect();
    hex.len() == 12 && !hex.iter().all(|&b| b == b'f') && !hex.iter().all(|&b| b == b'0')
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn broadcast_is_nobody() {
        assert!(valid("00:00:5e:00:53:01"));
        assert!(!valid("FF-FF-FF-FF-FF-FF"));
        assert!(!valid("00:00:00:00:00:00"));
    }
}
