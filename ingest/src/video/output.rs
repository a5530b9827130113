//! Sends rows of words and signs of life to whoever asked for the reading. Decides nothing.

use super::tiles::Area;
use custody_rules::table::WordRow;
use custody_rules::{JobSink, Reason, Refusal, WordsBuilder};
use std::time::{Duration, Instant};

/// Longest silence towards the other side.
const SILENCE: Duration = Duration::from_millis(500);

/// Frames during which something is visible, and the same in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    /// First frame of the activity that led to it.
    pub(super) since: u32,
    /// First frame.
    pub(super) first: u32,
    /// Last frame, inclusive.
    pub(super) last: u32,
    /// When the first frame is shown.
    pub(super) start_ms: u64,
    /// When the last frame is not shown any more.
    pub(super) end_ms: u64,
}

/// Collects rows into bounded batches.
pub(super) struct Output<'a> {
    sink: &'a mut dyn JobSink,
    builder: WordsBuilder,
    rows_max: usize,
    done: u64,
    total: u64,
    spoke: Instant,
    next_line: u32,
}

impl<'a> Output<'a> {
    /// Starts with nothing sent; `total` frames are expected, 0 when that is unknown.
    pub(super) fn new(sink: &'a mut dyn JobSink, rows_max: usize, total: u64) -> Self {
        let (builder, spoke) = (WordsBuilder::default(), Instant::now());
        Self { sink, builder, rows_max: rows_max.max(1), done: 0, total, spoke, next_line: 0 }
    }

    /// Takes so many unused line numbers and returns the first.
    pub(super) fn lines(&mut self, count: u32) -> u32 {
        let first = self.next_line;
        self.next_line = self.next_line.wrapping_add(count);
        first
    }

    /// Adds a word; `place` is its block and line.
    pub(super) fn word(
        &mut self,
        (text, confidence): (&str, f32),
        place: (u32, u32),
        area: Area,
        time: Interval,
    ) -> Result<(), Refusal> {
        self.builder.push(WordRow {
            page: 0,
            block: place.0,
            line: place.1,
            confidence,
            left: area.left,
            top: area.top,
            width: area.right - area.left,
            height: area.bottom - area.top,
            since_frame: time.since,
            first_frame: time.first,
            last_frame: time.last,
            start_ms: time.start_ms,
            end_ms: time.end_ms,
            text,
        });
        if self.builder.rows() >= self.rows_max { self.flush() } else { Ok(()) }
    }

    /// Adds an area that changed too fast to be read: no text, confidence −1.
    pub(super) fn unread(&mut self, area: Area, time: Interval) -> Result<(), Refusal> {
        let line = self.lines(1);
        self.word(("", -1.0), (line, line), area, time)
    }

    /// Counts a frame as done.
    pub(super) fn frame(&mut self) -> Result<(), Refusal> {
        self.done += 1;
        self.alive()
    }

    /// Tells the other side that work goes on, not too often.
    pub(super) fn alive(&mut self) -> Result<(), Refusal> {
        if self.spoke.elapsed() < SILENCE {
            return Ok(());
        }
        self.spoke = Instant::now();
        self.sink.progress(self.done, self.total.max(self.done)).map_err(|_| gone())
    }

    /// Sends what is left.
    pub(super) fn finish(mut self) -> Result<(), Refusal> {
        self.flush()?;
        self.sink.progress(self.done, self.done).map_err(|_| gone())
    }

    fn flush(&mut self) -> Result<(), Refusal> {
        if self.builder.rows() == 0 {
            return Ok(());
        }
        self.sink.words(&self.builder.finish()).map_err(|_| gone())
    }
}

fn gone() -> Refusal {
    Refusal::new(Reason::Cancelled, "nobody takes the words any more")
}
