//! The tables of a store: SQL over them and plain reading, by DataFusion. All that it knows of a store is an
//! `Arc<dyn ObjectStore>`; it reads no file, writes none, and keeps nothing on disk: what does not fit into memory fails.
//!
//! Calls block: they run on the runtime that [`Tables`] brings, and are not for tasks of another one.

mod error;
mod idents;
mod lineage;
mod masks;
mod names;
mod query;
mod scan;
mod session;
mod source;
mod told;
mod work;

pub use error::TablesError;
pub use lineage::{BaseColumn, Lineage, OutputColumn};
pub use masks::{Masks, texts};
pub use query::QueryRows;
pub use scan::TableInfo;
pub use told::Told;
pub(crate) use told::typed;

use custody_rules::TableSource;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::SchemaProvider;
use datafusion::object_store::ObjectStore;
use datafusion::object_store::memory::InMemory;
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

    /// Tables without a store: what is [added](Self::add_source) to them is all there is.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn without_store(limits: QueryLimits) -> Result<Self, TablesError> {
        Self::new(Arc::new(InMemory::new()), limits)
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

    /// Gives a table beside the store a name in SQL, as [`name`](Self::name) does. It is read anew by every query.
    pub fn add_source(&self, name: &str, source: Arc<dyn TableSource>) {
        self.names.give_source(name, source);
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

    /// The columns of a table by its name in SQL.
    ///
    /// # Errors
    /// [`TablesError::NotFound`] when nothing has that name; else as of [`info`](Self::info).
    pub fn columns(&self, name: &str) -> Result<SchemaRef, TablesError> {
        let (names, name) = (Arc::clone(&self.names), name.to_owned());
        self.work.wait(async move {
            let table = names.table(&name).await.map_err(|error| TablesError::of(&error))?;
            Ok(table.ok_or(TablesError::NotFound)?.schema())
        })
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
        let rows = self.work.start(async move {
            let batches = scan::batches(&store, &id, &columns, batch_rows).await?;
            let schema = Arc::clone(batches.schema());
            Ok((schema, batches.map_err(|error| TablesError::of_parquet(&error)).boxed()))
        })?;
        query::hand_over(rows, each)
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// A name as SQL takes it, whatever characters it has.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
