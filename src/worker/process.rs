//! One worker process as the parent sees it: started, given jobs, listened to with a deadline, ended.

use super::answer::{Said, check_words, lied, plain, take_message};
use super::message::send_job;
use super::sandbox::Bounds;
use arrow_array::RecordBatch;
use custody_rules::{Job, JobAnswer, MediaSummary, Reason, Refusal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::Signal;
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

/// What is written to standard error, by Rust and by C++, before a process ends for want of memory. Nothing else
/// of it is looked at: it could hold what was read.
const OUT_OF_MEMORY: [&[u8]; 2] = [b"memory allocation of ", b"std::bad_alloc"];
/// Bytes of it that are looked at.
const COMPLAINT_BYTES_MAX: usize = 64 << 10;
/// The share of its processor time, one in so many, after which a worker is given no other file: each file has
/// nearly all of it.
const SPENT_SHARE: u64 = 10;
/// Clock ticks of `/proc/PID/stat` in a second, the same on every machine this runs on.
const TICKS_PER_SECOND: u64 = 100;

/// A running worker.
pub(super) struct Worker {
    child: Child,
    jobs: UnixStream,
    answers: ChildStdout,
    complaints: OwnedFd,
    buffer: Vec<u8>,
    bounds: Bounds,
}

/// What a worker is started with.
pub(super) struct Start<'a> {
    /// Tesseract language codes joined by `+`.
    pub(super) languages: &'a str,
    /// Memory and processor time.
    pub(super) bounds: Bounds,
    /// Whether the sandbox is left out.
    pub(super) no_sandbox: bool,
}

/// This very program as a worker, not yet started; an environment that is empty but for what it needs.
pub(super) fn command(start: &Start<'_>) -> io::Result<Command> {
    // The link names this very program even after an update has replaced its file.
    let itself = std::path::Path::new("/proc/self/exe");
    let program = if itself.exists() { itself.to_owned() } else { std::env::current_exe()? };
    let mut command = Command::new(program);
    let Bounds { memory_mib, cpu_seconds } = start.bounds;
    command.arg("__worker").arg(format!("--lang={}", start.languages));
    command.arg(format!("--memory-mib={memory_mib}")).arg(format!("--cpu-seconds={cpu_seconds}"));
    command.args(start.no_sandbox.then_some("--no-sandbox"));
    command.env_clear().env("OMP_THREAD_LIMIT", "1");
    for name in ENVIRONMENT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    Ok(command)
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
    /// Starts one.
    pub(super) fn start(start: &Start<'_>) -> io::Result<Self> {
        let (jobs, theirs) = UnixStream::pair()?;
        jobs.set_write_timeout(Some(WRITE_WAIT))?;
        // Nobody waits for this pipe: what does not fit is lost.
        let (complaints, their_complaints) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let mut command = command(start)?;
        // A group of its own: a terminal's Ctrl-C reaches the parent, which then ends its workers.
        command
            .process_group(0)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::from(their_complaints));
        let mut child = command.spawn()?;
        let answers = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
        Ok(Self { child, jobs, answers, complaints, buffer: Vec::new(), bounds: start.bounds })
    }

    /// Gives a job and waits for its end. After an `Err` of the outer kind the worker is of no use any more.
    pub(super) fn run(
        &mut self,
        job: &Job,
        descriptors: &[BorrowedFd<'_>],
        patience: &Patience<'_>,
    ) -> Result<Result<Answer, Refusal>, Refusal> {
        // What earlier jobs complained of is dropped, so that there is room for the last words of this one.
        self.complaint();
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

    /// Whether it still runs, owes no answer and has processor time for another file.
    pub(super) fn is_ready(&mut self) -> bool {
        self.buffer.is_empty() && matches!(self.child.try_wait(), Ok(None)) && self.is_fresh()
    }

    /// Where its time cannot be known, it is taken for spent.
    fn is_fresh(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok();
        let used = stat.as_deref().and_then(processor_seconds);
        used.is_some_and(|used| used <= self.bounds.cpu_seconds / SPENT_SHARE)
    }

    /// Takes what it wrote to standard error.
    fn complaint(&self) -> Vec<u8> {
        let mut bytes = vec![0; COMPLAINT_BYTES_MAX];
        let read = rustix::io::read(&self.complaints, &mut bytes).unwrap_or(0);
        bytes.truncate(read);
        bytes
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

    /// Ends it, and says how it ended: by itself, or by one of its limits.
    fn crashed(&mut self) -> Refusal {
        let _ = self.child.kill();
        let Bounds { memory_mib, cpu_seconds } = self.bounds;
        let limit = |detail: String| Refusal::new(Reason::WorkerLimit, detail);
        let status = self.child.wait().ok();
        let signal = status.and_then(|status| status.signal());
        let how = match (signal, status.and_then(|status| status.code())) {
            (Some(signal), _) if signal == Signal::XCPU.as_raw() => {
                return limit(format!("decoding it takes more than {cpu_seconds} s of processor time"));
            }
            (Some(signal), _) if signal == Signal::XFSZ.as_raw() => {
                return limit("rewriting it takes more space than a file may have".to_owned());
            }
            (Some(signal), _) if signal == Signal::ABORT.as_raw() && self.lacked_memory() => {
                return self.bounds.out_of_memory();
            }
            (Some(signal), _) if [Signal::ABORT, Signal::SEGV].iter().any(|one| one.as_raw() == signal) => {
                format!("by signal {signal}: a fault in it, or {memory_mib} MiB of memory are too little")
            }
            (Some(signal), _) => format!("by signal {signal}"),
            (_, Some(code)) => format!("with exit code {code}"),
            _ => "in an unknown way".to_owned(),
        };
        Refusal::new(Reason::WorkerCrashed, format!("the worker process that decoded it ended {how}"))
    }

    fn lacked_memory(&self) -> bool {
        let complaint = self.complaint();
        OUT_OF_MEMORY.iter().any(|words| complaint.windows(words.len()).any(|window| window == *words))
    }
}

/// Processor time of a process, in seconds, from its `stat`: fields 14 and 15, counted behind the name, which
/// may hold anything.
fn processor_seconds(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 1250 350 9 9 20 0 1 0 100 0 0\n";
        assert_eq!(processor_seconds(stat), Some(16));
        assert_eq!(processor_seconds("7 (a) S 1 7"), None);
    }
}
