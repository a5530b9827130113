//! The tables of a store: SQL over them and plain reading, by DataFusion. All that it knows of a store is an
//! `Arc<dyn ObjectStore>`; it reads no file, writes none, and keeps nothing on disk: what does not fit into memory fails.
//!
//! Calls block: they run on the runtime that [`Tables`] brings, and are not for tasks of another one.

mod error;
mod names;
mod scan;
mod session;
mod work;

pub use error::{TablesError, Told};
pub use scan::TableInfo;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::object_store::ObjectStore;
use datafusion::prelude::SessionContext;
use futures::{StreamExt, TryStreamExt};
use names::Names;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use work::Work;

/// A table's ID: 64 hexadecimal digits in lower case, the item's in the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(String);

impl TableId {
    /// Reads 64 hexadecimal digits in lower case.
    pub fn parse(digits: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (digits.len() == 64 && digits.bytes().all(hex)).then(|| Self(digits.to_owned()))
    }

    /// Its place among the store's objects.
    fn path(&self) -> datafusion::object_store::path::Path {
        datafusion::object_store::path::Path::from(format!("tables/{}.parquet", self.0))
    }
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What queries may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryLimits {
    /// Memory of sorts, joins and groups together, in MiB. A query that needs more fails: nothing is put on disk.
    pub memory_mib: usize,
    /// Threads.
    pub threads: usize,
    /// Rows of a batch at most.
    pub batch_rows: usize,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self { memory_mib: 1_024, threads: 2, batch_rows: 8_192 }
    }
}

/// The tables of a store, ready for queries. A table's name in SQL is what it was [named](Self::name), or `t` and the
/// 64 digits of its ID.
pub struct Tables {
    store: Arc<dyn ObjectStore>,
    names: Arc<Names>,
    context: SessionContext,
    limits: QueryLimits,
    work: Work,
}

impl Tables {
    /// Opens the tables of a store. Reads nothing yet.
    ///
    /// # Errors
    /// [`TablesError::NoThreads`] when the machine gives no threads.
    pub fn new(store: Arc<dyn ObjectStore>, limits: QueryLimits) -> Result<Self, TablesError> {
        let work = Work::new(limits.threads)?;
        let names = Arc::new(Names::new(Arc::clone(&store)));
        let context = session::context(Arc::clone(&store), Arc::clone(&names), limits)?;
        Ok(Self { store, names, context, limits, work })
    }

    /// Has every call end with [`TablesError::Cancelled`] soon after the flag is set.
    #[must_use]
    pub fn cancelled_by(mut self, cancel: Arc<AtomicBool>) -> Self {
        self.work.cancel = cancel;
        self
    }

    /// Gives a table a name in SQL; names are case-insensitive unless they are quoted there.
    pub fn name(&self, name: &str, id: &TableId) {
        self.names.give(name, id);
    }

    /// What DataFusion calls its session, for callers that build plans themselves. Its tables are the store's.
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// What a table is: its shape, its columns, its rows. Reads the footer only.
    ///
    /// # Errors
    /// [`TablesError::NotFound`] for a table that is not there or was purged, [`TablesError::Unreadable`],
    /// [`TablesError::Malformed`].
    pub fn info(&self, id: &TableId) -> Result<TableInfo, TablesError> {
        let (store, id) = (Arc::clone(&self.store), id.clone());
        self.work.wait(async move { scan::info(&store, &id).await })
    }

    /// The columns of a table.
    ///
    /// # Errors
    /// As of [`info`](Self::info).
    pub fn schema(&self, id: &TableId) -> Result<SchemaRef, TablesError> {
        Ok(self.info(id)?.schema)
    }

    /// The rows of a table.
    ///
    /// # Errors
    /// As of [`info`](Self::info).
    pub fn row_count(&self, id: &TableId) -> Result<u64, TablesError> {
        Ok(self.info(id)?.rows)
    }

    /// Hands some columns of a table over, a batch at a time in the table's order (the columns, too), until the table
    /// ends or `each` breaks. Says how many rows it handed over.
    ///
    /// # Errors
    /// [`TablesError::NoColumn`]; else as of [`info`](Self::info). What was handed over before an error is right.
    pub fn scan_text(
        &self,
        id: &TableId,
        columns: &[&str],
        each: &mut dyn FnMut(&RecordBatch) -> ControlFlow<()>,
    ) -> Result<u64, TablesError> {
        let (store, id, batch_rows) = (Arc::clone(&self.store), id.clone(), self.limits.batch_rows);
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        let batches = async move {
            let batches = scan::batches(&store, &id, &columns, batch_rows).await?;
            let schema = Arc::clone(batches.schema());
            Ok((schema, batches.map_err(|error| TablesError::of_parquet(&error)).boxed()))
        };
        Ok(self.work.hand_over(batches, each)?.1)
    }

    /// Runs one query and hands its rows over, a batch at a time, until they end or `each` breaks. The result's columns
    /// are what it gives back. Only questions are answered: what would change, write or set anything is refused.
    ///
    /// # Errors
    /// [`TablesError::Syntax`], [`TablesError::Plan`] for a query that cannot be run; [`TablesError::Memory`] when it
    /// needs more than the limit; [`TablesError::Value`] when a value is not what a function wants; else as of
    /// [`info`](Self::info). What was handed over before an error is to be thrown away.
    pub fn query(
        &self,
        sql: &str,
        each: &mut dyn FnMut(&RecordBatch) -> ControlFlow<()>,
    ) -> Result<SchemaRef, TablesError> {
        let (context, sql) = (self.context.clone(), sql.to_owned());
        let batches = async move {
            let options =
                SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
            let failed = |error: DataFusionError| TablesError::of(&error);
            let frame = context.sql_with_options(&sql, options).await.map_err(failed)?;
            let batches = frame.execute_stream().await.map_err(failed)?;
            Ok((batches.schema(), batches.map_err(failed).boxed()))
        };
        Ok(self.work.hand_over(batches, each)?.0)
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("limits", &self.limits).finish_non_exhaustive()
    }
}
