//! Cuts a line into the cells of a row, and off what a logger writes before it. Knows no labels.

/// What parts the cells of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    /// `| Name | SSN |`, `│ Name │ SSN │`
    Framed,
    /// `Name | SSN`
    Bars,
    /// `Name⇥SSN`
    Tabs,
    /// `Name,SSN`
    Commas,
    /// `Name;SSN`
    Semicolons,
    /// Two blanks or more.
    Gaps,
}

/// Cells of a row at most; what comes behind is not looked at.
pub(super) const CELLS_MAX: usize = 256;
/// Bytes of what a logger writes before a line, one piece of it at most.
const PIECE_BYTES_MAX: usize = 80;

/// Half-open bytes of a cell without blanks and quotes around it.
pub(super) type Cell = (usize, usize);

/// Cuts `line` from byte `from` on into cells.
pub(super) fn split(line: &str, from: usize, ruling: Ruling, out: &mut Vec<Cell>) {
    out.clear();
    match ruling {
        Ruling::Framed => bars(line, from, true, out),
        Ruling::Bars => bars(line, from, false, out),
        Ruling::Tabs => separated(line, from, b'\t', out),
        Ruling::Commas => separated(line, from, b',', out),
        Ruling::Semicolons => separated(line, from, b';', out),
        Ruling::Gaps => gaps(line, from, out),
    }
}

/// Whether a character is the side of a cell.
pub(super) fn is_bar(c: char) -> bool {
    matches!(c, '|' | '│' | '┃' | '║')
}

fn bars(line: &str, from: usize, framed: bool, out: &mut Vec<Cell>) {
    let mut start = from;
    for (at, bar) in line[from..].match_indices(is_bar) {
        let at = from + at;
        if line[..at].ends_with('\\') {
            continue;
        }
        if out.len() == CELLS_MAX {
            return;
        }
        out.push(trimmed(line, (start, at)));
        start = at + bar.len();
    }
    if framed && !out.is_empty() {
        out.remove(0);
    }
    if !framed || !line[start..].trim().is_empty() {
        out.push(trimmed(line, (start, line.len())));
    }
}

/// Cells in quotes may hold the separator; two quotes are one.
fn separated(line: &str, from: usize, separator: u8, out: &mut Vec<Cell>) {
    let bytes = line.as_bytes();
    let (mut start, mut at, mut quoted) = (from, from, false);
    while at < bytes.len() {
        if bytes[at] == b'"' && (quoted || line[start..at].trim().is_empty()) {
            quoted = !quoted;
        } else if bytes[at] == separator && !quoted {
            if out.len() == CELLS_MAX {
                return;
            }
            out.push(unquoted(line, trimmed(line, (start, at))));
            start = at + 1;
        }
        at += 1;
    }
    out.push(unquoted(line, trimmed(line, (start, line.len()))));
}

fn unquoted(line: &str, (start, end): Cell) -> Cell {
    let whole = end - start >= 2 && line[start..end].starts_with('"') && line[start..end].ends_with('"');
    if whole { trimmed(line, (start + 1, end - 1)) } else { (start, end) }
}

fn gaps(line: &str, from: usize, out: &mut Vec<Cell>) {
    let (mut start, mut blanks, mut end) = (None, 0, from);
    for (at, c) in line[from..].char_indices() {
        let at = from + at;
        if c == ' ' || c == '\t' {
            blanks += if c == '\t' { 2 } else { 1 };
            continue;
        }
        if let Some(open) = start.filter(|_| blanks > 1) {
            if out.len() == CELLS_MAX {
                return;
            }
            out.push((open, end));
            start = None;
        }
        start = start.or(Some(at));
        (blanks, end) = (0, at + c.len_utf8());
    }
    out.extend(start.map(|start| (start, end)));
}

/// The cell without blanks around it.
pub(super) fn trimmed(line: &str, (start, end): Cell) -> Cell {
    let value = &line[start..end];
    let start = start + (value.len() - value.trim_start().len());
    (start, start + value.trim().len())
}

/// Whether a line is drawn between the rows of a table: `+----+`, `|:---|---:|`, `├───┤`, `----  ----`.
pub(super) fn is_rule(line: &str) -> bool {
    let mut dashes = 0;
    for c in line.chars() {
        match c {
            '-' | '=' | '─' | '━' | '═' => dashes += 1,
            ' ' | '\t' | '+' | ':' | '\u{2500}'..='\u{257f}' => {}
            c if is_bar(c) => {}
            _ => return false,
        }
    }
    dashes >= 3
}

