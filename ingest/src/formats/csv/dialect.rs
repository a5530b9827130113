//! Finds out whether a text is a table, what separates its columns, and which row holds the headings.
//! Prose and logs with commas are no tables: nearly every record has to have the same number of fields.

use super::heading::{looks_like_data, may_be_header, names_field, vocabulary};
use super::record::{Cut, Field, cut};
use crate::formats::lines::read_stamp;

/// Bytes of the view that are looked at.
pub(crate) const SAMPLE_BYTES: usize = 256 << 10;
/// Rows above which the header row has to be.
const HEADER_ROWS: usize = 30;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const MARK: &str = "\u{feff}";

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// What separates the fields.
    pub(crate) delimiter: u8,
    /// The row of the headings, from 0; `None` where every row is data.
    pub(crate) header: Option<usize>,
}

/// The records of a sample as one delimiter cuts them, without the last one where the sample cuts it.
struct Table<'a> {
    /// With each record's number: blank lines count but are left out.
    rows: Vec<(usize, Vec<&'a str>)>,
    quoted: usize,
}

/// Looks at the beginning of a text; `complete` says that it is all of it. `None`: no table.
pub(crate) fn detect(sample: &str, complete: bool) -> Option<Dialect> {
    let text = sample.strip_prefix(MARK).unwrap_or(sample);
    if let Some(delimiter) = declared(text) {
        let table = Table::read(text, delimiter, complete);
        return Some(Dialect { delimiter, header: header(&table, table.columns()) });
    }
    let judged = DELIMITERS.iter().filter_map(|&delimiter| judge(text, delimiter, complete));
    judged.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, dialect)| dialect)
}

/// The dialect for a text that is read as a table in any case: one that has been told to be one.
pub(crate) fn detect_or_assume(sample: &str, complete: bool) -> Dialect {
    let count = |delimiter: &u8| memchr::memchr_iter(*delimiter, sample.as_bytes()).count();
    let assumed = || DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',');
    detect(sample, complete).unwrap_or_else(|| Dialect { delimiter: assumed(), header: None })
}

/// The delimiter that a first line `sep=;` declares to Excel.
fn declared(text: &str) -> Option<u8> {
    let line = text.lines().next()?;
    match line.as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] if DELIMITERS.contains(delimiter) => {
            Some(*delimiter)
        }
        _ => None,
    }
}

impl<'a> Table<'a> {
    fn read(text: &'a str, delimiter: u8, complete: bool) -> Self {
        let (mut table, mut fields): (_, Vec<Field>) = (Self { rows: Vec::new(), quoted: 0 }, Vec::new());
        let (mut at, mut number) = (0, 0);
        while at < text.len() {
            let rest = &text[at..];
            let Cut::Record(next) = cut(rest.as_bytes(), delimiter, complete, &mut fields) else { break };
            let row: Vec<&str> = fields.iter().map(|field| &rest[field.start..field.end]).collect();
            table.quoted += usize::from(fields.iter().any(|field| field.quoted));
            if row.len() > 1 || !row[0].trim().is_empty() {
                table.rows.push((number, row));
            }
            number += 1;
            at += next;
        }
        table
    }

    /// The number of fields most records have; the larger one of two.
    fn columns(&self) -> usize {
        let mut counts: Vec<usize> = self.rows.iter().map(|(_, row)| row.len()).collect();
        counts.sort_unstable();
        let runs = counts.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0]));
        runs.max().map_or(0, |(_, columns)| columns)
    }
}

/// What a delimiter makes of the text: how well it fits, and the dialect.
fn judge(text: &str, delimiter: u8, complete: bool) -> Option<((bool, usize), Dialect)> {
    let table = Table::read(text, delimiter, complete);
    let columns = table.columns();
    if columns < 2 {
        return None;
    }
    let header = header(&table, columns);
    let first = match header {
        Some(number) => table.rows.iter().position(|(row, _)| *row == number)?,
        None => table.rows.iter().position(|(_, row)| row.len() == columns)?,
    };
    let body = &table.rows[first..];
    let fitting = body.iter().filter(|(_, row)| row.len() == columns).count();
    let known = header.map_or(0.0, |_| vocabulary(&body[0].1));
    // Some exports leave out empty cells at the end of a row: known headings make up for that.
    let share = if known > 0.5 { 6 } else { 9 };
    if fitting < 2 || fitting * 10 < body.len() * share || is_log(body, delimiter) {
        return None;
    }
    if known < 0.01 && delimiter == b',' && is_prose(body) {
        return None;
    }
    let sure = header.is_some() || is_table_without_header(body, columns, table.quoted);
    sure.then_some(((header.is_some(), fitting * columns), Dialect { delimiter, header }))
}

