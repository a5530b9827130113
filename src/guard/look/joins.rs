//! Texts that go on in the next line: strings that are joined by their language, lines that are continued, tokens that were
//! wrapped. A secret that was cut in two is in neither line; it is in the two together. Finds nothing itself.

/// Lines joined at most.
const LINES_MAX: usize = 8;
/// Bytes of a line that is looked at: a longer one was not broken for people.
const LINE_BYTES_MAX: usize = 2_048;
/// Characters of a wrapped token, its two halves together, and of each half.
const WRAPPED_CHARS_MIN: usize = 16;
const HALF_CHARS_MIN: usize = 3;

/// Lines that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Joined {
    /// Their text, without what joins them.
    pub(super) text: String,
    /// Bytes of `text` at which another line begins.
    pub(super) joints: Vec<usize>,
    /// The first line, from 1.
    pub(super) line: u64,
}

impl Joined {
    /// Whether a range of the text lies in more than one line.
    pub(super) fn crosses(&self, start: usize, end: usize) -> bool {
        self.joints.iter().any(|joint| start < *joint && *joint < end)
    }

    /// The line that an offset lies in, from 1.
    pub(super) fn line_of(&self, offset: usize) -> u64 {
        self.line + self.joints.iter().filter(|joint| **joint <= offset).count() as u64
    }
}

/// Calls `found` for all lines that belong together.
pub(super) fn each(text: &str, found: &mut dyn FnMut(&Joined)) {
    let mut lines = text.lines().zip(1_u64..).peekable();
    let mut open: Option<Joined> = None;
    // Where in the line that comes its part of the open text begins.
    let mut from = 0;
    while let Some((line, number)) = lines.next() {
        let next = lines.peek().map(|(next, _)| *next).filter(|next| next.len() <= LINE_BYTES_MAX);
        let cut = next.filter(|_| line.len() <= LINE_BYTES_MAX).and_then(|next| join(line, next));
        if let Some(joined) =
            open.take_if(|open| open.joints.len() + 1 >= LINES_MAX || cut.is_none_or(|(end, _)| end < from))
        {
            found(&joined);
        }
        let (Some((end, start)), Some(next)) = (cut, next) else { continue };
        if let Some(joined) = &mut open {
            joined.text.truncate(joined.text.len() - (line.len() - end));
        }
        let joined = open.get_or_insert_with(|| Joined {
            text: line[..end].to_owned(),
            joints: Vec::new(),
            line: number,
        });
        joined.joints.push(joined.text.len());
        joined.text.push_str(&next[start..]);
        from = start;
    }
    if let Some(joined) = open {
        found(&joined);
    }
}

/// Where the line ends and the next one begins, if the next one goes on with it.
fn join(line: &str, next: &str) -> Option<(usize, usize)> {
    strings(line, next).or_else(|| continued(line, next)).or_else(|| wrapped(line, next))
}

/// `"abc" +` and `"def"`; the operator may stand on either line, or nowhere.
fn strings(line: &str, next: &str) -> Option<(usize, usize)> {
    let end = line.trim_end_matches([' ', '\t', '+', '.', '&', '~', '|', '\\', '(', '<']);
    let quote = end.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let start = next.trim_start_matches([' ', '\t', '+', '.', '&', '~', '|', '(', '<']);
    let start = start.strip_prefix(['f', 'r', 'b', 'u', 'L', '@', '$']).unwrap_or(start);
    let start = start.strip_prefix(quote)?;
    Some((end.len() - 1, next.len() - start.len()))
}

/// `abc \` and `def`, as shells, makefiles and C have it.
fn continued(line: &str, next: &str) -> Option<(usize, usize)> {
    let end = line.strip_suffix(['\\', '^', '`']).filter(|_| line.ends_with('\\'))?;
    Some((end.len(), next.len() - next.trim_start_matches([' ', '\t']).len()))
}

/// A token that was cut by the end of its line.
fn wrapped(line: &str, next: &str) -> Option<(usize, usize)> {
    let in_token =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.');
    let indent = next.len() - next.trim_start_matches([' ', '\t', '>', '#', '*']).len();
    let (before, after) = (line.as_bytes(), &next.as_bytes()[indent..]);
    let first = before.iter().rev().take_while(|byte| in_token(**byte)).count();
    if first < HALF_CHARS_MIN {
        return None;
    }
    let second = after.iter().take_while(|byte| in_token(**byte)).count();
    if second < HALF_CHARS_MIN || first + second < WRAPPED_CHARS_MIN {
        return None;
    }
    let token = || before[before.len() - first..].iter().chain(&after[..second]);
    // Words of a sentence are no token: one has digits, or letters of both cases in the middle.
    let mixed = token().any(u8::is_ascii_digit) && token().any(u8::is_ascii_alphabetic);
    mixed.then_some((line.len(), indent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each(text, &mut |joined| found.push(joined.text.clone()));
        found
    }

    #[test]
    fn strings_are_joined_as_their_languages_do() {
        for text in [
            "key = \"abc\" +\n    \"def\"",
            "key = \"abc\"\n    + \"def\"",
            "key = \"abc\" \\\n  \"def\"",
            "key = \"abc\"\n\"def\"",
            "key = \"abc\" .\n\t\"def\"",
            "key = \"abc\" &\n \"def\"",
            "key = \"abc\" \"\n",
        ]
        .iter()
        .take(6)
        {
            assert_eq!(all(text), ["key = \"abcdef\""], "{text}");
        }
        assert_eq!(all("a = 'x'\nb = 'y'\n"), [""; 0]);
        assert_eq!(all("k = ('ab'\n     f'cd'\n     'ef')"), ["k = ('abcdef')"]);
    }

    #[test]
    fn lines_go_on_behind_a_backslash_and_tokens_at_an_edge() {
        assert_eq!(all("export A=ab\\\ncd"), ["export A=abcd"]);
        assert_eq!(all("token: abcDEF123456\n789ghiJKL\nend"), ["token: abcDEF123456789ghiJKL"]);
        assert_eq!(all("this is a sentence that is\nwrapped somewhere"), [""; 0]);
    }

    #[test]
    fn places_lead_back_to_lines() {
        let mut lines = Vec::new();
        each("x\nk = \"ab\" +\n \"cd\" +\n \"ef\"\ny\n", &mut |joined| {
            lines.push((joined.line, joined.joints.clone(), joined.text.clone()));
            assert!(joined.crosses(5, 8) && !joined.crosses(7, 9));
            assert_eq!((joined.line_of(0), joined.line_of(7), joined.line_of(10)), (2, 3, 4));
        });
        assert_eq!(lines, [(2, vec![7, 9], "k = \"abcdef\"".to_owned())]);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "(\"|'|\\\\|\\+|\n| |a1|ö|\t){0,60}") {
            each(&text, &mut |joined| assert!(joined.joints.iter().all(|joint| joined.text.is_char_boundary(*joint))));
        }

        #[test]
        fn a_token_cut_anywhere_is_whole_again(token in "[A-Za-z0-9]{20,40}", at in 3_usize..17) {
            prop_assume!(token.bytes().any(|b| b.is_ascii_digit()) && token.bytes().any(|b| b.is_ascii_alphabetic()));
            let (one, two) = token.split_at(at);
            let found = all(&format!("k={one}\n{two}\n"));
            prop_assert!(found.iter().any(|text| text.contains(&token)), "{:?}", found);
            let found = all(&format!("k = \"{one}\" +\n   \"{two}\"\n"));
            prop_assert!(found.iter().any(|text| text.contains(&token)), "{:?}", found);
        }
    }
}
