//! Whether a labelled value that does not look like the others of its kind can be one all the same: behind a
//! label that nobody mistakes (`employee id`, `passport number`, a quoted key) any look will do, unless it is a
//! word of the sentence, a state, or a name of the program. Knows no labels.

use crate::fold;
use crate::hashed::HashBuilder;
use crate::names::is_ordinary;
use std::collections::HashSet;
use std::sync::OnceLock;

/// What stands behind a label when its value does not: states, small words, other fields, types.
const NO_VALUES: &str = "
    a an and are as at be both by can cannot could did does do for from had has have here i if in into is it its
    may must not of off on only or our should shall than that the their then there these this those to was we were
    what when where which who whose will with without you your
    absent active added allowed already any assigned available blank cancelled changed checked checking confirmed
    copied correct created default deleted deprecated different disabled display displayed done duplicate
    duplicated each edit enabled enter entered error every exists expired failed failing field filtered first
    fixed format found generated given got hidden hide home ignored inactive incomplete incorrect invalid last
    loaded local locked lookup lost mandatory mapped masked match matched matches matching mismatch missing
    mobile more multiple needed new none ok old omitted open optional other passed pending please present private
    processed processing provided random read readonly received redacted rejected removed required reset same
    saved search see select selected sent set shown skip skipped some sorted started stopped string submitted
    success supplied test text type unavailable unchanged unique unset unspecified unverified updated updating
    use used using valid validated value values verified waiting work wrong office fax home extension
    account address city code column country data date department description email employee entity enum file
    first id identifier int integer item job key label last length list location manager max min model name
    number object org organization param parameter passport person phone position record reference result role
    row schema source status system table title token user username uuid varchar version worker
    abgelaufen aktiv anzeigen bitte das der die eingeben ein eine falsch fehlend fehler fehlt gefunden gesperrt
    ist keine kein leer neu nicht nur oder pflichtfeld siehe und unbekannt ungueltig ungultig vorhanden wird wurde
    absente absent actif avec ce cette dans des du en est et expire inconnu invalide introuvable la le les
    manquant manquante non obligatoire ou pas requis saisir sans un une valide vide voir
    activo caducado campo con de del desconocido el en es esta falta incorrecto introduzca no obligatorio o
    para por requerido sin su una vacio valido y
";

/// Whether a label of one word is as telling as one of several: `Mitarbeiternummer`.
pub(super) fn is_compound(label: &str) -> bool {
    label.len() >= 12 && (label.ends_with("nummer") || label.ends_with("kennung"))
}

/// Whether the value at `start..end` of `text`, not quoted, can be one whatever its look. `words`: whether its
/// label is written as words (`Employee ID`), not as a name of a program (`employeeId`).
pub(super) fn any_look(text: &str, (start, end): (usize, usize), words: bool, spaced_equals: bool) -> bool {
    let value = &text[start..end];
    let first = value.split(' ').next().unwrap_or(value);
    let first = first.trim_end_matches([',', '.', ':', ';', '!', '?']);
    let plain = value.starts_with(char::is_alphanumeric)
        && !value.ends_with([':', '?'])
        && !text[end..].starts_with([':', '(', '[', '=']);
    let short_number = !words && first.len() < 3 && first.bytes().all(|b| b.is_ascii_digit());
    let named = first.contains(char::is_alphabetic) && !words && is_program_name(first, spaced_equals);
    let long = first.chars().count() > 1 || words && first.starts_with(|c: char| c.is_ascii_digit());
    plain && long && !short_number && !named && !is_no_value(first)
}

/// Whether a word says that there is no value, or is the next word of a sentence: `pending`, `required`.
pub(crate) fn is_no_value(word: &str) -> bool {
    static WORDS: OnceLock<HashSet<&str, HashBuilder>> = OnceLock::new();
    if word.len() > 2 * NO_VALUE_BYTES_MAX || word.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let words = WORDS.get_or_init(|| no_values().collect());
    let word = fold(word);
    let parts = word.split(['_', '-']).filter(|part| !part.is_empty());
    word.len() <= NO_VALUE_BYTES_MAX
        && parts.clone().count() <= 2
        && parts.clone().all(|part| words.contains(part))
}

