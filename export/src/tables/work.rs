//! Runs queries on threads of their own, while the caller waits and can be told to wait no longer: an operator may work
//! for hours between two batches, and nothing but the end of the process stops it then.

use super::TablesError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use futures::StreamExt;
use futures::stream::BoxStream;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How often is looked whether a query was cancelled.
const LOOK: Duration = Duration::from_millis(100);
/// How long the threads are waited for at the end; what a caller broke off may still be at work.
const PATIENCE: Duration = Duration::from_secs(10);
/// Stack of a thread: plans are trees, and a long chain of unions or joins is a deep one.
const STACK_BYTES: usize = 32 << 20;
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
#[derive(Clone)]
pub(super) struct Work {
    threads: Arc<Threads>,
    pub(super) cancel: Arc<AtomicBool>,
}

/// The threads; they end with the last one that may ask them for something.
struct Threads {
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
    /// Whether somebody did not wait for work to end.
    broken_off: AtomicBool,
}

impl Work {
    pub(super) fn new(threads: usize) -> Result<Self, TablesError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            // Decryption blocks; more of it at once than there are threads gains nothing.
            .max_blocking_threads(threads.max(1) * 2)
            .thread_name("custody-query")
            .thread_stack_size(STACK_BYTES)
            .enable_time()
            .build()
            .map_err(|error| TablesError::NoThreads(error.kind()))?;
        let handle = runtime.handle().clone();
        let threads = Threads { handle, runtime: Some(runtime), broken_off: AtomicBool::new(false) };
        Ok(Self { threads: Arc::new(threads), cancel: Arc::default() })
    }

    /// Waits for work.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, TablesError>> + Send + 'static,
    ) -> Result<T, TablesError> {
        outside()?;
        let mut task = self.threads.handle.spawn(work);
        let done = self.until_cancelled(&mut task);
        task.abort();
        // What a panic said may hold a value; only that it happened is passed on.
        done?.unwrap_or(Err(TablesError::Failed))
    }

    /// Starts an answer and waits for its columns.
    pub(super) fn start(
        &self,
        batches: impl Future<Output = Result<Batches, TablesError>> + Send + 'static,
    ) -> Result<Rows, TablesError> {
        outside()?;
        let (sender, parts) = channel(AHEAD);
        let task = self.threads.handle.spawn(async move {
            if let Err(error) = send(batches, &sender).await {
                // Nobody to tell means that the caller has enough.
                let _ = sender.send(Err(error)).await;
            }
            Ended
        });
        let mut answer = Answer { work: self.clone(), parts, task };
        match answer.next()? {
            Some(Part::Columns(schema)) => Ok(Rows { schema, answer: Some(answer) }),
            _ => Err(TablesError::Failed),
        }
    }

    fn until_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, TablesError> {
        self.threads.handle.block_on(async {
            let mut work = std::pin::pin!(work);
            loop {
                if self.cancel.load(Ordering::Relaxed) {
                    self.threads.broken_off.store(true, Ordering::Relaxed);
                    return Err(TablesError::Cancelled);
                }
                if let Ok(done) = timeout(LOOK, work.as_mut()).await {
                    return Ok(done);
                }
            }
        })
    }
}

/// The rows of an answer, for one who asks for them; the answer is broken off with it.
pub(super) struct Rows {
    schema: SchemaRef,
    /// None after the end.
    answer: Option<Answer>,
}

impl Rows {
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next rows; none at the end, and after an error.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, TablesError> {
        let Some(answer) = &mut self.answer else { return Ok(None) };
        let next = match answer.next() {
            Ok(Some(Part::Rows(batch))) => return Ok(Some(batch)),
            Ok(Some(Part::Columns(_))) => Err(TablesError::Failed),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        self.answer = None;
        next
    }
}

/// A query at work.
struct Answer {
    work: Work,
    parts: Receiver<Result<Part, TablesError>>,
    task: JoinHandle<Ended>,
}

impl Answer {
    fn next(&mut self) -> Result<Option<Part>, TablesError> {
        outside()?;
        match self.work.until_cancelled(self.parts.recv())? {
            Some(part) => part.map(Some),
            // The end, or a panic: the task says which.
            None => match self.work.until_cancelled(&mut self.task)? {
                Ok(Ended) => Ok(None),
                Err(_) => Err(TablesError::Failed),
            },
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Calls from a task would stop its thread.
fn outside() -> Result<(), TablesError> {
    if Handle::try_current().is_ok() { Err(TablesError::InsideRuntime) } else { Ok(()) }
}

/// Says that a query came to its end, and did not panic.
struct Ended;

impl Drop for Threads {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        if self.broken_off.load(Ordering::Relaxed) || Handle::try_current().is_ok() {
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
