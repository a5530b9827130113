//! Strings drawn at random that stand behind a word which is no proof of a secret, such as `key`.
//!
//! Source: C. E. Shannon, A Mathematical Theory of Communication; FIPS 180-4 (lengths of digests); RFC 9562.

use super::secret::{self, entropy};

/// Lengths of digests and ids in hexadecimal figures.
const DIGESTS: [usize; 8] = [16, 24, 32, 40, 56, 64, 96, 128];

/// Says whether a value is long, mixed and neither a digest nor a UUID nor a file.
pub(super) fn valid(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'', '`']);
    let hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    let file = text.rsplit_once('/').is_some_and(|(_, last)| last.contains('.'));
    text.len() >= 16
        && !(hex && DIGESTS.contains(&text.len()))
        && groups != [8, 4, 4, 4, 12]
        && !file
        && !public(text)
        && changes(text) >= 0.25
        && entropy(text) >= 3.3
        && secret::valid(text)
}

/// Public keys in Base64: the first bytes of their DER and of OpenSSH's own form.
fn public(text: &str) -> bool {
    ["MFkwEwYH", "MHYwEAYH", "MCowBQYD", "MIIB", "AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2VjZHNh"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// Share of letters and digits before which the kind changes: low in words, high in what is drawn at
/// random. A capital that starts a word is no change.
pub(super) fn changes(text: &str) -> f32 {
    let (mut all, mut changes, mut last, mut fresh) = (0u32, 0u32, 0, true);
    for byte in text.bytes() {
        let kind = match byte {
            b'0'..=b'9' => 1,
            b'A'..=b'Z' => 2,
            b'a'..=b'z' => 3,
            _ => 0,
        };
        all += u32::from(kind != 0);
        let word = last == 2 && kind == 3 && fresh;
        changes += u32::from(kind != 0 && last != 0 && kind != last && !word);
        fresh = last != kind;
        last = kind;
    }
    changes as f32 / all.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn digests_and_names_are_not_found() {
        assert!(valid("q8Zt31xxLp02vv7KmW4s"));
        for bad in [
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
            "9e107d9d372bb6826bd81d3542a419d6",
            "550e8400-e29b-41d4-a716-446655440000",
            "assets/q8Zt31xxLp02vv7K.png",
        ] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
