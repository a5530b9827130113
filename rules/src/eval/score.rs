//! Compares what is found in a case with its labels, and adds it up.

use super::case::{Case, Expect, Label};
use super::names::{EntityNames, SECRET};
use super::report::{Expected, Measures, Report};
use crate::{EntityId, RuleSet};
use std::collections::BTreeMap;
use std::ops::Range;

/// A finding in one line of a case: half-open bytes of that line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub entity: EntityId,
    /// How sure, 0 to 1.
    pub score: f32,
}

/// What was wrong in one case: entity and half-open characters of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mistakes {
    /// Labels that were not found.
    pub missed: Vec<(String, Range<usize>)>,
    /// Findings that were not right.
    pub false_findings: Vec<(String, Range<usize>)>,
}

/// Counts over all cases so far.
#[derive(Debug)]
pub struct Evaluation<'r> {
    names: EntityNames<'r>,
    rows: BTreeMap<String, Measures>,
    not_counted: BTreeMap<String, u64>,
    expected: Option<Expected>,
    cases: u64,
}

/// A finding in characters of the whole text.
struct Found {
    place: Range<usize>,
    entity: EntityId,
}

/// A label whose entity is claimed.
struct Claimed {
    place: Range<usize>,
    row: String,
    equal: Vec<EntityId>,
}

impl<'r> Evaluation<'r> {
    /// Starts with nothing counted.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self {
            names: EntityNames::new(rules),
            rows: BTreeMap::new(),
            not_counted: BTreeMap::new(),
            expected: None,
            cases: 0,
        }
    }

    /// Runs a case: `find` gets each of its lines and, where the case restricts them, the entities that count;
    /// then it must give findings of any score, else those the product would give.
    pub fn run(
        &mut self,
        case: &Case,
        find: &mut dyn FnMut(&str, Option<&[EntityId]>) -> Vec<Hit>,
    ) -> Mistakes {
        self.cases += 1;
        let only = case.only.as_deref().map(|only| self.names.restriction(only));
        let text = Text::new(&case.text);
        let found = text.found(&case.text, &mut |line| find(line, only.as_deref()));
        let mut mistakes = Mistakes::default();
        if let Some(labels) = &case.labels {
            self.compare(&text, labels, &found, &mut mistakes);
        }
        if let Some(expect) = case.expect {
            self.expect(expect, text.inked.len(), &found, &mut mistakes);
        }
        mistakes
    }

    fn compare(&mut self, text: &Text, labels: &[Label], found: &[Found], mistakes: &mut Mistakes) {
        let mut claimed = Vec::new();
        let mut others = Vec::new();
        for label in labels {
            let place = label.start..label.end;
            match self.names.ours(&label.entity) {
                Some(ours) => {
                    let (row, equal) = (ours.to_owned(), self.names.equal(ours));
                    claimed.push(Claimed { place, row, equal });
                }
                None => {
                    *self.not_counted.entry(label.entity.clone()).or_default() += 1;
                    others.push(place);
                }
            }
        }
        for label in &claimed {
            self.score_label(text, label, found, mistakes);
        }
        for finding in found {
            self.score_finding(text, finding, (&claimed, &others), mistakes);
        }
    }

    fn score_label(&mut self, text: &Text, label: &Claimed, found: &[Found], mistakes: &mut Mistakes) {
        let covered = |at: usize, own: bool| {
            found.iter().any(|f| f.place.contains(&at) && (!own || label.equal.contains(&f.entity)))
        };
        let inked = || label.place.clone().filter(|&at| text.inked[at]);
        let characters = inked().count();
        let own = inked().filter(|&at| covered(at, true)).count();
        let left = inked().filter(|&at| !covered(at, false)).count();
        let row = self.rows.entry(label.row.clone()).or_default();
        row.labelled += 1;
        row.characters += characters as u64;
        row.left += left as u64;
        if own * 2 >= characters && own > 0 {
            row.found += 1;
        } else {
            mistakes.missed.push((label.row.clone(), label.place.clone()));
        }
    }

    fn score_finding(
        &mut self,
        text: &Text,
        finding: &Found,
        (claimed, others): (&[Claimed], &[Range<usize>]),
        mistakes: &mut Mistakes,
    ) {
        let own = text.count(&finding.place);
        let fits = claimed.iter().filter(|label| label.equal.contains(&finding.entity)).filter_map(|label| {
            let shared = text.count(&shared(&label.place, &finding.place));
            let enough = shared > 0 && (shared * 2 >= own || shared * 2 >= text.count(&label.place));
            enough.then_some((shared, &label.row))
        });
        if let Some((_, row)) = fits.max_by_key(|(shared, _)| *shared) {
            let row = self.rows.entry(row.clone()).or_default();
            row.findings += 1;
            row.right += 1;
        } else if !others.iter().any(|other| !shared(other, &finding.place).is_empty()) {
            let name = self.names.name(finding.entity);
            self.rows.entry(name.to_owned()).or_default().findings += 1;
            mistakes.false_findings.push((name.to_owned(), finding.place.clone()));
        }
    }

    fn expect(&mut self, expect: Expect, chars: usize, found: &[Found], mistakes: &mut Mistakes) {
        let secrets = self.names.equal(SECRET);
        let hit = found.iter().find(|f| secrets.contains(&f.entity));
        let expected = self.expected.get_or_insert_default();
        let row = self.rows.entry(SECRET.to_owned()).or_default();
        row.findings += u64::from(hit.is_some());
        match expect {
            Expect::Secret => {
                expected.secrets += 1;
                row.labelled += 1;
                expected.found += u64::from(hit.is_some());
                row.found += u64::from(hit.is_some());
                row.right += u64::from(hit.is_some());
                if hit.is_none() {
                    mistakes.missed.push((SECRET.to_owned(), 0..chars));
                }
            }
            Expect::None => {
                expected.harmless += 1;
                expected.flagged += u64::from(hit.is_some());
                if let Some(hit) = hit {
                    mistakes.false_findings.push((SECRET.to_owned(), hit.place.clone()));
                }
            }
        }
    }

    /// What was counted so far.
    pub fn report(&self) -> Report {
        Report {
            cases: self.cases,
            overall: self.rows.values().copied().fold(Measures::default(), Measures::plus),
            entities: self.rows.clone(),
            expect: self.expected,
            not_counted: self.not_counted.clone(),
        }
    }
}

