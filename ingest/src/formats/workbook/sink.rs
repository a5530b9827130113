//! Where a workbook's parser puts its rows: batches of bounded size, handed over through a channel.

use arrow_array::RecordBatch;
use custody_rules::table::CellKind;
use custody_rules::{CellsBuilder, Limits, Reason, Refusal};
use std::sync::mpsc::SyncSender;

/// Counted for every row beside its text, so that endless rows of short texts come to an end too.
const ROW_BYTES: u64 = 16;

/// What goes through the channel.
pub(super) enum Message {
    Batch(RecordBatch),
    End(Result<(), Refusal>),
}

/// Collects rows into batches.
pub(super) struct Sink {
    cells: CellsBuilder,
    sender: SyncSender<Message>,
    bytes: u64,
    /// What is too large.
    pub(super) limits: Limits,
}

impl Sink {
    pub(super) fn new(sender: SyncSender<Message>, limits: Limits) -> Self {
        Self { cells: CellsBuilder::default(), sender, bytes: 0, limits }
    }

    /// Adds a row; hands over the batch when it is full.
    pub(super) fn push(
        &mut self,
        place: (u32, u32, u32),
        kind: CellKind,
        heading: Option<&str>,
        text: &str,
    ) -> Result<(), Refusal> {
        if text.len() > self.limits.token_bytes_max {
            let most = self.limits.token_bytes_max;
            return Err(Refusal::new(Reason::TooLarge, format!("a cell is longer than {most} bytes")));
        }
        self.bytes += text.len() as u64 + ROW_BYTES;
        if self.bytes > self.limits.expanded_bytes_max {
            let most = self.limits.expanded_bytes_max;
            return Err(Refusal::new(Reason::ZipBomb, format!("its cells expand to more than {most} bytes")));
        }
        self.cells.push_cell(place, kind, heading, text);
        if crate::formats::tree::is_full(&self.cells, &self.limits) { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Refusal> {
        let Some(batch) = crate::formats::tree::take(&mut self.cells) else { return Ok(()) };
        let gone = |_| Refusal::new(Reason::Cancelled, "nobody reads on");
        self.sender.send(Message::Batch(batch)).map_err(gone)
    }

    /// Hands over the rest and says how it ended.
    pub(super) fn end(mut self, result: Result<(), Refusal>) {
        let result = result.and_then(|()| self.flush());
        // Nobody is there to be told when the other side is gone.
        let _ = self.sender.send(Message::End(result));
    }
}
