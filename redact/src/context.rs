//! What every stage over one artifact gets: detector, readers, limits, and the artifact itself.

use crate::detect::{Detector, LentScratch};
use arrow_array::RecordBatch;
use custody_rules::{Limits, ListScope, MediaEngine, Reader, Reason, Refusal, Sniffed};
use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is the same for all artifacts of a run.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What is found.
    pub detector: &'a Detector,
    /// Reads everything but media.
    pub reader: &'a dyn Reader,
    /// Reads and rewrites media.
    pub media: &'a dyn MediaEngine,
    /// What is too large.
    pub limits: &'a Limits,
    /// Set when the run is to stop.
    pub cancel: &'a AtomicBool,
    /// Which entries of allow-lists and deny-lists hold for the artifact.
    pub scope: ListScope,
    /// Called with bytes or rows done, for progress.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// One artifact: how it is opened, what it is, and, for media, what was read from it.
#[derive(Clone, Copy)]
pub struct Artifact<'a> {
    /// Opens it at its beginning.
    pub open: &'a (dyn Fn() -> Result<File, Refusal> + Sync),
    /// What it is.
    pub sniffed: Sniffed,
    /// Words of media; empty otherwise.
    pub words: &'a [RecordBatch],
    /// Width and height of media in pixels; 0 otherwise.
    pub page: (u32, u32),
}

impl<'a> Context<'a> {
    /// Caches for detection in this artifact.
    pub fn lend(&self) -> LentScratch<'a> {
        self.detector.lend_in(self.scope)
    }

    /// Fails when the run was cancelled.
    ///
    /// # Errors
    /// [`Reason::Cancelled`].
    pub fn check_cancelled(&self) -> Result<(), Refusal> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Refusal::new(Reason::Cancelled, "the run was cancelled"));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("detector", &self.detector).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Artifact<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Artifact").field("sniffed", &self.sniffed).finish_non_exhaustive()
    }
}
