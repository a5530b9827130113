//! What is known of how words come off a page: marks that engines mix up are set right, and what was read without
//! confidence is told from what was read. Finds nothing itself.

use arrow_array::RecordBatch;
use custody_rules::table::{WordRow, word_rows};
use std::borrow::Cow;

/// Confidence below which a word counts as seen but not read. Of the words of generated pages that were read
/// wrongly most stand below it, of those read rightly one in a hundred.
const READ_MIN: f32 = 45.0;
/// Letters and digits that a word needs before it can be somebody's: icons and rulings are read as one or two.
const LETTERS_MIN: usize = 3;

/// What is known when words are read.
#[derive(Debug, Clone, Copy)]
pub enum Pass<'a> {
    /// An original is read.
    First,
    /// An output is read again, of whose original these words were read. Without any only what has no text counts as
    /// unread: whoever verifies a bundle does not have the originals.
    Again(&'a [RecordBatch]),
}

impl Pass<'_> {
    /// Marks the words that were seen but not read: without text, or with one that the engine does not trust itself.
    /// What the original's reading was sure of is known, however the output's encoder blurred it.
    pub(super) fn unread(self, words: &[WordRow<'_>]) -> Vec<bool> {
        let mut unread: Vec<bool> = words.iter().map(is_unread).collect();
        let Self::Again(batches) = self else { return unread };
        if !unread.contains(&true) {
            return unread;
        }
        let known: Vec<WordRow<'_>> =
            batches.iter().flat_map(word_rows).filter(|word| !is_unread(word)).collect();
        let is_leftover = |word: &WordRow<'_>| !batches.is_empty() && !is_known(word, &known);
        for (word, unread) in words.iter().zip(&mut unread) {
            *unread = *unread && (word.text.is_empty() || is_leftover(word));
        }
        unread
    }
}

fn is_unread(word: &WordRow<'_>) -> bool {
    let letters = || word.text.chars().filter(|c| c.is_alphanumeric()).count();
    word.text.is_empty() || (word.confidence < READ_MIN && letters() >= LETTERS_MIN)
}

/// Whether known words, each visible whenever the word is, fill two thirds of its width on its line.
fn is_known(word: &WordRow<'_>, known: &[WordRow<'_>]) -> bool {
    let shared = |a: (u32, u32), b: (u32, u32)| (a.0 + a.1).min(b.0 + b.1).saturating_sub(a.0.max(b.0));
    let width: u32 = known
        .iter()
        .filter(|other| {
            let down = shared((word.top, word.height), (other.top, other.height));
            let lasts = other.first_frame <= word.last_frame && word.first_frame <= other.last_frame;
            lasts && down * 2 >= word.height.min(other.height)
        })
        .map(|other| shared((word.left, word.width), (other.left, other.width)))
        .sum();
    width * 3 >= word.width * 2
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

/// Non-ASCII letters of a label that are tried in other spellings.
const ACCENTS_MAX: usize = 2;

/// Other spellings of a label of which an engine that does not know its language took one vowel for another: it
/// writes `electrénico` and `mévil`. Letters without accents do: labels are compared without.
pub(super) fn spellings(text: &str) -> Vec<String> {
    let accents: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| !c.is_ascii()).collect();
    let vowels_only = accents.iter().all(|(_, c)| c.is_alphabetic());
    if accents.is_empty() || accents.len() > ACCENTS_MAX || !vowels_only {
        return Vec::new();
    }
    let mut spellings = vec![text.to_owned()];
    for &(at, c) in accents.iter().rev() {
        let tail = at + c.len_utf8();
        spellings = spellings
            .iter()
            .flat_map(|spelling| {
                ['a', 'e', 'i', 'o', 'u']
                    .map(|vowel| format!("{}{vowel}{}", &spelling[..at], &spelling[tail..]))
            })
            .collect();
    }
    spellings
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
    use custody_rules::WordsBuilder;

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
    fn accents_are_tried_as_every_vowel() {
        assert!(spellings("Teléfono mévil").contains(&"Telefono movil".to_owned()));
        assert_eq!(spellings("mévil").len(), 5);
        assert!(
            spellings("plain").is_empty() && spellings("ááá").is_empty() && spellings("a › b").is_empty()
        );
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
        let cases = [("Zdenek", 30.0, true), ("", 0.0, true), ("Zdenek", 50.0, false), ("x|", 3.0, false)];
        for (text, confidence, expected) in cases {
            assert_eq!(Pass::First.unread(&[row(text, confidence)]), [expected], "{text}");
        }
    }

    #[test]
    fn what_the_original_said_clearly_is_known() {
        let row = |text: &'static str, confidence, left, width| WordRow {
            confidence,
            text,
            left,
            width,
            top: 10,
            height: 12,
            ..WordRow::default()
        };
        let mut builder = WordsBuilder::default();
        [row("data", 90.0, 0, 30), row("of", 88.0, 34, 16), row("Qqq", 20.0, 60, 90)]
            .into_iter()
            .for_each(|word| builder.push(word));
        let batches = [builder.finish()];
        let read = [
            row("dataof", 20.0, 0, 50),
            row("Qqz", 20.0, 60, 90),
            row("wide", 20.0, 0, 200),
            row("", 0.0, 0, 30),
        ];
        assert_eq!(Pass::Again(&batches).unread(&read), [false, true, true, true]);
        assert_eq!(Pass::Again(&[]).unread(&read), [false, false, false, true]);
    }
}
