//! One worker process as the parent sees it: started, given jobs, listened to with a deadline, ended.

use super::answer::{Said, check_words, lied, plain, take_message};
use super::message::send_job;
use arrow_array::RecordBatch;
use custody_rules::{Job, JobAnswer, MediaSummary, Reason, Refusal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Read};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a waiting parent looks whether it was cancelled.
const POLL: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// The same while a job is handed over.
const WRITE_WAIT: Duration = Duration::from_millis(100);
/// Bytes of words that one job may give back.
const WORDS_BYTES_MAX: usize = 512 << 20;
/// Variables a worker needs; nothing else of the environment reaches it.
const ENVIRONMENT: [&str; 3] = ["TESSDATA_PREFIX", "LANG", "LD_LIBRARY_PATH"];

/// A running worker.
pub(super) struct Worker {
    child: Child,
    jobs: UnixStream,
    answers: ChildStdout,
    buffer: Vec<u8>,
}

/// When listening ends without an answer.
pub(super) struct Patience<'a> {
    pub(super) timeout: Duration,
    pub(super) cancel: &'a AtomicBool,
}

impl Patience<'_> {
    /// Why not to wait any longer for a worker that was last heard at `heard`.
    fn end(&self, heard: Instant) -> Option<Refusal> {
        if self.cancel.load(Ordering::Relaxed) {
            return Some(Refusal::new(Reason::Cancelled, "the run was cancelled"));
        }
        (heard.elapsed() > self.timeout).then(|| {
            let detail = format!("the worker process gave no sign of life for {} s", self.timeout.as_secs());
            Refusal::new(Reason::WorkerTimeout, detail)
        })
    }
}

/// What a job gave back.
pub(super) type Answer = (MediaSummary, Vec<RecordBatch>);

impl Worker {
    /// Starts this very program as a worker.
    pub(super) fn start() -> io::Result<Self> {
        let (jobs, theirs) = UnixStream::pair()?;
        jobs.set_write_timeout(Some(WRITE_WAIT))?;
        // The link names this very program even after an update has replaced its file.
        let itself = std::path::Path::new("/proc/self/exe");
        let program = if itself.exists() { itself.to_owned() } else { std::env::current_exe()? };
        let mut command = Command::new(program);
        command.arg("__worker").env_clear().env("OMP_THREAD_LIMIT", "1");
        for name in ENVIRONMENT {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        // A group of its own: a terminal's Ctrl-C reaches the parent, which then ends its workers.
        command
            .process_group(0)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn()?;
        let answers = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
        Ok(Self { child, jobs, answers, buffer: Vec::new() })
    }

    /// Gives a job and waits for its end. After an `Err` of the outer kind the worker is of no use any more.
    pub(super) fn run(
        &mut self,
        job: &Job,
        descriptors: &[BorrowedFd<'_>],
        patience: &Patience<'_>,
    ) -> Result<Result<Answer, Refusal>, Refusal> {
        let started = Instant::now();
        let go_on = || started.elapsed() <= patience.timeout && !patience.cancel.load(Ordering::Relaxed);
        if send_job(&self.jobs, job, descriptors, &go_on).is_err() {
            return Err(match patience.end(started) {
                Some(refusal) => refusal,
                None => self.crashed(),
            });
        }
        let (mut words, mut bytes) = (Vec::new(), 0);
        loop {
            match self.message(patience)? {
                Said::Words(batches, taken) => {
                    bytes += taken;
                    if bytes > WORDS_BYTES_MAX {
                        return Err(lied());
                    }
                    words.extend(batches);
                }
                Said::Answer(JobAnswer::Progress(..)) => {}
                Said::Answer(JobAnswer::Refused(refusal)) => return Ok(Err(plain(refusal))),
                Said::Answer(JobAnswer::Done(summary)) => {
                    check_words(&words, &summary)?;
                    return Ok(Ok((summary, words)));
                }
            }
        }
    }

    /// Whether it still runs and owes no answer.
    pub(super) fn is_ready(&mut self) -> bool {
        self.buffer.is_empty() && matches!(self.child.try_wait(), Ok(None))
    }

    fn message(&mut self, patience: &Patience<'_>) -> Result<Said, Refusal> {
        let heard = Instant::now();
        loop {
            if let Some(message) = take_message(&mut self.buffer)? {
                return Ok(message);
            }
            if let Some(refusal) = patience.end(heard) {
                return Err(refusal);
            }
            match poll(&mut [PollFd::new(&self.answers, PollFlags::IN)], Some(&POLL)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => self.receive()?,
                Err(_) => return Err(self.crashed()),
            }
        }
    }

    fn receive(&mut self) -> Result<(), Refusal> {
        let mut chunk = [0; 16 << 10];
        match self.answers.read(&mut chunk) {
            Ok(0) | Err(_) => Err(self.crashed()),
            Ok(read) => {
                self.buffer.extend_from_slice(&chunk[..read]);
                Ok(())
            }
        }
    }

    fn crashed(&mut self) -> Refusal {
        let _ = self.child.kill();
        let how = match self.child.wait() {
            Ok(status) => match (status.signal(), status.code()) {
                (Some(signal), _) => format!("by signal {signal}"),
                (_, Some(code)) => format!("with exit code {code}"),
                _ => "in an unknown way".to_owned(),
            },
            Err(_) => "in an unknown way".to_owned(),
        };
        Refusal::new(Reason::WorkerCrashed, format!("the worker process that decoded it ended {how}"))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
