//! Batches of one artifact in parallel, results in order, memory bounded: so many batches are read, worked
//! on by all threads and handed on before the next are read.

use crate::context::Context;
use crate::detect::TextScratch;
use arrow_array::RecordBatch;
use custody_rules::{BatchSource, Refusal};
use rayon::prelude::*;

/// Batches in flight per thread.
const BATCHES_PER_THREAD: usize = 4;
/// Bytes above which no further batch joins a flight: a line of many megabytes is a batch of its own.
const FLIGHT_BYTES: usize = 64 << 20;

/// What is done to a batch and what was prepared for it.
type Work<'a, P, T> = dyn Fn(&(RecordBatch, P), &mut TextScratch) -> T + Sync + 'a;

/// Runs `prepare` on every batch in order, `work` on every batch and what was prepared on all threads, and `take` on
/// every result in order.
///
/// # Errors
/// The first refusal of the source or of `take`, or a cancelled run.
pub(crate) fn for_batches<P: Send + Sync, T: Send>(
    context: &Context<'_>,
    source: &mut dyn BatchSource,
    (prepare, work): (&mut dyn FnMut(&RecordBatch) -> P, &Work<'_, P, T>),
    take: &mut dyn FnMut(T) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let flight = rayon::current_num_threads() * BATCHES_PER_THREAD;
    let mut batches = Vec::with_capacity(flight);
    loop {
        context.check_cancelled()?;
        batches.clear();
        let mut bytes = 0;
        while batches.len() < flight
            && bytes < FLIGHT_BYTES
            && let Some(batch) = source.next_batch()?
        {
            bytes += batch.get_array_memory_size();
            let prepared = prepare(&batch);
            batches.push((batch, prepared));
        }
        if batches.is_empty() {
            return Ok(());
        }
        let results: Vec<T> = batches.par_iter().map(|batch| work(batch, &mut context.lend())).collect();
        for result in results {
            take(result)?;
        }
        (context.progress)(bytes as u64);
    }
}
