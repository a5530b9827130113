//! Where the value of a match lies without asking for groups: many patterns are a value between parts of known
//! length, and groups cost several times what the match itself does.

use regex_syntax::hir::{Capture, Hir, HirKind, Look};

/// What stands between an end of a match and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// So many bytes.
    Bytes(usize),
    /// One byte, or the edge of the text.
    OneOrEdge,
}

/// The parts around a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    before: Part,
    behind: Part,
}

impl Parts {
    /// The parts around the `value` group of a pattern; nothing where the pattern alone does not tell.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        let HirKind::Concat(parts) = hir.kind() else { return None };
        let value = parts.iter().position(|part| match part.kind() {
            HirKind::Capture(Capture { name: Some(name), .. }) => &**name == "value",
            _ => false,
        })?;
        let before = sum(&parts[..value], Look::Start)?;
        let behind = sum(&parts[value + 1..], Look::End)?;
        Some(Self { before, behind })
    }

    /// The value of a match in a text of `length` bytes; nothing where it stands at an edge that may be part of
    /// it.
    pub(super) fn value(self, (start, end): (usize, usize), length: usize) -> Option<(usize, usize)> {
        let before = match self.before {
            Part::Bytes(bytes) => bytes,
            Part::OneOrEdge => (start > 0).then_some(1)?,
        };
        let behind = match self.behind {
            Part::Bytes(bytes) => bytes,
            Part::OneOrEdge => (end < length).then_some(1)?,
        };
        Some((start + before, end - behind))
    }
}

fn sum(parts: &[Hir], edge: Look) -> Option<Part> {
    parts.iter().try_fold(Part::Bytes(0), |all, part| match (all, length(part, edge)?) {
        (Part::Bytes(more), Part::Bytes(bytes)) => Some(Part::Bytes(more + bytes)),
        (Part::Bytes(0), Part::OneOrEdge) | (Part::OneOrEdge, Part::Bytes(0)) => Some(Part::OneOrEdge),
        _ => None,
    })
}

fn length(part: &Hir, edge: Look) -> Option<Part> {
    let fixed = |hir: &Hir| {
        let properties = hir.properties();
        properties.minimum_len().filter(|least| properties.maximum_len() == Some(*least))
    };
    match part.kind() {
        HirKind::Look(_) => Some(Part::Bytes(0)),
        HirKind::Alternation(ways) => {
            let is_edge = |way: &&Hir| matches!(way.kind(), HirKind::Look(look) if *look == edge);
            let others = || ways.iter().filter(|way| !is_edge(way));
            if others().all(|way| fixed(way) == Some(1)) && others().count() < ways.len() {
                return Some(Part::OneOrEdge);
            }
            fixed(part).map(Part::Bytes)
        }
        HirKind::Capture(capture) => length(&capture.sub, edge),
        _ => fixed(part).map(Part::Bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::pattern_syntax;
    use regex_automata::util::syntax;

    fn check(pattern: &str, expected: Option<(Part, Part)>) {
        let hir = syntax::parse_with(pattern, &pattern_syntax()).expect("parses");
        let expected = expected.map(|(before, behind)| Parts { before, behind });
        assert_eq!(Parts::of(&hir), expected, "{pattern}");
    }

    #[test]
    fn parts_of_known_length_are_told() {
        use Part::{Bytes, OneOrEdge};
        check(r"(?:^|[^\w.-])(?P<value>\d+)\b", Some((OneOrEdge, Bytes(0))));
        check(r"\bid=(?P<value>\w+)(?:[\s,;]|$)", Some((Bytes(3), OneOrEdge)));
        check(r"(?i) \((?P<value>[A-Z]{0,3}-?\d{4,8})\)", Some((Bytes(2), Bytes(1))));
        check(r"a\s?(?P<value>\d+)", None);
        check(r"(?:(?P<value>\d+)|x)", None);
        check(r"(?:^|ab)(?P<value>\d+)", None);
        check(r"(?:$|a)(?P<value>\d+)", None);
        check(r"\d+", None);
    }

    #[test]
    fn a_value_at_an_edge_is_not_told_where_the_edge_may_be_part_of_the_match() {
        let parts = Parts { before: Part::OneOrEdge, behind: Part::OneOrEdge };
        assert_eq!(parts.value((2, 8), 9), Some((3, 7)));
        assert_eq!(parts.value((0, 8), 9), None);
        assert_eq!(parts.value((2, 9), 9), None);
    }
}
