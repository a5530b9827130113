//! All policies of a store together: no two for the same item, and none is a mistake by itself.

use super::file::{self, CanonicalPolicy, PolicyFile, canonical_json};
use super::matching::Facet;
use super::{Caps, LedgerKeep, Policy, PolicyError};
use crate::ItemKind;
use serde::Serialize;
use std::collections::BTreeMap;

/// Files that are no policy.
const CAPS_FILE: &str = "caps.toml";
const LEDGER_FILE: &str = "ledger.toml";
/// Policies of one folder: each is compared to each.
const POLICIES_MAX: usize = 1_000;

/// A checked set of policies with caps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySet {
    policies: Vec<Policy>,
    caps: Caps,
    ledger: LedgerKeep,
    /// Environments in which periods are shorter: per cent, and every policy with its shorter period.
    shortened: BTreeMap<String, (u32, Vec<Policy>)>,
}

impl PolicySet {
    /// Reads and checks the files of a folder of policies: name and text of each.
    ///
    /// # Errors
    /// Every mistake with its file and line, and what to do about it. One mistake refuses all.
    ///
    /// # Examples
    /// ```
    /// use custody_retention::policy::{Facet, PolicySet};
    /// let text = r#"
    ///     id = "screens"
    ///     describe = "Screenshots"
    ///     basis = "GDPR Art. 5(1)(e), storage limitation"
    ///     unattended = true
    ///     [match]
    ///     class = ["screenshot"]
    ///     not.environment = ["production"]
    ///     [keep]
    ///     from = "ingested"
    ///     days = 7
    /// "#;
    /// let set = PolicySet::parse(&[("screens.toml", text)]).map_err(|mistakes| mistakes[0].clone())?;
    /// let item = Facet { kind: "artifact", class: "screenshot", environment: "sandbox", ..Facet::default() };
    /// assert_eq!(set.govern(&item).map(|policy| policy.id()), Some("screens"));
    /// assert_eq!(set.govern(&Facet { environment: "", ..item }), None);
    /// # Ok::<(), custody_retention::policy::PolicyError>(())
    /// ```
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, Vec<PolicyError>> {
        let mut mistakes = Vec::new();
        let (mut policies, mut caps, mut ledger) = (Vec::new(), Caps::default(), LedgerKeep::default());
        let mut names: Vec<&str> = Vec::new();
        for &(name, text) in files {
            let read = match name.strip_suffix(".toml") {
                _ if names.contains(&name) => Err(vec![whole_file(name, "the file is there twice")]),
                None => {
                    Err(vec![whole_file(name, "not a policy: its name must end in .toml, or move it away")])
                }
                Some(_) if name == CAPS_FILE => Caps::read(name, text).map(|read| caps = read),
                Some(_) if name == LEDGER_FILE => LedgerKeep::read(name, text).map(|read| ledger = read),
                Some(stem) => file::read(name, stem, text).map(|read| policies.push(read)),
            };
            names.push(name);
            mistakes.extend(read.err().unwrap_or_default());
        }
        policies.sort_by(|a, b| a.policy.id.cmp(&b.policy.id));
        if policies.is_empty() && mistakes.is_empty() {
            mistakes.push(PolicyError::NoPolicy);
        }
        if policies.len() > POLICIES_MAX {
            mistakes.push(PolicyError::TooMany);
            return Err(mistakes);
        }
        ledger.check(&policies, &mut mistakes);
        compare(&policies, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let policies = policies.into_iter().map(|read| read.policy).collect();
        Ok(Self { policies, caps, ledger, shortened: BTreeMap::new() })
    }

    /// The one policy for items like this. A copy has none of its own, and neither has what is of no known kind.
    pub fn govern(&self, facet: &Facet<'_>) -> Option<&Policy> {
        ItemKind::parse(facet.kind).filter(|kind| !kind.is_copy())?;
        let place = self.policies.iter().position(|policy| policy.matches(facet))?;
        let shortened = self.shortened.get(facet.environment).map(|(_, policies)| policies);
        shortened.unwrap_or(&self.policies).get(place)
    }

    /// The same set with shorter periods for items of some environments: so many per cent of what policies say, 1 to 100,
    /// rounded up to whole days. What has to be kept at least is kept at least, and more than 100 is 100: no environment
    /// keeps longer than its policy.
    #[must_use]
    pub fn shortened(mut self, percents: &BTreeMap<String, u32>) -> Self {
        for (environment, percent) in percents.iter().filter(|(_, percent)| **percent < 100) {
            let policies = self.policies.iter().map(|policy| policy.shortened(*percent)).collect();
            self.shortened.insert(environment.clone(), (*percent, policies));
        }
        self
    }

    /// All policies in the order of their names.
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// The policy of this name.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    /// How much one sweep may take.
    pub fn caps(&self) -> &Caps {
        &self.caps
    }

    /// How long the ledger is kept.
    pub fn ledger(&self) -> &LedgerKeep {
        &self.ledger
    }

    /// One encoding of all that the set says, to be hashed: the same for the same meaning.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        canonical_json(&CanonicalSet {
            schema: "custody-policies/1",
            policies: self.policies.iter().map(Policy::canonical).collect(),
            caps: &self.caps,
            ledger: &self.ledger,
            shortened: self.shortened.iter().map(|(name, (percent, _))| (name.as_str(), *percent)).collect(),
        })
    }
}

