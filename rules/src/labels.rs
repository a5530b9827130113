//! Labels as evidence: `Legal Name: …`, `employeeId=…`, `"lastName":"…"`, column headings. A label gives its
//! value's entity whatever the value looks like; the value's shape says where it ends in running text.

use crate::checks::{self, Check};
use crate::ruleset::RuleSet;
use crate::{Candidate, EntityId, RecognizerId, ValueShape, fold};
use memchr::memchr2_iter;
use std::collections::{HashMap, HashSet};

/// Score of a value that stands behind a label.
const LABEL_SCORE: f32 = 0.75;
/// Words a label may have at most.
const LABEL_WORDS_MAX: usize = 6;
/// Bytes behind a label in which its value's end is looked for; without one, it goes on to the text's end.
const VALUE_BYTES_MAX: usize = 4 << 10;
/// Words that are labels only when nothing stands before them: `name` is one, `file name` is not.
const WHOLE_ONLY: [&str; 26] = [
    "name", "names", "code", "number", "id", "date", "address", "account", "user", "amount", "rate", "total",
    "type", "nom", "nombre", "worker", "author", "owner", "contact", "city", "street", "manager", "bonus",
    "age", "rating", "reason",
];
/// Words behind a label that do not change what it means.
const SUFFIXES: [&str; 14] = [
    "id",
    "amount",
    "value",
    "text",
    "descriptor",
    "reference",
    "data",
    "usd",
    "eur",
    "gbp",
    "local",
    "currency",
    "full",
    "1",
];

/// Checks that tell a written-out secret from a mask, a reference or the next word of a sentence: in running
/// text the values behind their labels have to pass them. All other checks are of shapes, and a label needs none.
const VALUE_CHECKS: [&str; 3] = ["password_like", "secret", "written_out"];

/// What a label says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelHit {
    /// The value's entity.
    pub entity: EntityId,
    /// The recognizer whose file holds the label.
    pub recognizer: RecognizerId,
    /// Where the value ends in running text.
    pub shape: ValueShape,
}

/// All labels of a rule set.
#[derive(Default)]
pub struct LabelLexicon {
    labels: HashMap<String, LabelHit>,
    last_words: HashSet<u64>,
    /// By recognizer: the check its labelled values have to pass in running text.
    checks: Vec<Option<Check>>,
    is_name: Option<Check>,
}

/// Brings a heading, key or form label to the form labels are written in: camel case split, `_-./` as
/// spaces, prefixes such as `wd:`, marks such as `*` and text in brackets gone, folded.
pub fn normalise_label(label: &str) -> String {
    let mut out = String::with_capacity(label.len() + 4);
    let (mut depth, mut previous) = (0u32, ' ');
    let label = label.trim_end_matches([':', ' ', '*', '+']);
    let label = label.rsplit_once(':').map_or(label, |(_, local)| local);
    for c in label.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            c if c.is_alphanumeric() => {
                if c.is_uppercase() && (previous.is_lowercase() || previous.is_ascii_digit()) {
                    push_space(&mut out);
                }
                out.push(c);
            }
            '%' => {
                push_space(&mut out);
                out.push('%');
            }
            '\'' | '’' => {}
            _ => push_space(&mut out),
        }
        previous = c;
    }
    out.truncate(out.trim_end().len());
    fold(&out)
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

impl std::fmt::Debug for LabelLexicon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LabelLexicon").field("labels", &self.labels.len()).finish_non_exhaustive()
    }
}

impl LabelLexicon {
    pub(crate) fn new(rules: &RuleSet) -> Self {
        let mut lexicon = Self { is_name: checks::by_name("personal_name"), ..Self::default() };
        lexicon.last_words.extend(SUFFIXES.iter().map(|word| word_hash(word.as_bytes())));
        for (at, recognizer) in rules.recognizers().iter().enumerate() {
            let hit = LabelHit {
                entity: recognizer.entity,
                recognizer: RecognizerId(at as u16),
                shape: recognizer.syntax.value,
            };
            let name = recognizer.syntax.check.as_deref();
            lexicon.checks.push(recognizer.check.filter(|_| name.is_some_and(|n| VALUE_CHECKS.contains(&n))));
            for label in &recognizer.syntax.labels {
                let label = normalise_label(label);
                if let Some(last) = label.split(' ').next_back() {
                    lexicon.last_words.insert(word_hash(last.as_bytes()));
                }
                lexicon.labels.entry(label).or_insert(hit);
            }
        }
        lexicon
    }

