//! Reads and rewrites a picture page by page: never more than two pages are in memory. A page that looks like
//! the one before is not read again: its words last on.

use arrow_array::RecordBatch;
use custody_ingest::Covered;
use custody_ingest::image::{Page, Pages};
use custody_ingest::ocr::{Look, Ocr, Word};
use custody_redact::writers::image::{Plan, Writer};
use custody_rules::table::WordRow;
use custody_rules::{JobSink, MediaSummary, Refusal, Region, WordsBuilder};
use image::GrayImage;
use std::fs::File;

/// Pages that look alike, and what is written on them.
struct Run {
    grey: GrayImage,
    words: Vec<Word>,
    first: u32,
    last: u32,
    start_ms: u64,
    end_ms: u64,
}

/// Reads the words of every page with the given look, in batches of so many rows.
///
/// # Errors
/// A [`Refusal`] when a page cannot be decoded or read, or nobody takes the words any more.
pub(super) fn read(
    mut pages: Pages,
    mut covered: Covered,
    (ocr, look, rows_max): (&Ocr, Look, usize),
    sink: &mut dyn JobSink,
) -> Result<MediaSummary, Refusal> {
    let mut rows = Rows { builder: WordsBuilder::default(), rows_max };
    let mut open: Option<Run> = None;
    let count = pages.count() as u64;
    let mut start_ms = 0;
    while let Some(Page { rgb, number, duration_ms }) = pages.next_page()? {
        let mut grey = image::imageops::grayscale(&rgb);
        drop(rgb);
        covered.hide(&mut grey, number);
        let end_ms = start_ms + u64::from(duration_ms);
        if count > 1 {
            // Pages that look alike go by without a word, and there can be many.
            sink.progress(u64::from(number), count)?;
        }
        match &mut open {
            Some(run) if run.grey == grey => (run.last, run.end_ms) = (number, end_ms),
            _ => {
                if let Some(run) = open.take() {
                    rows.push(&run, sink)?;
                }
                let words = ocr.read_page((&grey, look), &mut |done, total| {
                    let at = if count > 1 { (u64::from(number), count) } else { (done, total) };
                    sink.progress(at.0, at.1).map_err(|e| Refusal::from_io(&e))
                })?;
                open = Some(Run { grey, words, first: number, last: number, start_ms, end_ms });
            }
        }
        start_ms = end_ms;
    }
    if let Some(run) = open {
        rows.push(&run, sink)?;
    }
    sink.words(&rows.builder.finish())?;
    Ok(pages.summary())
}

/// Writes every page anew, with the boxes filled whose frames hold its number.
///
/// # Errors
/// A [`Refusal`] when a page cannot be decoded or written, or nobody waits for it any more.
pub(super) fn rewrite(
    mut pages: Pages,
    output: &File,
    boxes: &[Region],
    sink: &mut dyn JobSink,
) -> Result<MediaSummary, Refusal> {
    let plan = Plan { format: pages.format(), pages: pages.count(), repeat: pages.repeat() };
    let mut writer = Writer::start(output, plan, boxes)?;
    while let Some(page) = pages.next_page()? {
        writer.page(page.rgb, page.duration_ms)?;
        sink.progress(u64::from(page.number) + 1, plan.pages as u64)?;
    }
    writer.finish()?;
    Ok(pages.summary())
}

/// Collects rows into bounded batches.
struct Rows {
    builder: WordsBuilder,
    rows_max: usize,
}

impl Rows {
    fn push(&mut self, run: &Run, sink: &mut dyn JobSink) -> Result<(), Refusal> {
        for word in &run.words {
            self.builder.push(row(run, word));
            if self.builder.rows() >= self.rows_max {
                let batch: RecordBatch = self.builder.finish();
                sink.words(&batch)?;
            }
        }
        Ok(())
    }
}

fn row<'a>(run: &Run, word: &'a Word) -> WordRow<'a> {
    WordRow {
        page: run.first,
        block: word.block,
        line: word.line,
        confidence: word.confidence,
        left: word.rect.left,
        top: word.rect.top,
        width: word.rect.width,
        height: word.rect.height,
        since_frame: run.first,
        first_frame: run.first,
        last_frame: run.last,
        start_ms: run.start_ms,
        end_ms: run.end_ms,
        text: &word.text,
    }
}
