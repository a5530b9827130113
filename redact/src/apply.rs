//! Applies decisions: writes one redacted artifact from its findings table. Decides nothing.

use crate::context::{Artifact, Context};
use crate::operators::{Numbering, replacement};
use crate::store::FindingStore;
use crate::verify::regions;
use crate::writers::{text, workbook};
use custody_rules::table::CellRow;
use custody_rules::{ArtifactKind, Finding, Paint, Place, Reason, Refusal};
use std::fs::File;
use std::io::BufWriter;

/// Writes the redacted artifact to `out`. `keep_audio`: audio streams of recordings are copied.
///
/// # Errors
/// A [`Refusal`] when it cannot be read again, changed meanwhile, or cannot be written.
pub fn apply(
    context: &Context<'_>,
    artifact: &Artifact<'_>,
    (findings, numbering): (&mut FindingStore, &Numbering),
    (out, keep_audio): (&File, bool),
) -> Result<(), Refusal> {
    context.check_cancelled()?;
    let rows = findings.rows().map_err(|_| unreadable_table())?;
    let mut rows = rows.map(|row| row.map_err(|_| unreadable_table()));
    match artifact.sniffed.kind {
        ArtifactKind::Image | ArtifactKind::Video => {
            let all = rows.collect::<Result<Vec<Finding>, Refusal>>()?;
            let paint = Paint { regions: regions(&all, artifact.page, artifact.words), keep_audio };
            let input = (artifact.open)()?;
            context.media.rewrite((&input, out), artifact.sniffed.kind, &paint, context.limits).map(drop)
        }
        ArtifactKind::Workbook => write_workbook(context, artifact, (&mut rows, numbering), out),
        _ => {
            let encoding = artifact.sniffed.encoding;
            let mut view = context.reader.utf8_view((artifact.open)()?, encoding)?;
            let mut writer = BufWriter::with_capacity(1 << 20, out);
            let mut replace =
                |finding: &Finding, chars: usize| replacement(context.detector, numbering, finding, chars);
            text::write(view.as_mut(), &mut rows, &mut replace, (&mut writer, encoding))
        }
    }
}

fn unreadable_table() -> Refusal {
    Refusal::new(Reason::Unwritable, "the findings table cannot be read back: is the temporary folder full?")
}

fn write_workbook(
    context: &Context<'_>,
    artifact: &Artifact<'_>,
    (rows, numbering): (&mut dyn Iterator<Item = Result<Finding, Refusal>>, &Numbering),
    out: &File,
) -> Result<(), Refusal> {
    let mut source = context.reader.open((artifact.open)()?, artifact.sniffed, context.limits)?;
    // Findings stand in the order in which the reader yields cells: both are walked once, side by side.
    let mut rows = rows.peekable();
    let mut replace = |cell: &CellRow<'_>| {
        let mut own = Vec::new();
        while let Some(row) = rows.next_if(|row| row.as_ref().map_or(true, |finding| is_in(finding, cell))) {
            own.push(row?);
        }
        redacted_cell(context, numbering, cell.text, &own)
    };
    workbook::write(source.as_mut(), &mut replace, out)?;
    match rows.next() {
        None => Ok(()),
        Some(_) => {
            Err(Refusal::new(Reason::Changed, "a finding's cell is gone: the file changed while it was read"))
        }
    }
}

fn is_in(finding: &Finding, cell: &CellRow<'_>) -> bool {
    matches!(finding.place, Place::Cell { sheet, row, column, .. } if (sheet, row, column) == (cell.sheet, cell.row, cell.column))
}

/// The text of a cell with its findings replaced; `None` where nothing is.
fn redacted_cell(
    context: &Context<'_>,
    numbering: &Numbering,
    text: &str,
    findings: &[Finding],
) -> Result<Option<String>, Refusal> {
    let changed = || Refusal::new(Reason::Changed, "it changed while it was read");
    let (mut result, mut at, mut replaced) = (String::new(), 0, false);
    for finding in findings {
        let Place::Cell { start, end, .. } = finding.place else { continue };
        let (start, end) = (start as usize, end as usize);
        let value = text.get(start..end).filter(|_| start >= at).ok_or_else(changed)?;
        let Some(new) = replacement(context.detector, numbering, finding, value.chars().count()) else {
            continue;
        };
        result.push_str(text.get(at..start).ok_or_else(changed)?);
        result.push_str(&new);
        (at, replaced) = (end, true);
    }
    result.push_str(text.get(at..).ok_or_else(changed)?);
    // A cell all of whose findings are kept stays what it is: a number a number.
    Ok(replaced.then_some(result))
}
