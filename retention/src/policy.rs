//! Retention policies: which class of artifact is kept how long, and on what basis. Data only; what follows
//! from a policy for one artifact is in [`crate::due`].

use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest period that is taken for meant: a hundred years.
const PERIOD_DAYS_MAX: u32 = 36_525;

/// A checked policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    name: String,
    classes: BTreeMap<String, Class>,
}

/// What a policy says of one class of artifacts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Name of the class, `kebab-case`.
    pub name: String,
    /// Days after which an artifact of the class is due, counted from its creation; at least 1.
    pub period_days: u32,
    /// Law, contract or decision that the period comes from.
    pub basis: String,
}

/// Says what is wrong with a policy file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Not the TOML that a policy is made of.
    #[error("policy cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A name that is not `kebab-case` or longer than 40 characters.
    #[error("{what} `{name}` must be 1 to 40 of a-z, 0-9 and -")]
    Name {
        /// `policy` or `class`.
        what: &'static str,
        /// The name as written.
        name: String,
    },
    /// A policy without classes.
    #[error("policy `{0}` names no class: add a [[class]] with name, period_days and basis")]
    Empty(String),
    /// A class that is there twice.
    #[error("class `{0}` is there twice")]
    Twice(String),
    /// A period of nothing or of more than a century.
    #[error("class `{class}`: period_days is {period_days}, must be 1 to {PERIOD_DAYS_MAX}")]
    Period {
        /// The class.
        class: String,
        /// Its period as written.
        period_days: u32,
    },
    /// A period without a reason.
    #[error("class `{0}`: basis is empty; write the law, contract or decision")]
    Basis(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicySyntax {
    name: String,
    #[serde(default, rename = "class")]
    classes: Vec<Class>,
}

impl Policy {
    /// Reads and checks a policy file.
    ///
    /// # Errors
    /// A [`PolicyError`] that names the class and what to change.
    ///
    /// # Examples
    /// ```
    /// let policy = custody_retention::Policy::parse(
    ///     r#"
    ///     name = "hr-artifacts"
    ///     [[class]]
    ///     name = "import"
    ///     period_days = 30
    ///     basis = "GDPR Art. 5(1)(e), storage limitation"
    ///     "#,
    /// )?;
    /// assert_eq!(policy.class("import").map(|class| class.period_days), Some(30));
    /// # Ok::<(), custody_retention::PolicyError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let syntax: PolicySyntax = toml::from_str(text)?;
        check_name("policy", &syntax.name)?;
        if syntax.classes.is_empty() {
            return Err(PolicyError::Empty(syntax.name));
        }
        let mut classes = BTreeMap::new();
        for class in syntax.classes {
            check_name("class", &class.name)?;
            if !(1..=PERIOD_DAYS_MAX).contains(&class.period_days) {
                return Err(PolicyError::Period { class: class.name, period_days: class.period_days });
            }
            if class.basis.trim().is_empty() {
                return Err(PolicyError::Basis(class.name));
            }
            if let Some(first) = classes.insert(class.name.clone(), class) {
                return Err(PolicyError::Twice(first.name));
            }
        }
        Ok(Self { name: syntax.name, classes })
    }

    /// The policy's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says of a class, if it names it.
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.classes.get(name)
    }

    /// All classes in order of their names.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.classes.values()
    }
}

fn check_name(what: &'static str, name: &str) -> Result<(), PolicyError> {
    let valid = (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if valid { Ok(()) } else { Err(PolicyError::Name { what, name: name.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(classes: &str) -> Result<Policy, PolicyError> {
        Policy::parse(&format!("name = \"test\"\n{classes}"))
    }

    fn class(name: &str, period_days: i64, basis: &str) -> String {
        format!("[[class]]\nname = \"{name}\"\nperiod_days = {period_days}\nbasis = \"{basis}\"\n")
    }

    #[test]
    fn classes_are_kept_in_order() {
        let text = class("screen", 14, "works council") + &class("import", 30, "GDPR Art. 5");
        let policy = parsed(&text).expect("a valid policy");
        let names: Vec<_> = policy.classes().map(|c| c.name.as_str()).collect();
        assert_eq!((policy.name(), names), ("test", vec!["import", "screen"]));
        assert_eq!(policy.class("other"), None);
    }

    #[test]
    fn what_is_odd_is_refused() {
        let twice = class("import", 30, "a") + &class("import", 31, "b");
        let cases = [
            ("", "names no class"),
            (&*class("import", 0, "a"), "period_days is 0"),
            (&*class("import", 40_000, "a"), "period_days is 40000"),
            (&*class("import", -1, "a"), "cannot be read"),
            (&*class("import", 3, "  "), "basis is empty"),
            (&*class("Im port", 3, "a"), "class `Im port`"),
            (&*twice, "is there twice"),
            ("[[class]]\nname = \"a\"\nperiod_days = 1\nbasis = \"b\"\ngrace = 3\n", "unknown field"),
        ];
        for (text, expected) in cases {
            let error = parsed(text).expect_err(text).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
