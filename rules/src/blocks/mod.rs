//! Evidence over several lines of a text that is read line by line: tables, fields whose value stands on the line
//! below, addresses and signatures. One line after another goes through a [`BlockState`] of bounded size, so that
//! nothing depends on where a text is cut into pieces.
//!
//! Not what a single line says of itself: that is the scanner's.

mod cells;
mod fields;
mod headed;
mod keys;
mod letters;
mod nested;
mod recent;
mod table;
#[cfg(test)]
mod tests;
mod words;

use crate::labels::LabelHit;
use crate::{
    AddressFinder, Candidate, EntityId, LabelLexicon, NameFinder, RecognizerId, RuleSet, Scanner, ValueShape,
};
use cells::Cell;
use fields::Awaited;
use keys::Key;
use letters::Letter;
use recent::Recent;
use table::Table;

/// Entities that are found by their shape, in tables of programs too: they speak of no people.
const TECHNICAL: [&str; 6] =
    ["URL", "DATE_TIME", "IP_ADDRESS", "MAC_ADDRESS", "GEO_COORDINATES", "DEVICE_NAME"];

/// Finds what lines say together. Shared between threads and texts.
#[derive(Debug)]
pub struct BlockFinder {
    names: NameFinder,
    addresses: AddressFinder,
    label: RecognizerId,
    person: EntityId,
    phone: EntityId,
    private_key: Option<EntityId>,
    technical: Vec<EntityId>,
}

/// What is kept of the lines before: of bounded size, one a text.
#[derive(Clone, Default)]
pub struct BlockState {
    table: Option<Table>,
    awaited: Option<Awaited>,
    letter: Letter,
    key: Key,
    recent: Recent,
    cells: Vec<Cell>,
}

/// A value that stands in an earlier line, and what a later one says it is.
#[derive(Clone, PartialEq)]
pub struct Earlier {
    /// The value.
    pub text: String,
    /// What it is; `start..end` is all of `text`.
    pub candidate: Candidate,
}

impl std::fmt::Debug for BlockState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockState").field("table", &self.table.is_some()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Earlier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Earlier").field("candidate", &self.candidate).finish_non_exhaustive()
    }
}

#[cfg(test)]
impl BlockState {
    /// Bytes it takes.
    fn size_bytes(&self) -> usize {
        let table = self.table.as_ref().map_or(0, Table::size_bytes);
        size_of::<Self>() + table + self.recent.size_bytes() + self.cells.capacity() * size_of::<Cell>()
    }
}

impl BlockFinder {
    /// Makes a finder for the rules of a scanner.
    pub fn new(scanner: &Scanner) -> Self {
        let rules: &RuleSet = scanner.rules();
        Self {
            names: scanner.names().clone(),
            addresses: AddressFinder::new(rules, scanner.names().clone()),
            label: rules.built_in_recognizer("label"),
            person: rules.built_in_entity("PERSON"),
            phone: rules.built_in_entity("PHONE_NUMBER"),
            private_key: rules.entity_id("PRIVATE_KEY"),
            technical: TECHNICAL.iter().filter_map(|name| rules.entity_id(name)).collect(),
        }
    }

    /// Takes the next line, without its end. Adds what the lines before say of it to `out`, as bytes of `line`, and
    /// what it says of lines before to `earlier`.
    pub fn line(
        &self,
        labels: &LabelLexicon,
        state: &mut BlockState,
        line: &str,
        (out, earlier): (&mut Vec<Candidate>, &mut Vec<Earlier>),
    ) {
        if self.in_table(labels, state, line, out) {
            (state.awaited, state.letter) = (None, Letter::default());
            state.recent.push("");
            return;
        }
        if let Some(awaited) = state.awaited.take() {
            state.awaited = awaited.value(labels, line, out);
        } else {
            fields::keyed(labels, &state.recent, line, out);
            nested::part(labels, &state.recent, line, self.name_hit(), out);
        }
        if state.awaited.is_none() {
            state.awaited = fields::label_line(labels, line);
        }
        headed::line(labels, line, out);
        keys::line(self, line, &mut state.key, out);
        letters::line(self, &state.recent, line, &mut state.letter, (out, earlier));
        state.recent.push(line);
    }

    /// Whether the line is a row of a table, or its headings.
    fn in_table(
        &self,
        labels: &LabelLexicon,
        state: &mut BlockState,
        line: &str,
        out: &mut Vec<Candidate>,
    ) -> bool {
        let BlockState { table, cells, .. } = state;
        let next = table::header(self, labels, line, cells);
        if let Some(open) = table
            && !next.as_ref().is_some_and(|next| next.replaces(open))
        {
            if open.row(labels, line, cells, out) {
                return true;
            }
            *table = None;
        }
        let starts = next.is_some();
        if starts {
            *table = next;
        }
        starts
    }

    /// What a heading `Name` says in a table of people.
    fn name_hit(&self) -> LabelHit {
        LabelHit {
            entity: self.person,
            recognizer: self.label,
            shape: ValueShape::Name,
            phrase: true,
            weak: false,
            answers: false,
        }
    }

    fn is_technical(&self, entity: EntityId) -> bool {
        self.technical.contains(&entity)
    }

    fn is_business(&self, word: &str) -> bool {
        self.names.is_business(&crate::fold(word))
    }

    fn person(&self, (start, end): (usize, usize), score: f32) -> Candidate {
        Candidate { start, end, entity: self.person, recognizer: self.label, score, person: None }
    }

    fn phone(&self, (start, end): (usize, usize), score: f32) -> Candidate {
        Candidate { start, end, entity: self.phone, recognizer: self.label, score, person: None }
    }

    fn address(&self, (start, end): (usize, usize), score: f32) -> Candidate {
        self.addresses.candidate((start, end), score)
    }

    fn earlier_person(&self, text: &str) -> Earlier {
        Earlier { text: text.to_owned(), candidate: self.person((0, text.len()), 0.6) }
    }

    fn earlier_address(&self, text: &str) -> Earlier {
        Earlier { text: text.to_owned(), candidate: self.address((0, text.len()), 0.6) }
    }
}
