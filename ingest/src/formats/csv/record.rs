//! Cuts one record of delimited text into fields with their byte spans. Knows nothing of headings or batches.

use memchr::{memchr, memchr2};

/// Fields of one record; more are no table but an attack on memory.
pub(crate) const FIELDS_MAX: usize = 65_536;

/// A field's bytes, from the beginning of the text the record was cut from; without quotes where `quoted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) quoted: bool,
}

/// What came of cutting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A record; the next one begins at this byte.
    Record(usize),
    /// More text is needed.
    More,
    /// The text ends inside quotes that were opened before this byte.
    OpenQuote(usize),
    /// More than [`FIELDS_MAX`] fields.
    TooMany,
}

/// How a field ended.
enum End {
    Field(usize),
    Record(usize),
    More,
    OpenQuote(usize),
}

/// Cuts the record at the beginning of `text` into `fields`. Quotes count only at a field's very beginning;
/// a field with text behind its closing quote is taken as it stands, quotes included.
pub(crate) fn cut(text: &[u8], delimiter: u8, ended: bool, fields: &mut Vec<Field>) -> Cut {
    fields.clear();
    let mut at = 0;
    loop {
        if fields.len() == FIELDS_MAX {
            return Cut::TooMany;
        }
        let end = match text.get(at) {
            Some(b'"') => quoted(text, at, delimiter, ended, fields),
            _ => plain(text, (at, at), delimiter, ended, fields),
        };
        match end {
            End::Field(next) => at = next,
            End::Record(next) => return Cut::Record(next),
            End::More => return Cut::More,
            End::OpenQuote(start) => return Cut::OpenQuote(start),
        }
    }
}

/// A field without quotes that begins at `start` and whose end is searched from `from` on.
fn plain(
    text: &[u8],
    (start, from): (usize, usize),
    delimiter: u8,
    ended: bool,
    fields: &mut Vec<Field>,
) -> End {
    let mut push = |end| fields.push(Field { start, end, quoted: false });
    match memchr2(delimiter, b'\n', &text[from..]).map(|i| from + i) {
        Some(at) if text[at] == delimiter => {
            push(at);
            End::Field(at + 1)
        }
        Some(at) => {
            push(if at > start && text[at - 1] == b'\r' { at - 1 } else { at });
            End::Record(at + 1)
        }
        None if ended => {
            push(text.len());
            End::Record(text.len())
        }
        None => End::More,
    }
}

/// A field whose opening quote is at `open`.
fn quoted(text: &[u8], open: usize, delimiter: u8, ended: bool, fields: &mut Vec<Field>) -> End {
    let start = open + 1;
    let mut from = start;
    let close = loop {
        let Some(at) = memchr(b'"', &text[from..]).map(|i| from + i) else {
            return if ended { End::OpenQuote(open) } else { End::More };
        };
        match text.get(at + 1) {
            Some(b'"') => from = at + 2,
            None if !ended => return End::More,
            _ => break at,
        }
    };
    let field = Field { start, end: close, quoted: true };
    let after = close + 1;
    match (text.get(after), text.get(after + 1)) {
        (Some(b'\n'), _) => {
            fields.push(field);
            End::Record(after + 1)
        }
        (Some(b'\r'), Some(b'\n')) => {
            fields.push(field);
            End::Record(after + 2)
        }
        (Some(b'\r'), None) if !ended => End::More,
        (Some(&byte), _) if byte == delimiter => {
            fields.push(field);
            End::Field(after + 1)
        }
        (None, _) => {
            fields.push(field);
            End::Record(after)
        }
        _ => plain(text, (open, after), delimiter, ended, fields),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut fields = Vec::new();
        let cut = cut(text.as_bytes(), b',', true, &mut fields);
        assert!(matches!(cut, Cut::Record(_)), "{text}: {cut:?}");
        let found: Vec<_> = fields.iter().map(|field| &text[field.start..field.end]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn fields() {
        check("a,b\nc", &["a", "b"]);
        check("a,,\r\n", &["a", "", ""]);
        check("\"a,\n\"\"b\",c", &["a,\n\"\"b", "c"]);
        check("\"\",\"\"\r\n", &["", ""]);
        check("a \"b\",c", &["a \"b\"", "c"]);
        check("\"a\"b,c", &["\"a\"b", "c"]);
        check("\"a\"\r", &["\"a\"\r"]);
        check("\n", &[""]);
    }

    #[test]
    fn an_open_end_asks_for_more() {
        let mut fields = Vec::new();
        for text in ["a,b", "\"a", "\"a\"", "\"a\"\r", ""] {
            assert_eq!(cut(text.as_bytes(), b',', false, &mut fields), Cut::More, "{text}");
        }
        assert_eq!(cut(b"a,\"b", b',', true, &mut fields), Cut::OpenQuote(2));
        assert_eq!(cut(&vec![b','; FIELDS_MAX], b',', true, &mut fields), Cut::TooMany);
    }
}
