//! Values that stand for themselves: no mask, no variable, no null. Used where a password or a token is
//! expected and a reference to one is common.

const NOTHING: [&str; 19] = [
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "empty",
    "unset",
    "required",
    "optional",
    "expired",
    "invalid",
    "missing",
    "redacted",
    "hidden",
    "masked",
    "removed",
    "changeme",
    "password",
];

/// Says whether a value is written out: not masked, not a reference, not a word for nothing.
pub(super) fn valid(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'', '`']);
    let first = text.bytes().next().unwrap_or(b'*');
    let masked = text.bytes().all(|b| b == first) || text.starts_with("***") || text.starts_with("xxxx");
    let reference =
        matches!(first, b'$' | b'<' | b'{' | b'%' | b'[' | b'(') && text.ends_with(['}', '>', '%', ']', ')']);
    text.len() >= 3 && !masked && !reference && !NOTHING.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn masks_and_references_do_not_count() {
        assert!(valid("hunter2"));
        assert!(valid("correct-horse"));
        for bad in ["********", "${DB_PASSWORD}", "<password>", "null", "ab", "%PASS%", "xxxxxx"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
