//! Writes rows into as many files as the limits of a sheet and of a file ask for, always between two transactions, one
//! file's rows in memory at a time. Knows no file names.

use super::fill::{Filled, Filler, LEVELS};
use super::readback::Expected;
use super::{Check, Limits, Source, Target, WriteError, Written, WrittenFile, generate};
use crate::eib::{Block, RowSource, SheetBlock};
use crate::template::Template;
use datafusion::arrow::datatypes::DataType;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

/// Bytes of rows that are kept in memory before a file is written in any case.
const BUFFER_BYTES_MAX: usize = 128 << 20;

/// Writes all rows. `out` is asked for an empty file, readable and writable, by its number from 1; nothing is renamed, so
/// that an error leaves only files that the caller throws away.
///
/// # Errors
/// A [`WriteError`]; no file that was written before it may be used.
pub fn write(
    target: &Target<'_>,
    rows: &mut dyn RowSource,
    out: &mut dyn FnMut(u32) -> io::Result<File>,
) -> Result<Written, WriteError> {
    let generated;
    let bytes = match target.source {
        Source::Fill(bytes) => bytes,
        Source::Generate => {
            generated = generate::header(target.template)?;
            &generated
        }
    };
    let filler = Filler::new(bytes, target.template, target.settings)?;
    let expected = match target.check {
        Check::ReadBack => Some(Expected::read(bytes, target.template, target.settings)?),
        Check::WriteOnly => None,
    };
    let mut queue = Queue::new(target.template, target.limits);
    let mut base = vec![0_u64; target.template.sheets.len()];
    let mut written = Written { files: Vec::new() };
    let mut ended = false;
    while !ended || !queue.blocks.is_empty() {
        while !ended && !queue.is_full() {
            match rows.next_block()? {
                Some(block) => queue.push(block)?,
                None => ended = true,
            }
        }
        let batch = queue.take()?;
        if batch.is_empty() {
            continue;
        }
        let (batch, filled) = fit(&filler, batch, &base, &mut queue)?;
        let number = written.files.len() as u32 + 1;
        let mut file = out(number)?;
        let described = store(&filler, &filled, &mut file)?;
        if let Some(expected) = &expected {
            expected.compare(&file, number, target.template, &batch)?;
        }
        let one = describe(described, number, &batch, &filled, base.len());
        base.iter_mut().zip(&one.rows_by_sheet).for_each(|(base, rows)| *base += rows);
        written.files.push(one);
    }
    if written.files.is_empty() { Err(WriteError::NoRows) } else { Ok(written) }
}

/// Fills a package, compressed harder and then with fewer rows until it is small enough; the rest goes back.
fn fit(
    filler: &Filler<'_>,
    mut batch: Vec<Block>,
    base: &[u64],
    queue: &mut Queue<'_>,
) -> Result<(Vec<Block>, Filled), WriteError> {
    let limit = queue.limits.file_bytes_max;
    // Twice as many as fitted last time are enough to try with.
    if let Some(span) = queue.fitted {
        let (first, _) = transactions(&batch);
        batch = keep(batch, first.saturating_add(span.saturating_mul(2)), queue);
    }
    loop {
        let mut size = 0;
        for level in LEVELS {
            let filled = filler.fill(&batch, base, level)?;
            size = filler.size(&filled);
            if size <= limit {
                return Ok((batch, filled));
            }
        }
        let (first, last) = transactions(&batch);
        if first == last {
            return Err(WriteError::Transaction { number: first, what: "the bytes of a file" });
        }
        // A tenth less than in proportion: rows differ, and a second try costs as much as the first.
        let span = last - first + 1;
        let kept = (u128::from(span) * u128::from(limit) * 9 / (u128::from(size) * 10)) as u64;
        let kept = kept.clamp(1, span - 1);
        queue.fitted = Some(kept);
        batch = keep(batch, first + kept, queue);
    }
}

/// The rows before a transaction; the others go back.
fn keep(batch: Vec<Block>, border: u64, queue: &mut Queue<'_>) -> Vec<Block> {
    let (mut kept, mut rest) = (Vec::new(), Vec::new());
    for block in batch {
        let (front, back) = cut(block, border);
        kept.extend(front);
        rest.extend(back);
    }
    queue.put_back(rest);
    kept
}

/// Writes the file and reads its size and hash off the disk's copy.
fn store(filler: &Filler<'_>, filled: &Filled, file: &mut File) -> Result<(u64, String), WriteError> {
    let mut buffered = BufWriter::with_capacity(1 << 16, &*file);
    filler.write(filled, &mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.rewind()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&*file)?;
    file.rewind()?;
    Ok((hasher.count(), hasher.finalize().to_hex().to_string()))
}

fn describe(
    (bytes, blake3): (u64, String),
    number: u32,
    batch: &[Block],
    filled: &Filled,
    sheets: usize,
) -> WrittenFile {
    let mut rows_by_sheet = vec![0; sheets];
    for rows in batch.iter().flat_map(|block| &block.sheets) {
        rows_by_sheet[rows.sheet] += rows.rows.num_rows() as u64;
    }
    let (first_transaction, last_transaction) = transactions(batch);
    WrittenFile {
        number,
        rows_by_sheet,
        cells: filled.cells,
        bytes,
        blake3,
        first_transaction,
        last_transaction,
    }
}

