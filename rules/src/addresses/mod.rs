//! Postal addresses in free text, by their build: number, street, part of the house, town and code.
//!
//! Not the labels (`Home Address: …`) nor the forms a pattern holds whole, such as boxes and postcodes: these
//! are in `recognizers/street_address.toml`.

mod lexicon;
mod parse;
mod pieces;

use crate::{Candidate, EntityId, NameFinder, RecognizerId, RuleSet};
use lexicon::{CONTEXT, ENDINGS, PREFIXES, SHORTENED, STREETS, SUFFIX_WORDS, UNITS, has};
use parse::Parser;
use pieces::{Kind, Piece};
use std::sync::OnceLock;

/// Candidates below are not worth keeping.
const SCORE_MIN: f32 = 0.4;

/// Finds postal addresses.
#[derive(Debug, Clone)]
pub struct AddressFinder {
    names: NameFinder,
    entity: EntityId,
    recognizer: RecognizerId,
}

impl AddressFinder {
    /// Makes a finder whose candidates bear the rule set's `STREET_ADDRESS` and `addresses`.
    pub fn new(rules: &RuleSet, names: NameFinder) -> Self {
        Self {
            names,
            entity: rules.built_in_entity("STREET_ADDRESS"),
            recognizer: rules.built_in_recognizer("addresses"),
        }
    }

    /// The words, folded, of which a text with an address holds at least one: kinds of streets, parts of a house,
    /// words of a sentence that speaks of a place. Unless one of its words [ends like a street](Self::is_street).
    pub(crate) fn cues() -> impl Iterator<Item = &'static str> {
        [STREETS, PREFIXES, SUFFIX_WORDS, UNITS, CONTEXT].into_iter().flat_map(str::split_ascii_whitespace)
    }

    /// Whether a folded word ends like the name of a street.
    pub(crate) fn is_street(word: &str) -> bool {
        // Most words end like none of them: their last two letters tell.
        let [.., before, last] = word.as_bytes() else { return false };
        let end = |byte: u8| u32::from(byte & 31);
        (last_letters()[end(*before) as usize] >> end(*last) & 1 == 1)
            && ENDINGS
                .iter()
                .chain([&SHORTENED])
                .any(|ending| word.len() > ending.len() + 1 && word.ends_with(ending))
    }

    /// Whether a postcode stands between a comma and a word, where a street's number may stand before.
    pub(crate) fn is_behind_code(before: &[u8]) -> bool {
        let [head @ .., b' '] = before else { return false };
        let digits = head.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let head = &head[..head.len() - digits];
        let head = match (digits, head) {
            // Portugal: `4050-262`; a country: `D-20099`.
            (3, [head @ .., a, b, c, d, b'-']) if [a, b, c, d].iter().all(|b| b.is_ascii_digit()) => head,
            (4 | 5, [head @ .., country, b'-']) if country.is_ascii_uppercase() => {
                head.strip_suffix(b"C").unwrap_or(head)
            }
            (4 | 5, head) => head,
            _ => return false,
        };
        let head = head.strip_suffix(b" ").unwrap_or(head);
        matches!(head, [.., before, b','] if before.is_ascii_alphanumeric())
    }

    pub(crate) fn candidate(&self, (start, end): (usize, usize), score: f32) -> Candidate {
        let (entity, recognizer) = (self.entity, self.recognizer);
        Candidate { start, end, entity, recognizer, score, person: None }
    }

    /// Whether there may be an address in a text, whatever digits stand in the place of its digits.
    pub(crate) fn may_find(&self, text: &str) -> bool {
        let mut any = false;
        self.find_spans(text, |_, _, _| any = true);
        any
    }

    /// Adds the addresses in `text` to `out`. To all that is looked at any digit is like any other, but
    /// for pieces of programs, which are left out.
    pub fn find(&self, text: &str, out: &mut Vec<Candidate>) {
        self.find_spans(text, |start, end, score| {
            if !is_code(&text[start..end]) {
                out.push(self.candidate((start, end), score));
            }
        });
    }

    fn find_spans(&self, text: &str, mut found: impl FnMut(usize, usize, f32)) {
        if !text.bytes().any(|b| b.is_ascii_digit()) && !text.contains("orner of ") {
            return;
        }
        let (pieces, words) = pieces::split(text);
        let parser = Parser {
            text,
            pieces: &pieces,
            words: &words,
            names: &self.names,
            small: !text.chars().any(char::is_uppercase),
        };
        let mut at = 0;
        while at < pieces.len() {
            if starts((&pieces, &words), at, text)
                && let Some((from, to, score)) = parser.at(at).filter(|found| found.2 >= SCORE_MIN)
            {
                let (start, end) = (pieces[parser.town_before(from)].start, pieces[to - 1].end);
                at = to;
                found(start, end, score);
            } else {
                at += 1;
            }
        }
    }
}

