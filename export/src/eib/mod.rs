//! What goes into a template: a mapping of a report's columns, rows made by it, and everything that is wrong with them
//! before anything is written. Reads tables, writes nothing; files are [`crate::template`]'s and the writers'.

mod engine;
mod expression;
mod finding;
mod lookup;
mod mapping;
mod plan;
mod reconcile;
mod rows;
mod sensitive;
mod text;
mod validate;

#[cfg(test)]
mod tests;

pub use engine::Rows;
pub use expression::{ExpressionError, condition};
pub use finding::{Code, Finding, Severity};
pub use mapping::{
    FieldMapping, FieldSource, Instruction, LookupMapping, Mapping, MappingError, MappingProblem, Part,
    ProcessMapping, Suggestion, suggest, suggest_toml,
};
pub use plan::{
    Advice, AdviceKind, Allow, Change, ColumnUse, Digester, Digests, PlanError, Planned, Preview,
    PreviewCell, PreviewColumn, PreviewRow, Request, SheetDigest, Why, plan, rows, show,
};
pub use reconcile::{GridError, ReconcileError, Rejected, Sent, rejected};
pub use rows::{Block, RowError, RowSource, SheetBlock};
pub use sensitive::{special_category, special_heading};