/// The first and the last transaction.
fn transactions(batch: &[Block]) -> (u64, u64) {
    let numbers = || batch.iter().flat_map(|block| &block.sheets);
    let first = numbers().filter_map(|rows| rows.transactions.first()).min();
    let last = numbers().filter_map(|rows| rows.transactions.last()).max();
    (first.copied().unwrap_or(0), last.copied().unwrap_or(0))
}

/// Parts a block before a transaction.
fn cut(block: Block, border: u64) -> (Option<Block>, Option<Block>) {
    let (mut front, mut back) = (Vec::new(), Vec::new());
    for rows in block.sheets {
        let at = rows.transactions.partition_point(|&number| number < border);
        let part = |from: usize, to: usize| SheetBlock {
            sheet: rows.sheet,
            columns: rows.columns.clone(),
            rows: rows.rows.slice(from, to - from),
            transactions: rows.transactions[from..to].to_vec(),
        };
        let end = rows.transactions.len();
        if at > 0 {
            front.push(part(0, at));
        }
        if at < end {
            back.push(part(at, end));
        }
    }
    let some = |sheets: Vec<SheetBlock>| (!sheets.is_empty()).then_some(Block { sheets });
    (some(front), some(back))
}

/// Blocks that are in no file yet.
struct Queue<'a> {
    template: &'a Template,
    limits: Limits,
    blocks: VecDeque<Block>,
    rows: Vec<u64>,
    bytes: usize,
    /// The last transaction that came.
    last: u64,
    /// How many transactions a file had room for when it was too large.
    fitted: Option<u64>,
    /// By sheet: the columns of its blocks.
    columns: Vec<Option<std::sync::Arc<[usize]>>>,
}

impl<'a> Queue<'a> {
    fn new(template: &'a Template, limits: Limits) -> Self {
        let sheets = template.sheets.len();
        Self {
            template,
            limits,
            blocks: VecDeque::new(),
            rows: vec![0; sheets],
            bytes: 0,
            last: 0,
            fitted: None,
            columns: vec![None; sheets],
        }
    }

    /// Whether there is enough for a file.
    fn is_full(&self) -> bool {
        self.bytes > BUFFER_BYTES_MAX || self.rows.iter().any(|rows| *rows > u64::from(self.limits.rows_max))
    }

    fn push(&mut self, block: Block) -> Result<(), WriteError> {
        self.check(&block)?;
        let (first, last) = transactions(std::slice::from_ref(&block));
        if last == 0 {
            return Ok(());
        }
        if first <= self.last {
            return Err(WriteError::Rows { what: "a transaction is in two blocks, or has no number" });
        }
        self.last = last;
        self.count(&block);
        self.blocks.push_back(block);
        Ok(())
    }

    fn put_back(&mut self, blocks: Vec<Block>) {
        for block in blocks.into_iter().rev() {
            self.count(&block);
            self.blocks.push_front(block);
        }
    }

    fn count(&mut self, block: &Block) {
        for rows in &block.sheets {
            self.rows[rows.sheet] += rows.rows.num_rows() as u64;
            self.bytes += rows.rows.get_array_memory_size();
        }
    }

    fn check(&mut self, block: &Block) -> Result<(), WriteError> {
        let odd = |what| Err(WriteError::Rows { what });
        if !block.sheets.is_sorted_by(|a, b| a.sheet < b.sheet) {
            return odd("the sheets of a block are not in order");
        }
        for rows in &block.sheets {
            let Some(sheet) = self.template.sheets.get(rows.sheet) else {
                return odd("there is no such sheet");
            };
            let known = rows.columns.iter().all(|&column| column < sheet.columns.len());
            if !known || !rows.columns.is_sorted_by(|a, b| a < b) {
                return odd("columns are not there or not in order");
            }
            let texts = rows.rows.columns().iter().all(|column| *column.data_type() == DataType::Utf8);
            if rows.columns.len() != rows.rows.num_columns() || !texts {
                return odd("a batch does not hold the columns as texts");
            }
            if rows.transactions.len() != rows.rows.num_rows() || !rows.transactions.is_sorted() {
                return odd("the numbers of transactions fall, or are not one a row");
            }
            if self.columns[rows.sheet].get_or_insert_with(|| rows.columns.clone()) != &rows.columns {
                return odd("the columns of a sheet change between blocks");
            }
        }
        Ok(())
    }

    /// The next file's rows: as many whole transactions as every sheet has room for.
    fn take(&mut self) -> Result<Vec<Block>, WriteError> {
        let limit = u64::from(self.limits.rows_max);
        let mut taken = Vec::new();
        let mut rows = vec![0_u64; self.rows.len()];
        while let Some(block) = self.blocks.pop_front() {
            // The first transaction that has no room whole.
            let border = block.sheets.iter().filter_map(|own| {
                let room = usize::try_from(limit - rows[own.sheet]).ok()?;
                own.transactions.get(room).copied()
            });
            let Some(border) = border.min() else {
                block.sheets.iter().for_each(|own| rows[own.sheet] += own.rows.num_rows() as u64);
                taken.push(block);
                continue;
            };
            let (front, back) = cut(block, border);
            taken.extend(front);
            if let Some(back) = back {
                self.blocks.push_front(back);
            }
            if taken.is_empty() {
                return Err(WriteError::Transaction { number: border, what: "the rows of a sheet" });
            }
            break;
        }
        self.recount();
        Ok(taken)
    }

    fn recount(&mut self) {
        let blocks = std::mem::take(&mut self.blocks);
        self.rows.fill(0);
        self.bytes = 0;
        blocks.iter().for_each(|block| self.count(block));
        self.blocks = blocks;
    }
}
