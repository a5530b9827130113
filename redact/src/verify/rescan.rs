//! The second reading of one output: structure, a full rescan, and the bundle's values.

use super::{Painted, package, values};
use crate::context::{Artifact, Context};
use crate::detect::{COVERED, ColumnClasses, Pass, word_findings};
use crate::find::find;
use crate::frames::joined;
use crate::store::FindingStore;
use arrow_array::RecordBatch;
use custody_rules::table::{WordRow, word_rows};
use custody_rules::{
    ArtifactKind, Decision, EntityId, Finding, Place, Reason, Refusal, Region, WordsBuilder,
};
use std::collections::BTreeSet;
use std::ops::Bound;

/// What the second reading says.
#[derive(Debug, Default)]
pub struct Reading {
    /// What is still there and can be redacted, in the output's own places (for media: the original's).
    pub leftover: Vec<Finding>,
    /// What is there that no further redaction mends, in words without values.
    pub failures: Vec<String>,
    /// What was checked.
    pub checks: Vec<String>,
}

/// Reads an output again. `output` opens the output and holds the words of its original; `painted` are the boxes that were filled, for media.
///
/// # Errors
/// A [`Refusal`] when the output cannot be read at all: it then fails verification.
pub fn rescan(
    context: &Context<'_>,
    output: &Artifact<'_>,
    (classes, painted): (&ColumnClasses, &Painted),
    store: FindingStore,
) -> Result<Reading, Refusal> {
    match output.sniffed.kind {
        kind if kind.is_media() => media(context, output, painted),
        ArtifactKind::Workbook => workbook(context, output, classes, store),
        _ => text(context, output, classes, store),
    }
}

/// What is to be redacted among the findings. A table that cannot be read back says nothing is clean.
fn collect(store: &mut FindingStore) -> Result<Vec<Finding>, Refusal> {
    let findings: Result<Vec<Finding>, _> = store.rows().and_then(Iterator::collect);
    let mut findings = findings.map_err(|_| {
        Refusal::new(
            Reason::Unwritable,
            "the findings table cannot be read back: is the temporary folder full?",
        )
    })?;
    findings.retain(|finding| finding.decision == Decision::Redact);
    Ok(findings)
}

/// What the artifact's allow-lists leave in it, though it is redacted elsewhere in the bundle.
fn may_stay<'a>(context: &Context<'a>) -> impl Fn(EntityId, &str) -> bool + use<'a> {
    let (lists, scope) = (&context.detector.lists, context.scope);
    move |entity, value| lists.allows(scope, entity, value)
}

fn text(
    context: &Context<'_>,
    output: &Artifact<'_>,
    classes: &ColumnClasses,
    mut store: FindingStore,
) -> Result<Reading, Refusal> {
    find(context, output, classes, &mut store)?;
    let mut reading = Reading { leftover: collect(&mut store)?, ..Reading::default() };
    let rescanned = match output.sniffed.kind {
        ArtifactKind::Text => "text rescanned",
        ArtifactKind::Csv => "records parsed and rescanned",
        ArtifactKind::Json => "document parsed and rescanned",
        _ => "elements parsed and rescanned",
    };
    reading.checks.push(rescanned.to_owned());
    if reading.leftover.is_empty() && output.sniffed.kind != ArtifactKind::Text {
        let mut view = context.reader.utf8_view((output.open)()?, output.sniffed.encoding)?;
        let hits = values::value_hits(&context.detector.values, view.as_mut(), &may_stay(context))?;
        if hits > 0 {
            reading
                .failures
                .push(format!("{hits} known values are left outside of values (keys, tags, comments)"));
        }
    }
    reading.checks.push("known values absent".to_owned());
    Ok(reading)
}

fn workbook(
    context: &Context<'_>,
    output: &Artifact<'_>,
    classes: &ColumnClasses,
    mut store: FindingStore,
) -> Result<Reading, Refusal> {
    find(context, output, classes, &mut store)?;
    let mut reading = Reading { leftover: collect(&mut store)?, ..Reading::default() };
    let (mut hits, stays) = (0, may_stay(context));
    package::part_texts((output.open)()?, context.limits, &mut |part, text| {
        // Row and column numbers of sheets are no values.
        let numbers_only = part.starts_with("xl/worksheets/") && !text.chars().any(char::is_alphabetic);
        hits += if numbers_only { 0 } else { values::hits_in(&context.detector.values, text, &stays) };
        Ok(())
    })?;
    if hits > 0 && reading.leftover.is_empty() {
        reading.failures.push(format!("{hits} known values are left in the workbook's parts"));
    }
    reading.failures.extend(package::structure((output.open)()?)?);
    reading.checks = ["cells rescanned", "parts opened", "known values absent", "no hidden or foreign parts"]
        .map(str::to_owned)
        .to_vec();
    Ok(reading)
}

