//! What counts in a repository: secrets and identity numbers everywhere, people in data. Decides about findings; finds none.

use crate::embedded::GUARD;
use anyhow::Context as _;
use custody_rules::{ArtifactKind, EntityId, RuleSet};
use serde::Deserialize;
use std::collections::HashSet;

/// How a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// By itself.
    Full,
    /// If there are many in one file.
    Many,
    /// Where authors are named, not at all.
    Nothing,
}

/// Who stands behind a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// A pattern, a label, a list of names.
    Guess,
    /// The organisation's roster.
    Roster,
    /// A deny-list: what it names is found always.
    Denied,
}

/// What a text is in which something is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Tables, logs, what programs exchange.
    Data,
    /// Source code and documents.
    Code,
    /// Where a project names its authors.
    Authors,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSyntax {
    people: Vec<String>,
    people_max: usize,
    secrets: Vec<String>,
    data: Vec<String>,
    code: Vec<String>,
    authors: Vec<String>,
    author_endings: Vec<String>,
    author_entities: Vec<String>,
}

/// The policy.
#[derive(Debug)]
pub struct Policy {
    people: HashSet<EntityId>,
    secrets: HashSet<EntityId>,
    people_max: usize,
    data: Vec<String>,
    code: Vec<String>,
    authors: Vec<String>,
    author_endings: Vec<String>,
    author_entities: HashSet<EntityId>,
}

impl Policy {
    /// The binary's own, over these rules.
    ///
    /// # Errors
    /// Mistakes in its file; an entity that no rule finds.
    pub fn load(rules: &RuleSet) -> anyhow::Result<Self> {
        let file: FileSyntax =
            toml::from_str(embedded(GUARD, "policy.toml")?).context("rules/guard/policy.toml")?;
        let ids = |names: &[String]| -> anyhow::Result<HashSet<EntityId>> {
            names
                .iter()
                .map(|name| rules.entity_id(name).with_context(|| format!("{name}: no entity")))
                .collect()
        };
        Ok(Self {
            people: ids(&file.people)?,
            secrets: ids(&file.secrets)?,
            people_max: file.people_max,
            data: file.data,
            code: file.code,
            authors: file.authors,
            author_endings: file.author_endings,
            author_entities: ids(&file.author_entities)?,
        })
    }

    /// What a file is, by its kind and its last component.
    pub fn setting(&self, name: &str, kind: ArtifactKind) -> Setting {
        let name = name.to_lowercase();
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => (stem, ending),
            _ => (name.as_str(), ""),
        };
        let has = |list: &[String], word: &str| list.iter().any(|one| one == word);
        let document = ending.is_empty() || has(&self.author_endings, ending);
        if has(&self.authors, &name) || (document && has(&self.authors, stem)) {
            return Setting::Authors;
        }
        if has(&self.code, &name) {
            return Setting::Code;
        }
        match kind {
            ArtifactKind::Workbook | ArtifactKind::Image | ArtifactKind::Video => Setting::Data,
            _ if has(&self.data, ending) => Setting::Data,
            _ => Setting::Code,
        }
    }

    /// Whether a file's name says that it is code, or a document in lines: then it need not be found out whether its text is
    /// a table or a tree.
    pub fn is_code(&self, name: &str) -> bool {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
        let tree_or_table = ["", "har", "ipynb", "json", "tab", "txt", "xml"].contains(&ending.as_str());
        !tree_or_table && self.setting(name, ArtifactKind::Text) == Setting::Code
    }

    /// How a finding counts there.
    pub fn weight(&self, entity: EntityId, setting: Setting, certainty: Certainty) -> Weight {
        if certainty == Certainty::Denied || !self.people.contains(&entity) {
            return Weight::Full;
        }
        match setting {
            // Those who made it are the organisation's own people.
            Setting::Authors if self.author_entities.contains(&entity) => Weight::Nothing,
            _ if certainty == Certainty::Roster => Weight::Full,
            Setting::Data => Weight::Full,
            Setting::Code | Setting::Authors => Weight::Many,
        }
    }

    /// Whether it is a secret.
    pub fn is_secret(&self, entity: EntityId) -> bool {
        self.secrets.contains(&entity)
    }

    /// How many people code may name.
    pub fn people_max(&self) -> usize {
        self.people_max
    }
}

/// The text of one of the binary's files.
pub(super) fn embedded(files: &[(&str, &'static str)], name: &str) -> anyhow::Result<&'static str> {
    let found = files.iter().find(|(file, _)| *file == name);
    found.map(|(_, text)| *text).with_context(|| format!("rules/guard/{name} is not part of the binary"))
}

/// The allow-list of values that nobody has, as `--allow` takes one.
///
/// # Errors
/// When it is not part of the binary.
pub fn placeholders() -> anyhow::Result<(String, String)> {
    let name = "placeholders.toml";
    Ok((name.to_owned(), embedded(GUARD, name)?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::RuleSource;

    #[test]
    fn people_count_where_the_policy_says_so_and_secrets_everywhere() {
        let sources: Vec<RuleSource<'_>> =
            crate::embedded::RECOGNIZERS.iter().map(|&(name, text)| RuleSource { name, text }).collect();
        let rules = RuleSet::load(&sources).expect("the binary's own");
        let policy = Policy::load(&rules).expect("the binary's own");
        let id = |name: &str| rules.entity_id(name).expect("an entity");
        let (person, pay, key) = (id("PERSON"), id("COMPENSATION"), id("API_KEY"));
        for (name, kind, expected) in [
            ("a.py", ArtifactKind::Text, Setting::Code),
            ("a.csv", ArtifactKind::Csv, Setting::Data),
            ("x.JSON", ArtifactKind::Json, Setting::Data),
            ("package.json", ArtifactKind::Json, Setting::Code),
            ("a.png", ArtifactKind::Image, Setting::Data),
            ("AUTHORS", ArtifactKind::Text, Setting::Authors),
            ("Authors.md", ArtifactKind::Text, Setting::Authors),
            ("authors.csv", ArtifactKind::Csv, Setting::Data),
            ("authors.py", ArtifactKind::Text, Setting::Code),
            (".mailmap", ArtifactKind::Text, Setting::Authors),
        ] {
            assert_eq!(policy.setting(name, kind), expected, "{name}");
        }
        for (entity, setting, certainty, expected) in [
            (key, Setting::Authors, Certainty::Guess, Weight::Full),
            (person, Setting::Data, Certainty::Guess, Weight::Full),
            (person, Setting::Code, Certainty::Guess, Weight::Many),
            (person, Setting::Code, Certainty::Roster, Weight::Full),
            (person, Setting::Authors, Certainty::Roster, Weight::Nothing),
            (person, Setting::Authors, Certainty::Denied, Weight::Full),
            (pay, Setting::Authors, Certainty::Guess, Weight::Many),
        ] {
            assert_eq!(policy.weight(entity, setting, certainty), expected);
        }
        assert!(policy.is_secret(key) && !policy.is_secret(person));
    }
}
