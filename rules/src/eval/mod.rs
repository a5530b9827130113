//! Measures detection against labelled cases: reads them, compares findings with labels, counts. Pure: what
//! finds is handed in as a closure. Finds nothing itself and prints nothing.
//!
//! The definitions, which [`Measures`] repeats in short. White space never counts as a character.
//! - A label is *found* when findings of its entity, or of one that the table of names treats as equal, cover at
//!   least half of its characters. Recall is the share of labels found.
//! - A finding is *right* when at least half of it lies in a label of its entity (or an equal one), or when it
//!   covers at least half of such a label. Precision is the share of findings that are right.
//! - A labelled character is *left* when no finding of any entity covers it. The leak rate is their share.
//! - Labels of entities that no recognizer claims are listed and not counted; a finding that touches one is
//!   neither right nor false.
//! - A text with `"expect"` counts once, as entity `SECRET`: found or not, flagged or not.

mod case;
mod names;
mod report;
mod score;

pub use case::{Case, CaseError, Expect, Label, read_cases};
pub use names::EntityNames;
pub use report::{Expected, Measures, Report};
pub use score::{Evaluation, Hit, Mistakes};