fn media(context: &Context<'_>, output: &Artifact<'_>, painted: &Painted) -> Result<Reading, Refusal> {
    let mut boxes = painted.texts.clone();
    if output.sniffed.kind == ArtifactKind::Video {
        boxes.extend(&painted.unread);
    }
    let (summary, mut words) =
        context.media.read_again(&(output.open)()?, output.sniffed.kind, &boxes, context.limits)?;
    let read: BTreeSet<u32> = words.iter().flat_map(word_rows).map(|word| word.first_frame).collect();
    words.push(painted_words(painted));
    let mut scratch = context.lend();
    let mut leftover =
        word_findings(context.detector, (&words, Pass::Again(output.words)), None, &mut scratch);
    leftover.retain(|finding| finding.decision == Decision::Redact && !is_painted(finding, painted));
    if output.sniffed.kind == ArtifactKind::Video {
        leftover.iter_mut().for_each(|finding| widen(finding, &read, summary.frames));
    }
    let mut checks = vec![
        if output.sniffed.kind == ArtifactKind::Image { "picture read again" } else { "frames read again" }
            .to_owned(),
    ];
    checks.push(format!("{} boxes filled", painted.all().count()));
    let mut failures = Vec::new();
    if output.page != (0, 0) && !fits((summary.width, summary.height), output.page) {
        failures.push("the output has another size than the input".to_owned());
    }
    Ok(Reading { leftover, failures, checks })
}

/// Frames of a recording are read now and then: what is left on one may be there since the one read before it, and
/// until the next.
fn widen(finding: &mut Finding, read: &BTreeSet<u32>, frames: u32) {
    let Place::Region(region) = &mut finding.place else { return };
    let before = read.range(..region.first_frame).next_back();
    let after = read.range((Bound::Excluded(region.last_frame), Bound::Unbounded)).next();
    region.first_frame = before.map_or(0, |before| before + 1).min(region.first_frame);
    region.last_frame = after.map_or(frames, |&after| after).saturating_sub(1).max(region.last_frame);
}

/// Recordings of odd sizes are padded by one pixel.
fn fits(output: (u32, u32), input: (u32, u32)) -> bool {
    output.0.abs_diff(input.0) <= 1 && output.1.abs_diff(input.1) <= 1
}

/// Whether a finding lies in painted boxes on all its frames: what is read there are the boxes' own edges.
fn is_painted(finding: &Finding, painted: &Painted) -> bool {
    let Place::Region(r) = finding.place else { return false };
    let holds = |p: &&Region| {
        p.left <= r.left
            && p.top <= r.top
            && r.left + r.width <= p.left + p.width
            && r.top + r.height <= p.top + p.height
            && p.first_frame <= r.last_frame
            && r.first_frame <= p.last_frame
    };
    let times = painted.all().filter(holds).map(|p| (p.first_frame, p.last_frame)).collect();
    joined(times).iter().any(|&(first, last)| first <= r.first_frame && r.last_frame <= last)
}

/// Painted boxes as words of blocks: labels beside them have their value, and it is covered.
fn painted_words(painted: &Painted) -> RecordBatch {
    let mut builder = WordsBuilder::default();
    for region in painted.all() {
        builder.push(WordRow {
            block: u32::MAX,
            line: u32::MAX,
            confidence: 100.0,
            left: region.left,
            top: region.top,
            width: region.width,
            height: region.height,
            since_frame: region.first_frame,
            first_frame: region.first_frame,
            last_frame: region.last_frame,
            text: COVERED,
            ..WordRow::default()
        });
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::RecognizerId;

    #[test]
    fn what_is_left_on_a_frame_is_covered_from_the_frame_read_before_to_the_one_after() {
        let read = BTreeSet::from([0, 10, 20]);
        for (frame, expected) in [(0, (0, 9)), (10, (1, 19)), (20, (11, 29))] {
            let region =
                Region { first_frame: frame, last_frame: frame, left: 1, top: 2, width: 3, height: 4 };
            let mut finding = Finding {
                place: Place::Region(region),
                entity: EntityId(0),
                recognizer: RecognizerId(0),
                score: 1.0,
                identity: 0,
                decision: Decision::Redact,
            };
            widen(&mut finding, &read, 30);
            let wide = Region { first_frame: expected.0, last_frame: expected.1, ..region };
            assert_eq!(finding.place, Place::Region(wide));
        }
    }
}
