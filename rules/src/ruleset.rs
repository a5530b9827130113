//! A checked set of recognizers: entities interned, checks looked up, every mistake named with file and line.

use crate::checks::{self, Check};
use crate::recognizer::RecognizerSyntax;
use crate::{Entity, EntityId, RecognizerId, ValueShape};
use std::collections::HashMap;

/// One recognizer file: its name for messages, and its text.
#[derive(Debug, Clone, Copy)]
pub struct RuleSource<'a> {
    /// File name, for messages.
    pub name: &'a str,
    /// TOML.
    pub text: &'a str,
}

/// Says what is wrong with a recognizer file.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{file}:{line}: {message}")]
pub struct RuleError {
    /// File name.
    pub file: String,
    /// Line from 1; 1 where the mistake is about the file as a whole.
    pub line: usize,
    /// What is wrong and what is expected.
    pub message: String,
}

/// A checked recognizer.
#[derive(Debug, Clone)]
pub struct Recognizer {
    /// As written in the file.
    pub syntax: RecognizerSyntax,
    /// What it finds.
    pub entity: EntityId,
    /// Its check, looked up.
    pub check: Option<Check>,
}

/// A checked set of recognizers.
#[derive(Debug, Clone)]
pub struct RuleSet {
    entities: Vec<Entity>,
    recognizers: Vec<Recognizer>,
}

/// Recognizers that are code, not files; they close every set.
const BUILT_IN: [(&str, &str); 6] = [
    ("roster", "an exact match of the organisation's own roster"),
    ("bundle", "a value found elsewhere in the same bundle"),
    ("label", "the value of a labelled field or column"),
    ("names", "a personal name, by the lists of names and by what stands around it"),
    ("addresses", "a postal address, by its build"),
    ("unread", "pixels that changed too fast to be read"),
];

/// Entities the roster and the layout need, whatever the files say.
const BUILT_IN_ENTITIES: [&str; 7] = [
    "PERSON",
    "STREET_ADDRESS",
    "EMPLOYEE_ID",
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "NATIONAL_ID",
    "UNREAD_REGION",
];

impl RuleSet {
    /// Checks and takes recognizer files.
    ///
    /// # Errors
    /// Every mistake of every file: bad TOML, bad names, bad regex, an unknown check, missing examples, a
    /// duplicate id.
    pub fn load(sources: &[RuleSource<'_>]) -> Result<Self, Vec<RuleError>> {
        let mut set = Self { entities: Vec::new(), recognizers: Vec::new() };
        let mut errors = Vec::new();
        let mut ids: HashMap<String, String> = HashMap::new();
        for source in sources {
            match parse(source).and_then(|syntax| set.check(source, syntax, &mut ids)) {
                Ok(recognizer) => set.recognizers.push(recognizer),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            set.add_built_in();
            Ok(set)
        } else {
            Err(errors)
        }
    }

    fn check(
        &mut self,
        source: &RuleSource<'_>,
        syntax: RecognizerSyntax,
        ids: &mut HashMap<String, String>,
    ) -> Result<Recognizer, RuleError> {
        let fail = |key: &str, message: String| Err(error_at(source, key, message));
        if !syntax.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            || syntax.id.is_empty()
        {
            return fail("id", "id must be a-z, 0-9 and _".to_owned());
        }
        if BUILT_IN.iter().any(|(id, _)| *id == syntax.id) {
            return fail("id", format!("id {} is built in", syntax.id));
        }
        if let Some(other) = ids.insert(syntax.id.clone(), source.name.to_owned()) {
            return fail("id", format!("id {} is already used in {other}", syntax.id));
        }
        if syntax.positive.len() < 3 || syntax.negative.len() < 2 {
            return fail("positive", "at least 3 positive and 2 negative examples are needed".to_owned());
        }
        if syntax.patterns.is_empty() && syntax.labels.is_empty() {
            return fail("patterns", "a recognizer needs a pattern or a label".to_owned());
        }
        for pattern in &syntax.patterns {
            if !(0.0..=1.0).contains(&pattern.score) {
                return fail(&pattern.name, format!("score of pattern {} must be 0 to 1", pattern.name));
            }
            if let Err(message) = crate::scanner::compile(&pattern.regex) {
                return fail(&pattern.name, format!("regex of pattern {}: {message}", pattern.name));
            }
        }
        let check = match syntax.check.as_deref().map(|name| (name, checks::by_name(name))) {
            Some((name, None)) => return fail("check", format!("unknown check {name}")),
            Some((_, found)) => found,
            None => None,
        };
        let entity = Entity::new(&syntax.entity).map_err(|e| error_at(source, "entity", e.to_string()))?;
        Ok(Recognizer { entity: self.intern(entity), syntax, check })
    }

    fn intern(&mut self, entity: Entity) -> EntityId {
        let at = self.entities.iter().position(|e| *e == entity).unwrap_or_else(|| {
            self.entities.push(entity);
            self.entities.len() - 1
        });
        EntityId(at as u16)
    }

    fn add_built_in(&mut self) {
        for name in BUILT_IN_ENTITIES {
            if let Ok(entity) = Entity::new(name) {
                self.intern(entity);
            }
        }
        let person = self.entity_id("PERSON").unwrap_or(EntityId(0));
        for (id, description) in BUILT_IN {
            let syntax = RecognizerSyntax {
                id: id.to_owned(),
                entity: "PERSON".to_owned(),
                description: description.to_owned(),
                source: "built in".to_owned(),
                check: None,
                check_score: 0.9,
                context: Vec::new(),
                labels: Vec::new(),
                value: ValueShape::Token,
                patterns: Vec::new(),
                positive: Vec::new(),
                negative: Vec::new(),
            };
            self.recognizers.push(Recognizer { syntax, entity: person, check: None });
        }
    }

    /// All recognizers; a [`RecognizerId`] is an index into them.
    pub fn recognizers(&self) -> &[Recognizer] {
        &self.recognizers
    }

    /// All entities; an [`EntityId`] is an index into them.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// The name of an entity of this set.
    pub fn entity_name(&self, id: EntityId) -> &str {
        self.entities.get(id.0 as usize).map_or("UNKNOWN", Entity::as_str)
    }

    /// The id of a recognizer of this set.
    pub fn recognizer_name(&self, id: RecognizerId) -> &str {
        self.recognizers.get(id.0 as usize).map_or("unknown", |r| &r.syntax.id)
    }

    /// The number of an entity by its name.
    pub fn entity_id(&self, name: &str) -> Option<EntityId> {
        self.entities.iter().position(|e| e.as_str() == name).map(|at| EntityId(at as u16))
    }

    /// The number of a recognizer by its id.
    pub fn recognizer_id(&self, id: &str) -> Option<RecognizerId> {
        self.recognizers.iter().position(|r| r.syntax.id == id).map(|at| RecognizerId(at as u16))
    }

    /// The number of one of the entities every set has (`PERSON`, `EMPLOYEE_ID`, …).
    ///
    /// # Panics
    /// When the name is not one of them: a mistake in our own code.
    pub fn built_in_entity(&self, name: &str) -> EntityId {
        self.entity_id(name).expect("every set has the built-in entities")
    }

    /// The number of one of the recognizers every set has (`roster`, `bundle`, `label`, `names`, `addresses`, `unread`).
    ///
    /// # Panics
    /// When the name is not one of them: a mistake in our own code.
    pub fn built_in_recognizer(&self, id: &str) -> RecognizerId {
        self.recognizer_id(id).expect("every set has the built-in recognizers")
    }
}

fn parse(source: &RuleSource<'_>) -> Result<RecognizerSyntax, RuleError> {
    toml::from_str(source.text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(source.text, span.start));
        RuleError { file: source.name.to_owned(), line, message: error.message().to_owned() }
    })
}

