//! A user and a password with a colon or a slash between.
//!
//! Source: RFC 3986, userinfo.

use super::known_token::{WORDS, own};
use super::literal::reference;

/// Says whether the password, or the user where it is empty, is written out and no sample.
pub(super) fn valid(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !matches!(c, '"' | '\'')).collect();
    let mark = if text.contains(':') { ':' } else { '/' };
    let Some((user, password)) = text.split_once(mark) else { return false };
    let secret = if password.is_empty() { user } else { password };
    let lower = secret.to_ascii_lowercase();
    let masked = lower.starts_with("xxx") || secret.contains("***") || secret.ends_with("...");
    let figures = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let mut bytes = secret.bytes();
    let (first, second) = (bytes.next().unwrap_or(b' '), bytes.next().unwrap_or(b' '));
    let slot = matches!(first, b'<' | b'[') && second.is_ascii_alphabetic();
    let argument = first == b'$' && secret.len() == 2;
    let sample =
        secret.len() >= 3 && !secret.bytes().any(|b| b.is_ascii_digit()) && own(secret, WORDS) == 0.0;
    !secret.is_empty()
        && !masked
        && !slot
        && !argument
        && !sample
        && !reference(secret)
        && !(figures(user) && figures(password))
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn samples_do_not_count() {
        assert!(valid("hr_app:s3cr3t-pw"));
        assert!(valid("key9:"));
        assert!(valid("hr/Ex4mple7"));
        for bad in ["user:password", "$1:$2", "u:${PW}", "1000:1000", "user:<token>", "u:****", "plain"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
