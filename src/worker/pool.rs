//! Workers at hand: those that only read are used again, since each start takes a tenth of a second and what one has
//! read it need not read again.

use super::answer::lied;
use super::process::{Answer, Patience, Start, Worker};
use super::sandbox::Bounds;
use arrow_array::RecordBatch;
use custody_rules::{
    ArtifactKind, Drawing, Job, Limits, MediaEngine, MediaSummary, Paint, Reason, Refusal, Region,
};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How workers are run.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Processes at once.
    pub workers: usize,
    /// Tesseract language codes joined by `+`.
    pub languages: String,
    /// A worker that says nothing for so long is ended.
    pub timeout: Duration,
    /// Memory and processor time of one.
    pub bounds: Bounds,
    /// Whether media are decoded although the sandbox is left out.
    pub no_sandbox: bool,
    /// Set when the run is to stop.
    pub cancel: Arc<AtomicBool>,
}

/// Runs jobs in worker processes.
pub struct WorkerPool {
    options: WorkerOptions,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    /// By role; of painters none is ever idle.
    idle: [Vec<Worker>; 2],
    busy: usize,
}

/// What a worker is there for. Nobody says of what they wrote, or of what was made from what they read, that it is clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Reads what came from outside.
    Reader,
    /// Reads outputs.
    Verifier,
    /// Rewrites or draws one file. It could keep the descriptor, to change the output once it was verified.
    Painter,
}

impl std::fmt::Debug for WorkerPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkerPool").field("options", &self.options).finish_non_exhaustive()
    }
}

impl WorkerPool {
    /// Makes a pool; no process is started before the first job.
    pub fn new(options: WorkerOptions) -> Self {
        Self { options, state: Mutex::default(), freed: Condvar::new() }
    }

    /// Whether workers run without the sandbox.
    pub fn no_sandbox(&self) -> bool {
        self.options.no_sandbox
    }

    fn run(&self, role: Role, job: &Job, descriptors: &[BorrowedFd<'_>]) -> Result<Answer, Refusal> {
        let start = Start {
            languages: &self.options.languages,
            bounds: self.options.bounds,
            no_sandbox: self.options.no_sandbox,
        };
        // One that died while it was idle has cost no file: a fresh one takes its place.
        let idle = self.take(role).and_then(|mut worker| worker.is_ready().then_some(worker));
        let started = idle.map_or_else(|| Worker::start(&start), Ok);
        let result = match started {
            Err(error) => Err(Refusal::new(
                Reason::WorkerCrashed,
                format!("no worker process can be started: {}", error.kind()),
            )),
            Ok(mut worker) => {
                let patience = Patience { timeout: self.options.timeout, cancel: &self.options.cancel };
                let result = worker.run(job, descriptors, &patience);
                let result = result.and_then(|answer| answer);
                // What was refused may have been made to break its decoder.
                let again = result.is_ok() && role != Role::Painter;
                return self.put_back(again.then_some((role, worker)), result);
            }
        };
        self.put_back(None, result)
    }

    /// Waits for a free place; an idle worker of the role, if there is one.
    fn take(&self, role: Role) -> Option<Worker> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.busy >= self.options.workers.max(1) {
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.busy += 1;
        state.idle.get_mut(role as usize).and_then(Vec::pop)
    }

    fn put_back<T>(&self, worker: Option<(Role, Worker)>, result: T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.busy -= 1;
        if let Some((role, worker)) = worker
            && let Some(idle) = state.idle.get_mut(role as usize)
        {
            idle.push(worker);
        }
        self.freed.notify_one();
        result
    }
}

impl MediaEngine for WorkerPool {
    fn read(
        &self,
        input: &File,
        kind: ArtifactKind,
        limits: &Limits,
    ) -> Result<(MediaSummary, Vec<RecordBatch>), Refusal> {
        let job = Job::Read { kind, covered: Vec::new(), again: false, limits: *limits };
        self.run(Role::Reader, &job, &[input.as_fd()])
    }

    fn read_again(
        &self,
        output: &File,
        kind: ArtifactKind,
        covered: &[Region],
        limits: &Limits,
    ) -> Result<(MediaSummary, Vec<RecordBatch>), Refusal> {
        let job = Job::Read { kind, covered: covered.to_vec(), again: true, limits: *limits };
        self.run(Role::Verifier, &job, &[output.as_fd()])
    }

    fn rewrite(
        &self,
        (input, output): (&File, &File),
        kind: ArtifactKind,
        paint: &Paint,
        limits: &Limits,
    ) -> Result<MediaSummary, Refusal> {
        let job = Job::Rewrite { kind, paint: paint.clone(), limits: *limits };
        self.run(Role::Painter, &job, &[input.as_fd(), output.as_fd()]).map(|(summary, _)| summary)
    }

    fn preview(
        &self,
        (input, outputs): (&File, &[File]),
        kind: ArtifactKind,
        drawing: &Drawing,
        limits: &Limits,
    ) -> Result<MediaSummary, Refusal> {
        let job = Job::Preview { kind, drawing: drawing.clone(), limits: *limits };
        let files: Vec<BorrowedFd<'_>> = [input].into_iter().chain(outputs).map(AsFd::as_fd).collect();
        let (summary, words) = self.run(Role::Painter, &job, &files)?;
        // Nobody asked it to read.
        if words.is_empty() { Ok(summary) } else { Err(lied()) }
    }
}