/// For each letter but one, the last letters of the endings, a bit each.
fn last_letters() -> &'static [u32; 32] {
    static LETTERS: OnceLock<[u32; 32]> = OnceLock::new();
    LETTERS.get_or_init(|| {
        let mut letters = [0; 32];
        for ending in ENDINGS.into_iter().chain([SHORTENED]) {
            if let [.., before, last] = ending.as_bytes() {
                letters[usize::from(before & 31)] |= 1 << (last & 31);
            }
        }
        letters
    })
}

/// Whether an address may start here: behind no other part of one, and in no path or code.
fn starts((pieces, words): (&[Piece], &[String]), at: usize, text: &str) -> bool {
    let piece = pieces[at];
    let free = piece.start == 0
        || matches!(
            text.as_bytes()[piece.start - 1],
            b' ' | b'\n' | b'\t' | b',' | b'"' | b'\'' | b'(' | b'>' | b':' | b'=' | b'|' | b';'
        );
    free && matches!(piece.kind, Kind::Capital | Kind::Number | Kind::Small)
        && (piece.kind != Kind::Small || {
            let word = piece.folded(words);
            has(PREFIXES, word) && !is_english_via((pieces, words), at) || word == "the" || word == "corner"
        })
}

/// `embedded via Excel 365`: behind a word of a sentence that no Italian puts there, `via` is no street.
fn is_english_via((pieces, words): (&[Piece], &[String]), at: usize) -> bool {
    const ITALIAN: &str = "in a e di da alla presso abita sita sito residente casa indirizzo";
    let before = at.checked_sub(1).map(|before| pieces[before]);
    pieces[at].folded(words) == "via"
        && before.is_some_and(|p| p.kind == Kind::Small && !has(ITALIAN, p.folded(words)))
}

/// Whether what reads like an address is a piece of a program or names a standard: `str.length > 100`.
fn is_code(address: &str) -> bool {
    // `os.Signal, 1`: the street of that kind has no comma before its number.
    let member = address.strip_prefix("os.").is_some_and(|rest| !rest.starts_with(' ') && rest.contains(','));
    if member || is_numbered_term(address) {
        return true;
    }
    // Marks of quotation stand at the beginnings of lines.
    address.split('\n').any(|line| line.trim_start_matches(['>', ' ', '\t']).contains(['<', '>', '=']))
        || address.split([' ', ',', '\n']).any(|word| {
            let member = word.strip_prefix("os.").is_some_and(|rest| !rest.is_empty());
            let dotted = word
                .as_bytes()
                .windows(3)
                .any(|w| w[0].is_ascii_lowercase() && w[1] == b'.' && w[2].is_ascii_lowercase());
            matches!(word, "0" | "RFC" | "PEP" | "os")
                || (member && !address.starts_with("os."))
                || (dotted && !word.ends_with('.'))
        })
}

