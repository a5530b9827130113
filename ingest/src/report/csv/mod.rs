//! Delimited reports: finds the header row and what separates the columns, then scans. How records are cut is
//! [`walk`]'s.

mod bits;
mod walk;

use self::walk::Walk;
use super::heading::names;
use super::rows::{Judge, RowWalk};
use super::table::{ReportTable, Rows, Source};
use super::{Typing, no_report};
use crate::encoding::utf8_view;
use crate::formats::csv::{Cut, Dialect, Field, SAMPLE_BYTES, cut, detect};
use custody_rules::{Reason, Refusal, Syntax};
use std::io::Read;
use std::sync::Arc;

/// The byte order mark.
const MARK: &str = "\u{feff}";

/// The one table of a delimited report.
///
/// # Errors
/// A [`Refusal`] of what is no table, and of what breaks the format.
pub(super) fn tables(source: Source, how: Typing) -> Result<Vec<ReportTable>, Refusal> {
    let (dialect, headings, first) = begin(&source)?;
    let layout = Layout { width: headings.len(), dialect, first };
    let mut report = Report { source, layout, columns: (0..headings.len()).collect() };
    let mut judge = Judge::new(headings.len(), how.rows_max());
    let mut walk = report.open(&report.columns)?;
    let mut more = true;
    while more && !super::rows::RowSink::is_full(&judge) {
        more = walk.feed(&mut judge)?;
    }
    let counted = (how == Typing::Whole).then_some(judge.rows);
    // What has neither a heading nor a value is a delimiter too many at the end of each line.
    report
        .columns
        .retain(|&at| counted.is_none() || !headings[at].trim().is_empty() || judge.guesses[at].seen());
    let kept: Vec<&str> = report.columns.iter().map(|&at| headings[at].as_str()).collect();
    let columns: Vec<_> = names(kept.iter().copied())
        .into_iter()
        .zip(&report.columns)
        .map(|(name, &at)| (name, headings[at].clone(), judge.guesses[at]))
        .collect();
    let limits = report.source.limits;
    Ok(vec![ReportTable::new(String::new(), counted, &columns, (Arc::new(report), &limits))])
}

/// The dialect, the headings (as many as there are columns, empty where there is none) and the first record of values.
fn begin(source: &Source) -> Result<(Dialect, Vec<String>, u64), Refusal> {
    let mut bytes = Vec::new();
    let view = utf8_view(source.file()?, source.sniffed.encoding)?;
    view.take(SAMPLE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| crate::formats::tree::io_refusal(&error))?;
    let complete = bytes.len() <= SAMPLE_BYTES;
    bytes.truncate(SAMPLE_BYTES);
    let sample = match std::str::from_utf8(&bytes) {
        Ok(sample) => sample,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => {
            return Err(Refusal::new(Reason::InvalidEncoding, "bytes at its beginning that are not UTF-8"));
        }
    };
    let dialect = detect(sample, complete)
        .ok_or_else(|| no_report("its lines do not have the same columns, whatever separates them"))?;
    let text = sample.strip_prefix(MARK).unwrap_or(sample);
    let (mut fields, mut at, mut row) = (Vec::new(), 0, 0);
    let mut widths = Vec::new();
    while let Cut::Record(next) = cut(&text.as_bytes()[at..], dialect.delimiter, complete, &mut fields) {
        if Some(row) == dialect.header {
            let headings = fields.iter().map(|field| decoded(&text[at..], *field)).collect();
            return Ok((dialect, headings, row as u64 + 1));
        }
        widths.push(fields.len());
        at += next;
        row += 1;
        if at >= text.len() {
            break;
        }
    }
    let width = widths.into_iter().max().unwrap_or(0);
    // A first line `sep=;` is Excel's and no record.
    let declared = text.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("sep="));
    Ok((dialect, vec![String::new(); width], u64::from(declared)))
}

fn decoded(text: &str, field: Field) -> String {
    let raw = &text[field.start..field.end];
    let syntax = if field.quoted { Syntax::CsvQuoted } else { Syntax::Plain };
    syntax.decode(raw).unwrap_or(raw.into()).into_owned()
}

/// How the records are laid out.
#[derive(Debug, Clone, Copy)]
struct Layout {
    dialect: Dialect,
    /// Columns of the file.
    width: usize,
    /// The first record of values, from 0.
    first: u64,
}

/// A delimited report's file and which of its columns the table has.
struct Report {
    source: Source,
    layout: Layout,
    columns: Vec<usize>,
}

impl Report {
    /// Slot `n` is the file's column `columns[n]`.
    fn open(&self, columns: &[usize]) -> Result<Walk, Refusal> {
        let view = utf8_view(self.source.file()?, self.source.sniffed.encoding)?;
        Ok(Walk::new(view, self.layout, columns, &self.source.limits))
    }
}

impl Rows for Report {
    fn walk(&self, wanted: &[usize]) -> Result<Box<dyn RowWalk>, Refusal> {
        let columns: Vec<usize> = wanted.iter().map(|&column| self.columns[column]).collect();
        Ok(Box::new(self.open(&columns)?))
    }
}

/// The rows of a text with three columns below one row of headings, cut by the fast path where it can be, or by the slow one
/// alone.
#[cfg(test)]
pub(super) fn rows_for_tests(text: &str, slow: bool) -> Result<Vec<Vec<String>>, Refusal> {
    let layout = Layout { dialect: Dialect { delimiter: b',', header: Some(0) }, width: 3, first: 1 };
    let columns: Vec<usize> = (0..layout.width).collect();
    let view = Box::new(std::io::Cursor::new(text.as_bytes().to_vec()));
    let mut walk = Walk::new(view, layout, &columns, &custody_rules::Limits::default());
    walk.only_slow(slow);
    let mut rows = Texts { rows: Vec::new(), row: vec![String::new(); layout.width] };
    while walk.feed(&mut rows)? {}
    Ok(rows.rows)
}

#[cfg(test)]
struct Texts {
    rows: Vec<Vec<String>>,
    row: Vec<String>,
}

#[cfg(test)]
impl super::rows::RowSink for Texts {
    fn value(&mut self, slot: usize, text: &str, _: bool) -> Result<(), super::rows::Misfit> {
        text.clone_into(&mut self.row[slot]);
        Ok(())
    }

    fn end_row(&mut self) {
        let empty = vec![String::new(); self.row.len()];
        self.rows.push(std::mem::replace(&mut self.row, empty));
    }

    fn is_full(&self) -> bool {
        false
    }
}
