//! IP addresses, with or without a prefix length: parsed, and kept apart from browser versions and paths
//! of code.
//!
//! Source: RFC 4291 and RFC 4632, as parsed by the standard library.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Says whether the text is an IPv4 or IPv6 address that can denote a machine or a network.
pub(super) fn valid(text: &str) -> bool {
    let (address, network) = match text.split_once('/') {
        Some((address, _)) => (address, true),
        None => (text, false),
    };
    if let Ok(four) = address.parse::<Ipv4Addr>() {
        return network || !browser_version(four);
    }
    address.parse::<Ipv6Addr>().is_ok() && (network || !path_of_code(address))
}

/// `face::bad`, `f32::`, `C::C1`: no digit, or too short on both sides of the colons to tell.
fn path_of_code(address: &str) -> bool {
    let groups = || address.split(':').filter(|group| !group.is_empty());
    let digit = address.bytes().any(|b| b.is_ascii_digit());
    let short = match address.split_once("::") {
        Some(("", rest)) => rest != "1" && groups().count() == 1 && !rest.contains('.'),
        Some((first, "")) => first.len() < 4,
        Some((first, _)) => groups().count() == 2 && first.len() < 3,
        None => false,
    };
    !digit || short
}

/// `120.0.0.0`, as browsers write their version.
fn browser_version(address: Ipv4Addr) -> bool {
    let [major, rest @ ..] = address.octets();
    rest == [0, 0, 0] && !matches!(major, 0 | 10 | 127)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn addresses_parse() {
        for good in
            ["192.0.2.7", "10.0.0.0", "2001:db8::1", "::1", "fe80::", "198.51.100.0/24", "::ffff:192.0.2.1"]
        {
            assert!(valid(good), "{good}");
        }
        for bad in
            ["192.0.2.256", "120.0.0.0", "face::bad", "f32::", "C::C1", "::f32", "::2", "12:34:56", "1.2.3"]
        {
            assert!(!valid(bad), "{bad}");
        }
    }
}
