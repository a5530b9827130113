//! Detection over one artifact: a survey that learns values and columns, then the pass that fills the
//! findings table, with what the whole bundle taught.

use crate::context::{Artifact, Context};
use crate::detect::{
    Blocks, CellContext, ColumnClasses, ColumnStats, Found, Notes, Pass, TextScratch, cell_findings,
    line_findings, word_findings,
};
use crate::parallel::for_batches;
use crate::store::FindingStore;
use arrow_array::RecordBatch;
use custody_rules::{ArtifactKind, Reason, Refusal, ValueIndexBuilder};

/// What a survey of one artifact learned.
#[derive(Debug)]
pub struct Survey {
    /// Values to be looked for in the whole bundle.
    pub values: ValueIndexBuilder,
    /// Columns classified by content.
    pub classes: ColumnClasses,
    /// Findings seen, for the caller's information: the second pass may find more.
    pub findings: u64,
}

/// First pass: learns values and columns, keeps no findings.
///
/// # Errors
/// A [`Refusal`] when the artifact cannot be read to its end, or the run was cancelled.
pub fn survey(context: &Context<'_>, artifact: &Artifact<'_>) -> Result<Survey, Refusal> {
    let mut survey =
        Survey { values: context.detector.value_builder(), classes: ColumnClasses::default(), findings: 0 };
    let none = ColumnClasses::default();
    if artifact.sniffed.kind.is_media() {
        let mut scratch = context.lend();
        let found = word_findings(
            context.detector,
            (artifact.words, Pass::First),
            Some(&mut survey.values),
            &mut scratch,
        );
        survey.findings = found.len() as u64;
        return Ok(survey);
    }
    let mut stats = ColumnStats::default();
    run(context, artifact, (&none, true), &mut |(found, counts)| {
        survey.findings += found.findings.len() as u64;
        if let Some(values) = found.values {
            survey.values.merge(values);
        }
        stats.merge(counts);
        Ok(())
    })?;
    survey.classes = stats.classes();
    Ok(survey)
}

/// Second pass: adds every finding of the artifact to its table, in order of place.
///
/// # Errors
/// A [`Refusal`] when the artifact cannot be read to its end, the table cannot be written, or the run was
/// cancelled.
pub fn find(
    context: &Context<'_>,
    artifact: &Artifact<'_>,
    classes: &ColumnClasses,
    store: &mut FindingStore,
) -> Result<(), Refusal> {
    if artifact.sniffed.kind.is_media() {
        let mut scratch = context.lend();
        let found = word_findings(context.detector, (artifact.words, Pass::First), None, &mut scratch);
        return store.extend(found).map_err(|_| unstorable());
    }
    run(context, artifact, (classes, false), &mut |(found, _)| {
        store.extend(found.findings).map_err(|_| unstorable())
    })
}

fn unstorable() -> Refusal {
    Refusal::new(Reason::Unwritable, "the findings table cannot be written: is the temporary folder full?")
}

type Batch = (Found, ColumnStats);

fn run(
    context: &Context<'_>,
    artifact: &Artifact<'_>,
    (classes, collect): (&ColumnClasses, bool),
    take: &mut dyn FnMut(Batch) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut source = context.reader.open((artifact.open)()?, artifact.sniffed, context.limits)?;
    let cells = CellContext { classes, kind: artifact.sniffed.kind, collect };
    let detector = context.detector;
    let lines = artifact.sniffed.kind == ArtifactKind::Text;
    let mut blocks = Blocks::default();
    let mut prepare =
        |batch: &RecordBatch| if lines { blocks.read(detector, batch) } else { Notes::default() };
    let work = |(batch, notes): &(RecordBatch, Notes), scratch: &mut TextScratch| {
        if lines {
            (line_findings(detector, batch, notes, collect, scratch), ColumnStats::default())
        } else {
            cell_findings(detector, batch, &cells, scratch)
        }
    };
    for_batches(context, source.as_mut(), (&mut prepare, &work), take)
}