fn error_at(source: &RuleSource<'_>, needle: &str, message: String) -> RuleError {
    let line = source.text.find(needle).map_or(1, |at| line_of(source.text, at));
    RuleError { file: source.name.to_owned(), line, message }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|&&b| b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
id = "badge"
entity = "BADGE"
description = "a badge"
source = "made up"
negative = ["a", "b"]
[[patterns]]
name = "plain"
regex = 'B-\d{4}'
score = 0.6
[[positive]]
text = "B-0001"
find = "B-0001"
[[positive]]
text = "B-0002"
find = "B-0002"
[[positive]]
text = "B-0003"
find = "B-0003"
"#;

    fn check(text: &str, expected: &str) {
        let errors = RuleSet::load(&[RuleSource { name: "x.toml", text }]).expect_err("must be refused");
        let all = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(all.contains(expected), "{all}");
    }

    #[test]
    fn a_good_file_loads() {
        let set = RuleSet::load(&[RuleSource { name: "x.toml", text: GOOD }]).expect("good");
        assert_eq!(set.entity_name(set.recognizers()[0].entity), "BADGE");
        assert!(set.recognizer_id("roster").is_some());
    }

    #[test]
    fn every_mistake_names_file_and_line() {
        check(&GOOD.replace(r"B-\d{4}", "B-("), "x.toml:8: regex of pattern plain");
        check(&GOOD.replace("id = \"badge\"", "id = \"Badge\""), "x.toml:2: id must be");
        check(&GOOD.replace("source", "check = \"nope\"\nsource"), "unknown check nope");
        check(&GOOD.replace("[\"a\", \"b\"]", "[\"a\"]"), "2 negative");
        check(&GOOD.replace("score = 0.6", "score = 6.0"), "must be 0 to 1");
        check("id = 3", "x.toml:1:");
        let twice = [RuleSource { name: "x.toml", text: GOOD }, RuleSource { name: "y.toml", text: GOOD }];
        let errors = RuleSet::load(&twice).expect_err("duplicate");
        assert!(errors[0].to_string().contains("already used in x.toml"));
    }
}
