//! What can go wrong with a query, without what it was about: an engine's own words hold values of the table ("cannot
//! cast 'Jane Doe'"), so that none of them is passed on, except what it [says](Told) of the query's text to who wrote it.

use super::told::Told;
use custody_rules::Refusal;
use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::object_store;
use datafusion::parquet::errors::ParquetError;
use std::error::Error;
use std::io;

/// Why a table cannot be read or a query not be run. Holds no value of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TablesError {
    /// There is no such table, or it was purged.
    #[error("no such table in the store")]
    NotFound,
    /// The store does not hand its bytes over: they are damaged, or the device says no.
    #[error("a table cannot be read from the store")]
    Unreadable,
    /// Its bytes are no table.
    #[error("an object of the store is no Parquet table, or its pages are damaged")]
    Malformed,
    /// A file beside the store, read as a table, cannot be read (on).
    #[error("a file that is read as a table is refused: {0}")]
    Refused(Refusal),
    /// A column is not there.
    #[error("the table has no such column")]
    NoColumn,
    /// The query breaks off where SQL does.
    #[error("the query is not SQL: {0}")]
    Syntax(Told),
    /// The query asks for something that is not there, or for something else than an answer.
    #[error("the query cannot be run: {0}")]
    Plan(Told),
    /// The query needs more memory than it may use.
    #[error("the query needs more memory than it may use; nothing is put on disk")]
    Memory,
    /// A value is not what a function or a cast wants.
    #[error("a value of the table is not what a function or cast wants; try_cast gives NULL instead")]
    Value,
    /// The query is another thing each time: `random()`, `now()`.
    #[error("the query gives something else each time: it cannot be confirmed")]
    NotRepeatable,
    /// The machine gives no threads.
    #[error("no threads for the query: {0}")]
    NoThreads(io::ErrorKind),
    /// Called from a task of a runtime.
    #[error("queries block and are not for tasks")]
    InsideRuntime,
    /// The caller wants no answer any more.
    #[error("cancelled")]
    Cancelled,
    /// Anything else; a fault of the engine.
    #[error("the query failed")]
    Failed,
}

impl TablesError {
    /// The reason behind what DataFusion says.
    pub(super) fn of(error: &DataFusionError) -> Self {
        if let Some(stored) = stored(error) {
            return stored;
        }
        match error.find_root() {
            DataFusionError::SQL(inner, _) => Self::Syntax(Told::syntax(inner)),
            DataFusionError::Plan(words) => Self::Plan(Told::plan(words)),
            DataFusionError::NotImplemented(words) => Self::Plan(Told::not_implemented(words)),
            DataFusionError::SchemaError(inner, _) => Self::Plan(Told::schema(inner)),
            DataFusionError::Diagnostic(_, inner) => Self::of(inner),
            DataFusionError::Collection(all) => all.first().map_or(Self::Failed, Self::of),
            DataFusionError::ResourcesExhausted(_) => Self::Memory,
            DataFusionError::ParquetError(_) => Self::Malformed,
            DataFusionError::ArrowError(inner, _) => Self::of_arrow(inner),
            DataFusionError::Execution(_) => Self::Value,
            _ => Self::Failed,
        }
    }

    fn of_arrow(error: &ArrowError) -> Self {
        match error {
            ArrowError::ParquetError(_) | ArrowError::IpcError(_) | ArrowError::IoError(..) => {
                Self::Malformed
            }
            ArrowError::MemoryError(_) => Self::Memory,
            _ => Self::Value,
        }
    }

    /// The reason behind what the Parquet reader says.
    pub(super) fn of_parquet(error: &ParquetError) -> Self {
        stored(error).unwrap_or(Self::Malformed)
    }

    pub(super) fn of_store(error: &object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            _ => Self::Unreadable,
        }
    }
}

/// What the store or a source said, however deep it is wrapped.
fn stored(error: &(dyn Error + 'static)) -> Option<TablesError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<TablesError>() {
            return Some(own.clone());
        }
        if let Some(inner) = error.downcast_ref::<object_store::Error>() {
            return Some(TablesError::of_store(inner));
        }
        next = error.source();
    }
    None
}
