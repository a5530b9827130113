//! How answers are written: to the screen, into a pipe, or into a new file. Rows leave this place masked.

use crate::cli::SqlFormat;
use crate::store::show::table;
use crate::terminal::{out, printable};
use anyhow::{Context as _, anyhow};
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use custody_export::csv_field;
use custody_export::eib::RowError;
use custody_export::extract::{ExtractFormat, write_extract};
use custody_export::tables::{Masks, TablesError, texts};
use std::collections::BTreeMap;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Characters of a cell that are shown in a table.
const CELL_CHARS_MAX: usize = 60;

/// The rows of an answer, and what is masked of them.
pub(super) struct Answer<'a> {
    /// A batch without rows that has its columns behind the masks.
    pub(super) columns: RecordBatch,
    /// Its rows as they are.
    pub(super) rows: &'a mut dyn Iterator<Item = Result<RecordBatch, TablesError>>,
    /// What is masked.
    pub(super) masks: &'a Masks,
}

impl Answer<'_> {
    /// The next rows, masked.
    fn next(&mut self) -> Result<Option<RecordBatch>, TablesError> {
        self.rows.next().map(|batch| self.masks.apply(&batch?)).transpose()
    }

    /// The columns' names; those that come again get a number behind.
    fn names(&self) -> Vec<String> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let schema = self.columns.schema();
        let names = schema.fields().iter().map(|field| {
            let times = seen.entry(field.name().clone()).or_default();
            *times += 1;
            if *times == 1 { field.name().clone() } else { format!("{} ({times})", field.name()) }
        });
        names.collect()
    }
}

/// Writes an answer, to a file if one is named, and says how many rows it has.
///
/// # Errors
/// What the query says, and a file that is there already or cannot be written.
pub(super) fn write(
    answer: Answer<'_>,
    format: SqlFormat,
    (output, limit_rows): (Option<&Path>, usize),
) -> anyhow::Result<u64> {
    let Some(path) = output else {
        return match format {
            SqlFormat::Table => {
                let (lines, rows) = drawn(answer, limit_rows)?;
                lines.iter().for_each(|line| out(line));
                Ok(rows)
            }
            _ => unless_closed(stream(answer, format, BufWriter::new(io::stdout().lock()))),
        };
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let shown = || path.display().to_string();
    let staged = tempfile::Builder::new().prefix(".custody-").tempfile_in(folder).with_context(shown)?;
    let rows = match format {
        SqlFormat::Parquet => parquet(answer, &staged)?,
        SqlFormat::Table => {
            let (lines, rows) = drawn(answer, limit_rows)?;
            let mut file = BufWriter::new(staged.as_file());
            lines.iter().try_for_each(|line| writeln!(file, "{line}"))?;
            file.flush()?;
            rows
        }
        _ => stream(answer, format, BufWriter::new(staged.as_file()))?,
    };
    staged.as_file().sync_all()?;
    staged.persist_noclobber(path).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => {
            anyhow!("{}: it is there already, and is not overwritten", path.display())
        }
        kind => anyhow!("{}: it cannot be written: {kind}", path.display()),
    })?;
    Ok(rows)
}

/// A reader that has seen enough is no error.
fn unless_closed(written: anyhow::Result<u64>) -> anyhow::Result<u64> {
    match written {
        Err(error)
            if error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) =>
        {
            Ok(0)
        }
        written => written,
    }
}

