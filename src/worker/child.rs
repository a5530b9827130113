//! The worker's side: confines itself, takes jobs until the parent is gone, and answers each.

use super::answer::Tag;
use super::message::{receive_job, write_answer, write_message};
use super::sandbox::{self, Bounds};
use crate::cli::WorkerArgs;
use crate::terminal::out;
use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use custody_ingest::ocr::{Look, Ocr};
use custody_ingest::{Covered, image, video};
use custody_redact::{preview, writers};
use custody_rules::{
    ArtifactKind, Drawing, Job, JobAnswer, JobSink, Limits, MediaSummary, Paint, Reason, Refusal, Region,
    Sheet,
};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Signal, getpid, kill_process};
use std::fs::File;
use std::io::{self, StdoutLock};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the message of a panic says when a vector could not grow.
const NO_MEMORY: &str = "AllocError";

/// Serves jobs from standard input until the parent closes it; the exit code.
pub fn worker_main(args: &WorkerArgs) -> i32 {
    // A panic is answered, not printed: its message could hold what was read.
    std::panic::set_hook(Box::new(|_| ()));
    let bounds = Bounds { memory_mib: args.memory_mib, cpu_seconds: args.cpu_seconds };
    if let Some(part) = args.examine {
        return serde_json::to_string(&sandbox::examine(part, bounds)).map_or(4, |tried| {
            out(&tried);
            0
        });
    }
    let prepared = sandbox::prepare(bounds);
    // The engine's data are the last files that are opened: they come with the system, not with a job.
    let ocr = Ocr::new(&args.lang, 1);
    let confined = if args.no_sandbox { Ok(()) } else { prepared.and_then(|()| sandbox::confine()) };
    // Threads are started once there is a sandbox for them to be in.
    if std::thread::Builder::new().spawn(end_with_parent).is_err() {
        return 4;
    }
    let mut server = Server { out: io::stdout().lock(), ocr, confined, bounds };
    loop {
        match receive_job(io::stdin().as_fd()) {
            Ok(None) => return 0,
            Ok(Some((job, files))) => {
                if server.answer(&job, &files).is_err() {
                    return 0;
                }
            }
            Err(_) => return 4,
        }
    }
}

