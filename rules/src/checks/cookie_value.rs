//! Values of cookies and sessions: `name=value` as in a header, or a value alone.
//!
//! Source: RFC 6265.

use super::known_token::{WORDS, own};
use super::literal::reference;
use super::secret;

/// Says whether the first value is written out; a value alone has to look drawn at random.
pub(super) fn valid(text: &str) -> bool {
    let value = text.split_once('=').filter(|(name, value)| name.len() <= 64 && !value.is_empty());
    let Some((_, value)) = value.filter(|(_, value)| *value != "=") else { return secret::valid(text) };
    let value = value.split(';').next().unwrap_or("");
    !value.is_empty() && !reference(value) && (value.len() < 4 || own(value, WORDS) >= 0.25)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn samples_do_not_count() {
        assert!(valid("sid=abc123; Path=/"));
        assert!(valid("ABCDEF0123456789.node1"));
        for bad in ["sid=${SID}", "sid=xxxxxxxx", "make_session_key", "sid="] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
