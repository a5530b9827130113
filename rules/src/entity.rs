//! The kinds of personal data: validated names, and the small numbers that stand for them in a rule set.

use std::fmt;

/// Names a kind of personal data, in Presidio's spelling where it has one: `PERSON`, `US_SSN`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity(String);

/// Stands for an [`Entity`] inside one [`crate::RuleSet`]: its index there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId(pub u16);

/// Says that a name is not `[A-Z][A-Z0-9_]*` of at most 40 characters.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("entity name must be A-Z, 0-9 and _ (at most 40), starting with a letter")]
pub struct EntityNameError;

impl Entity {
    /// Checks a name and takes it.
    ///
    /// # Errors
    /// [`EntityNameError`] when it is not `[A-Z][A-Z0-9_]{0,39}`.
    pub fn new(name: &str) -> Result<Self, EntityNameError> {
        let valid = name.len() <= 40
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if valid { Ok(Self(name.to_owned())) } else { Err(EntityNameError) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_upper_snake() {
        assert!(Entity::new("US_SSN").is_ok());
        for bad in ["", "us_ssn", "1A", "A-B", &"A".repeat(41)] {
            assert_eq!(Entity::new(bad), Err(EntityNameError), "{bad:?}");
        }
    }
}
