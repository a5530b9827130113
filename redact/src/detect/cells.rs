//! Findings in the cells of tables and trees: whole values where heading, key or column says what they
//! are, parts of values elsewhere.

use super::Found;
use super::columns::{ColumnClasses, ColumnStats, is_prose};
use super::text::{Detector, TextScratch};
use crate::operators::is_replaced;
use crate::resolve::{Span, resolve};
use arrow_array::RecordBatch;
use custody_rules::table::{CellKind, CellRow, cell_rows};
use custody_rules::{
    ArtifactKind, Decision, EntityId, Finding, LabelHit, Place, RecognizerId, Syntax, ValueShape,
    is_null_like,
};
use std::cmp::Reverse;
use std::collections::HashSet;

/// What a pass over cells knows and learns.
#[derive(Debug)]
pub struct CellContext<'a> {
    /// Columns classified by content; empty during the first pass.
    pub classes: &'a ColumnClasses,
    /// What the artifact is. Of a workbook places are cells, and comments are not written at all.
    pub kind: ArtifactKind,
    /// Whether values and column counts are collected.
    pub collect: bool,
}

/// Finds everything in a batch of `cells`; the counts are for [`ColumnStats::classes`].
pub fn cell_findings(
    detector: &Detector,
    batch: &RecordBatch,
    context: &CellContext<'_>,
    scratch: &mut TextScratch,
) -> (Found, ColumnStats) {
    let mut found = Found::new(detector, context.collect, scratch.scope());
    let mut stats = ColumnStats::default();
    // The same keys stand in every record: those without a finding are searched once.
    let mut clean_keys: HashSet<&str> = HashSet::new();
    for (cell, label) in labels(batch) {
        if cell.kind == CellKind::Key && clean_keys.contains(cell.text) {
            continue;
        }
        let spans = cell_spans(detector, &cell, label, (context, &mut *scratch));
        if context.collect
            && matches!(cell.kind, CellKind::Value | CellKind::Hidden)
            && !is_null_like(cell.text)
        {
            stats.count((cell.sheet, cell.column), cell.text, whole_entity(cell.text, &spans));
        }
        if cell.kind == CellKind::Key && spans.is_empty() {
            clean_keys.insert(cell.text);
        }
        let unwritten = context.kind == ArtifactKind::Workbook
            && matches!(cell.kind, CellKind::Comment | CellKind::Property);
        let first = found.findings.len();
        for span in spans {
            let value = &cell.text[span.start..span.end];
            if unwritten {
                if let Some(values) = &mut found.values {
                    detector.remember(&span, value, values);
                }
            } else {
                found.push(detector, &span, value, place(&cell, (span.start, span.end), context.kind));
            }
        }
        if is_indivisible(&cell, context.kind) {
            one_finding(&mut found.findings, first);
        }
    }
    (found, stats)
}

/// The cells of a batch, each with the heading, key or label it stands under.
pub(super) fn labels(batch: &RecordBatch) -> impl Iterator<Item = (CellRow<'_>, Option<&str>)> {
    let mut before: Option<CellRow<'_>> = None;
    cell_rows(batch).map(move |cell| {
        // What an earlier redaction left names no field.
        let label = cell.heading.or_else(|| left_label(before.as_ref(), &cell)).filter(|l| !is_replaced(l));
        before = Some(cell);
        (cell, label)
    })
}

/// Without a heading, the cell to the left may be the label: `Manager | Jane Doe` above a table.
fn left_label<'a>(before: Option<&CellRow<'a>>, cell: &CellRow<'_>) -> Option<&'a str> {
    let before = before.filter(|b| (b.sheet, b.row) == (cell.sheet, cell.row) && b.column < cell.column)?;
    (matches!(cell.kind, CellKind::Preamble | CellKind::Value) && before.text.len() <= 60)
        .then_some(before.text)
}

/// What a value is when nothing of it is anything else: of `Doe, Jane (21072)` a name.
fn whole_entity(text: &str, spans: &[Span]) -> Option<EntityId> {
    let outside = |&(at, c): &(usize, char)| {
        c.is_alphanumeric() && !spans.iter().any(|span| (span.start..span.end).contains(&at))
    };
    let longest = spans.iter().max_by_key(|span| (span.end - span.start, Reverse(span.start)))?;
    (!text.char_indices().any(|c| outside(&c))).then_some(longest.entity)
}

