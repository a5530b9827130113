//! Workbooks (XLSX, XLSM, XLS, ODS) as `cells`: every sheet, hidden ones too, and whatever else in the file
//! can hold a name, as rows of kinds of their own.
//!
//! Order: sheet by sheet; first the sheet's name, then cells and comments by row and column, then what
//! belongs to the sheet as a whole (row [`u32::MAX`]); at the end, as sheet [`u32::MAX`], what belongs to the
//! document. The parsers run on a thread of their own, which hands over one batch after the other.

mod biff;
mod cfb;
pub(crate) mod layout;
mod ods;
pub(crate) mod package;
mod parts;
pub(crate) mod sheet;
mod sink;
pub(crate) mod value;
mod xls;
mod xlsx;

use self::sink::{Message, Sink};
use arrow_array::RecordBatch;
use custody_rules::{BatchSource, Limits, Reason, Refusal};
use std::cell::Cell;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Once};

/// Batches that wait for their reader.
const BATCHES_AHEAD: usize = 2;

const STACK_BYTES: usize = 8 << 20;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Opens a workbook of a format by its usual ending: `xlsx`, `xlsm`, `xls` or `ods`. A package (all but
/// `xls`) must have passed [`crate::measure`] before.
///
/// # Errors
/// [`Reason::Unreadable`] when no thread can be started; [`BatchSource::next_batch`] refuses what is locked,
/// cut off, malformed or too large.
pub fn open(file: File, format: &'static str, limits: &Limits) -> Result<Box<dyn BatchSource>, Refusal> {
    let (sender, receiver) = sync_channel(BATCHES_AHEAD);
    let limits = *limits;
    let file = Arc::new(file);
    let work = move || {
        let mut sink = Sink::new(sender, limits);
        QUIET.set(true);
        let result = catch_unwind(AssertUnwindSafe(|| read(&file, format, &mut sink)));
        let broken = || Refusal::new(Reason::Malformed, "the workbook breaks the rules of its format");
        sink.end(result.unwrap_or_else(|_| Err(broken())));
    };
    keep_panics_quiet();
    let thread = std::thread::Builder::new().name("workbook".to_owned()).stack_size(STACK_BYTES);
    thread.spawn(work).map_err(|error| Refusal::from_io(&error))?;
    Ok(Box::new(Batches { receiver, ended: None }))
}

fn read(file: &Arc<File>, format: &str, sink: &mut Sink) -> Result<(), Refusal> {
    match format {
        "xlsx" | "xlsm" => xlsx::read(file, sink),
        "ods" => ods::read(file, sink),
        "xls" => xls::read(file, sink),
        _ => Err(Refusal::new(Reason::Unsupported, "no workbook of a known format")),
    }
}

/// A parser's panic becomes a refusal. Its message can quote the artifact, so it is not printed.
fn keep_panics_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.try_with(Cell::get).unwrap_or(false) {
                before(info);
            }
        }));
    });
}

struct Batches {
    receiver: Receiver<Message>,
    ended: Option<Result<(), Refusal>>,
}

impl BatchSource for Batches {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        if let Some(end) = &self.ended {
            return end.clone().map(|()| None);
        }
        let lost = || Message::End(Err(Refusal::new(Reason::Malformed, "the workbook's parser gave up")));
        match self.receiver.recv().unwrap_or_else(|_| lost()) {
            Message::Batch(batch) => Ok(Some(batch)),
            Message::End(end) => {
                self.ended = Some(end.clone());
                end.map(|()| None)
            }
        }
    }
}

#[cfg(test)]
mod tests;
