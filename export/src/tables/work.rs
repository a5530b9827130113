//! Runs queries on threads of their own, while the caller waits and can be told to wait no longer: an operator may work
//! for hours between two batches, and nothing but the end of the process stops it then.

use super::TablesError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use futures::StreamExt;
use futures::stream::BoxStream;
use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::timeout;

/// How often is looked whether a query was cancelled.
const LOOK: Duration = Duration::from_millis(100);
/// How long the threads are waited for at the end; what a caller broke off may still be at work.
const PATIENCE: Duration = Duration::from_secs(10);
/// Batches that wait for the caller at most.
const AHEAD: usize = 2;

/// Columns and rows of an answer.
type Batches = (SchemaRef, BoxStream<'static, Result<RecordBatch, TablesError>>);

/// What a query sends: its columns, then its rows.
enum Part {
    Columns(SchemaRef),
    Rows(RecordBatch),
}

/// The threads, and the flag that ends the waiting for them.
pub(super) struct Work {
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
    pub(super) cancel: Arc<AtomicBool>,
}

impl Work {
    pub(super) fn new(threads: usize) -> Result<Self, TablesError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            // Decryption blocks; more of it at once than there are threads gains nothing.
            .max_blocking_threads(threads.max(1) * 2)
            .thread_name("custody-query")
            .enable_time()
            .build()
            .map_err(|error| TablesError::NoThreads(error.kind()))?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime), cancel: Arc::default() })
    }

    /// Waits for work.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, TablesError>> + Send + 'static,
    ) -> Result<T, TablesError> {
        outside()?;
        let mut task = self.handle.spawn(work);
        let done = self.until_cancelled(&mut task);
        task.abort();
        // What a panic said may hold a value; only that it happened is passed on.
        done?.unwrap_or(Err(TablesError::Failed))
    }

    /// Hands an answer over, a batch at a time, and says how many rows it had.
    pub(super) fn hand_over(
        &self,
        batches: impl Future<Output = Result<Batches, TablesError>> + Send + 'static,
        each: &mut dyn FnMut(&RecordBatch) -> ControlFlow<()>,
    ) -> Result<(SchemaRef, u64), TablesError> {
        outside()?;
        let (sender, mut parts) = channel(AHEAD);
        let task = self.handle.spawn(async move {
            if let Err(error) = send(batches, &sender).await {
                // Nobody to tell means that the caller has enough.
                let _ = sender.send(Err(error)).await;
            }
            Ended
        });
        let (mut columns, mut rows) = (None, 0);
        let ended = loop {
            match self.until_cancelled(parts.recv()) {
                Err(cancelled) => break Err(cancelled),
                Ok(Some(Err(error))) => break Err(error),
                Ok(Some(Ok(Part::Columns(schema)))) => columns = Some(schema),
                Ok(Some(Ok(Part::Rows(batch)))) => {
                    rows += batch.num_rows() as u64;
                    if each(&batch).is_break() {
                        break Ok(());
                    }
                }
                // The end, or a panic: the task says which.
                Ok(None) => {
                    break self
                        .until_cancelled(task)
                        .and_then(|end| end.map(|Ended| ()).map_err(|_| TablesError::Failed));
                }
            }
        };
        ended?;
        Ok((columns.ok_or(TablesError::Failed)?, rows))
    }

    fn until_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, TablesError> {
        self.handle.block_on(async {
            let mut work = std::pin::pin!(work);
            loop {
                if self.cancel.load(Ordering::Relaxed) {
                    return Err(TablesError::Cancelled);
                }
                if let Ok(done) = timeout(LOOK, work.as_mut()).await {
                    return Ok(done);
                }
            }
        })
    }
}

/// Calls from a task would stop its thread.
fn outside() -> Result<(), TablesError> {
    if Handle::try_current().is_ok() { Err(TablesError::InsideRuntime) } else { Ok(()) }
}

/// Says that a query came to its end, and did not panic.
struct Ended;

impl Drop for Work {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        if self.cancel.load(Ordering::Relaxed) || Handle::try_current().is_ok() {
            runtime.shutdown_background();
        } else {
            // What is left of queries lets go of the store first.
            runtime.shutdown_timeout(PATIENCE);
        }
    }
}

async fn send(
    batches: impl Future<Output = Result<Batches, TablesError>>,
    sender: &Sender<Result<Part, TablesError>>,
) -> Result<(), TablesError> {
    let (schema, mut batches) = batches.await?;
    let mut part = Part::Columns(schema);
    while sender.send(Ok(part)).await.is_ok() {
        match batches.next().await {
            Some(batch) => part = Part::Rows(batch?),
            None => break,
        }
    }
    Ok(())
}
