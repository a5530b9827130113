//! What is known of how words come off a page: marks that engines mix up are set right, and what was read without
//! confidence is told from what was read. Finds nothing itself.

use custody_rules::table::WordRow;
use std::borrow::Cow;

/// Confidence below which a word counts as seen but not read. Of the words of generated pages that were read
/// wrongly most stand below it, of those read rightly one in a hundred.
const READ_MIN: f32 = 45.0;
/// The same when an output is read again: lower, or words on the border would be covered by one reading after the other.
const READ_AGAIN_MIN: f32 = 25.0;
/// Letters and digits that a word needs before it can be somebody's: icons and rulings are read as one or two.
const LETTERS_MIN: usize = 3;

/// From which confidence words count as read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// An original is read.
    First,
    /// An output is read again.
    Again,
}

impl Pass {
    /// Whether a word was seen but not read: it has no text, or one that the engine does not trust itself.
    pub(super) fn is_unread(self, word: &WordRow<'_>) -> bool {
        let least = match self {
            Self::First => READ_MIN,
            Self::Again => READ_AGAIN_MIN,
        };
        let letters = || word.text.chars().filter(|c| c.is_alphanumeric()).count();
        word.text.is_empty() || (word.confidence < least && letters() >= LETTERS_MIN)
    }
}

/// A word as it was typed: straight quotation marks and hyphens for those the engine likes better.
pub(super) fn typed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let last = text.chars().count().saturating_sub(1);
    let straight = |(at, c): (usize, char)| match c {
        '“' | '”' | '„' | '‟' | '«' | '»' => '"',
        // At a word's edge a straight mark is read as one of these.
        '™' | '°' if at == 0 || at == last => '"',
        '‘' | '’' | '‚' | '‛' => '\'',
        '—' | '–' | '‐' | '‑' => '-',
        other => other,
    };
    Cow::Owned(text.chars().enumerate().map(straight).collect())
}

/// Whether a colon was lost between two words: a quoted key and the quoted value behind it.
pub(super) fn lost_colon(before: &str, word: &str) -> bool {
    let Some(key) = before.strip_suffix('"') else { return false };
    let Some(start) = key.rfind('"') else { return false };
    let (before, key) = (key[..start].trim_end(), &key[start + 1..]);
    // What stands behind a colon is a value itself.
    let is_value = before.ends_with([':', '=']);
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    word.len() > 1 && word.starts_with('"') && !is_value && key.len() > 1 && key.chars().all(is_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_the_engine_become_those_of_the_page() {
        for (read, typed_text) in [
            ("“LegalName”", "\"LegalName\""),
            ("“Zdeněk™", "\"Zdeněk\""),
            ("O’Brien", "O'Brien"),
            ("2024–06–30", "2024-06-30"),
            ("Acme™Corp", "Acme™Corp"),
            ("plain", "plain"),
        ] {
            assert_eq!(typed(read), typed_text);
        }
    }

    #[test]
    fn a_colon_is_lost_between_key_and_value_only() {
        assert!(lost_colon("{ \"LegalName\"", "\"Zdenek"));
        assert!(lost_colon("\"Legal Name\"", "\"Zdenek"));
        for (before, word) in [
            ("\"LegalName\":", "\"Zdenek"),
            ("\"name\": \"Zdenek\"", "\"LegalName\""),
            ("said \"yes\"", "and"),
            ("\"\"", "\"a"),
            ("plain", "\"a"),
        ] {
            assert!(!lost_colon(before, word), "{before} {word}");
        }
    }

    #[test]
    fn what_is_unread_depends_on_confidence_and_letters() {
        let row = |text: &'static str, confidence| WordRow { confidence, text, ..WordRow::default() };
        assert!(Pass::First.is_unread(&row("Zdenek", 30.0)) && !Pass::Again.is_unread(&row("Zdenek", 30.0)));
        assert!(Pass::Again.is_unread(&row("Zdenek", 10.0)) && Pass::Again.is_unread(&row("", 0.0)));
        for (text, confidence) in [("Zdenek", 50.0), ("x|", 3.0), ("—", 0.0)] {
            assert!(!Pass::First.is_unread(&row(text, confidence)), "{text}");
        }
    }
}
