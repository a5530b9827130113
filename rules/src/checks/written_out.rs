//! Values that stand for themselves: no mask, no variable, no null. Used where a password or a token is
//! expected and a reference to one is common.
//!
//! Source: words for nothing and masks in common use in settings and logs.

use super::known_token::{WORDS, own};
use super::literal::reference;

const NOTHING: &str = " null none nil true false undefined empty unset required optional expired invalid missing \
    redacted hidden masked removed filtered string str text bytes int bool boolean any object char varchar \
    self this value default input prompt blank stdin file yes no ";

/// What constants of secrets are named after.
const SECRETS: &str = " password passwd secret token credentials ";

/// Names a path to a setting starts with.
pub(super) const HEADS: &str = " self this var env config conf cfg os process req request settings args opts options \
    params props data local module ctx context secrets values std string state event form body session user \
    kwargs ";

/// Bytes of the longest word of a list.
const LISTED_BYTES_MAX: usize = 12;

/// Says whether a value is written out: not masked, not a reference, not a word for nothing.
pub(super) fn valid(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'', '`']);
    if constant(text) || prompt(text) {
        return false;
    }
    if text.len() < 3 || masked(text) || listed(NOTHING, text) || (text.contains(' ') && sentence(text)) {
        return false;
    }
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    !reference(text) && (digits || own(text, WORDS) > 0.0)
}

/// `PUBLIC_KEY_OR_PASSWORD`: a constant that says what it names.
fn constant(text: &str) -> bool {
    text.matches('_').count() >= 2
        && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        && text.split('_').any(|word| listed(SECRETS, word))
}

/// `Again:   `: a question to somebody, no answer.
fn prompt(text: &str) -> bool {
    let asked = text.trim().strip_suffix([':', '?']).map(str::trim_end);
    asked.is_some_and(|asked| text.ends_with(' ') && asked.chars().all(|c| c.is_alphabetic() || c == ' '))
}

/// One character over and over, `xxxx…`, stars; or nothing at all.
fn masked(text: &str) -> bool {
    let mut marks = text.chars().filter(|c| c.is_alphanumeric());
    let Some(first) = marks.next() else { return true };
    marks.all(|c| c.eq_ignore_ascii_case(&first))
        || text.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("xxxx"))
        || text.contains("***")
}

/// Words that show a sentence about a password.
fn sentence(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["passw", " the ", " to ", " for ", " of ", " is ", " be "].iter().any(|word| lower.contains(word))
}

/// Whether a word, case aside, stands in a list with spaces between.
pub(super) fn listed(list: &str, word: &str) -> bool {
    // No list has a word as long as most values are.
    !word.is_empty()
        && word.len() <= LISTED_BYTES_MAX
        && list.split(' ').any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether a text is a name as variables have it.
pub(super) fn name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn masks_and_references_do_not_count() {
        assert!(valid("Again:") && valid("BRAVE_NEW_WORLD") && valid("MY_PASSWORD_7"));
        assert!(!valid("    Again:   ") && !valid("PUBLIC_KEY_OR_PASSWORD"));
        assert!(valid("hunter2") && valid("correct horse battery staple lamp"));
        for bad in ["********", "${DB_PASSWORD}", "<password>", "null", "ab", "%PASS%", "xxxxxx", "self.pw1"]
        {
            assert!(!valid(bad), "{bad}");
        }
    }
}
