//! The seams between stages: what `ingest` implements and the root hands to `redact`.

use crate::{ArtifactKind, Drawing, Job, Limits, MediaSummary, Paint, Refusal, Region};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::fs::File;
use std::io::Read;

/// A text's encoding. The UTF-8 view of a text keeps a byte order mark as its first character (U+FEFF).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextEncoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
    /// Windows-1252, a superset of ISO 8859-1.
    Windows1252,
}

/// What sniffing says of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sniffed {
    /// What it is.
    pub kind: ArtifactKind,
    /// For text, CSV, JSON and XML.
    pub encoding: TextEncoding,
    /// Its usual file ending, without the dot: `png`, `xlsx`, `xls`, `ods`, `csv`, `log`, …
    pub format: &'static str,
}

/// Yields record batches of bounded size, in order, of one of the schemas in [`crate::table`].
pub trait BatchSource: Send {
    /// The next batch, or `None` at the end.
    ///
    /// # Errors
    /// A [`Refusal`] when the artifact cannot be read on; nothing after it may be used.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal>;
}

/// A table that can be read again and again, some of its columns at a time. Implemented by `ingest` for reports in files,
/// asked by whatever answers queries.
pub trait TableSource: Send + Sync {
    /// Its columns, typed.
    fn schema(&self) -> SchemaRef;

    /// Reads from the beginning. The batches have exactly these columns of the schema, in this order; some thousand rows
    /// each, in the table's order.
    ///
    /// # Errors
    /// A [`Refusal`] when it cannot be opened again.
    fn scan(&self, columns: &[usize]) -> Result<Box<dyn BatchSource>, Refusal>;
}

/// Reads artifacts that are not media. Implemented by `ingest`.
pub trait Reader: Sync + Send {
    /// Says by content what a file is.
    ///
    /// # Errors
    /// A [`Refusal`] when it is empty, unreadable or of no supported kind.
    fn sniff(&self, file: &File, limits: &Limits) -> Result<Sniffed, Refusal>;

    /// Opens text, CSV, JSON, XML or a workbook at its beginning.
    ///
    /// # Errors
    /// A [`Refusal`] when its beginning already breaks the format.
    fn open(&self, file: File, sniffed: Sniffed, limits: &Limits) -> Result<Box<dyn BatchSource>, Refusal>;

    /// The UTF-8 view of a text from its beginning.
    ///
    /// # Errors
    /// A [`Refusal`] when the file cannot be read.
    fn utf8_view(&self, file: File, encoding: TextEncoding) -> Result<Box<dyn Read + Send>, Refusal>;
}

/// Reads and rewrites pictures and recordings. Implemented by the root with worker processes.
pub trait MediaEngine: Sync + Send {
    /// Decodes and reads what came from outside: `words` batches.
    ///
    /// # Errors
    /// A [`Refusal`], also when the worker crashed or hung.
    fn read(
        &self,
        input: &File,
        kind: ArtifactKind,
        limits: &Limits,
    ) -> Result<(MediaSummary, Vec<RecordBatch>), Refusal>;

    /// Decodes and reads an output, in a process that has read nothing from outside and written nothing. `covered`
    /// are the boxes that were filled: where they are solid, nothing is read.
    ///
    /// # Errors
    /// A [`Refusal`], also when the worker crashed or hung.
    fn read_again(
        &self,
        output: &File,
        kind: ArtifactKind,
        covered: &[Region],
        limits: &Limits,
    ) -> Result<(MediaSummary, Vec<RecordBatch>), Refusal>;

    /// Decodes, paints and encodes into `output`.
    ///
    /// # Errors
    /// A [`Refusal`], also when the worker crashed or hung.
    fn rewrite(
        &self,
        files: (&File, &File),
        kind: ArtifactKind,
        paint: &Paint,
        limits: &Limits,
    ) -> Result<MediaSummary, Refusal>;

    /// Decodes and draws each sheet into its output, as a PNG that shows the artifact unredacted.
    ///
    /// # Errors
    /// A [`Refusal`], also when the worker crashed or hung.
    fn preview(
        &self,
        files: (&File, &[File]),
        kind: ArtifactKind,
        drawing: &Drawing,
        limits: &Limits,
    ) -> Result<MediaSummary, Refusal>;
}

/// Takes what a job produces while it runs: the worker's pipe, or a test's list.
pub trait JobSink {
    /// Takes a batch of words.
    ///
    /// # Errors
    /// An I/O error when the other side is gone.
    fn words(&mut self, batch: &RecordBatch) -> std::io::Result<()>;

    /// Says that work goes on: frames or tiles done, of so many (0: unknown).
    ///
    /// # Errors
    /// An I/O error when the other side is gone.
    fn progress(&mut self, done: u64, total: u64) -> std::io::Result<()>;
}

impl Job {
    /// The kind of media the job is about.
    pub fn kind(&self) -> ArtifactKind {
        match self {
            Self::Read { kind, .. } | Self::Rewrite { kind, .. } | Self::Preview { kind, .. } => *kind,
        }
    }
}
