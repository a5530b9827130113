//! Redaction profiles: what becomes of each entity. Plain data from `profiles/*.toml`.

use crate::RuleSet;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is done to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// `<PERSON_1>`: the same number for the same person or value across the bundle.
    Replace,
    /// `****`: as many marks as characters, at least four, at most twelve.
    Mask,
    /// `<PERSON_3f2a91c0>`: BLAKE3 under the run's key.
    Hash,
    /// Nothing is left.
    Drop,
    /// It stays.
    Keep,
}

/// A redaction profile.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, as `--profile` takes it.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// Findings below this score are left alone, 0 to 1.
    pub threshold: f32,
    /// What is done to entities that are not named.
    pub default: Operator,
    /// What is done to each entity.
    #[serde(default)]
    pub operators: BTreeMap<String, Operator>,
}

/// Says what is wrong with a profile file.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileError {
    /// Not TOML, or not a profile.
    #[error("{file}:{line}: {message}")]
    Syntax {
        /// File name.
        file: String,
        /// Line from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// It names an entity that no recognizer finds.
    #[error("{file}: unknown entity {entity}")]
    UnknownEntity {
        /// File name.
        file: String,
        /// The name.
        entity: String,
    },
    /// The threshold is not 0 to 1.
    #[error("{file}: threshold must be 0 to 1")]
    Threshold {
        /// File name.
        file: String,
    },
}

impl Profile {
    /// Checks and takes a profile file.
    ///
    /// # Errors
    /// [`ProfileError`] with file and line.
    pub fn parse(file: &str, text: &str, rules: &RuleSet) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text[..at].bytes().filter(|&b| b == b'\n').count() + 1;
            ProfileError::Syntax { file: file.to_owned(), line, message: error.message().to_owned() }
        })?;
        if !(0.0..=1.0).contains(&profile.threshold) {
            return Err(ProfileError::Threshold { file: file.to_owned() });
        }
        match profile.operators.keys().find(|name| rules.entity_id(name).is_none()) {
            Some(entity) => {
                Err(ProfileError::UnknownEntity { file: file.to_owned(), entity: entity.clone() })
            }
            None => Ok(profile),
        }
    }

    /// What is done to an entity.
    pub fn operator(&self, entity: &str) -> Operator {
        self.operators.get(entity).copied().unwrap_or(self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_checked() {
        let rules = RuleSet::load(&[]).expect("empty set");
        let good =
            "name='p'\ndescription='d'\nthreshold=0.5\ndefault='replace'\n[operators]\nPERSON='hash'\n";
        let profile = Profile::parse("p.toml", good, &rules).expect("good");
        assert_eq!(profile.operator("PERSON"), Operator::Hash);
        assert_eq!(profile.operator("EMAIL_ADDRESS"), Operator::Replace);
        for (bad, expected) in [
            (good.replace("PERSON", "PERSN"), "unknown entity PERSN"),
            (good.replace("0.5", "5.0"), "threshold must be"),
            (good.replace("'hash'", "'blur'"), "p.toml:6: "),
        ] {
            let error = Profile::parse("p.toml", &bad, &rules).expect_err("bad").to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
