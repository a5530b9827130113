//! Overlapping findings become one decision a span. What is redacted goes before what is kept, the longer
//! before the shorter, the surer before the less sure; what a loser covers beyond the winner stays its own.

use custody_rules::{Decision, EntityId, RecognizerId};
use std::collections::BTreeMap;

/// A finding in one piece of text: half-open bytes on character borders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub entity: EntityId,
    /// Who says so.
    pub recognizer: RecognizerId,
    /// How sure, 0 to 1.
    pub score: f32,
    /// Whom or what it denotes.
    pub identity: u128,
    /// What becomes of it.
    pub decision: Decision,
}

/// Resolves overlaps; the result is ordered by place and free of overlaps.
pub fn resolve(text: &str, mut spans: Vec<Span>) -> Vec<Span> {
    if spans.len() < 2 {
        return spans;
    }
    spans.sort_by(|a, b| {
        let keep = |s: &Span| s.decision == Decision::Keep;
        (keep(a).cmp(&keep(b)))
            .then((b.end - b.start).cmp(&(a.end - a.start)))
            .then(b.score.total_cmp(&a.score))
            .then((a.start, a.recognizer, a.entity, a.identity).cmp(&(
                b.start,
                b.recognizer,
                b.entity,
                b.identity,
            )))
    });
    let mut taken = BTreeMap::new();
    let kept = spans.partition_point(|s| s.decision == Decision::Redact);
    for group in [&spans[..kept], &spans[kept..]] {
        // Whole findings first: what a longer one cuts must not cut others in turn.
        let (whole, cut): (Vec<&Span>, Vec<&Span>) =
            group.iter().partition(|span| place_whole(&mut taken, span));
        debug_assert_eq!(whole.len() + cut.len(), group.len());
        for span in cut {
            place_rest(text, &mut taken, span);
        }
    }
    taken.into_values().collect()
}

/// Places a span unless something is in its way.
fn place_whole(taken: &mut BTreeMap<usize, Span>, span: &Span) -> bool {
    let free = free_parts(taken, span.start, span.end) == [(span.start, span.end)];
    if free {
        taken.insert(span.start, *span);
    }
    free
}

/// Places what is free of a span, as far as it holds letters or digits.
fn place_rest(text: &str, taken: &mut BTreeMap<usize, Span>, span: &Span) {
    for (start, end) in free_parts(taken, span.start, span.end) {
        let part = &text[start..end];
        let start = start + (part.len() - part.trim_start_matches(|c: char| !c.is_alphanumeric()).len());
        let end = start + text[start..end].trim_end_matches(|c: char| !c.is_alphanumeric()).len();
        if start < end {
            taken.insert(start, Span { start, end, ..*span });
        }
    }
}

/// The parts of `start..end` that no span covers yet.
fn free_parts(taken: &BTreeMap<usize, Span>, start: usize, end: usize) -> Vec<(usize, usize)> {
    let mut at = taken.range(..start).next_back().map_or(start, |(_, before)| before.end.max(start));
    let mut parts = Vec::new();
    for (&next, span) in taken.range(start..end) {
        if at < next {
            parts.push((at, next));
        }
        at = at.max(span.end);
    }
    if at < end {
        parts.push((at, end));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(start: usize, end: usize, entity: u16, decision: Decision) -> Span {
        let (entity, recognizer) = (EntityId(entity), RecognizerId(0));
        Span { start, end, entity, recognizer, score: 0.5, identity: 0, decision }
    }

    fn check(spans: &[(usize, usize, u16)], expected: &[(usize, usize, u16)]) {
        let spans = spans.iter().map(|&(s, e, n)| span(s, e, n, Decision::Redact)).collect();
        let found: Vec<_> =
            resolve(&"a".repeat(40), spans).iter().map(|s| (s.start, s.end, s.entity.0)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_longer_wins_and_the_rest_of_the_loser_stays() {
        check(&[(0, 8, 1), (0, 20, 2)], &[(0, 20, 2)]);
        check(&[(0, 12, 1), (8, 15, 2)], &[(0, 12, 1), (12, 15, 2)]);
        check(&[(5, 6, 1), (0, 3, 2), (4, 10, 3)], &[(0, 3, 2), (4, 10, 3)]);
    }

    #[test]
    fn what_is_kept_never_shields_what_is_redacted() {
        let spans = vec![span(0, 20, 1, Decision::Keep), span(5, 9, 2, Decision::Redact)];
        let found = resolve(&"a".repeat(20), spans);
        assert_eq!(found.iter().map(|s| (s.start, s.end)).collect::<Vec<_>>(), [(0, 5), (5, 9), (9, 20)]);
        assert_eq!(found[1].decision, Decision::Redact);
    }

    proptest! {
        #[test]
        fn the_union_is_kept_and_nothing_overlaps(raw in proptest::collection::vec((0usize..30, 1usize..10, 0u16..4), 0..12)) {
            let spans: Vec<Span> = raw.iter().map(|&(s, n, e)| span(s, s + n, e, Decision::Redact)).collect();
            let covered = |spans: &[Span]| (0..40).map(|i| spans.iter().filter(|s| s.start <= i && i < s.end).count()).collect::<Vec<_>>();
            let before = covered(&spans);
            let after = covered(&resolve(&"a".repeat(40), spans));
            for (b, a) in before.iter().zip(&after) {
                prop_assert_eq!(*a, usize::from(*b > 0));
            }
        }
    }
}
