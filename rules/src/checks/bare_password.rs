//! Passwords of letters alone, where the place says that a password is meant: `password=` and nothing but a word
//! behind it in a log or a setting. Keeps them apart from types, states and names of variables.
//!
//! Source: NIST SP 800-63B (memorized secrets may be words and pass phrases).

use super::known_token::{WORDS, own};
use super::written_out::{self, HEADS, listed};
use crate::names::{is_deed, is_grammar};

/// Types and states, which stand behind a password's name in programs and messages.
const STATES: &str = " number unknown never field label hash hashed encrypted enabled disabled reset changed update \
    updated old new current confirm match matches mismatch length min max weak strong wrong correct bad good ok \
    done failed failure error success set unset auto always plain plaintext cleartext masked result ret res obj \
    arg param conn url uri html foo bar baz link send sent ask provided given generated random again retry ";

/// Says whether a word could be a password, or words a pass phrase.
pub(super) fn valid(text: &str) -> bool {
    let phrase = text.contains(' ');
    text.split([' ', '-']).all(|word| {
        let camel = word
            .bytes()
            .zip(word.bytes().skip(1))
            .any(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase());
        word.len() >= 3
            && !camel
            && own(word, WORDS) >= 0.5
            && (phrase || !listed(STATES, word))
            && !listed(HEADS, word)
            && !is_grammar(word)
            && !(phrase && is_deed(word))
    }) && written_out::valid(text)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn types_states_and_variables_do_not_count() {
        for good in ["kestrel", "letmein", "kestrel-mud", "proper donkey battery staple"] {
            assert!(valid(good), "{good}");
        }
        for bad in [
            "str",
            "None",
            "string",
            "password",
            "newPassword",
            "changeme",
            "required",
            "reset",
            "pwd",
            "config",
            "user supplied plain text",
            "must contain eight letters",
            "value",
            "xxxxxxx",
        ] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