    /// What a heading, key or form label says of its value, if anything.
    pub fn lookup(&self, heading: &str) -> Option<LabelHit> {
        if heading.len() > 120 {
            return None;
        }
        let label = normalise_label(heading);
        let words: Vec<&str> = label.split(' ').filter(|w| !w.is_empty()).collect();
        self.lookup_words(&words)
    }

    /// Whether a text could be a personal name by its words.
    pub fn is_name(&self, text: &str) -> bool {
        self.is_name.is_none_or(|check| check(text))
    }

    fn lookup_words(&self, words: &[&str]) -> Option<LabelHit> {
        let mut words = words;
        loop {
            for skip in 0..words.len() {
                let rest = &words[skip..];
                let whole_only = rest.len() == 1 && skip > 0 && WHOLE_ONLY.contains(&rest[0]);
                if rest.len() <= LABEL_WORDS_MAX
                    && !whole_only
                    && let Some(hit) = self.labels.get(&rest.join(" "))
                {
                    return Some(*hit);
                }
            }
            match words.split_last() {
                // `Pay - Currency` names a currency, `Bonus - Local Currency` an amount in it.
                Some((&"currency", rest)) if rest.last() != Some(&"local") => return None,
                Some((last, rest)) if !rest.is_empty() && SUFFIXES.contains(last) => words = rest,
                _ => return None,
            }
        }
    }

    /// Adds the values behind labels in running text.
    pub(crate) fn scan(&self, text: &str, out: &mut Vec<Candidate>) {
        let bytes = text.as_bytes();
        // Of values that have no end the first one holds all others.
        let mut endless = false;
        for at in memchr2_iter(b':', b'=', bytes) {
            // Times, URLs, `::` and `==` are no labels.
            let next = bytes.get(at + 1).copied().unwrap_or(b' ');
            if at == 0
                || matches!(next, b'/' | b':' | b'=')
                || bytes[at - 1].is_ascii_digit() && next.is_ascii_digit()
            {
                continue;
            }
            if let Some(hit) = self.label_before(text, at)
                && let Some((start, end)) = value_after(text, at + 1, hit.shape)
            {
                // `Worker: Running` has a state behind its label, not a name.
                let long = end - start > VALUE_BYTES_MAX;
                let check = self.checks.get(hit.recognizer.0 as usize).copied().flatten();
                if check.is_some_and(|check| !check(&text[start..end])) {
                    continue;
                }
                if (hit.shape == ValueShape::Name && !self.is_name(&text[start..end])) || (long && endless) {
                    continue;
                }
                endless |= long;
                let (entity, recognizer) = (hit.entity, hit.recognizer);
                out.push(Candidate { start, end, entity, recognizer, score: LABEL_SCORE, person: None });
            }
        }
    }

    /// The label that ends right before the separator at `at`.
    fn label_before(&self, text: &str, at: usize) -> Option<LabelHit> {
        let head = text[..at].trim_end_matches([' ', '"', '\'', '\\', '*', ')', ']']);
        let from = head.len().saturating_sub(64);
        let from = (from..=head.len()).find(|&i| head.is_char_boundary(i))?;
        let tail = &head[from..];
        let last = tail.rsplit(|c: char| !c.is_alphanumeric() && c != '%').next()?;
        if last.is_empty() || !self.may_end_label(last) {
            return None;
        }
        // The label reaches back to the nearest delimiter; words before it belong to something else.
        let field = tail
            .rfind(['"', '\'', ',', ';', '{', '|', '>', '<', '&', '?', '=', ':', '\t', '!', '/'])
            .map_or(tail, |i| &tail[i + 1..]);
        let label = normalise_label(field);
        let words: Vec<&str> = label.split(' ').filter(|w| !w.is_empty()).collect();
        let keep = words.len().min(LABEL_WORDS_MAX);
        self.lookup_words(&words[words.len() - keep..])
    }

