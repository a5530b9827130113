//! One worker process as the parent sees it: started, given jobs, listened to with a deadline, ended.

use super::message::{HEAD_BYTES, PAYLOAD_BYTES_MAX, Tag, send_job};
use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use custody_rules::table::WORDS;
use custody_rules::{Job, JobAnswer, MediaSummary, Reason, Refusal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Cursor, Read};
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
/// Longest detail of a refusal that is passed on, in bytes.
const DETAIL_BYTES_MAX: usize = 300;
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
            let (tag, payload) = self.message(patience)?;
            match tag {
                Tag::Words => {
                    bytes += payload.len();
                    if bytes > WORDS_BYTES_MAX {
                        return Err(lied());
                    }
                    words.extend(decode_words(&payload).ok_or_else(lied)?);
                }
                Tag::Answer => match serde_json::from_slice(&payload).map_err(|_| lied())? {
                    JobAnswer::Progress(..) => {}
                    JobAnswer::Refused(refusal) => return Ok(Err(plain(refusal))),
                    JobAnswer::Done(summary) => {
                        check_words(&words, &summary)?;
                        return Ok(Ok((summary, words)));
                    }
                },
            }
        }
    }

    /// Whether it still runs and owes no answer.
    pub(super) fn is_ready(&mut self) -> bool {
        self.buffer.is_empty() && matches!(self.child.try_wait(), Ok(None))
    }

    fn message(&mut self, patience: &Patience<'_>) -> Result<(Tag, Vec<u8>), Refusal> {
        let heard = Instant::now();
        loop {
            if let Some(message) = self.take_message()? {
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

    fn take_message(&mut self) -> Result<Option<(Tag, Vec<u8>)>, Refusal> {
        let Some((&tag, rest)) = self.buffer.split_first() else { return Ok(None) };
        let tag = Tag::from_u8(tag).ok_or_else(lied)?;
        let Some(length) = rest.first_chunk() else { return Ok(None) };
        let length = u32::from_le_bytes(*length) as usize;
        if length > PAYLOAD_BYTES_MAX {
            return Err(lied());
        }
        if self.buffer.len() < HEAD_BYTES + length {
            return Ok(None);
        }
        let rest = self.buffer.split_off(HEAD_BYTES + length);
        let payload = std::mem::replace(&mut self.buffer, rest).split_off(HEAD_BYTES);
        Ok(Some((tag, payload)))
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

fn lied() -> Refusal {
    Refusal::new(
        Reason::WorkerCrashed,
        "the worker process that decoded it gave an answer that makes no sense",
    )
}

/// Keeps a refusal's words only where they can be ours: short, plain, one line.
fn plain(refusal: Refusal) -> Refusal {
    let ours = refusal.detail.len() <= DETAIL_BYTES_MAX
        && refusal.detail.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if ours { refusal } else { Refusal::new(refusal.reason, "the worker process gave no plain reason") }
}

/// Decodes a message of words; `None` when it is damaged or of another schema.
fn decode_words(payload: &[u8]) -> Option<Vec<RecordBatch>> {
    let decode = || {
        let reader = StreamReader::try_new(Cursor::new(payload), None).ok()?;
        if reader.schema() != *WORDS {
            return None;
        }
        reader.collect::<Result<Vec<_>, _>>().ok()
    };
    std::panic::catch_unwind(decode).ok().flatten()
}

/// Every box lies on the page, every interval within the recording.
fn check_words(words: &[RecordBatch], summary: &MediaSummary) -> Result<(), Refusal> {
    let sane = words.iter().flat_map(custody_rules::table::word_rows).all(|word| {
        let right = u64::from(word.left) + u64::from(word.width);
        let bottom = u64::from(word.top) + u64::from(word.height);
        right <= u64::from(summary.width)
            && bottom <= u64::from(summary.height)
            && (0.0..=100.0).contains(&word.confidence)
            && word.since_frame <= word.first_frame
            && word.first_frame <= word.last_frame
            && word.last_frame < summary.frames.max(1)
            && word.start_ms <= word.end_ms
    });
    let format = &summary.format;
    let named = (1..=8).contains(&format.len()) && format.bytes().all(|b| b.is_ascii_alphanumeric());
    if sane && named { Ok(()) } else { Err(lied()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_ipc::writer::StreamWriter;
    use custody_rules::WordsBuilder;
    use custody_rules::table::WordRow;

    fn word(left: u32, confidence: f32) -> WordRow<'static> {
        WordRow {
            page: 0,
            block: 1,
            line: 0,
            confidence,
            left,
            top: 5,
            width: 20,
            height: 10,
            since_frame: 0,
            first_frame: 0,
            last_frame: 0,
            start_ms: 0,
            end_ms: 0,
            text: "word",
        }
    }

    fn batch(row: WordRow<'_>) -> RecordBatch {
        let mut builder = WordsBuilder::default();
        builder.push(row);
        builder.finish()
    }

    fn stream(batch: &RecordBatch) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
        drop(writer);
        bytes
    }

    #[test]
    fn boxes_off_the_page_and_odd_numbers_are_lies() {
        let summary =
            MediaSummary { width: 100, height: 20, frames: 1, duration_ms: 0, format: "png".to_owned() };
        assert!(check_words(&[batch(word(80, 90.0))], &summary).is_ok());
        for bad in [word(81, 90.0), word(u32::MAX, 90.0), word(0, f32::NAN), word(0, 101.0)] {
            assert!(check_words(&[batch(bad)], &summary).is_err());
        }
        let later = WordRow { last_frame: 1, ..word(0, 90.0) };
        assert!(check_words(&[batch(later)], &summary).is_err());
        let named = MediaSummary { format: "../x".to_owned(), ..summary };
        assert!(check_words(&[], &named).is_err());
    }

    #[test]
    fn damaged_and_foreign_batches_are_not_taken() {
        let bytes = stream(&batch(word(0, 90.0)));
        assert_eq!(decode_words(&bytes).map(|batches| batches.len()), Some(1));
        for keep in 0..bytes.len() - 8 {
            let rows = decode_words(&bytes[..keep]).map_or(0, |b| b.iter().map(RecordBatch::num_rows).sum());
            assert!(rows <= 1);
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            let _ = decode_words(&damaged);
        }
        let foreign = batch(word(0, 90.0)).project(&[0, 1]).unwrap();
        assert!(decode_words(&stream(&foreign)).is_none());
    }

    #[test]
    fn a_refusal_that_could_quote_the_artifact_loses_its_words() {
        let refusal = |detail: &str| plain(Refusal::new(Reason::Malformed, detail)).detail;
        assert_eq!(refusal("7x9 pixels"), "7x9 pixels");
        for odd in ["two\nlines", "Zo\u{eb}", &"x".repeat(301)] {
            assert_eq!(refusal(odd), "the worker process gave no plain reason");
        }
    }
}
