//! Where a labelled value starts and ends in running text, and whether it is one at all: the value's shape
//! decides. Knows no labels.

use crate::ValueShape;
use crate::fold;

/// Bytes behind a label in which its value's end is looked for; without one, it goes on to the text's end.
pub(super) const VALUE_BYTES_MAX: usize = 4 << 10;

/// Bytes of a value that says that there is none, at most.
const NULL_BYTES_MAX: usize = 20;

/// What says that there is no value, folded, in English, German, French and Spanish.
const NULLS: [&str; 71] = [
    "",
    "-",
    "--",
    "n/a",
    "na",
    "n.a.",
    "n/d",
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
    "tba",
    "tbc",
    "to be determined",
    "to be confirmed",
    "pending",
    "not specified",
    "not applicable",
    "not available",
    "not provided",
    "not set",
    "not given",
    "not yet",
    "missing",
    "empty",
    "{}",
    "[]",
    "0",
    "unbekannt",
    "ausstehend",
    "keine",
    "k.a.",
    "k. a.",
    "fehlt",
    "nicht angegeben",
    "nicht vorhanden",
    "nicht bekannt",
    "nicht zutreffend",
    "entfallt",
    "leer",
    "folgt",
    "inconnu",
    "inconnue",
    "aucun",
    "aucune",
    "neant",
    "en attente",
    "non renseigne",
    "non communique",
    "non applicable",
    "sans objet",
    "s/o",
    "a venir",
    "desconocido",
    "desconocida",
    "ninguno",
    "ninguna",
    "pendiente",
    "sin datos",
    "no aplica",
    "no disponible",
    "no consta",
];

/// Whether a value says that there is none: such values stay, whatever their label.
pub fn is_null_like(value: &str) -> bool {
    let value = value.trim().trim_matches('"');
    let has_word = || value.bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80);
    (value.len() <= NULL_BYTES_MAX
        && NULLS.contains(&fold(value.trim_matches(['(', ')', '<', '>'])).as_str()))
        || !has_word()
}

/// Whether a value is the answer to a question.
pub(super) fn is_answer(value: &str) -> bool {
    const ANSWERS: [&str; 14] =
        ["yes", "no", "true", "false", "y", "n", "ja", "nein", "oui", "non", "si", "nee", "sim", "nao"];
    let value = value.trim().trim_matches('"');
    value.len() <= NULL_BYTES_MAX && ANSWERS.contains(&fold(value).as_str())
}

/// Finds where the value behind a separator starts and ends; none where it says that there is none.
pub(super) fn value_after(text: &str, from: usize, shape: ValueShape) -> Option<(usize, usize)> {
    some_value_after(text, from, shape).filter(|&(start, end)| !is_null_like(&text[start..end]))
}

/// Finds where what stands behind a separator starts and ends, whatever it says.
pub(super) fn some_value_after(text: &str, from: usize, shape: ValueShape) -> Option<(usize, usize)> {
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
    let end = start + text[start..end].find(ends_text).unwrap_or(end - start);
    let full = text[start..end].trim_end_matches(['\\', ' ', ',']);
    // The full stop of an initial belongs to the name, that of a sentence does not.
    let initial = full.len() >= 3 && full.ends_with('.') && full.as_bytes()[full.len() - 3] == b' ';
    let value = if initial { full } else { full.trim_end_matches('.') };
    let trimmed = value.len() - value.trim_start().len();
    let (start, end) = (start + trimmed, start + value.len());
    (start < end && !text[start..end].starts_with('<')).then_some((start, end))
}

/// Control codes, such as those of colours, are no part of a value. A byte that was no UTF-8 reads as U+001A and may
/// be a letter of one.
fn ends_text(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\u{1a}' | '\t' | '\n' | '\r')
}

/// Whether an unquoted value is a piece of a program, not data; `head` is what stands before the separator.
pub(super) fn is_code(text: &str, (start, end): (usize, usize), head: &str) -> bool {
    const TYPES: [&str; 44] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "isize", "f32", "f64", "bool",
        "str", "string", "int", "integer", "long", "char", "float", "double", "number", "boolean", "any",
        "object", "option", "optional", "vec", "list", "box", "date", "datetime", "varchar", "text", "uuid",
        "amd64", "arm64", "i386", "x86_64", "void", "bytes", "decimal", "bigint",
    ];
    let value = &text[start..end];
    let word =
        &value[..value.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(value.len())];
    let behind = text[start + word.len()..].bytes().next().unwrap_or(b' ');
    if word.is_empty() {
        return value.starts_with(['&', '$', '*', '@', '%']) || value.starts_with("::");
    }
    let named = word.bytes().any(|b| b.is_ascii_alphabetic());
    let typed = TYPES.contains(&word.to_ascii_lowercase().as_str()) && !matches!(behind, b'-' | b'@' | b'.');
    let called = matches!(behind, b'(' | b'[' | b'!') || text[start + word.len()..].starts_with("::");
    // `sock.accept()`, `pw[0]`, `person.match(/x/)`.
    let path = &text[start..];
    let path =
        path.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))).map(|at| &path[at..]);
    let called = called || (value.contains('.') && path.is_some_and(|rest| rest.starts_with(['(', '['])));
    let starts = [
        "new ",
        "await ",
        "self.",
        "this.",
        "process.env",
        "os.environ",
        "env.",
        "args.",
        "request.",
        "function ",
        "lambda ",
    ];
    let own = head.trim_end_matches([' ', '"', '\'']).rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    let last = value.rsplit('.').next().unwrap_or(value);
    typed
        || word.starts_with('_')
        || (named && called)
        || (behind == b'<' && word.starts_with(|c: char| c.is_ascii_uppercase()))
        || starts.iter().any(|s| value.starts_with(s))
        // `email: form.email`, `username = username`.
        || own.is_some_and(|own| own.len() > 1 && last.eq_ignore_ascii_case(own))
        // `let rating = 0.8;`, `x.zip = value;`: a statement.
        || (head.ends_with(' ') && text[start..].starts_with(word) && text[end..].trim_start().starts_with(';') && !value.contains(' '))
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
            let key = key.into_iter().chain(next_key(rest)).min();
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

