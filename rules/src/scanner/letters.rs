//! Which bytes matches of a pattern can have: at their start, at their end, anywhere.

use super::bytes::{ANY, ByteSet};
use regex_syntax::hir::{Class, Hir, HirKind};

/// Bytes of what a pattern matches; more than there are, never fewer.
#[derive(Clone, Copy)]
pub(super) struct Letters {
    /// Of matches that are not empty.
    pub(super) first: ByteSet,
    pub(super) last: ByteSet,
    pub(super) all: ByteSet,
    pub(super) may_be_empty: bool,
}

const NONE: Letters =
    Letters { first: ByteSet::EMPTY, last: ByteSet::EMPTY, all: ByteSet::EMPTY, may_be_empty: true };

impl Letters {
    /// Those of a pattern.
    pub(super) fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => NONE,
            HirKind::Literal(literal) => {
                let sets = literal.0.iter().map(|&byte| Self::of_set(ByteSet::of(byte)));
                sets.fold(NONE, |all, next| all.then(&next))
            }
            HirKind::Class(class) => Self::of_set(set(class)),
            HirKind::Repetition(repetition) => {
                let sub = Self::of(&repetition.sub);
                Self { may_be_empty: sub.may_be_empty || repetition.min == 0, ..sub }
            }
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => Self::of_all(parts),
            HirKind::Alternation(ways) => {
                let none = Self { may_be_empty: false, ..NONE };
                ways.iter().map(Self::of).fold(none, |all, way| Self {
                    first: all.first.or(way.first),
                    last: all.last.or(way.last),
                    all: all.all.or(way.all),
                    may_be_empty: all.may_be_empty || way.may_be_empty,
                })
            }
        }
    }

    /// Those of patterns one behind the other.
    pub(super) fn of_all(parts: &[Hir]) -> Self {
        parts.iter().map(Self::of).fold(NONE, |all, next| all.then(&next))
    }

    fn of_set(set: ByteSet) -> Self {
        Self { first: set, last: set, all: set, may_be_empty: false }
    }

    fn then(&self, next: &Self) -> Self {
        Self {
            first: if self.may_be_empty { self.first.or(next.first) } else { self.first },
            last: if next.may_be_empty { self.last.or(next.last) } else { next.last },
            all: self.all.or(next.all),
            may_be_empty: self.may_be_empty && next.may_be_empty,
        }
    }
}

fn set(class: &Class) -> ByteSet {
    match class {
        Class::Bytes(class) => class.iter().fold(ByteSet::EMPTY, |mut set, range| {
            set.insert_range(range.start(), range.end());
            set
        }),
        Class::Unicode(class) if class.is_ascii() => class.iter().fold(ByteSet::EMPTY, |mut set, range| {
            set.insert_range(range.start() as u8, range.end() as u8);
            set
        }),
        Class::Unicode(_) => ANY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::pattern_syntax;
    use regex_automata::util::syntax;

    #[test]
    fn letters_are_those_of_all_matches() {
        let of = |pattern| Letters::of(&syntax::parse_with(pattern, &pattern_syntax()).expect("parses"));
        let text = |set: ByteSet| set.iter().map(char::from).collect::<String>();
        for (pattern, first, last, all, may_be_empty) in [
            ("", "", "", "", true),
            ("abc", "a", "c", "abc", false),
            ("a?b*c", "abc", "c", "abc", false),
            ("x(?:ab|c)?", "x", "bcx", "abcx", false),
            ("(?:^|[^a-z\\x00-,:-\\xff])[0-2]{0,3}", "-./0123456789", "-./0123456789", "-./0123456789", true),
            ("(?:ab){2,}", "a", "b", "ab", false),
        ] {
            let letters = of(pattern);
            assert_eq!(text(letters.first), first, "{pattern}");
            assert_eq!(text(letters.last), last, "{pattern}");
            assert_eq!(text(letters.all), all, "{pattern}");
            assert_eq!(letters.may_be_empty, may_be_empty, "{pattern}");
        }
    }
}
