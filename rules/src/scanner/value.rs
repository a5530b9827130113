//! Where the value of a match lies without asking for groups, which cost several times what the match itself does.
//! Many patterns are a value between parts of known length, or between parts whose bytes tell them from the value.

use super::bytes::ByteSet;
use super::letters::Letters;
use regex_syntax::hir::{Capture, Hir, HirKind, Look};

/// What stands between an end of a match and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// So many bytes.
    Bytes(usize),
    /// One byte, or the edge of the text.
    OneOrEdge,
    /// So much that only the bytes tell where it meets the value.
    Bordered(Border),
}

/// Bytes that tell where a part meets the value.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Border {
    /// Bytes of the value that can be next to the part, and all that are in the part.
    value_edge: ByteSet,
    part: ByteSet,
    /// Bytes of the part that can be next to the value, none where the part may be empty; and all that are in the value.
    part_edge: ByteSet,
    value: ByteSet,
}

/// The parts around a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    before: Part,
    behind: Part,
}

impl Parts {
    /// The parts around the `value` group of a pattern; nothing where they can never tell.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        let HirKind::Concat(parts) = hir.kind() else { return None };
        let (at, value) = parts.iter().enumerate().find_map(|(at, part)| match part.kind() {
            HirKind::Capture(Capture { name: Some(name), sub, .. }) if &**name == "value" => {
                Some((at, Letters::of(sub)))
            }
            _ => None,
        })?;
        let part = |parts: &[Hir], edge| match sum(parts, edge) {
            Some(part) => Some(part),
            None => Border::new(&value, &Letters::of_all(parts), edge).map(Part::Bordered),
        };
        Some(Self { before: part(&parts[..at], Look::Start)?, behind: part(&parts[at + 1..], Look::End)? })
    }

    /// The value of a match in `text`; nothing where it stands at an edge that may be part of it, or its bytes do
    /// not tell.
    pub(super) fn value(&self, (start, end): (usize, usize), text: &[u8]) -> Option<(usize, usize)> {
        let to = match &self.behind {
            Part::Bytes(bytes) => Some(end - bytes),
            Part::OneOrEdge => Some((end < text.len()).then_some(end - 1)?),
            Part::Bordered(_) => None,
        };
        let from = match &self.before {
            Part::Bytes(bytes) => start + bytes,
            Part::OneOrEdge => (start > 0).then_some(start + 1)?,
            Part::Bordered(border) => start + border.first(&text[start..to.unwrap_or(end)], to.is_some())?,
        };
        match &self.behind {
            Part::Bordered(border) => Some((from, from + border.last(&text[from..end])?)),
            _ => to.map(|to| (from, to)),
        }
    }
}

impl Border {
    /// `edge`: the one of the text that is on the part's side. Nothing where no byte can tell.
    fn new(value: &Letters, part: &Letters, edge: Look) -> Option<Self> {
        let (value_edge, part_edge) =
            if edge == Look::Start { (value.first, part.last) } else { (value.last, part.first) };
        let part_edge = if part.may_be_empty { ByteSet::default() } else { part_edge };
        let border = Self { value_edge, part: part.all, part_edge, value: value.all };
        let tells = |edge: ByteSet, other: ByteSet| !edge.and(other.not()).is_empty();
        (!value.may_be_empty && (tells(value_edge, part.all) || tells(part_edge, value.all)))
            .then_some(border)
    }

    /// Where the value starts in a part and a value, behind which there is nothing if `ends`.
    fn first(&self, text: &[u8], ends: bool) -> Option<usize> {
        // Before the first byte that can start the value there is none of it; if that byte is of no part, it is there.
        let at = text.iter().position(|byte| self.value_edge.contains(*byte))?;
        if !self.part.contains(text[at]) {
            return Some(at);
        }
        let at = text.iter().rposition(|byte| self.part_edge.contains(*byte)).filter(|_| ends)?;
        (!self.value.contains(text[at])).then_some(at + 1)
    }

    /// Where the value ends in a value and a part.
    fn last(&self, text: &[u8]) -> Option<usize> {
        let at = text.iter().rposition(|byte| self.value_edge.contains(*byte))?;
        if !self.part.contains(text[at]) {
            return Some(at + 1);
        }
        let at = text.iter().position(|byte| self.part_edge.contains(*byte))?;
        (!self.value.contains(text[at])).then_some(at)
    }
}

impl std::fmt::Debug for Border {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Border")
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

    fn check(pattern: &str, expected: Option<&[Part; 2]>) {
        let hir = syntax::parse_with(pattern, &pattern_syntax()).expect("parses");
        let expected = expected.map(|&[before, behind]| Parts { before, behind });
        assert_eq!(Parts::of(&hir), expected, "{pattern}");
    }

    #[test]
    fn parts_of_known_length_are_told() {
        use Part::{Bytes, OneOrEdge};
        check(r"(?:^|[^\w.-])(?P<value>\d+)\b", Some(&[OneOrEdge, Bytes(0)]));
        check(r"\bid=(?P<value>\w+)(?:[\s,;]|$)", Some(&[Bytes(3), OneOrEdge]));
        check(r"(?i) \((?P<value>[A-Z]{0,3}-?\d{4,8})\)", Some(&[Bytes(2), Bytes(1)]));
        check(r"(?:(?P<value>\d+)|x)", None);
        check(r"\d+", None);
    }

    #[test]
    fn a_value_at_an_edge_is_not_told_where_the_edge_may_be_part_of_the_match() {
        let parts = Parts { before: Part::OneOrEdge, behind: Part::OneOrEdge };
        assert_eq!(parts.value((2, 8), &[0; 9]), Some((3, 7)));
        assert_eq!(parts.value((0, 8), &[0; 9]), None);
        assert_eq!(parts.value((2, 9), &[0; 9]), None);
    }

    fn value<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
        let hir = syntax::parse_with(pattern, &pattern_syntax()).expect("parses");
        let (start, end) = Parts::of(&hir)?.value((0, text.len()), text.as_bytes())?;
        Some(&text[start..end])
    }

    #[test]
    fn bytes_tell_where_parts_of_any_length_end() {
        let id = r"(?i)employee[ :#-]*(?P<value>\d+)";
        assert_eq!(value(id, "Employee #: 21072"), Some("21072"));
        let quoted = r#"token ?[=:] {0,8}["'](?P<value>[^\s"']{2,})["']"#;
        assert_eq!(value(quoted, "token = 'a=\tb'"), Some("a=\tb"));
        let behind = r"(?P<value>[A-Z]{2}\d+)[, ]+(?:old|new)";
        assert_eq!(value(behind, "AB12, , new"), Some("AB12"));
        let both = r"id[ =]+(?P<value>\d+)(?: ms|s)?";
        assert_eq!(value(both, "id = 12 ms"), Some("12"));
    }

    #[test]
    fn bytes_that_may_be_of_both_tell_nothing() {
        // The first byte that can start the value is in the part: only the part's last byte tells.
        let named = r"\w+=(?P<value>\w+)";
        assert_eq!(value(named, "name=Doe"), Some("Doe"));
        assert_eq!(value(r"\w+=(?P<value>[\w=]+)", "name=Doe=x"), None);
        assert_eq!(value(r"a*(?P<value>a+)", "aaa"), None);
        assert_eq!(value(r"(?:id)?(?P<value>i+\d*)", "iii1"), None);
        assert_eq!(value(r"x+(?P<value>\d*)", "xx"), None);
        // What may be of the part stands before the value.
        assert_eq!(value(r"(?:^|[^a-z])-*(?P<value>[a-z\x80-\xff]+)@", "é-doe@"), None);
    }
}
