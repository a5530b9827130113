//! The findings table: Arrow batches in memory, spilled to an unlinked file when there are many. It holds
//! places, entities and keyed hashes, never a value.

use arrow_array::builder::{
    FixedSizeBinaryBuilder, Float32Builder, UInt8Builder, UInt16Builder, UInt32Builder, UInt64Builder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch, StringArray};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use custody_rules::{Decision, EntityId, Finding, Place, RecognizerId, Region, RuleSet, Syntax};
use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, Write};
use std::sync::{Arc, LazyLock};

/// Findings kept in memory before the rest goes to a file.
const ROWS_IN_MEMORY: usize = 16_384;
/// Findings of one batch.
const BATCH_ROWS: usize = 16_384;

/// Columns of the findings table. `place` is 0 span, 1 cell, 2 region, 3 path; the columns of the other
/// places are 0. `id` is a hash of the artifact's path and the finding under the run's key.
pub static FINDINGS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    let words = || DataType::Dictionary(Box::new(DataType::UInt16), Box::new(DataType::Utf8));
    let mut fields = vec![
        field("id", DataType::FixedSizeBinary(16)),
        field("identity", DataType::FixedSizeBinary(16)),
        field("artifact", DataType::UInt32),
        field("place", DataType::UInt8),
        field("syntax", DataType::UInt8),
        field("start", DataType::UInt64),
        field("end", DataType::UInt64),
    ];
    let numbers = ["sheet", "row", "column", "first_frame", "last_frame", "left", "top", "width", "height"];
    fields.extend(numbers.map(|name| field(name, DataType::UInt32)));
    fields.push(field("entity", words()));
    fields.push(field("recognizer", words()));
    fields.push(field("score", DataType::Float32));
    fields.push(field("decision", DataType::UInt8));
    Arc::new(Schema::new(fields))
});

/// What ids and names the table needs.
#[derive(Debug, Clone)]
pub struct TableContext {
    key: [u8; 32],
    artifact: u32,
    path_hash: [u8; 32],
    entities: ArrayRef,
    recognizers: ArrayRef,
}

impl TableContext {
    /// The context of one artifact: its number in path order and its original relative path (only its
    /// keyed hash is used).
    pub fn new(rules: &RuleSet, key: [u8; 32], artifact: u32, path: &str) -> Self {
        let entities =
            StringArray::from_iter_values(rules.entities().iter().map(custody_rules::Entity::as_str));
        let recognizers =
            StringArray::from_iter_values(rules.recognizers().iter().map(|r| r.syntax.id.as_str()));
        let path_hash = *blake3::keyed_hash(&key, path.as_bytes()).as_bytes();
        Self { key, artifact, path_hash, entities: Arc::new(entities), recognizers: Arc::new(recognizers) }
    }

    /// The finding's stable id under the run's key.
    fn id(&self, finding: &Finding) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&self.path_hash);
        let place = Flat::from(finding.place);
        for number in
            [place.kind.into(), place.start, place.end].into_iter().chain(place.numbers.map(u64::from))
        {
            hasher.update(&number.to_le_bytes());
        }
        hasher.update(&finding.entity.0.to_le_bytes());
        hasher.update(&finding.recognizer.0.to_le_bytes());
        *hasher.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16])
    }
}

/// All findings of one artifact, in order of place.
pub struct FindingStore {
    context: TableContext,
    pending: Vec<Finding>,
    memory: Vec<RecordBatch>,
    spill: Option<StreamWriter<BufWriter<File>>>,
    rows: usize,
}