/// Bytes of the longest of these words, folded; unfolded a letter may take twice as many.
const NO_VALUE_BYTES_MAX: usize = 16;

fn no_values() -> impl Iterator<Item = &'static str> {
    NO_VALUES.split_ascii_whitespace()
}

/// `row.id`, `ItemId`, `emp_id`; and any name behind ` = `.
fn is_program_name(word: &str, spaced_equals: bool) -> bool {
    let digits = word.bytes().any(|b| b.is_ascii_digit());
    let dotted = word.contains('.') && !word.contains('@') && !digits;
    let humps = word.as_bytes().windows(2).any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
    let typed = ["_id", "Id", "_number", "Number", "_no"].iter().any(|end| word.ends_with(end));
    let lower = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    dotted || humps || typed || (spaced_equals && (lower || !digits))
}

/// Whether the value at `start..end` is the first word of a sentence: `username: Unicode text of the user`.
pub(super) fn is_sentence(text: &str, (start, end): (usize, usize)) -> bool {
    let value = &text[start..end];
    let mut behind = text[end..].chars();
    let goes_on = behind.next() == Some(' ') && behind.next().is_some_and(|c| c.is_ascii_lowercase());
    goes_on
        && value
            .split('-')
            .all(|word| word.len() > 1 && word.chars().all(char::is_alphabetic) && is_ordinary(word))
}

/// Whether a value is the name of a type: `ItemId`, `ZipFile`.
pub(super) fn is_type_name(value: &str) -> bool {
    const ENDS: [&str; 21] = [
        "Ref", "Id", "Type", "File", "Key", "Map", "List", "String", "Str", "Name", "Info", "Path", "Option",
        "Error", "Address", "Addr", "Value", "Code", "Number", "Date", "Config",
    ];
    let letters = value.bytes().all(|b| b.is_ascii_alphabetic());
    letters
        && ENDS.iter().any(|end| {
            value.strip_suffix(end).is_some_and(|head| head.ends_with(|c: char| c.is_ascii_lowercase()))
        })
}

/// Whether a value is of small letters only, and of marks that join them.
pub(super) fn is_small_word(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'))
}

/// Whether the value of a form's line is an expression of a program: `(a`, `p.split('=', 1)`, `addr`.
pub(super) fn is_expression(value: &str, spaced_equals: bool) -> bool {
    let bare = value.trim_end_matches([',', ';']);
    let lower = bare.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let word = &bare[..bare.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(bare.len())];
    let names = bare.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b',' | b' '));
    let called =
        bare.as_bytes().windows(2).any(|w| (w[0].is_ascii_lowercase() || w[0] == b'_') && w[1] == b'(');
    bare.starts_with(['(', '/', '[', '{'])
        || (is_type_name(word) && bare[word.len()..].starts_with([')', ',', '>']))
        || (spaced_equals && (names || called))
        || matches!(bare, "addr" | "address" | "ip" | "zip" | "zipfile" | "amd64" | "arm64" | "all" | "str")
        || (spaced_equals && lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, words: bool, expected: bool) {
        assert_eq!(any_look(value, (0, value.len()), words, false), expected, "{value} {words}");
    }

    #[test]
    fn any_look_will_do_but_that_of_prose_and_programs() {
        for value in ["jdoe", "ABC", "A1", "j.doe", "Xy-Z"] {
            check(value, true, true);
        }
        for value in ["missing", "Required", "is", "not_found", "fehlt", "this", "(none)", "Name:"] {
            check(value, true, false);
        }
        check("12", true, true);
        check("12", false, false);
        check("jdoe", false, true);
        for value in ["ItemId", "row.id", "emp_id", "workerKey"] {
            check(value, false, false);
        }
    }

    #[test]
    fn an_assignment_of_a_variable_is_none() {
        assert!(!any_look("current", (0, 7), false, true));
        assert!(any_look("current9", (0, 8), false, true));
    }
}
