//! What every match of a pattern holds somewhere: the rarest of its literal parts.

use super::anchor::share;
use super::bytes::ByteSet;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Literals one of which every match holds.
pub(super) struct Required {
    pub(super) literals: Vec<Vec<ByteSet>>,
    /// How often one of them starts at a byte of an ordinary log, roughly.
    pub(super) rate: f64,
}

/// Alternatives a part may have.
const LITERALS_MAX: usize = 48;
/// Bytes of a set that still counts as a letter of a literal: both cases, or a few marks.
const SET_MAX: u32 = 4;
/// Bytes of a literal that are used.
const LENGTH_MAX: usize = 8;

/// The rarest required part of a pattern, if it has one.
pub(super) fn required(hir: &Hir) -> Option<Required> {
    best(hir).filter(|found| found.rate < 0.02)
}

fn best(hir: &Hir) -> Option<Required> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => None,
        HirKind::Literal(_) | HirKind::Class(_) => rated(vec![exact(hir)?.swap_remove(0)]),
        HirKind::Repetition(repetition) if repetition.min > 0 => best(&repetition.sub),
        HirKind::Repetition(_) => None,
        HirKind::Capture(capture) => best(&capture.sub),
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => {
            let all = parts.iter().map(best).collect::<Option<Vec<_>>>()?;
            rated(all.into_iter().flat_map(|part| part.literals).collect())
        }
    }
}

/// The rarest of the runs of exact parts, and of the parts themselves.
fn concat(parts: &[Hir]) -> Option<Required> {
    let mut candidates: Vec<Required> = parts.iter().filter_map(best).collect();
    let mut run: Option<Vec<Vec<ByteSet>>> = None;
    for part in parts {
        let longer = exact(part).and_then(|next| match &run {
            Some(run) => product(run, &next),
            None => Some(next),
        });
        if longer.is_none() {
            candidates.extend(run.take().and_then(rated));
            run = exact(part);
        } else {
            run = longer;
        }
    }
    candidates.extend(run.and_then(rated));
    candidates.into_iter().min_by(|a, b| a.rate.total_cmp(&b.rate))
}

/// All that a part can be, if that is a few literals.
fn exact(hir: &Hir) -> Option<Vec<Vec<ByteSet>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.iter().map(|&byte| ByteSet::of(byte)).collect()]),
        HirKind::Class(Class::Bytes(class)) => {
            let mut set = ByteSet::default();
            class.ranges().iter().for_each(|range| set.insert_range(range.start(), range.end()));
            (set.len() <= SET_MAX).then(|| vec![vec![set]])
        }
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(vec![Vec::new()], |all, part| match part.kind() {
            HirKind::Look(_) => Some(all),
            _ => product(&all, &exact(part)?),
        }),
        HirKind::Alternation(parts) => {
            let all: Vec<_> = parts.iter().map(exact).collect::<Option<Vec<_>>>()?.concat();
            (all.len() <= LITERALS_MAX).then_some(all)
        }
        _ => None,
    }
}

fn product(left: &[Vec<ByteSet>], right: &[Vec<ByteSet>]) -> Option<Vec<Vec<ByteSet>>> {
    (left.len() * right.len() <= LITERALS_MAX)
        .then(|| left.iter().flat_map(|l| right.iter().map(move |r| [l.as_slice(), r].concat())).collect())
}

fn rated(mut literals: Vec<Vec<ByteSet>>) -> Option<Required> {
    if literals.is_empty() || literals.len() > LITERALS_MAX || literals.iter().any(Vec::is_empty) {
        return None;
    }
    literals.iter_mut().for_each(|literal| literal.truncate(LENGTH_MAX));
    let rate = literals.iter().map(|l| l.iter().map(|set| share(*set)).product::<f64>()).sum();
    Some(Required { literals, rate })
}