/// Waits until the parent's end of the socket is closed, and ends this process whatever it is doing. (The
/// kernel's own signal for this is sent when the *thread* that started the worker ends: too early.)
fn end_with_parent() {
    let stdin = io::stdin();
    loop {
        let mut jobs = [PollFd::new(&stdin, PollFlags::empty())];
        let gone = match poll(&mut jobs, None) {
            Ok(_) => jobs[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL),
            Err(error) => error != Errno::INTR,
        };
        if gone {
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }
}

struct Server {
    out: StdoutLock<'static>,
    /// The engine; or why there is none, which a job that only rewrites need not know.
    ocr: Result<Ocr, Refusal>,
    /// Whether the sandbox holds, or what is missing for it.
    confined: Result<(), &'static str>,
    /// What it may use.
    bounds: Bounds,
}

impl Server {
    fn answer(&mut self, job: &Job, files: &[File]) -> io::Result<()> {
        let result = catch_unwind(AssertUnwindSafe(|| self.work(job, files)));
        let result = result.unwrap_or_else(|panic| {
            // Whether it was for want of memory is all that is taken from its message.
            let message = panic.downcast_ref::<String>().map_or("", String::as_str);
            Err(if message.contains(NO_MEMORY) {
                self.bounds.out_of_memory()
            } else {
                Refusal::new(Reason::Malformed, "decoding it failed inside the decoder")
            })
        });
        let answer = match result {
            Ok(summary) => JobAnswer::Done(summary),
            Err(refusal) => JobAnswer::Refused(refusal),
        };
        write_answer(&mut self.out, &answer)
    }

    fn work(&mut self, job: &Job, files: &[File]) -> Result<MediaSummary, Refusal> {
        self.confined.map_err(|what| {
            let detail =
                format!("its decoder has no sandbox: {what}; see `custody doctor` (--no-sandbox: without)");
            Refusal::new(Reason::SandboxMissing, detail)
        })?;
        let missing = || Refusal::new(Reason::Unreadable, "the job came without its file");
        let input = files.first().ok_or_else(missing)?;
        match job {
            Job::Read { kind: ArtifactKind::Image, covered, again, limits } => {
                self.read_image(input, (covered, look(*again)), limits)
            }
            Job::Read { covered, again, limits, .. } => {
                let ocr = self.ocr.as_ref().map_err(Clone::clone)?;
                let mut pipe = Pipe { out: &mut self.out };
                video::read((input, covered), limits, (ocr, look(*again)), &mut pipe)
            }
            Job::Rewrite { kind, paint, limits } => {
                let output = files.get(1).ok_or_else(missing)?;
                self.rewrite((input, output), *kind, paint, limits)
            }
            Job::Preview { kind, drawing, limits } => {
                let outputs = files.get(1..).filter(|outputs| outputs.len() == drawing.sheets.len());
                self.preview((input, outputs.ok_or_else(missing)?), *kind, drawing, limits)
            }
        }
    }

    fn read_image(
        &mut self,
        input: &File,
        (covered, look): (&[Region], Look),
        limits: &Limits,
    ) -> Result<MediaSummary, Refusal> {
        let pages = image::Pages::open(input, limits)?;
        let ocr = self.ocr.as_ref().map_err(Clone::clone)?;
        let mut pipe = Pipe { out: &mut self.out };
        super::pages::read(pages, Covered::new(covered), (ocr, look, limits.batch_rows_max), &mut pipe)
    }

    fn rewrite(
        &mut self,
        (input, output): (&File, &File),
        kind: ArtifactKind,
        paint: &Paint,
        limits: &Limits,
    ) -> Result<MediaSummary, Refusal> {
        if kind == ArtifactKind::Image {
            let pages = image::Pages::open(input, limits)?;
            return super::pages::rewrite(pages, output, &paint.regions, &mut Pipe { out: &mut self.out });
        }
        let mut pipe = Pipe { out: &mut self.out };
        // A parent that is gone ends the worker by signal; nothing else can fail here.
        writers::video::rewrite(input, output, paint, limits, &mut |done, total| {
            drop(pipe.progress(done, total));
        })
    }

    fn preview(
        &mut self,
        files: (&File, &[File]),
        kind: ArtifactKind,
        drawing: &Drawing,
        limits: &Limits,
    ) -> Result<MediaSummary, Refusal> {
        let mut pipe = Pipe { out: &mut self.out };
        let mut progress = |done, total| drop(pipe.progress(done, total));
        if kind == ArtifactKind::Image {
            return draw_pages(files, drawing, limits, &mut progress);
        }
        preview::recording(files, drawing, limits, &mut progress)
    }
}

/// Draws each page that is asked for.
fn draw_pages(
    (input, outputs): (&File, &[File]),
    drawing: &Drawing,
    limits: &Limits,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<MediaSummary, Refusal> {
    let mut pages = image::Pages::open(input, limits)?;
    while let Some(page) = pages.next_page()? {
        for (sheet, output) in drawing.sheets.iter().zip(outputs) {
            if matches!(sheet, Sheet::Page { page: (number, _) } if *number == page.number) {
                preview::page(page.rgb.clone(), drawing, sheet, output)?;
            }
        }
        progress(u64::from(page.number) + 1, pages.count() as u64);
    }
    Ok(pages.summary())
}

fn look(again: bool) -> Look {
    if again { Look::Again } else { Look::First }
}

struct Pipe<'a> {
    out: &'a mut StdoutLock<'static>,
}

impl JobSink for Pipe<'_> {
    fn words(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).map_err(io::Error::other)?;
        writer.write(batch).and_then(|()| writer.finish()).map_err(io::Error::other)?;
        drop(writer);
        write_message(self.out, Tag::Words, &bytes)
    }

    fn progress(&mut self, done: u64, total: u64) -> io::Result<()> {
        write_answer(self.out, &JobAnswer::Progress(done, total))
    }
}