impl std::fmt::Debug for FindingStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FindingStore").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl FindingStore {
    /// Starts empty.
    pub fn new(context: TableContext) -> Self {
        Self { context, pending: Vec::new(), memory: Vec::new(), spill: None, rows: 0 }
    }

    /// An empty table of the same artifact.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self::new(self.context.clone())
    }

    /// Number of findings.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds findings behind those it holds.
    ///
    /// # Errors
    /// When the spill file cannot be written.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) -> Result<(), ArrowError> {
        for finding in findings {
            self.pending.push(finding);
            self.rows += 1;
            if self.pending.len() == BATCH_ROWS {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ArrowError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let batch = to_batch(&self.context, &self.pending)?;
        self.pending.clear();
        let held: usize = self.memory.iter().map(RecordBatch::num_rows).sum();
        if self.spill.is_none() && held + batch.num_rows() <= ROWS_IN_MEMORY {
            self.memory.push(batch);
            return Ok(());
        }
        if self.spill.is_none() {
            let file = tempfile::tempfile()?;
            self.spill = Some(StreamWriter::try_new(BufWriter::new(file), &FINDINGS)?);
        }
        self.spill.as_mut().map_or(Ok(()), |spill| spill.write(&batch))
    }

    /// All findings from the first, batch by batch, as Arrow.
    ///
    /// # Errors
    /// When the spill file cannot be written or read.
    pub fn batches(
        &mut self,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<>, ArrowError> {
        self.flush()?;
        let spilled = match &mut self.spill {
            None => None,
            Some(spill) => {
                spill.get_mut().flush()?;
                let mut file = spill.get_ref().get_ref().try_clone()?;
                let end = file.stream_position()?;
                let bytes = LimitedFile { file, end, at: 0 };
                Some(StreamReader::try_new(BufReader::with_capacity(1 << 20, bytes), None)?)
            }
        };
        Ok(self.memory.clone().into_iter().map(Ok).chain(spilled.into_iter().flatten()))
    }

    /// All findings from the first.
    ///
    /// # Errors
    /// When the spill file cannot be written or read; each item likewise.
    pub fn rows(&mut self) -> Result<impl Iterator<Item = Result<Finding, ArrowError>> + use<>, ArrowError> {
        Ok(self.batches()?.flat_map(|batch| match batch {
            Ok(batch) => from_batch(&batch).into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }))
    }
}

/// Reads from its own position: the writer's descriptor shares the file's offset.
#[derive(Debug)]
struct LimitedFile {
    file: File,
    at: u64,
    end: u64,
}

impl std::io::Read for LimitedFile {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use std::os::unix::fs::FileExt;
        let room = buffer.len().min((self.end - self.at) as usize);
        let read = self.file.read_at(&mut buffer[..room], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// A place as plain numbers.
struct Flat {
    kind: u8,
    syntax: u8,
    start: u64,
    end: u64,
    numbers: [u32; 9],
}

impl From<Place> for Flat {
    fn from(place: Place) -> Self {
        let flat = |kind, syntax, (start, end), numbers| Self { kind, syntax, start, end, numbers };
        match place {
            Place::Span { start, end, syntax } => flat(0, syntax as u8, (start, end), [0; 9]),
            Place::Cell { sheet, row, column, start, end } => {
                flat(1, 0, (start.into(), end.into()), [sheet, row, column, 0, 0, 0, 0, 0, 0])
            }
            Place::Region(r) => {
                flat(2, 0, (0, 0), [0, 0, 0, r.first_frame, r.last_frame, r.left, r.top, r.width, r.height])
            }
            Place::Path { component, start, end } => {
                flat(3, 0, (start.into(), end.into()), [0, 0, component, 0, 0, 0, 0, 0, 0])
            }
        }
    }
}

impl From<&Flat> for Place {
    fn from(flat: &Flat) -> Self {
        let [sheet, row, column, first_frame, last_frame, left, top, width, height] = flat.numbers;
        let (start, end) = (flat.start as u32, flat.end as u32);
        match flat.kind {
            0 => Self::Span { start: flat.start, end: flat.end, syntax: Syntax::from_u8(flat.syntax) },
            1 => Self::Cell { sheet, row, column, start, end },
            2 => Self::Region(Region { first_frame, last_frame, left, top, width, height }),
            _ => Self::Path { component: column, start, end },
        }
    }
}

fn to_batch(context: &TableContext, findings: &[Finding]) -> Result<RecordBatch, ArrowError> {
    let (mut ids, mut identities) = (FixedSizeBinaryBuilder::new(16), FixedSizeBinaryBuilder::new(16));
    let (mut kind, mut syntax, mut decision) =
        (UInt8Builder::new(), UInt8Builder::new(), UInt8Builder::new());
    let (mut start, mut end) = (UInt64Builder::new(), UInt64Builder::new());
    let mut numbers: [UInt32Builder; 9] = std::array::from_fn(|_| UInt32Builder::new());
    let (mut entity, mut recognizer) = (UInt16Builder::new(), UInt16Builder::new());
    let (mut artifact, mut score) = (UInt32Builder::new(), Float32Builder::new());
    for finding in findings {
        let flat = Flat::from(finding.place);
        ids.append_value(context.id(finding))?;
        identities.append_value(finding.identity.to_le_bytes())?;
        artifact.append_value(context.artifact);
        kind.append_value(flat.kind);
        syntax.append_value(flat.syntax);
        start.append_value(flat.start);
        end.append_value(flat.end);
        for (builder, number) in numbers.iter_mut().zip(flat.numbers) {
            builder.append_value(number);
        }
        entity.append_value(finding.entity.0);
        recognizer.append_value(finding.recognizer.0);
        score.append_value(finding.score);
        decision.append_value(u8::from(finding.decision == Decision::Keep));
    }
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(ids.finish()),
        Arc::new(identities.finish()),
        Arc::new(artifact.finish()),
        Arc::new(kind.finish()),
        Arc::new(syntax.finish()),
        Arc::new(start.finish()),
        Arc::new(end.finish()),
    ];
    columns.extend(numbers.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
    columns.push(Arc::new(DictionaryArray::<UInt16Type>::try_new(
        entity.finish(),
        Arc::clone(&context.entities),
    )?));
    columns.push(Arc::new(DictionaryArray::<UInt16Type>::try_new(
        recognizer.finish(),
        Arc::clone(&context.recognizers),
    )?));
    columns.push(Arc::new(score.finish()));
    columns.push(Arc::new(decision.finish()));
    RecordBatch::try_new(FINDINGS.clone(), columns)
}

fn from_batch(batch: &RecordBatch) -> Vec<Finding> {
    let identity = batch.column(1).as_fixed_size_binary();
    let u8s = |at: usize| batch.column(at).as_primitive::<UInt8Type>();
    let (kind, syntax, decision) = (u8s(3), u8s(4), u8s(19));
    let u64s = |at: usize| batch.column(at).as_primitive::<UInt64Type>();
    let (start, end) = (u64s(5), u64s(6));
    let numbers: [_; 9] = std::array::from_fn(|n| batch.column(7 + n).as_primitive::<UInt32Type>());
    let entity = batch.column(16).as_dictionary::<UInt16Type>().keys();
    let recognizer = batch.column(17).as_dictionary::<UInt16Type>().keys();
    let score = batch.column(18).as_primitive::<Float32Type>();
    let row = |i: usize| Finding {
        place: Place::from(&Flat {
            kind: kind.value(i),
            syntax: syntax.value(i),
            start: start.value(i),
            end: end.value(i),
            numbers: std::array::from_fn(|n| numbers[n].value(i)),
        }),
        entity: EntityId(entity.value(i)),
        recognizer: RecognizerId(recognizer.value(i)),
        score: score.value(i),
        identity: u128::from_le_bytes(*identity.value(i).first_chunk().unwrap_or(&[0; 16])),
        decision: if decision.value(i) == 1 { Decision::Keep } else { Decision::Redact },
    };
    (0..batch.num_rows()).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_order_also_from_the_spill_file() {
        let rules = RuleSet::load(&[]).expect("empty set");
        let mut store = FindingStore::new(TableContext::new(&rules, [7; 32], 3, "a/b"));
        let region = Region { first_frame: 1, last_frame: 2, left: 3, top: 4, width: 5, height: 6 };
        let finding = |at: u64| Finding {
            place: match at % 4 {
                0 => Place::Span { start: at, end: at + 1, syntax: Syntax::XmlText },
                1 => Place::Cell { sheet: 1, row: at as u32, column: 2, start: 3, end: 4 },
                2 => Place::Region(region),
                _ => Place::Path { component: 1, start: 0, end: at as u32 },
            },
            entity: EntityId((at % 3) as u16),
            recognizer: RecognizerId(1),
            score: 0.5,
            identity: u128::from(at) << 70,
            decision: if at.is_multiple_of(2) { Decision::Keep } else { Decision::Redact },
        };
        let count = (ROWS_IN_MEMORY + 3 * BATCH_ROWS + 5) as u64;
        store.extend((0..count).map(finding)).expect("written");
        for _ in 0..2 {
            let back: Vec<Finding> = store.rows().expect("opened").map(|f| f.expect("read")).collect();
            assert_eq!(back.len() as u64, count);
            assert!(back.iter().enumerate().all(|(at, f)| *f == finding(at as u64)));
        }
        let ids: Vec<_> =
            store.batches().expect("opened").map(|b| b.expect("read").column(0).clone()).collect();
        assert_ne!(ids[0].as_fixed_size_binary().value(0), ids[0].as_fixed_size_binary().value(4));
    }
}