    /// A quick look at the word before a separator: most end no label.
    fn may_end_label(&self, last: &str) -> bool {
        if !last.is_ascii() {
            return self.last_words.contains(&word_hash(normalise_label(last).as_bytes()));
        }
        // `lastName` ends with the word `Name`.
        let bytes = last.as_bytes();
        let hump = (1..bytes.len())
            .rev()
            .find(|&i| bytes[i].is_ascii_uppercase() && !bytes[i - 1].is_ascii_uppercase());
        self.last_words.contains(&word_hash(&bytes[hump.unwrap_or(0)..]))
    }
}

/// Hash of a word, ASCII case aside.
fn word_hash(word: &[u8]) -> u64 {
    word.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Whether a value says that there is none: such values stay, whatever their label.
pub fn is_null_like(value: &str) -> bool {
    const NULLS: [&str; 24] = [
        "",
        "-",
        "--",
        "n/a",
        "na",
        "none",
        "null",
        "nil",
        "nan",
        "undefined",
        "unknown",
        "true",
        "false",
        "yes",
        "no",
        "y",
        "n",
        "tbd",
        "not specified",
        "not applicable",
        "empty",
        "{}",
        "[]",
        "0",
    ];
    let value = value.trim().trim_matches('"');
    let has_word = || value.bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80);
    (value.len() <= 16 && NULLS.contains(&value.to_ascii_lowercase().as_str())) || !has_word()
}

/// Finds where the value behind a separator starts and ends.
fn value_after(text: &str, from: usize, shape: ValueShape) -> Option<(usize, usize)> {
    let rest = &text[from..];
    let skipped = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let mut start = from + skipped;
    let quote =
        text[start..].trim_start_matches('\\').chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let end = if let Some(quote) = quote {
        let escapes = text[start..].find(quote)?;
        start += escapes + 1;
        start + quoted_len(&text[start..], quote, escapes)
    } else {
        start + unquoted_len(&text[start..], shape)?
    };
    let full = text[start..end].trim_end_matches(['\\', ' ', ',']);
    // The full stop of an initial belongs to the name, that of a sentence does not.
    let initial = full.len() >= 3 && full.ends_with('.') && full.as_bytes()[full.len() - 3] == b' ';
    let value = if initial { full } else { full.trim_end_matches('.') };
    let trimmed = value.len() - value.trim_start().len();
    let (start, end) = (start + trimmed, start + value.len());
    (start < end && !is_null_like(&text[start..end]) && !text[start..end].starts_with('<'))
        .then_some((start, end))
}

/// Where a quoted value ends: at a quote that is not escaped deeper than the opening one, and that is no
/// apostrophe within a word (`'O'Brien'`).
fn quoted_len(rest: &str, quote: char, escapes: usize) -> usize {
    let mut inside = None;
    for (at, _) in near(rest).match_indices(quote) {
        let own = rest[..at].bytes().rev().take_while(|&byte| byte == b'\\').count();
        let in_word = quote == '\''
            && rest[..at].ends_with(char::is_alphanumeric)
            && rest[at + 1..].starts_with(char::is_alphanumeric);
        if own <= escapes && !in_word {
            return at;
        }
        inside = Some(at);
    }
    // An apostrophe is a better end than none; a long value goes on.
    inside.filter(|_| rest.len() <= VALUE_BYTES_MAX && quote == '\'').unwrap_or(rest.len())
}

/// The part of a text behind a label in which its value's end is looked for.
fn near(rest: &str) -> &str {
    &rest[..rest.floor_char_boundary(VALUE_BYTES_MAX)]
}