/// The number of the header row: the first candidate among the first rows, unless full rows of data stand
/// above it or a later one holds far better known words.
fn header(table: &Table<'_>, columns: usize) -> Option<usize> {
    let mut first = None;
    let mut data_above = false;
    for (at, (number, row)) in
        table.rows.iter().enumerate().take_while(|(_, (number, _))| *number < HEADER_ROWS)
    {
        if may_be_header(row, columns) {
            let known = vocabulary(row);
            let contrast = has_contrast(&table.rows[at + 1..], columns);
            match first {
                None if known > 0.5
                    || (contrast || names_columns(row, &table.rows[at + 1..])) && !data_above =>
                {
                    first = Some((*number, known));
                }
                Some((_, 0.0)) if known > 0.5 => return Some(*number),
                _ => {}
            }
        }
        let full = row.len() == columns && row.iter().all(|cell| !cell.trim().is_empty());
        data_above |= full && row.iter().any(|cell| looks_like_data(cell));
    }
    first.map(|(number, _)| number)
}

/// Whether a cell names the column below it, and does not stand in it again.
fn names_columns(row: &[&str], below: &[(usize, Vec<&str>)]) -> bool {
    let again = |column: usize, cell: &str| {
        below.iter().any(|(_, row)| row.get(column).is_some_and(|other| other.eq_ignore_ascii_case(cell)))
    };
    row.iter().enumerate().any(|(column, cell)| names_field(cell) && !again(column, cell))
}

/// Whether some column below is mostly values that no heading looks like.
fn has_contrast(below: &[(usize, Vec<&str>)], columns: usize) -> bool {
    (0..columns).any(|column| {
        let cells =
            below.iter().filter_map(|(_, row)| row.get(column)).filter(|cell| !cell.trim().is_empty());
        let (data, all) =
            cells.fold((0, 0), |(data, all), cell| (data + usize::from(looks_like_data(cell)), all + 1));
        data > 0 && data * 10 >= all * 6
    })
}

/// Whether records are log lines: a timestamp or level with words behind it in the first field, or a
/// timestamp cut at the comma before its milliseconds.
fn is_log(body: &[(usize, Vec<&str>)], delimiter: u8) -> bool {
    let cut_time = |row: &[&str]| {
        let ends = row[0].as_bytes();
        let time = ends.len() >= 8 && ends[ends.len() - 3] == b':' && ends[ends.len() - 6] == b':';
        let rest = row.get(1).map_or(&b""[..], |cell| cell.as_bytes());
        delimiter == b',' && time && rest.len() > 3 && rest[..3].iter().all(u8::is_ascii_digit)
    };
    let line = |row: &[&str]| {
        let stamp = read_stamp(row[0]);
        (stamp.timestamp_ms.is_some() || stamp.level.is_some()) && row[0].split_whitespace().nth(3).is_some()
    };
    let logs = body.iter().filter(|(_, row)| cut_time(row) || line(row)).count();
    logs * 2 >= body.len()
}

/// Whether commas are followed by spaces, as in sentences.
fn is_prose(body: &[(usize, Vec<&str>)]) -> bool {
    let cells = body.iter().flat_map(|(_, row)| &row[1..]).filter(|cell| !cell.is_empty());
    let (spaced, all) =
        cells.fold((0, 0), |(spaced, all), cell| (spaced + usize::from(cell.starts_with(' ')), all + 1));
    spaced * 2 >= all
}

