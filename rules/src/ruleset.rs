//! A checked set of recognizers: entities interned, checks looked up, every mistake named with file and line.

use crate::checks::Check;
use crate::recognizer::RecognizerSyntax;
use crate::rulefile::{self, CheckedFile};
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
const BUILT_IN: [(&str, &str); 7] = [
    ("deny", "a term or pattern of the deny-list"),
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
    /// Every mistake of every file: bad TOML, bad names, a regex that is bad, not linear-time or too large, an
    /// unknown check, missing examples, a duplicate id.
    pub fn load(sources: &[RuleSource<'_>]) -> Result<Self, Vec<RuleError>> {
        let (set, errors) = Self::load_good(sources);
        if errors.is_empty() { Ok(set) } else { Err(errors) }
    }

    /// Takes the files that are right; what is wrong with the others is told beside.
    ///
    /// Of two files with one id the first is taken.
    pub fn load_good(sources: &[RuleSource<'_>]) -> (Self, Vec<RuleError>) {
        let mut set = Self { entities: Vec::new(), recognizers: Vec::new() };
        let mut errors = Vec::new();
        let mut ids: HashMap<String, String> = HashMap::new();
        for source in sources {
            match rulefile::check(source) {
                Ok(file) => set.take(source, file, &mut ids).unwrap_or_else(|error| errors.push(error)),
                Err(mistakes) => errors.extend(mistakes),
            }
        }
        set.add_built_in();
        (set, errors)
    }

    fn take(
        &mut self,
        source: &RuleSource<'_>,
        file: CheckedFile,
        ids: &mut HashMap<String, String>,
    ) -> Result<(), RuleError> {
        let CheckedFile { syntax, entity, check } = file;
        let id = &syntax.id;
        if BUILT_IN.iter().any(|(built_in, _)| built_in == id) {
            return Err(rulefile::id_error(source, format!("id {id} is built in")));
        }
        if let Some(other) = ids.get(id) {
            return Err(rulefile::id_error(source, format!("id {id} is already used in {other}")));
        }
        ids.insert(id.clone(), source.name.to_owned());
        let entity = self.intern(entity);
        self.recognizers.push(Recognizer { syntax, entity, check });
        Ok(())
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
                headings: Vec::new(),
                answers: false,
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
        check(&GOOD.replace(r"B-\d{4}", "B-("), "x.toml:9: regex of pattern plain: unclosed group");
        check(&GOOD.replace(r"B-\d{4}", r"(B)-\1"), "x.toml:9: regex of pattern plain: backreferences are");
        check(&GOOD.replace(r"B-\d{4}", "B(?=-)"), "must be matched in linear time");
        check(&GOOD.replace(r"B-\d{4}", r"(?:(?:B{200}){200}){200}"), "compiles to more than 1 MiB");
        check(&GOOD.replace("\"BADGE\"", "\"Badge\""), "x.toml:3: entity name must be");
        check(&GOOD.replace("id = \"badge\"", "id = \"Badge\""), "x.toml:2: id must be");
        check(&GOOD.replace("source", "check = \"nope\"\nsource"), "unknown check nope");
        check(&GOOD.replace("[\"a\", \"b\"]", "[\"a\"]"), "2 negative");
        check(&GOOD.replace("score = 0.6", "score = 6.0"), "must be 0 to 1");
        check("id = 3", "x.toml:1:");
        let all = &GOOD
            .replace(r"B-\d{4}", "B-(")
            .replace("score = 0.6", "score = 6.0")
            .replace("source", "check = \"nope\"\nsource");
        for line in ["x.toml:10: regex", "x.toml:11: score", "x.toml:5: unknown check"] {
            check(all, line);
        }
        let twice = [RuleSource { name: "x.toml", text: GOOD }, RuleSource { name: "y.toml", text: GOOD }];
        let errors = RuleSet::load(&twice).expect_err("duplicate");
        assert!(errors[0].to_string().contains("y.toml:2: id badge is already used in x.toml"));
    }

    #[test]
    fn the_rest_is_taken_where_that_is_wanted() {
        let bad = GOOD.replace("\"badge\"", "\"other\"").replace(r"B-\d{4}", "B-(");
        let sources = [RuleSource { name: "x.toml", text: &bad }, RuleSource { name: "y.toml", text: GOOD }];
        let (set, errors) = RuleSet::load_good(&sources);
        assert_eq!((set.recognizers()[0].syntax.id.as_str(), errors.len()), ("badge", 1));
    }
}