#[derive(Serialize)]
struct CanonicalSet<'a> {
    schema: &'static str,
    policies: Vec<CanonicalPolicy<'a>>,
    caps: &'a Caps,
    ledger: &'a LedgerKeep,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    shortened: BTreeMap<&'a str, u32>,
}

/// Reports every two policies that can meet in one item.
fn compare(policies: &[PolicyFile], mistakes: &mut Vec<PolicyError>) {
    for (at, one) in policies.iter().enumerate() {
        for other in &policies[at + 1..] {
            let Some(example) = one.policy.matching.meet(&other.policy.matching) else { continue };
            let (id, file) = (&one.policy.id, &one.file);
            let message = if one.policy.agrees_with(&other.policy) {
                format!(
                    "says the same twice as `{id}` ({file}) for {example}: remove one, or join their lists"
                )
            } else {
                format!(
                    "disagrees with `{id}` ({file}) about {example}: let them exclude each other, as with not.environment"
                )
            };
            mistakes.push(PolicyError::Mistake { file: other.file.clone(), line: other.match_line, message });
        }
    }
}

fn whole_file(file: &str, message: &str) -> PolicyError {
    PolicyError::Mistake { file: file.to_owned(), line: 1, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "id = \"reports\"\ndescribe = \"Reports\"\nbasis = \"GDPR Art. 5(1)(e)\"\nunattended = true\n\
        [match]\nclass = [\"report\"]\n[keep]\nfrom = \"last-used\"\ndays = 10\nat_least_days = 3\nat_most_days = 31\n";

    #[test]
    fn periods_are_shorter_where_an_environment_says_so_and_nowhere_longer() {
        let set = PolicySet::parse(&[("reports.toml", TEXT)]).expect("a policy");
        let keep = |set: &PolicySet, environment: &'static str| {
            let facet = Facet { kind: "artifact", class: "report", environment, ..Facet::default() };
            let keep = *set.govern(&facet).expect("governed").keep();
            (keep.days, keep.at_most_days, keep.at_least_days)
        };
        let percents = |percent| BTreeMap::from([("sandbox".to_owned(), percent)]);
        for (percent, days, most) in [(100, 10, 31), (50, 5, 16), (1, 3, 3), (99, 10, 31), (400, 10, 31)] {
            let other = set.clone().shortened(&percents(percent));
            assert_eq!(keep(&other, "sandbox"), (days, Some(most), Some(3)), "{percent}");
            assert_eq!(keep(&other, "production"), (10, Some(31), Some(3)));
            assert_eq!(other.canonical_bytes() == set.canonical_bytes(), percent >= 100, "{percent}");
        }
    }
}