fn cell_spans(
    detector: &Detector,
    cell: &CellRow<'_>,
    label: Option<&str>,
    (context, scratch): (&CellContext<'_>, &mut TextScratch),
) -> Vec<Span> {
    let kind = match cell.kind {
        CellKind::Heading | CellKind::SheetName | CellKind::Key => None,
        _ => by_label(detector, cell, label),
    };
    let named = !matches!(cell.kind, CellKind::Heading | CellKind::SheetName | CellKind::Key);
    if named && kind.is_none() && is_null_like(cell.text) {
        return Vec::new();
    }
    // Titles and prompts above the header are of no column.
    let in_column = matches!(cell.kind, CellKind::Value | CellKind::Hidden);
    let class = context.classes.get((cell.sheet, cell.column)).filter(|_| in_column && !is_prose(cell.text));
    let Some(kind) = kind else {
        let spans = detector.text(cell.text, label, scratch);
        return match class {
            // What the value says of itself is nearer than what its column says.
            Some(entity) if whole_entity(cell.text, &spans).is_none() => kept_apart(
                detector,
                cell.text,
                (entity, detector.rules().built_in_recognizer("label")),
                spans,
            ),
            _ => spans,
        };
    };
    let inner = if detector.decision(kind.0) == Decision::Keep {
        detector.text(cell.text, label, scratch)
    } else {
        Vec::new()
    };
    kept_apart(detector, cell.text, kind, inner)
}

/// What the heading or key says of a value. Free text below the heading of a field (`Manager`, `Employee ID`)
/// is no such field: it is searched like any text.
fn by_label(
    detector: &Detector,
    cell: &CellRow<'_>,
    label: Option<&str>,
) -> Option<(EntityId, RecognizerId)> {
    let (labels, text) = (detector.scanner.labels(), cell.text);
    // A heading that is a word elsewhere counts over a value that looks right; yes and no are answers to questions.
    // The cell to the left is no heading.
    let counts =
        |hit: &LabelHit| (cell.heading.is_some() || !hit.weak) && !labels.says_nothing(Some(*hit), text);
    let hit = labels.lookup_value(label?, text).filter(counts)?;
    (hit.shape == ValueShape::Line || !is_prose(text)).then_some((hit.entity, hit.recognizer))
}

/// The whole value as `kind`; what is kept never shields what is redacted within it.
fn kept_apart(
    detector: &Detector,
    text: &str,
    kind: (EntityId, RecognizerId),
    inner: Vec<Span>,
) -> Vec<Span> {
    let mut spans = whole_spans(detector, text, kind);
    if detector.decision(kind.0) == Decision::Keep {
        spans.extend(inner);
        spans = resolve(text, spans);
    }
    spans
}

/// What the whole value of a cell is, because its heading, key, label or column says so.
pub(super) fn field(
    detector: &Detector,
    cell: &CellRow<'_>,
    label: Option<&str>,
    context: &CellContext<'_>,
) -> Option<(EntityId, RecognizerId)> {
    if matches!(cell.kind, CellKind::Heading | CellKind::SheetName | CellKind::Key) {
        return None;
    }
    by_label(detector, cell, label).or_else(|| {
        let in_column = matches!(cell.kind, CellKind::Value | CellKind::Hidden) && !is_prose(cell.text);
        let class = context.classes.get((cell.sheet, cell.column)).filter(|_| in_column)?;
        Some((class, detector.rules().built_in_recognizer("label")))
    })
}

/// The whole value as one finding; several people in one cell as one finding each.
fn whole_spans(detector: &Detector, text: &str, (entity, recognizer): (EntityId, RecognizerId)) -> Vec<Span> {
    let span = |start: usize, end: usize| Span {
        start,
        end,
        entity,
        recognizer,
        score: 0.85,
        identity: detector.identity(entity, &text[start..end]),
        decision: detector.decision(entity),
    };
    if entity != detector.ids().person || !text.contains([';', '\n', '|']) {
        return vec![span(0, text.len())];
    }
    let mut spans = Vec::new();
    let mut at = 0;
    for part in text.split_inclusive([';', '\n', '|']) {
        let value = part.trim_matches([';', '\n', '|', ' ', '\r']);
        if value.chars().any(char::is_alphanumeric) {
            let start = at + (part.len() - part.trim_start_matches([';', '\n', '|', ' ', '\r']).len());
            spans.push(span(start, start + value.len()));
        }
        at += part.len();
    }
    spans
}

/// Whether a value can only be replaced as a whole: a JSON number has no quotes of its own, and of a field
/// that begins with a quote but is not quoted, half would open a quote that nothing closes.
fn is_indivisible(cell: &CellRow<'_>, kind: ArtifactKind) -> bool {
    let raw = cell.raw.unwrap_or(cell.text);
    match kind {
        ArtifactKind::Json => cell.syntax == Syntax::JsonScalar,
        ArtifactKind::Csv => cell.syntax == Syntax::Plain && raw.starts_with('"'),
        _ => false,
    }
}

/// Leaves one of several findings in the same place: what is redacted before what is kept, then the surest.
fn one_finding(findings: &mut Vec<Finding>, first: usize) {
    let of = |f: &Finding| {
        (f.decision == Decision::Redact, (f.score * 1000.0) as u32, Reverse((f.recognizer, f.identity)))
    };
    if let Some(best) = findings[first..].iter().max_by_key(|f| of(f)).copied() {
        findings.truncate(first);
        findings.push(best);
    }
}

/// Where bytes of a cell's text stand in its artifact.
pub(super) fn place(cell: &CellRow<'_>, (start, end): (usize, usize), kind: ArtifactKind) -> Place {
    if kind == ArtifactKind::Workbook {
        let (start, end) = (start as u32, end as u32);
        return Place::Cell { sheet: cell.sheet, row: cell.row, column: cell.column, start, end };
    }
    if is_indivisible(cell, kind) {
        return Place::Span { start: cell.start, end: cell.end, syntax: cell.syntax };
    }
    let (start, end) = cell.syntax.raw_span(cell.raw.unwrap_or(cell.text), start, end);
    Place::Span { start: cell.start + start as u64, end: cell.start + end as u64, syntax: cell.syntax }
}