fn unquoted_len(all: &str, shape: ValueShape) -> Option<usize> {
    let rest = near(all);
    let hard = rest.find(['\t', '|', ';', '<', '"', '{', '[', '\n', '\r', '&']).unwrap_or(rest.len());
    let end = hard.min(rest[..hard].find("  ").unwrap_or(hard));
    let unended = end == rest.len();
    let rest = &rest[..end];
    let len = match shape {
        ValueShape::Line => {
            let key = rest.find(", ").filter(|&at| looks_like_key(&rest[at + 2..]));
            key.unwrap_or(if unended { all.len() } else { rest.len() })
        }
        ValueShape::Token => rest.find([' ', ',', ')', ']', '}', '\'', '>']).unwrap_or(rest.len()),
        ValueShape::Name => name_len(rest),
        ValueShape::Amount => amount_len(rest),
        ValueShape::Date => date_len(rest),
        ValueShape::Code => code_len(rest),
    };
    (len > 0).then_some(len)
}

/// `key=` or `key:` within the next few words: the value before it has ended.
fn looks_like_key(rest: &str) -> bool {
    let word = rest.find(['=', ':']).map(|at| &rest[..at]);
    word.is_some_and(|word| word.len() <= 24 && word.split(' ').count() <= 3)
}

const PARTICLES: [&str; 20] = [
    "de", "da", "do", "dos", "del", "della", "di", "du", "van", "von", "der", "den", "ter", "bin", "ibn",
    "al", "el", "la", "le", "zu",
];

fn name_len(rest: &str) -> usize {
    let (mut end, mut words, mut comma) = (0, 0, false);
    for (start, word_end) in words_of(rest) {
        let word = &rest[start..word_end];
        let bare = word.trim_end_matches([',', '.', ')', ':', ']', '}', '\'']);
        let key = rest[word_end..].starts_with('=') || word.contains('=') || (word.ends_with(':'));
        let capital =
            bare.chars().next().is_some_and(char::is_uppercase) && !bare.bytes().any(|b| b.is_ascii_digit());
        let before_capital =
            || rest.get(word_end + 1..).and_then(|r| r.chars().next()).is_some_and(char::is_alphabetic);
        let particle = PARTICLES.contains(&bare) && (words > 0 || before_capital());
        if key
            || words == 5
            || bare.is_empty()
            || !(capital || particle)
            || bare.contains(['/', '(', '@', '_'])
        {
            break;
        }
        if capital {
            end = start + bare.len() + usize::from(word[bare.len()..].starts_with('.') && bare.len() == 1);
        }
        words += 1;
        // One comma: "Doe, Jane". Anything else behind the word ends the name.
        let behind = &word[bare.len()..];
        match behind {
            "" => {}
            "." if bare.chars().count() <= 2 => {}
            "," if !comma && words <= 3 => comma = true,
            _ => break,
        }
    }
    end
}

fn words_of(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    text.split(' ').scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some((start, start + word.len()))
    })
}

fn amount_len(rest: &str) -> usize {
    let mut end = 0;
    for (start, word_end) in words_of(rest).take(4) {
        let word = rest[start..word_end].trim_end_matches([',', '.', ';', ')']);
        let digits = word.bytes().any(|b| b.is_ascii_digit());
        let unit = matches!(
            word,
            "USD" | "EUR" | "GBP" | "CHF" | "INR" | "CAD" | "AUD" | "JPY" | "€" | "$" | "£" | "%" | "k" | "K"
        );
        let figures = |c: char| c.is_ascii_digit() || ".,'’%$€£¥₹kKmM+-\u{a0}".contains(c);
        let code = || word.get(..3).is_some_and(|c| c.bytes().all(|b| b.is_ascii_uppercase()));
        let amount = digits && (word.chars().all(figures) || code());
        if !(amount || unit) {
            break;
        }
        end = start + word.len();
    }
    if rest[..end].bytes().any(|b| b.is_ascii_digit()) { end } else { 0 }
}

fn date_len(rest: &str) -> usize {
    let mut end = 0;
    for (start, word_end) in words_of(rest).take(4) {
        let word = rest[start..word_end].trim_end_matches([',', '.', ')', '\'', '}', ']']);
        let digits = word.bytes().any(|b| b.is_ascii_digit());
        let month = word.len() >= 3 && word.chars().all(char::is_alphabetic) && is_month(&fold(word));
        let of = matches!(word, "de" | "of");
        if !(digits || month || of) || word.contains('=') {
            break;
        }
        end = start + word.len();
        if word.bytes().filter(u8::is_ascii_digit).count() >= 6 {
            break;
        }
    }
    if rest[..end].bytes().filter(u8::is_ascii_digit).count() >= 4 { end } else { 0 }
}

