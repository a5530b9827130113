//! Passwords without quotes: in source code and prose a bare word behind `password` is most often a type, a
//! variable or the next word of a sentence, so a figure, a mark or mixed case is asked for.
//!
//! Source: NIST SP 800-63B (characters passwords are made of).

use super::high_entropy::changes;
use super::literal::subscript;
use super::written_out;

/// Says whether a value could be a password somebody chose or was given.
pub(super) fn valid(text: &str) -> bool {
    // `{password!r}` stands in its value's place.
    if text.starts_with('{') && text.ends_with('}') {
        return false;
    }
    // A place in a list or a cut of a string loses its bracket below.
    if subscript(text) {
        return false;
    }
    let text = text.trim_matches(['"', '\'', '`']).trim_start_matches(['[', '*', '&', '!']);
    let text = text.trim_end_matches([')', ']', '}', ':', '.', ',']);
    let bits = text.trim_start_matches('_').strip_prefix(['u', 'i', 'f']);
    let kind = bits.is_some_and(|bits| matches!(bits, "8" | "16" | "32" | "64" | "128"));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let number = digits == text.len() && digits < 4;
    if text.len() < 3 || kind || number || path(text) || !written_out::valid(text) {
        return false;
    }
    let words = text.bytes().all(|b| b.is_ascii_alphabetic() || b"_.".contains(&b));
    if words {
        return text.len() >= 8 && changes(text) >= 0.3;
    }
    let constant = text.matches('_').count() >= 2 && !text.bytes().any(|b| b.is_ascii_lowercase());
    if constant && digits * 6 <= text.len() {
        return false;
    }
    digits > 0
        || text.matches('-').count() >= 2
        || text.chars().any(|c| !c.is_alphanumeric() && !"_.-/:,()[]{}=".contains(c))
}

fn path(text: &str) -> bool {
    (text.starts_with('/') && text.matches('/').count() > 1)
        || ["./", "../", "~/", "//"].iter().any(|start| text.starts_with(start))
        || text.get(1..3).is_some_and(|drive| matches!(drive, ":\\" | ":/"))
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn words_types_and_paths_do_not_count() {
        assert!(valid("hunter2"));
        assert!(valid("Sommer-2024!"));
        assert!(valid("[hunter2]") && valid("Sommer[24]") && valid("x[hunter2]"));
        assert!(valid("winter[2024]"));
        for bad in ["pw[:-1]", "auth[2]", "basic[1]", "row[\"password\"]"] {
            assert!(!valid(bad), "{bad}");
        }
        for bad in ["str", "get_password()", "u32", "277", "/opt/jane/x1", "user.password", "reset"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
