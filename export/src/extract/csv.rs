//! An extract as CSV: RFC 4180 with CRLF, UTF-8, one heading row. A field is quoted where it has to be; an empty text is
//! `""`, so that it is told from a missing value.

use super::neutral::neutral;
use super::text::{columns, options};
use super::{Checked, Counts, ExtractError};
use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::datatypes::SchemaRef;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};

pub(super) fn write(
    schema: &SchemaRef,
    batches: &mut Checked<'_>,
    out: &File,
) -> Result<Counts, ExtractError> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let mut counts = Counts::default();
    let mut line = String::new();
    for (column, field) in schema.fields().iter().enumerate() {
        separate(&mut line, column);
        counts.neutralised += u64::from(field_text(&mut line, field.name()));
    }
    end(&mut out, &mut line)?;
    while let Some(batch) = batches()? {
        rows(&batch, &mut out, &mut line, &mut counts)?;
    }
    out.flush()?;
    Ok(counts)
}

fn rows(
    batch: &RecordBatch,
    out: &mut impl Write,
    line: &mut String,
    counts: &mut Counts,
) -> Result<(), ExtractError> {
    let options = options();
    let columns = columns(batch, &options)?;
    let mut value = String::new();
    for row in 0..batch.num_rows() {
        for (column, (array, text, formatter)) in columns.iter().enumerate() {
            separate(line, column);
            if array.is_null(row) {
                continue;
            }
            value.clear();
            write!(value, "{}", formatter.value(row)).map_err(|_| ExtractError::Format)?;
            if *text {
                counts.neutralised += u64::from(field_text(line, &value));
            } else {
                line.push_str(&value);
            }
        }
        counts.rows += 1;
        end(out, line)?;
    }
    Ok(())
}

fn separate(line: &mut String, column: usize) {
    if column > 0 {
        line.push(',');
    }
}

fn end(out: &mut impl Write, line: &mut String) -> Result<(), ExtractError> {
    line.push_str("\r\n");
    out.write_all(line.as_bytes())?;
    line.clear();
    Ok(())
}

/// Appends a text as a field; true if it was made harmless.
fn field_text(line: &mut String, text: &str) -> bool {
    let (text, changed) = neutral(text);
    // `;` and tabs part fields in other countries' programs.
    let special = |c: char| matches!(c, ',' | ';' | '"' | '\n' | '\r' | '\t');
    if text.is_empty() || text.contains(special) || text.starts_with(' ') || text.ends_with(' ') {
        line.push('"');
        for (at, part) in text.split('"').enumerate() {
            line.push_str(if at > 0 { "\"\"" } else { "" });
            line.push_str(part);
        }
        line.push('"');
    } else {
        line.push_str(&text);
    }
    changed
}