/// Where a line begins behind what a logger writes before it: time, level, thread, name of the logger. 0 where
/// there is no such thing.
pub(super) fn body_start(line: &str) -> usize {
    let mut at = 0;
    for _ in 0..8 {
        let (start, token) = token_at(line, at);
        let closed = if token.starts_with('[') { line[start..].find(']') } else { None };
        let end = match closed.filter(|&end| end < PIECE_BYTES_MAX) {
            Some(end) => start + end + 1,
            None if is_time(token) || is_level(token) => start + token.len(),
            // `… | INFO | …`, `… --- [main] …`
            None if at > 0 && matches!(token, "|" | "-" | "---") => {
                let (next, token) = token_at(line, start + token.len());
                if !(is_level(token) || line[next..].starts_with('[')) {
                    break;
                }
                next
            }
            None => break,
        };
        at = end;
    }
    if at == 0 {
        return 0;
    }
    let rest = &line[at..];
    let near = &rest[..rest.floor_char_boundary(PIECE_BYTES_MAX)];
    // `c.e.Report - `, `report: `, `c.e.Report : `
    for mark in [" - ", " : ", ": "] {
        if let Some(found) = near.find(mark).filter(|&found| is_logger(near[..found].trim())) {
            at += found + mark.len();
            break;
        }
    }
    line.len() - line[at..].trim_start_matches(' ').len()
}

/// The next run of other than blanks, and where it starts.
fn token_at(line: &str, at: usize) -> (usize, &str) {
    let rest = line[at..].trim_start_matches(' ');
    (line.len() - rest.len(), &rest[..rest.find(' ').unwrap_or(rest.len())])
}

fn is_logger(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'$' | b':' | b'/'))
}

/// `2024-01-31T12:00:00.000Z`, `12:00:00,000`, `2024/01/31`
fn is_time(token: &str) -> bool {
    let marks = token.bytes().filter(|b| matches!(b, b'-' | b':' | b'/')).count();
    marks >= 2
        && token.starts_with(|c: char| c.is_ascii_digit())
        && token.bytes().all(|b| {
            b.is_ascii_digit() || matches!(b, b'-' | b':' | b'/' | b'.' | b',' | b'T' | b'Z' | b'+' | b'|')
        })
}

fn is_level(token: &str) -> bool {
    let word = token.trim_matches([':', '|', '[', ']', '(', ')']);
    matches!(
        word,
        "INFO"
            | "DEBUG"
            | "WARN"
            | "WARNING"
            | "ERROR"
            | "TRACE"
            | "FATAL"
            | "NOTICE"
            | "info"
            | "debug"
            | "warn"
            | "error"
            | "trace"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, ruling: Ruling, expected: &[&str]) {
        let mut cells = Vec::new();
        split(line, 0, ruling, &mut cells);
        let found: Vec<&str> = cells.iter().map(|&(start, end)| &line[start..end]).collect();
        assert_eq!(found, expected, "{line:?}");
    }

    #[test]
    fn lines_are_cut_where_their_cells_end() {
        check("| Name | SSN |", Ruling::Framed, &["Name", "SSN"]);
        check("│ Name │ │", Ruling::Framed, &["Name", ""]);
        check("| a \\| b | c", Ruling::Framed, &["a \\| b", "c"]);
        check(" Name | SSN", Ruling::Bars, &["Name", "SSN"]);
        check("a,\"Doe, Jane\", b", Ruling::Commas, &["a", "Doe, Jane", "b"]);
        check("a;;b", Ruling::Semicolons, &["a", "", "b"]);
        check("Jane Doe   4711  ok", Ruling::Gaps, &["Jane Doe", "4711", "ok"]);
        check("a\tb c\t", Ruling::Tabs, &["a", "b c", ""]);
    }

    #[test]
    fn rules_are_told_from_rows() {
        for line in ["+----+---+", "|:---|---:|", "├───┼───┤", "-----  ----", "===  ==="] {
            assert!(is_rule(line), "{line}");
        }
        for line in ["| a | b |", "", "--", "- item"] {
            assert!(!is_rule(line), "{line}");
        }
    }

    #[test]
    fn what_a_logger_writes_is_skipped() {
        for (line, body) in [
            ("2024-01-31T12:00:00Z INFO Name,SSN", "Name,SSN"),
            ("12:00:00.000 [main] DEBUG c.e.Report - Name,SSN", "Name,SSN"),
            ("2024-01-31 12:00:00,000 INFO  report: | Name |", "| Name |"),
            ("[INFO] Name  SSN", "Name  SSN"),
            ("Name,SSN", "Name,SSN"),
            ("4711,Jane Doe", "4711,Jane Doe"),
        ] {
            assert_eq!(&line[body_start(line)..], body);
        }
    }
}
