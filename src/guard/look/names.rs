//! Names: of files, folders, branches. What stands in them is found and taken out of what is shown.

use super::{Found, Look, Spot, hit};
use crate::guard::What;
use crate::guard::policy::{Certainty, Setting, Weight};
use crate::guard::subject::Origin;
use crate::terminal::printable;
use custody_redact::detect::path_findings;
use custody_rules::{Decision, Finding, Place};
use std::borrow::Cow;

/// A path's components as text. Bytes that are no UTF-8 are read as Latin-1, so that a name keeps its letters.
pub(super) fn components(path: &[u8]) -> Vec<String> {
    let text = match std::str::from_utf8(path) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(path.iter().map(|&byte| char::from(byte)).collect()),
    };
    text.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A message, and apart from it the lines that say who signed, reviewed or reported: they are there to name people. Each
/// has an empty line where the other one has one.
pub(super) fn trailers_apart(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let is_trailer = |line: &[u8]| {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { return false };
        let key = line[..at].to_ascii_lowercase();
        key.ends_with(b"-by") || matches!(key.as_slice(), b"cc" | b"reviewer" | b"author")
    };
    let (mut text, mut trailers) = (Vec::with_capacity(message.len()), Vec::new());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let (to, other) =
            if is_trailer(line) { (&mut trailers, &mut text) } else { (&mut text, &mut trailers) };
        to.extend_from_slice(line);
        other.push(b'\n');
    }
    (text, trailers)
}

impl Look<'_> {
    /// Looks at a path; gives it as it may be shown.
    pub(super) fn name(&self, origin: &Origin, parts: &[String], found: &mut Found) -> String {
        let findings = self.in_name(parts);
        let shown = self.shown(parts, &findings);
        found.tally.bytes += origin.path.len() as u64;
        let spot = Spot::new(origin, &shown, blake3::hash(&origin.path));
        for finding in findings.iter().filter(|finding| self.counts_in_name(finding)) {
            let Place::Path { component, .. } = finding.place else { continue };
            let place = format!("name, part {}", component + 1);
            let entity = self.entity(finding);
            let hit = hit(What::Value, entity, "in the name itself".to_owned());
            self.hit(&spot, self.seen(finding, super::Hit { place: Some(place), ..hit }), found);
        }
        shown
    }

    /// What stands in a path.
    pub(super) fn in_name(&self, parts: &[String]) -> Vec<Finding> {
        let detector = &self.run.detection.detector;
        path_findings(detector, parts, false, &mut self.run.context_at(parts).lend()).findings
    }

    fn counts_in_name(&self, finding: &Finding) -> bool {
        finding.decision == Decision::Redact
            && self.policy.weight(finding.entity, Setting::Code, self.certainty(finding)) == Weight::Full
    }

    /// A path with a mark in place of everything that was found in it.
    pub(super) fn shown(&self, parts: &[String], findings: &[Finding]) -> String {
        let mut parts = parts.to_vec();
        for finding in findings.iter().rev() {
            let Place::Path { component, start, end } = finding.place else { continue };
            let mark = format!("‹{}›", self.entity(finding));
            if let Some(part) = parts.get_mut(component as usize) {
                part.replace_range(start as usize..end as usize, &mark);
            }
        }
        printable(&parts.join("/"))
    }

    /// Who stands behind a finding.
    pub(super) fn certainty(&self, finding: &Finding) -> Certainty {
        let ids = self.run.detection.detector.ids();
        match finding.recognizer {
            recognizer if recognizer == ids.deny => Certainty::Denied,
            recognizer if recognizer == ids.roster => Certainty::Roster,
            _ => Certainty::Guess,
        }
    }

    /// The name of its entity.
    pub(super) fn entity(&self, finding: &Finding) -> String {
        self.run.detection.detector.rules().entity_name(finding.entity).to_owned()
    }

    /// A finding with who says so and how sure.
    pub(super) fn seen(&self, finding: &Finding, hit: super::Hit) -> super::Hit {
        let rules = self.run.detection.detector.rules();
        let recognizer = Some(rules.recognizer_name(finding.recognizer).to_owned());
        super::Hit { recognizer, score: Some(finding.score), ..hit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_bytes_become_text() {
        assert_eq!(components(b"a/b c/d\n"), ["a", "b c", "d\n"]);
        assert_eq!(components(b"M\xfcller/\xff"), ["Müller", "ÿ"]);
        assert_eq!(components(b""), [""; 0]);
    }

    #[test]
    fn who_signed_stands_apart_and_lines_stay_where_they_are() {
        let message = b"fix: it\n\nSigned-off-by: A B <a@b.org>\nCo-authored-by: C <c@d.org>\nkey: AKIA\n";
        let (text, trailers) = trailers_apart(message);
        assert_eq!(text, b"fix: it\n\n\n\nkey: AKIA\n");
        assert_eq!(trailers, b"\n\nSigned-off-by: A B <a@b.org>\nCo-authored-by: C <c@d.org>\n\n");
    }
}