/// Which characters of a text are more than white space, and where each begins.
struct Text {
    inked: Vec<bool>,
    starts: Vec<usize>,
}

impl Text {
    fn new(text: &str) -> Self {
        Self {
            inked: text.chars().map(|c| !c.is_whitespace()).collect(),
            starts: text.char_indices().map(|(at, _)| at).collect(),
        }
    }

    /// Findings in characters of the text, which is searched as one cell is: whole.
    fn found(&self, text: &str, find: &mut dyn FnMut(&str) -> Vec<Hit>) -> Vec<Found> {
        let place = |hit: &Hit| self.character(hit.start)..self.character(hit.end);
        find(text).iter().map(|hit| Found { place: place(hit), entity: hit.entity }).collect()
    }

    fn character(&self, byte: usize) -> usize {
        self.starts.partition_point(|&start| start < byte)
    }

    fn count(&self, place: &Range<usize>) -> usize {
        self.inked.get(place.clone()).map_or(0, |inked| inked.iter().filter(|&&inked| inked).count())
    }
}

fn shared(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    let start = a.start.max(b.start);
    start..a.end.min(b.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::read_cases;

    /// Runs one case in which these bytes of its first line are found.
    fn check(case: &str, hits: &[(usize, usize, &str)]) -> Report {
        let rules = RuleSet::load(&[]).expect("an empty set");
        let mut evaluation = Evaluation::new(&rules);
        let mut lines = 0;
        read_cases("c", case.as_bytes(), &mut |case| {
            evaluation.run(&case, &mut |_, _| {
                lines += 1;
                let hits = if lines == 1 { hits } else { &[] };
                hits.iter()
                    .map(|&(start, end, name)| Hit {
                        start,
                        end,
                        entity: rules.built_in_entity(name),
                        score: 1.0,
                    })
                    .collect()
            });
        })
        .expect("a case");
        evaluation.report()
    }

    const JANE: &str = r#"{"text":"ü Jane Doe, jane@x.example","spans":[{"start":2,"end":10,"entity":"PERSON"},
        {"start":12,"end":26,"entity":"EMAIL"}]}"#;

    fn jane() -> String {
        JANE.replace('\n', "")
    }

    #[test]
    fn all_is_found() {
        let report = check(&jane(), &[(3, 11, "PERSON"), (13, 27, "EMAIL_ADDRESS")]);
        assert_eq!(
            (report.overall.recall(), report.overall.precision(), report.overall.leak()),
            (1.0, 1.0, 0.0)
        );
        assert_eq!(report.entities["EMAIL_ADDRESS"].found, 1);
    }

    #[test]
    fn half_is_enough_to_be_found_and_the_rest_leaks() {
        let report = check(&jane(), &[(3, 7, "PERSON")]);
        let person = report.entities["PERSON"];
        assert_eq!((person.found, person.right, person.characters, person.left), (1, 1, 7, 3));
        assert_eq!((report.overall.labelled, report.overall.found), (2, 1));
    }

    #[test]
    fn another_entity_is_false_and_leaks_nothing() {
        let report = check(&jane(), &[(3, 11, "EMPLOYEE_ID"), (13, 27, "EMAIL_ADDRESS")]);
        assert_eq!((report.entities["PERSON"].found, report.entities["PERSON"].left), (0, 0));
        assert_eq!((report.entities["EMPLOYEE_ID"].findings, report.overall.right), (1, 1));
    }

    #[test]
    fn what_is_not_claimed_is_not_counted() {
        let case = r#"{"text":"in Berlin","spans":[{"start":3,"end":9,"entity":"GPE"}]}"#;
        let report = check(case, &[(3, 9, "PERSON")]);
        assert_eq!((report.overall.labelled, report.overall.findings, report.not_counted["GPE"]), (0, 0, 1));
    }

    #[test]
    fn harmless_texts_count_once() {
        let report = check(r#"{"text":"a\nb","expect":"none"}"#, &[(0, 1, "PERSON")]);
        let expect = report.expect.expect("counted");
        assert_eq!((expect.harmless, expect.flagged), (1, 0));
    }
}
