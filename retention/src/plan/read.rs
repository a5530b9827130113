//! Reads a plan file item by item and checks its form, its counts and its hash. Keeps nothing but the counts.

use super::tally::Taken;
use super::{Act, Header, LINE_BYTES_MAX, PlanError, PlanItem, Planned, SCHEMA, Summary};
use crate::hex;
use serde::Deserialize;
use std::fmt;
use std::io::{BufRead, Read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SummaryLine {
    summary: Summary,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HashLine<'a> {
    hash: &'a str,
}

/// A plan that is being read. Whether it is one is known when the last item was read: carry nothing out before, but
/// read it once to [`check`](Self::check) it and again to carry it out, from the same open file.
pub struct PlanReader<R> {
    input: R,
    hasher: blake3::Hasher,
    header: Header,
    line: Vec<u8>,
    number: u64,
    purge: Taken,
    mark: Taken,
    end: Option<Planned>,
}

impl<R> fmt::Debug for PlanReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlanReader").field("header", &self.header).finish_non_exhaustive()
    }
}

impl<R: BufRead> PlanReader<R> {
    /// Reads the first line. `hasher` carries the store's key.
    ///
    /// # Errors
    /// [`PlanError::Io`], and [`PlanError::Form`] for what is no plan of this version.
    pub fn new(input: R, hasher: blake3::Hasher) -> Result<Self, PlanError> {
        let header = Header {
            schema: String::new(),
            created_ms: 0,
            store: String::new(),
            policies: String::new(),
            ledger_size: 0,
            scope: super::Scope::All,
        };
        let (line, number) = (Vec::new(), 0);
        let (purge, mark) = (Taken::default(), Taken::default());
        let mut reader = Self { input, hasher, header, line, number, purge, mark, end: None };
        reader.next_line()?;
        reader.hasher.update(&reader.line);
        let header: Header = reader.parse("it is not a plan's first line")?;
        if header.schema != SCHEMA {
            return Err(reader.form("it is a plan of another version"));
        }
        reader.header = header;
        Ok(reader)
    }

    /// The first line.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next item; `None` when there are no more, and the plan is as it was made.
    ///
    /// # Errors
    /// [`PlanError::Io`], [`PlanError::Form`] and [`PlanError::Hash`]: it is no plan, and no item of it is to be
    /// believed.
    pub fn next_item(&mut self) -> Result<Option<PlanItem<'_>>, PlanError> {
        if self.end.is_some() {
            return Ok(None);
        }
        self.next_line()?;
        self.hasher.update(&self.line);
        if self.line.starts_with(b"{\"summary\":") {
            self.end = Some(self.read_end()?);
            return Ok(None);
        }
        let number = self.number;
        let item: PlanItem<'_> = serde_json::from_slice(&self.line)
            .map_err(|_| PlanError::Form { line: number, what: "it is not an item of a plan" })?;
        let taken = match item.act {
            Act::Mark => &mut self.mark,
            Act::Purge => &mut self.purge,
        };
        taken.items += 1;
        taken.copies = taken.copies.saturating_add(item.copies);
        taken.size_bytes = taken.size_bytes.saturating_add(item.size_bytes);
        Ok(Some(item))
    }

    /// Reads all that is left, and gives the plan's hash and counts.
    ///
    /// # Errors
    /// Those of [`next_item`](Self::next_item).
    pub fn check(mut self) -> Result<Planned, PlanError> {
        while self.next_item()?.is_some() {}
        let Self { end, number, .. } = self;
        end.ok_or(PlanError::Form { line: number, what: "it ends too early" })
    }

    fn read_end(&mut self) -> Result<Planned, PlanError> {
        let SummaryLine { summary } = self.parse("it is not a plan's summary")?;
        let hash = self.hasher.finalize();
        self.next_line()?;
        let HashLine { hash: written } = self.parse("it is not a plan's hash")?;
        // Two hashes are compared in constant time.
        if hex::parse(written).map(blake3::Hash::from_bytes) != Some(hash) {
            return Err(PlanError::Hash);
        }
        if (summary.purge, summary.mark) != (self.purge, self.mark) || !summary.balances() {
            return Err(self.form("its counts do not add up"));
        }
        if !self.input.fill_buf().map_err(|error| failed(&error))?.is_empty() {
            return Err(self.form("more follows after the end"));
        }
        Ok(Planned { hash: *hash.as_bytes(), header: self.header.clone(), summary })
    }

    fn next_line(&mut self) -> Result<(), PlanError> {
        self.line.clear();
        self.number += 1;
        let mut limited = self.input.by_ref().take(LINE_BYTES_MAX);
        limited.read_until(b'\n', &mut self.line).map_err(|error| failed(&error))?;
        match self.line.last() {
            Some(b'\n') => Ok(()),
            None => Err(self.form("it ends too early")),
            Some(_) => Err(self.form("it is cut off, or too long")),
        }
    }

    fn parse<'a, T: Deserialize<'a>>(&'a self, what: &'static str) -> Result<T, PlanError> {
        serde_json::from_slice(&self.line).map_err(|_| self.form(what))
    }

    fn form(&self, what: &'static str) -> PlanError {
        PlanError::Form { line: self.number, what }
    }
}

fn failed(error: &std::io::Error) -> PlanError {
    PlanError::Io { doing: "reading", kind: error.kind() }
}
