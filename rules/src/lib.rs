//! The words every stage shares: entities, findings, Arrow schemas, recognizers, the scanner and the roster.
//!
//! A leaf: it knows no file format, no terminal and no other stage. What a compliance officer edits lives
//! beside it, in `recognizers/`, `profiles/` and `policies/`.

mod addresses;
pub mod approval;
mod artifact;
mod blocks;
mod builders;
pub mod checks;
pub mod descriptor;
mod entity;
mod escape;
pub mod eval;
mod examples;
mod explain;
mod finding;
mod fold;
mod hashed;
mod job;
mod labels;
mod lists;
pub mod manifest;
mod names;
mod preview;
mod profile;
mod recognizer;
mod refusal;
mod roster;
mod rulefile;
mod ruleset;
mod scanner;
mod structure;
pub mod table;
mod token;
mod tomlines;
mod traits;
mod values;

pub use addresses::AddressFinder;
pub use artifact::{ArtifactKind, Limits};
pub use blocks::{BlockFinder, BlockState, Earlier};
pub use builders::{CellsBuilder, LinesBuilder, WordsBuilder};
pub use entity::{Entity, EntityId, EntityNameError};
pub use escape::Syntax;
pub use explain::{ContextWord, Explanation, context_words, explain};
pub use finding::{Candidate, Decision, Finding, Place, RecognizerId, Region};
pub use fold::{Folded, fold, normalise, tokens};
pub use job::{Job, JobAnswer, MediaSummary, Paint};
pub use labels::{LabelHit, LabelLexicon, heading_below, is_null_like, normalise_label};
pub use lists::{ListScope, Lists};
pub use names::NameFinder;
pub use preview::{Drawing, Mark, MarkStyle, SHEETS_MAX, Sheet};
pub use profile::{Operator, Profile, ProfileError};
pub use recognizer::{Example, Pattern, RecognizerSyntax, ValueShape};
pub use refusal::{Reason, Refusal};
pub use roster::{Roster, RosterBuilder, RosterColumn, RosterError, RosterHit, RosterInfo, RosterScratch};
pub use ruleset::{Recognizer, RuleError, RuleSet, RuleSource};
pub use scanner::{ElementsError, RosterPass, ScanStream, Scanner, Scratch};
pub use token::{is_replaced, marks};
pub use traits::{BatchSource, JobSink, MediaEngine, Reader, Sniffed, TableSource, TextEncoding};
pub use values::{ValueHit, ValueIndex, ValueIndexBuilder};