/// `PKCS#1`: a number joined to letters that are no part of a house.
fn is_numbered_term(address: &str) -> bool {
    address.split_once('#').is_some_and(|(word, number)| {
        !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_uppercase())
            && number.bytes().all(|b| b.is_ascii_digit())
            && !has(UNITS, &word.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<&str> {
        let rules = RuleSet::load(&[]).expect("an empty set");
        let mut out = Vec::new();
        AddressFinder::new(&rules, NameFinder::new(&rules)).find(text, &mut out);
        out.iter().filter(|c| c.score >= 0.5).map(|c| &text[c.start..c.end]).collect()
    }

    #[test]
    fn addresses_are_read_to_their_ends() {
        for (text, expected) in [
            (
                "She lives at 12 Example Street, Apt. 4, Sampletown, IL 00000 now",
                "12 Example Street, Apt. 4, Sampletown, IL 00000",
            ),
            ("wohnt in der Musterstraße 12a, 00000 Beispielstadt", "Musterstraße 12a, 00000 Beispielstadt"),
            ("au 14 rue des Exemples, 00000 Ville", "14 rue des Exemples, 00000 Ville"),
            (
                "12 Beispielweg 3\n Suite 7\n Musterdorf\n Nowhere 00000",
                "12 Beispielweg 3\n Suite 7\n Musterdorf\n Nowhere 00000",
            ),
            ("meet at the corner of Mill Lane and Sample Road.", "the corner of Mill Lane and Sample Road"),
            ("ul. Przykładowa 73", "ul. Przykładowa 73"),
            ("> 12 Beispielweg 3\n> Suite 7\n> Musterdorf", "12 Beispielweg 3\n> Suite 7\n> Musterdorf"),
            ("abito in via Esempio 12", "via Esempio 12"),
            ("send it to 12 March Street, Sampletown", "12 March Street, Sampletown"),
            ("os. Przykładowe 5", "os. Przykładowe 5"),
            ("she lives at 12 Example and 7 Sample Road", "7 Sample Road"),
            ("she lives at 12 example street", "12 example street"),
            ("he lives at 12 beispielweg.", "12 beispielweg"),
            ("Beispielstr. 45, 00000 Musterstadt", "Beispielstr. 45, 00000 Musterstadt"),
            ("Lange Str. 5, 00000 Musterstadt", "Lange Str. 5, 00000 Musterstadt"),
            ("Beispielstr. 5 b, 0000 Musterort", "Beispielstr. 5 b, 0000 Musterort"),
            ("An der Beispiel 14, 00000 Musterstadt", "An der Beispiel 14, 00000 Musterstadt"),
            ("Im Muster 3, 00000 Musterstadt", "Im Muster 3, 00000 Musterstadt"),
            ("Mustergasse 2/14/3, 0000 Musterort", "Mustergasse 2/14/3, 0000 Musterort"),
            ("Oude Voorbeeld 12, 0000 XX Voorbeeld", "Oude Voorbeeld 12, 0000 XX Voorbeeld"),
            ("Laan van Voorbeeld 55, 0000 XX Den Voorbeeld", "Laan van Voorbeeld 55, 0000 XX Den Voorbeeld"),
            ("Viale dei Esempi 33/A, 00000 Esempio", "Viale dei Esempi 33/A, 00000 Esempio"),
            ("D-00000 Musterstadt, Beispielstraße 12", "D-00000 Musterstadt, Beispielstraße 12"),
            ("Rua dos Exemplos 45, 0000-000 Exemplo", "Rua dos Exemplos 45, 0000-000 Exemplo"),
        ] {
            assert!(addresses(text).contains(&expected), "{text:?}: {:?}", addresses(text));
        }
    }

    #[test]
    fn numbers_and_words_of_logs_are_no_addresses() {
        for text in [
            "12 Records Processed in 3 Steps",
            "Stage 3 of 5 Complete",
            "@return the date 1 Apr 2002 0:00:00",
            "Based on a bug report sent by Jane on June 29, 2004:",
            "@return true if between 97 and 122 inclusive",
            "w := tabwriter.NewWriter(os.Stdout, 8, 8, 8, ' ', 0)",
            "the key is already sent to PKCS#1",
            "memcpy(entry + 1, str, len);",
            "if len(drive) == 2 and drive[1] == ':':",
            "// expecting 3 os.Args of the office",
            "port 8080 Open",
            "assert_eq!(10, m.end());",
            "Ubuntu 22 and Windows 11",
            "3 Data Points in 2 Series",
            "if (str.length > 100) {",
            "sys.path.insert(0, os.curdir)",
            "verbose os Linux 6.18",
            "images embedded via Excel 365 rich data",
            "Cast it to str as workaround for 709",
            "Based on RFC 959: File Transfer",
            "INFO [main] Started Application in 12 Seconds",
            "January 15, 2024 Payroll run",
            "Stage 3, 20240 Rows loaded",
            "Batch 12, 15000 Records processed",
            "substr. 5, 1200 Bytes",
            "Table 5, 12345 employees",
        ] {
            assert!(addresses(text).is_empty(), "{text:?}: {:?}", addresses(text));
        }
    }

    #[test]
    fn words_tell_whether_a_line_is_worth_a_visit() {
        for before in ["Im Muster 3, 00000 ", "3b,0000 ", "3, D-00000 ", "3, CH-0000 ", "4, 0000-000 "] {
            assert!(AddressFinder::is_behind_code(before.as_bytes()), "{before:?}");
        }
        for before in ["", " ", "in 2024 ", "took 12345 ", "3, 000 ", ", 00000 ", "3, 00000"] {
            assert!(!AddressFinder::is_behind_code(before.as_bytes()), "{before:?}");
        }
        assert!(AddressFinder::is_street("musterstrasse") && AddressFinder::cues().any(|cue| cue == "apt"));
        assert!(
            !AddressFinder::is_street("completed") && AddressFinder::cues().all(|cue| cue != "completed")
        );
    }
}
