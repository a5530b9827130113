//! What the matches of a pattern begin with: every way in, as a row of byte sets. Over-approximates, never
//! under: a match that none of the rows allows would be missed by the triggers made from them.

use super::bytes::{ByteSet, WORD};
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};
use std::collections::BTreeSet;

/// Bytes a row holds at most.
const LENGTH_MAX: usize = 14;
/// Rows a pattern may have; with more, they are cut shorter.
const ROWS_MAX: usize = 600;
/// Rows a step may multiply to before it is given up and the rows stay open.
const STEP_ROWS_MAX: usize = 12_000;
/// Copies of a repetition that are written out beyond the least.
const COPIES_MAX: u32 = 4;

/// What stands before the first byte of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Before {
    /// Anything.
    Any,
    /// The text's start.
    Start,
    /// A border between a word character and another one, or the text's start.
    Border,
    /// No such border.
    Inside,
}

/// One way in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) before: Before,
    pub(super) sets: Vec<ByteSet>,
    /// Whether anything may follow; a row that is not open is a whole match.
    open: bool,
}

impl Row {
    fn empty() -> Self {
        Self { before: Before::Any, sets: Vec::new(), open: false }
    }

    fn looking(before: Before) -> Self {
        Self { before, ..Self::empty() }
    }

    fn of(set: ByteSet) -> Self {
        Self { sets: vec![set], ..Self::empty() }
    }

    fn is_done(&self, length: usize) -> bool {
        self.open || self.sets.len() >= length
    }

    fn then(&self, next: &Self, length: usize) -> Self {
        let mut row = self.clone();
        if row.sets.is_empty() && row.before == Before::Any {
            row.before = next.before;
        }
        row.sets.extend_from_slice(&next.sets);
        row.open = next.open || row.sets.len() > length;
        row.sets.truncate(length);
        row
    }
}

/// The ways into a pattern. An empty row in it says that a match may begin with anything.
pub(super) fn rows(hir: &Hir) -> Vec<Row> {
    let mut length = LENGTH_MAX;
    loop {
        let rows = expand(hir, length);
        let distinct: BTreeSet<Row> = rows.into_iter().map(|row| Row { open: true, ..row }).collect();
        if distinct.len() <= ROWS_MAX || length <= 3 {
            return distinct.into_iter().collect();
        }
        length = (length * 2 / 3).max(3);
    }
}

fn expand(hir: &Hir, length: usize) -> Vec<Row> {
    match hir.kind() {
        HirKind::Empty => vec![Row::empty()],
        HirKind::Literal(literal) => {
            let sets = literal.0.iter().take(length).map(|&byte| ByteSet::of(byte)).collect();
            vec![Row { sets, open: literal.0.len() > length, ..Row::empty() }]
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut set = ByteSet::default();
            class.ranges().iter().for_each(|range| set.insert_range(range.start(), range.end()));
            vec![Row::of(set)]
        }
        HirKind::Class(Class::Unicode(class)) => unicode(class),
        HirKind::Look(look) => vec![Row::looking(before(*look))],
        HirKind::Repetition(repetition) => repeat(repetition, length),
        HirKind::Capture(capture) => expand(&capture.sub, length),
        HirKind::Concat(parts) => concat(parts, length),
        HirKind::Alternation(parts) => {
            let rows: BTreeSet<Row> = parts.iter().flat_map(|part| expand(part, length)).collect();
            rows.into_iter().collect()
        }
    }
}

fn before(look: Look) -> Before {
    match look {
        Look::Start | Look::StartLF | Look::StartCRLF => Before::Start,
        Look::WordAscii | Look::WordUnicode | Look::WordStartAscii | Look::WordStartUnicode => Before::Border,
        Look::WordAsciiNegate | Look::WordUnicodeNegate => Before::Inside,
        _ => Before::Any,
    }
}

/// A class of characters: those of ASCII are one byte, of the others the first byte is known.
fn unicode(class: &regex_syntax::hir::ClassUnicode) -> Vec<Row> {
    let (mut ascii, mut lead) = (ByteSet::default(), ByteSet::default());
    let first = |c: char| c.encode_utf8(&mut [0; 4]).as_bytes()[0];
    for range in class.ranges() {
        if range.start().is_ascii() {
            ascii.insert_range(range.start() as u8, first(range.end().min('\u{7f}')));
        }
        if !range.end().is_ascii() {
            lead.insert_range(first(range.start().max('\u{80}')), first(range.end()));
        }
    }
    let mut rows = Vec::new();
    if !ascii.is_empty() {
        rows.push(Row::of(ascii));
    }
    if !lead.is_empty() {
        rows.push(Row { open: true, ..Row::of(lead) });
    }
    rows
}

fn repeat(repetition: &Repetition, length: usize) -> Vec<Row> {
    let sub = expand(&repetition.sub, length);
    let most = repetition.max.unwrap_or(u32::MAX);
    let mut rows = Vec::new();
    let mut copies = vec![Row::empty()];
    for count in 0..=most {
        if count >= repetition.min {
            if count == repetition.min + COPIES_MAX && count < most {
                rows.extend(copies.iter().map(|row| Row { open: true, ..row.clone() }));
                break;
            }
            rows.extend(copies.iter().cloned());
        }
        let Some(next) = join(&copies, &sub, length) else {
            rows.extend(copies.iter().map(|row| Row { open: true, ..row.clone() }));
            break;
        };
        // Nothing grows any more: further copies say nothing new.
        if count >= repetition.min && next == copies {
            break;
        }
        if count < repetition.min && copies.iter().all(|row| row.is_done(length)) {
            rows.extend(copies.iter().cloned());
            break;
        }
        copies = next;
    }
    rows.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

fn concat(parts: &[Hir], length: usize) -> Vec<Row> {
    let mut rows = vec![Row::empty()];
    for part in parts {
        if rows.iter().all(|row| row.is_done(length)) {
            break;
        }
        match join(&rows, &expand(part, length), length) {
            Some(next) => rows = next,
            None => return rows.into_iter().map(|row| Row { open: true, ..row }).collect(),
        }
    }
    rows
}

/// Every row followed by every next one; nothing when that is too many.
fn join(rows: &[Row], next: &[Row], length: usize) -> Option<Vec<Row>> {
    let open = rows.iter().filter(|row| !row.is_done(length)).count();
    if open * next.len() > STEP_ROWS_MAX {
        return None;
    }
    let joined: BTreeSet<Row> = rows
        .iter()
        .flat_map(|row| {
            let done = row.is_done(length);
            let own = done.then(|| row.clone());
            own.into_iter().chain(next.iter().filter(move |_| !done).map(|next| row.then(next, length)))
        })
        .collect();
    Some(joined.into_iter().collect())
}

impl Before {
    /// What the byte before a match may be that begins with `first`: `None`, anything.
    pub(super) fn set(self, first: ByteSet) -> Option<ByteSet> {
        let word = first.and(WORD.not()).is_empty();
        let other = first.and(WORD).is_empty();
        match self {
            Self::Any => None,
            Self::Start => Some(ByteSet::of(b'\n')),
            Self::Border if word => Some(WORD.not()),
            Self::Border if other => Some(WORD),
            Self::Inside if word => Some(WORD),
            Self::Inside if other => Some(WORD.not()),
            Self::Border | Self::Inside => None,
        }
    }
}