/// Whether rows without headings are a table all the same: several columns that are no `key=value` pairs,
/// no drawn frame and do not begin with a timestamp; two columns only where they are quoted.
fn is_table_without_header(body: &[(usize, Vec<&str>)], columns: usize, quoted: usize) -> bool {
    let most =
        |is: &dyn Fn(&[&str]) -> bool| body.iter().filter(|(_, row)| is(row)).count() * 2 >= body.len();
    let stamped = most(&|row| read_stamp(row[0]).timestamp_ms.is_some());
    let framed = most(&|row| row[0].is_empty() && row[row.len() - 1].trim().is_empty());
    let pairs = most(&|row| {
        row.iter().filter(|cell| cell.contains('=') || cell.contains(": ")).count() * 2 > row.len()
    });
    (columns > 2 || quoted * 2 >= body.len()) && !stamped && !framed && !pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(char, Option<usize>)>) {
        let found = detect(text, true).map(|dialect| (dialect.delimiter as char, dialect.header));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn tables() {
        check("id,name\n1,Ann\n2,Bob\n", Some((',', Some(0))));
        check("\u{feff}Name;Gehalt\nAnn;1.000,50\nBob;2.000,10\n", Some((';', Some(0))));
        check("a\tb\tc\n1\t2\t3\n4\t5\t6", Some(('\t', Some(0))));
        check("Worker|ID\nAnn|007\n", Some(('|', Some(0))));
        check("name,note\nAnn,\"x\ny, z\"\nBob,\"\"\n", Some((',', Some(0))));
        check(
            "Project,Manager,Status\nApollo,Brannoc Tewfik,Open\nZeus,Ysolde Wetherbeet,Closed\n",
            Some((',', Some(0))),
        );
        check("Ref,First Name,Dept\nR0,Brannoc,North\nR1,Ysolde,South\n", Some((',', Some(0))));
        check("Abteilung;Nachname;Standort\nNord;Quist;Ulm\nSüd;Tewfik;Bonn\n", Some((';', Some(0))));
        check("Ref\tDiagnosis\tTown\nR0\tflu\tUlm\nR1\tcold\tBonn\n", Some(('\t', Some(0))));
        check(
            "Vorname,Religion,Gewerkschaft\nBrannoc,Hindu,UAW\nTamsin,Catholic,ver.di\n",
            Some((',', Some(0))),
        );
        check("Förnamn,Efternamn,Poäng\nAnna,Svensson,5\nBo,Ek,7\n", Some((',', Some(0))));
    }

    #[test]
    fn titles_and_prompts_stand_above_the_header() {
        check(
            "Payroll Report\nRun on,2026-11-23\n\nID,Name,Pay\n1,Ann,5\n2,Bob,6\n3,Cy,7\n",
            Some((',', Some(3))),
        );
        check("Report;;\nAs of;2026-11-23;\nID;Name;Pay\n1;Ann;5\n2;Bob;6\n", Some((';', Some(2))));
        check("sep=;\nName;Note\nAnn;a,b\nBob;c,d\n", Some((';', Some(1))));
    }

    #[test]
    fn a_table_without_headings() {
        check("1,Ann,ann@example.com\n2,Bob,bob@example.com\n", Some((',', None)));
        check("\"Ann\",\"Example\"\n\"Bob\",\"Sample\"\n", Some((',', None)));
        check("Anna,Svensson,Manager\nBo,Ek,Accountant\n", Some((',', None)));
        check("N/A,none,nil\n1,Ann,5\n2,Bob,6\n", Some((',', Some(0))));
        check("1,Ann,5\nnone,nil,void\n2,Bob,6\n", Some((',', None)));
    }

    #[test]
    fn prose_and_logs_are_no_tables() {
        check("Dear Ann, Bob, and Carl,\nplease, come, now, ok\n", None);
        check("Hello, world\nGoodbye, world\n", None);
        check("2026-11-23 20:41:58,123 INFO a\n2026-11-23 20:41:59,456 WARN b\n", None);
        check(
            "Starting, please wait\n2026-11-23 20:41:58,123 INFO a\n2026-11-23 20:41:59,456 WARN b\n",
            None,
        );
        check("2026-11-23 20:41:58 | INFO | a\n2026-11-23 20:41:58 | INFO | b\n", None);
        check("INFO user=1, action=2, ip=3\nINFO user=1, action=2, ip=3\n", None);
        check("Name\nAnn\nBob\n", None);
        check("id,name\n", None);
        check("| 1 | 2 |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n", None);
        check("", None);
    }

    #[test]
    fn a_sample_that_is_cut_leaves_out_its_last_record() {
        assert!(detect("id,name\n1,Ann\n2,\"B", false).is_some());
        assert!(detect("id,name\n1,A", false).is_none());
    }

    #[test]
    fn something_is_assumed_of_any_text() {
        assert_eq!(detect_or_assume("a;b;c", true), Dialect { delimiter: b';', header: None });
        assert_eq!(detect_or_assume("", true).delimiter, b',');
    }
}