fn is_month(word: &str) -> bool {
    const MONTHS: [&str; 26] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "maer", "mrz",
        "mai", "okt", "dez", "ene", "abr", "ago", "dic", "fev", "avr", "juin", "juil", "aou",
    ];
    MONTHS.iter().any(|month| word.starts_with(month))
}

fn code_len(rest: &str) -> usize {
    let (mut end, mut digits) = (0, 0);
    for (start, word_end) in words_of(rest).take(8) {
        let full = &rest[start..word_end];
        let word = full.trim_end_matches([',', '.', ')', '\'', ']', '}']);
        let code = !word.is_empty()
            && word.len() <= 40
            && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "-./()+".contains(c));
        let first_token = end == 0 && word.bytes().any(|b| b.is_ascii_digit()) && !word.contains(['=', '(']);
        if !(code || first_token) {
            break;
        }
        end = start + word.len();
        digits += word.bytes().filter(u8::is_ascii_digit).count();
        if word.len() < full.len() {
            break;
        }
    }
    if digits >= 2 { end } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rest: &str, shape: ValueShape, expected: Option<&str>) {
        let found = value_after(rest, 0, shape).map(|(start, end)| &rest[start..end]);
        assert_eq!(found, expected, "{rest:?}");
    }

    #[test]
    fn headings_are_normalised() {
        for (raw, expected) in [
            ("wd:Legal_Name", "legal name"),
            ("lastName", "last name"),
            ("Total Base Pay - Amount*", "total base pay amount"),
            ("Bonus Target - Local Currency (USD)", "bonus target local currency"),
            ("Prénom :", "prenom"),
            ("Annual Bonus Target %", "annual bonus target %"),
        ] {
            assert_eq!(normalise_label(raw), expected);
        }
    }

    #[test]
    fn names_end_where_names_end() {
        check(" Jane Doe, Manager: Max Roe", ValueShape::Name, Some("Jane Doe"));
        check(" Doe, Jane A. updated", ValueShape::Name, Some("Doe, Jane A."));
        check(" Ludwig van der Berg (21072)", ValueShape::Name, Some("Ludwig van der Berg"));
        check("\"Jane Doe\",\"x\":1", ValueShape::Name, Some("Jane Doe"));
        check(" processing started", ValueShape::Name, None);
        check(" N/A", ValueShape::Token, None);
        check("\\\"jane\\\"}", ValueShape::Token, Some("jane"));
        check("'O'Brien', age=7", ValueShape::Name, Some("O'Brien"));
        check("\"Jane \\\"JJ\\\" Doe\", \"x\":1", ValueShape::Name, Some("Jane \\\"JJ\\\" Doe"));
        check("\\\"Jane \\\\\\\"JJ\\\\\\\" Doe\\\",", ValueShape::Name, Some("Jane \\\\\\\"JJ\\\\\\\" Doe"));
    }

    #[test]
    fn a_value_without_an_end_goes_on_to_the_end() {
        let long = "x ".repeat(VALUE_BYTES_MAX);
        let text = format!("\"{long}");
        assert_eq!(value_after(&text, 0, ValueShape::Line), Some((1, text.trim_end().len())));
        let text = format!(" {}", long.replace("x ", "word,"));
        assert_eq!(value_after(&text, 0, ValueShape::Line).map(|(_, end)| end), Some(text.len() - 1));
    }

    #[test]
    fn other_shapes_end_where_they_end() {
        check(" USD 85,000.00 per year", ValueShape::Amount, Some("USD 85,000.00"));
        check(" 12 March 1980 in Bonn", ValueShape::Date, Some("12 March 1980"));
        check(" 1980-03-12 next", ValueShape::Date, Some("1980-03-12"));
        check(" AB 12 34 56 C and", ValueShape::Code, Some("AB 12 34 56 C"));
        check("4711, done", ValueShape::Token, Some("4711"));
        check(
            " 1 Example Street, Springfield | next",
            ValueShape::Line,
            Some("1 Example Street, Springfield"),
        );
    }
}
