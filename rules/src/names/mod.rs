//! Personal names in free text without a roster: lists of given and family names, and what stands around them.
//!
//! Not the labels (`Legal Name: …`), which [`crate::LabelLexicon`] reads, nor the organisation's own people.

mod evidence;
mod find;
mod hints;
mod lexicon;
mod lower;
mod score;
mod segment;
mod table;
#[cfg(test)]
mod tests;
mod words;

use crate::{Candidate, EntityId, RecognizerId, RuleSet};
use std::sync::{Arc, OnceLock};
use table::{Class, Table};

/// Letters a part of a name needs before it is looked for alone.
const PART_LETTERS_MIN: usize = 4;

/// Words of introductions, greetings and closings; of sentences that speak of one person or to one.
const CUES: &[&str] = &[
    "name is",
    "name? ",
    "name: ",
    "named",
    "called",
    "nicknamed",
    "namens",
    "i'm",
    "i am",
    "this is",
    "heisse",
    "heisst",
    "m'appelle",
    "s'appelle",
    "appelle",
    "me llamo",
    "llamo",
    "llama",
    "soy",
    "nombre es",
    "nom est",
    "regards",
    "sincerely",
    "cheers",
    "dear ",
    "hi ",
    "hello ",
    "hey ",
    "bonjour ",
    "hola ",
    "liebe ",
    "lieber ",
    "hallo ",
    "mr ",
    "mrs ",
    "ms ",
    "dr ",
    "my son",
    "my daughter",
    "my wife",
    "my husband",
    "my brother",
    "my sister",
    "my mother",
    "my father",
    "my mom",
    "my dad",
    "my mum",
    "my kid",
    "my child",
    "my friend",
    "my cousin",
    "my boss",
    "my manager",
    "my colleague",
    "meine tochter",
    "mein sohn",
    "meine frau",
    "mein mann",
    "meine chefin",
    "mein chef",
    "ma fille",
    "mon fils",
    "mon mari",
    "ma femme",
    "mi hija",
    "mi hijo",
    "mi esposo",
    "mi esposa",
    "mi jefe",
    "can you",
    "could you",
    "would you",
    "can i ",
    "is from ",
    "why is ",
    "when did ",
    "how did ",
    "said",
    "lives",
    "married",
    "resigned",
    "novel",
    "biography",
    "concert",
];

/// How much a word speaks for a name in its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Cue {
    /// Not at all.
    #[default]
    None,
    /// With another one like it: it is a name, and something else.
    Weak,
    /// Enough for a closer look.
    Strong,
}

/// Whether a word of ASCII letters is written like a name: one capital, then small letters.
fn is_capital(word: &[u8]) -> bool {
    word.len() > 2 && word[0].is_ascii_uppercase() && word[1..].iter().all(u8::is_ascii_lowercase)
}

/// Finds names of people. Cheap to make after the first one; the lists are decoded once a process.
#[derive(Clone)]
pub struct NameFinder {
    table: Arc<Table>,
    entity: EntityId,
    recognizer: RecognizerId,
}

impl std::fmt::Debug for NameFinder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NameFinder").finish_non_exhaustive()
    }
}

fn shared_table() -> Arc<Table> {
    static TABLE: OnceLock<Arc<Table>> = OnceLock::new();
    Arc::clone(TABLE.get_or_init(|| Arc::new(Table::new())))
}

/// Whether a word is an ordinary one, of sentences, business or programs, whatever else it is.
pub(crate) fn is_ordinary(word: &str) -> bool {
    shared_table().class(word).any(Class::WORD | Class::NO_NAME | Class::GRAMMAR)
}

/// Whether a word is one of programs or business, or an ordinary one, and no name at all.
pub(crate) fn is_term(word: &str) -> bool {
    let class = shared_table().class(word);
    class.any(Class::WORD | Class::NO_NAME) && !class.listed()
}

/// Whether a word says that the one behind it may be a name: `Ms`, `manager`, `by`.
pub(crate) fn leads_to_name(word: &str) -> bool {
    const LEADS: u16 = Class::TITLE | Class::GREETING | Class::ROLE | Class::LINK | Class::OBJECT;
    shared_table().class(word).any(LEADS)
}

/// Whether a word is one of the small words of a sentence.
pub(crate) fn is_grammar(word: &str) -> bool {
    shared_table().class(word).any(Class::GRAMMAR)
}

/// Whether a word says what people do: `approved`.
pub(crate) fn is_deed(word: &str) -> bool {
    shared_table().class(word).any(Class::VERB)
}

impl NameFinder {
    /// Makes a finder whose candidates bear the rule set's `PERSON` and `names`.
    pub fn new(rules: &RuleSet) -> Self {
        Self {
            table: shared_table(),
            entity: rules.built_in_entity("PERSON"),
            recognizer: rules.built_in_recognizer("names"),
        }
    }

    /// How much a word speaks for a name in its text. One hash and, nearly always, one look; `word` is folded or
    /// of ASCII letters in any case.
    pub(crate) fn cue(&self, word: &[u8]) -> Cue {
        let class = self.table.ascii(word);
        if class.any(Class::TITLE | Class::GREETING) || class.strong() {
            Cue::Strong
        } else if class.listed() && !class.any(Class::NO_NAME) || class.unknown() && is_capital(word) {
            Cue::Weak
        } else {
            Cue::None
        }
    }

    /// Words, folded, behind which a name may stand that is in no list.
    pub(crate) fn cues() -> &'static [&'static str] {
        CUES
    }

    /// Adds the names in `text` to `out`. `label` is the heading, key or form label it stands under, as
    /// [`crate::normalise_label`] writes it. Addresses stand in `out` from index `addresses` on: what is in one
    /// of them is the name of a street or a town.
    pub fn find(&self, text: &str, label: Option<&str>, addresses: usize, out: &mut Vec<Candidate>) {
        let from = out.len();
        find::scan(self, text, out);
        if label.is_some_and(|label| self.is_person_label(label)) {
            find::whole(self, text, out);
        }
        find::chain(text, from, out);
        find::repeat(self, text, from, out);
        let mut at = from;
        while at < out.len() {
            let Candidate { start, end, score, .. } = out[at];
            let inside =
                out[addresses..from].iter().any(|a| a.score >= 0.5 && a.start < end && start < a.end);
            if inside || score < find::SCORE_MIN {
                out.swap_remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// Whether a word may be looked for alone once a name it is part of was found: a name of four letters or
    /// more that is no ordinary word, no product and no place.
    pub fn is_telling_part(&self, word: &str) -> bool {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let class = self.table.class(word);
        let rival = Class::WEAK | Class::NO_NAME | Class::WORD | Class::TITLE | Class::GRAMMAR;
        letters >= PART_LETTERS_MIN && word.chars().all(char::is_alphabetic) && !class.any(rival)
    }

    /// Whether a folded word is one of business or of programs.
    pub(crate) fn is_business(&self, word: &str) -> bool {
        self.table.class(word).any(Class::NO_NAME)
    }

    /// Whether a folded word is one of the small words of a sentence.
    pub(crate) fn is_grammar(&self, word: &str) -> bool {
        self.table.class(word).any(Class::GRAMMAR)
    }

    fn is_person_label(&self, label: &str) -> bool {
        label.split(' ').any(|word| self.table.class(word).any(Class::ROLE))
    }

    fn candidate(&self, (start, end): (usize, usize), score: f32) -> Candidate {
        Candidate { start, end, entity: self.entity, recognizer: self.recognizer, score, person: None }
    }
}
