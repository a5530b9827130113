//! A [`TableSource`] as DataFusion reads it: a file beside the store, read anew by every query, and of its columns only
//! those that the query needs. It is read on a thread of its own, a few batches ahead; nothing is copied.

use super::TablesError;
use async_trait::async_trait;
use custody_rules::{Reason, Refusal, TableSource};
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use std::fmt;
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Batches that are read ahead.
const AHEAD: usize = 2;

/// A source, in the place of a table.
pub(super) struct SourceTable {
    source: Arc<dyn TableSource>,
    schema: SchemaRef,
}

impl SourceTable {
    pub(super) fn new(source: Arc<dyn TableSource>) -> Self {
        Self { schema: source.schema(), source }
    }
}

impl fmt::Debug for SourceTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceTable").finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for SourceTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&columns)?);
        let scan = SourceScan { source: Arc::clone(&self.source), columns, schema: Arc::clone(&schema) };
        let plan = StreamingTableExec::try_new(schema, vec![Arc::new(scan)], None, [], false, limit)?;
        Ok(Arc::new(plan))
    }
}

/// Some columns of a source.
struct SourceScan {
    source: Arc<dyn TableSource>,
    columns: Vec<usize>,
    schema: SchemaRef,
}

impl fmt::Debug for SourceScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceScan").field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// What the reading thread sends; without [`Part::End`] at the end it panicked.
enum Part {
    Rows(RecordBatch),
    End,
}

type Sent = Result<Part, TablesError>;

impl PartitionStream for SourceScan {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let reading = Reading {
            source: Arc::clone(&self.source),
            columns: self.columns.clone(),
            schema: Arc::clone(&self.schema),
        };
        let batches = futures::stream::try_unfold(State::Waiting(reading), |state| async move {
            let mut parts = match state {
                State::Waiting(reading) => reading.start()?,
                State::Running(parts) => parts,
            };
            match parts.recv().await {
                Some(Ok(Part::Rows(batch))) => Ok(Some((batch, State::Running(parts)))),
                Some(Ok(Part::End)) => Ok(None),
                Some(Err(error)) => Err(external(error)),
                None => Err(external(TablesError::Failed)),
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

/// A thread is started with the first batch that is asked for: a query of many tables reads them one after another.
enum State {
    Waiting(Reading),
    Running(Receiver<Sent>),
}

/// What a reading thread takes along.
struct Reading {
    source: Arc<dyn TableSource>,
    columns: Vec<usize>,
    schema: SchemaRef,
}

impl Reading {
    /// Not one of the runtime's threads: those are few, and a source that waits for its reader would keep one.
    fn start(self) -> Result<Receiver<Sent>> {
        let (sender, parts) = channel(AHEAD);
        let thread = std::thread::Builder::new().name("custody-scan".to_owned());
        let started = thread.spawn(move || {
            let end = self.read(&sender);
            // Nobody to tell means that the reader has enough.
            let _ = sender.blocking_send(end.map(|()| Part::End));
        });
        started.map_err(|error| external(TablesError::NoThreads(error.kind())))?;
        Ok(parts)
    }

    fn read(self, sender: &Sender<Sent>) -> Result<(), TablesError> {
        // Where only rows are counted, one column says how many there are.
        let counted = self.columns.is_empty();
        let columns = if counted { vec![self.narrowest()] } else { self.columns };
        let mut batches = self.source.scan(&columns).map_err(TablesError::Refused)?;
        while let Some(batch) = batches.next_batch().map_err(TablesError::Refused)? {
            if batch.num_rows() == 0 {
                continue;
            }
            let rows = if counted { Ok(Vec::new()) } else { checked(&batch, &self.schema) };
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), rows?, &options)
                .map_err(|_| wrong())?;
            if sender.blocking_send(Ok(Part::Rows(batch))).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// A column that costs little to read: one of fixed width, else the first.
    fn narrowest(&self) -> usize {
        let schema = self.source.schema();
        schema.fields().iter().position(|field| field.data_type().primitive_width().is_some()).unwrap_or(0)
    }
}

/// The batch's columns, if they are those that were asked for.
fn checked(
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<Vec<datafusion::arrow::array::ArrayRef>, TablesError> {
    let types = batch.columns().iter().map(|column| column.data_type());
    let wanted = schema.fields().iter().map(|field| field.data_type());
    if types.eq(wanted) { Ok(batch.columns().to_vec()) } else { Err(wrong()) }
}

fn wrong() -> TablesError {
    TablesError::Refused(Refusal::new(
        Reason::Malformed,
        "its columns are not those that it was said to have",
    ))
}

fn external(error: TablesError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
