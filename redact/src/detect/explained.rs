//! Why the findings of one artifact are found, and what nearly was: [`Detector::why`] for every line and
//! cell. Slow, and only for people who ask; pixels, paths and what stands escaped are not explained.

use super::cells::{CellContext, field, labels, place};
use super::text::{Detector, TextScratch};
use super::why::{Fate, Why, thin};
use crate::context::{Artifact, Context};
use crate::resolve::Span;
use arrow_array::RecordBatch;
use custody_rules::table::line_rows;
use custody_rules::{ArtifactKind, ContextWord, Place, Refusal, Syntax, context_words};

/// A match of a pattern in an artifact, and what became of it. It holds no value.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Where it matched.
    pub place: Place,
    /// Pattern, check, scores and fate.
    pub why: Why,
    /// The recognizer's context words that stand near.
    pub words: Vec<ContextWord>,
    /// Where the finding stands that took its place.
    pub lost_to: Option<Place>,
}

/// Calls `take` for everything in a text-like artifact or workbook that is found, lost to another finding,
/// or was nearly found. `cells` says what the second pass knew.
///
/// # Errors
/// A [`Refusal`] when the artifact cannot be read to its end, or the run was cancelled.
pub fn explain_artifact(
    context: &Context<'_>,
    artifact: &Artifact<'_>,
    cells: &CellContext<'_>,
    take: &mut dyn FnMut(Explained),
) -> Result<(), Refusal> {
    if artifact.sniffed.kind.is_media() {
        return Ok(());
    }
    let mut source = context.reader.open((artifact.open)()?, artifact.sniffed, context.limits)?;
    let mut scratch = context.lend();
    while let Some(batch) = source.next_batch()? {
        context.check_cancelled()?;
        if artifact.sniffed.kind == ArtifactKind::Text {
            explain_lines(context.detector, &batch, (&mut scratch, &mut *take));
        } else {
            explain_cells(context.detector, &batch, cells, (&mut scratch, &mut *take));
        }
    }
    Ok(())
}

type Work<'a> = (&'a mut TextScratch, &'a mut dyn FnMut(Explained));

fn explain_lines(detector: &Detector, batch: &RecordBatch, (scratch, take): Work<'_>) {
    for line in line_rows(batch) {
        let at = |start: usize, end: usize| Place::Span {
            start: line.start + start as u64,
            end: line.start + end as u64,
            syntax: Syntax::Plain,
        };
        explain_text(detector, (line.text, None), &at, (&mut *scratch, &mut *take));
    }
}

fn explain_cells(
    detector: &Detector,
    batch: &RecordBatch,
    context: &CellContext<'_>,
    (scratch, take): Work<'_>,
) {
    for (cell, label) in labels(batch) {
        // Of a value that its heading names, patterns decide nothing.
        if custody_rules::is_null_like(cell.text) || field(detector, &cell, label, context).is_some() {
            continue;
        }
        let at = |start: usize, end: usize| place(&cell, (start, end), context.kind);
        explain_text(detector, (cell.text, label), &at, (&mut *scratch, &mut *take));
    }
}

fn explain_text(
    detector: &Detector,
    (text, label): (&str, Option<&str>),
    at: &dyn Fn(usize, usize) -> Place,
    (scratch, take): Work<'_>,
) {
    let (spans, mut whys) = detector.why(text, label, scratch);
    thin(&mut whys, &spans, detector.profile.threshold);
    for why in whys {
        let winner: Option<Span> = if let Fate::Lost(winner) = why.fate { Some(winner) } else { None };
        if why.fate != Fate::Found && winner.is_none() && !why.is_near_miss() {
            continue;
        }
        let words = context_words(&detector.scanner, (text, label), &why.explanation);
        take(Explained {
            place: at(why.explanation.start, why.explanation.end),
            words,
            lost_to: winner.map(|winner| at(winner.start, winner.end)),
            why,
        });
    }
}