fn stream(mut answer: Answer<'_>, format: SqlFormat, mut out: impl Write) -> anyhow::Result<u64> {
    let names = answer.names();
    let mut rows = 0;
    if format == SqlFormat::Arrow {
        // Its errors are of the writing alone, and could hold a path.
        let failed = || anyhow!("the stream cannot be written");
        let writer = StreamWriter::try_new(&mut out, &answer.columns.schema());
        let mut writer = writer.map_err(|_| failed())?;
        while let Some(batch) = answer.next()? {
            rows += batch.num_rows() as u64;
            writer.write(&batch).map_err(|_| failed())?;
        }
        writer.finish().map_err(|_| failed())?;
        drop(writer);
        out.flush()?;
        return Ok(rows);
    }
    if format == SqlFormat::Csv {
        let headings: Vec<String> = names.iter().map(|name| csv_field(name)).collect();
        write!(out, "{}\r\n", headings.join(","))?;
    }
    while let Some(batch) = answer.next()? {
        rows += batch.num_rows() as u64;
        let columns = batch.columns().iter().map(texts).collect::<Result<Vec<_>, _>>()?;
        let plain: Vec<bool> = batch.columns().iter().map(|column| is_json_number(column.as_ref())).collect();
        for row in 0..batch.num_rows() {
            if format == SqlFormat::Csv {
                let fields =
                    columns.iter().map(|column| value(column, row).map_or_else(String::new, csv_field));
                write!(out, "{}\r\n", fields.collect::<Vec<_>>().join(","))?;
            } else {
                json_row(&mut out, &names, (&columns, &plain), row)?;
            }
        }
    }
    out.flush()?;
    Ok(rows)
}

fn value(column: &StringArray, row: usize) -> Option<&str> {
    (!column.is_null(row)).then(|| column.value(row))
}

/// Numbers and yes/no whose text is what JSON writes; floating ones may be none at all.
fn is_json_number(column: &dyn Array) -> bool {
    let kind = column.data_type();
    kind.is_integer() || kind.is_decimal() || kind.to_string() == "Boolean"
}

fn json_row(
    out: &mut impl Write,
    names: &[String],
    (columns, plain): (&[StringArray], &[bool]),
    row: usize,
) -> anyhow::Result<()> {
    let mut before = '{';
    for ((name, column), plain) in names.iter().zip(columns).zip(plain) {
        write!(out, "{before}{}:", serde_json::to_string(name)?)?;
        match value(column, row) {
            None => write!(out, "null")?,
            Some(text) if *plain => write!(out, "{text}")?,
            Some(text) => write!(out, "{}", serde_json::to_string(text)?)?,
        }
        before = ',';
    }
    writeln!(out, "{}", if names.is_empty() { "{}" } else { "}" })?;
    Ok(())
}

fn parquet(mut answer: Answer<'_>, staged: &NamedTempFile) -> anyhow::Result<u64> {
    let schema = answer.columns.schema();
    let mut next = || answer.next().map_err(RowError::from);
    let file = staged.as_file().try_clone()?;
    Ok(write_extract(ExtractFormat::Parquet, &schema, &mut next, file)?.rows)
}

/// Lines of a table for people: its first rows, and how many more there are.
fn drawn(mut answer: Answer<'_>, limit_rows: usize) -> anyhow::Result<(Vec<String>, u64)> {
    let limit = if limit_rows == 0 { usize::MAX } else { limit_rows };
    let (mut shown, mut rows): (Vec<Vec<String>>, u64) = (Vec::new(), 0);
    while let Some(batch) = answer.next()? {
        let take = batch.num_rows().min(limit - shown.len());
        rows += batch.num_rows() as u64;
        let columns = batch.slice(0, take).columns().iter().map(texts).collect::<Result<Vec<_>, _>>()?;
        shown.extend((0..take).map(|row| columns.iter().map(|column| cell(value(column, row))).collect()));
    }
    let names: Vec<String> = answer.names().iter().map(|name| cell(Some(name))).collect();
    let headings: Vec<&str> = names.iter().map(String::as_str).collect();
    let numbers = answer.columns.columns().iter().enumerate();
    let right: Vec<usize> = numbers.filter(|(_, c)| c.data_type().is_numeric()).map(|(at, _)| at).collect();
    let more = rows - shown.len() as u64;
    let mut lines = if headings.is_empty() { Vec::new() } else { table(&headings, &shown, &right) };
    if more > 0 {
        lines.push(format!("… {more} more rows (--limit-rows)"));
    }
    Ok((lines, rows))
}

/// A value in one line of bounded length.
fn cell(value: Option<&str>) -> String {
    let text = printable(value.unwrap_or_default());
    match text.char_indices().nth(CELL_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