/// Where ` key=` stands behind the first word: another field begins there.
fn next_key(rest: &str) -> Option<usize> {
    let identifier = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    rest.match_indices('=').find_map(|(at, _)| {
        let word = rest[..at].trim_end_matches(identifier);
        let key = &rest[word.len()..at];
        (key.starts_with(|c: char| c.is_ascii_alphabetic()) && word.len() > 1)
            .then(|| word.strip_suffix(' ').map(str::len))
            .flatten()
    })
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
        let key = rest[word_end..].starts_with('=') || word.contains(['=', ':']);
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
        let word = rest[start..word_end].trim_end_matches([',', '.', ';', ')', '}', ']', '\'']);
        let digits = word.bytes().any(|b| b.is_ascii_digit());
        let unit = matches!(
            word,
            "USD" | "EUR" | "GBP" | "CHF" | "INR" | "CAD" | "AUD" | "JPY" | "€" | "$" | "£" | "%" | "k" | "K"
        );
        let figures = |c: char| c.is_ascii_digit() || ".,'’%$€£¥₹kKmM+-\u{a0}".contains(c);
        // `EUR85,000`, not `HTTP/2`.
        let code = || {
            let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
            letters == 3 && word[3..].chars().all(figures)
        };
        let amount = digits && (word.chars().all(figures) || code());
        // Behind a number another one belongs to it as its thousands only.
        let apart = digits && !groups_of_three(&rest[..end], word);
        if !(amount || unit) || apart {
            break;
        }
        end = start + word.len();
    }
    if rest[..end].bytes().any(|b| b.is_ascii_digit()) { end } else { 0 }
}

/// Whether `next` can follow the words before it in one amount: `2 450,00`, `EUR 85 000`.
fn groups_of_three(before: &str, next: &str) -> bool {
    let last = before.trim_end().rsplit(' ').next().unwrap_or("");
    let figures = last.trim_start_matches(['$', '€', '£', '¥', '₹', '+', '-']);
    let leading = next.bytes().take_while(u8::is_ascii_digit).count();
    !last.bytes().any(|b| b.is_ascii_digit())
        || (1..=3).contains(&figures.len()) && figures.bytes().all(|b| b.is_ascii_digit()) && leading == 3
}

/// Where a code ends that starts with `value` and goes on in groups behind it, if all of it has between `min` and
/// `max` letters and digits: `474 861 302`.
pub(super) fn with_groups(text: &str, (start, end): (usize, usize), (min, max): (usize, usize)) -> usize {
    let count = |part: &str| part.bytes().filter(u8::is_ascii_alphanumeric).count();
    let (mut all, mut at) = (count(&text[start..end]), end);
    while all < min {
        let Some(rest) = text[at..].strip_prefix(' ') else { return end };
        let word = &rest
            [..rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-./".contains(c))).unwrap_or(rest.len())];
        let group = word.trim_end_matches(['.', '-', '/']);
        let digits = group.bytes().any(|b| b.is_ascii_digit());
        let fits =
            group.bytes().all(|b| !b.is_ascii_lowercase()) && (digits || (1..=4).contains(&group.len()));
        if group.is_empty()
            || !fits
            || rest[word.len()..].starts_with(['=', ':', '_', '('])
            || all + count(group) > max
        {
            return end;
        }
        all += count(group);
        at += 1 + group.len();
        if group.len() < word.len() && all < min {
            return end;
        }
    }
    at
}

/// Where the groups of a code end that has no more than `max` letters and digits; its first group is always of it.
pub(super) fn without_more(text: &str, (start, end): (usize, usize), max: usize) -> usize {
    let count = |part: &str| part.bytes().filter(u8::is_ascii_alphanumeric).count();
    let mut value = &text[start..end];
    while count(value) > max
        && let Some((head, _)) = value.rsplit_once(' ')
    {
        value = head.trim_end();
    }
    start + value.len()
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
        if !(code || first_token) || word.starts_with("HTTP/") {
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
