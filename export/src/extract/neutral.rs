//! Texts that a spreadsheet program would run (CWE-1236), made harmless.

use std::borrow::Cow;

/// What a formula begins with, in half and full width; what some programs drop before they look is among them.
const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// What programs skip before they look.
const SKIPPED: [char; 4] = [' ', '\u{a0}', '\u{3000}', '\u{feff}'];

/// The text with an apostrophe in front if it begins like a formula, and whether it does. Plain numbers do not.
pub(crate) fn neutral(text: &str) -> (Cow<'_, str>, bool) {
    if text.trim_start_matches(SKIPPED).starts_with(STARTS) && !is_number(text) {
        (Cow::Owned(format!("'{text}")), true)
    } else {
        (Cow::Borrowed(text), false)
    }
}

/// Whether a text is a plain decimal number: `-12.5`, `+3`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let (found, changed) = neutral(text);
        assert_eq!((found.as_ref(), changed), (expected, found.as_ref() != text));
    }

    #[test]
    fn what_would_run_gets_an_apostrophe() {
        check("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")");
        check("+1 415-555-0100", "'+1 415-555-0100");
        check("-2+3", "'-2+3");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check("\r=1", "'\r=1");
        check("  =1", "'  =1");
        check("\u{3000}＝1", "'\u{3000}＝1");
        check("\u{feff}=1", "'\u{feff}=1");
        check("－1", "'－1");
    }

    #[test]
    fn numbers_and_words_stay() {
        for text in ["-12.5", "+3", "", "plain", "a=b", "'=1", "O'Neil", "0012"] {
            check(text, text);
        }
    }
}
