//! Writes a plan file line by line and hashes it meanwhile. Keeps nothing of it.

use super::{Header, PlanError, PlanItem, Summary};
use serde::Serialize;
use std::fmt;
use std::io::{self, BufWriter, Write};

/// A plan that has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its hash: what is approved.
    pub hash: [u8; 32],
    /// Its first line.
    pub header: Header,
    /// Its counts.
    pub summary: Summary,
}

/// The last but one line.
#[derive(Serialize)]
pub(super) struct SummaryLine<'a> {
    pub(super) summary: &'a Summary,
}

/// The last line.
#[derive(Serialize)]
pub(super) struct HashLine<'a> {
    pub(super) hash: &'a str,
}

/// Takes the lines of one plan.
pub struct PlanWriter<'w> {
    out: BufWriter<&'w mut dyn Write>,
    hasher: blake3::Hasher,
    line: Vec<u8>,
}

impl fmt::Debug for PlanWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlanWriter")
    }
}

impl<'w> PlanWriter<'w> {
    /// Writes to `out`; the plan's hash comes from `hasher`, which carries the store's key.
    pub fn new(out: &'w mut dyn Write, hasher: blake3::Hasher) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, out), hasher, line: Vec::with_capacity(512) }
    }

    pub(super) fn header(&mut self, header: &Header) -> Result<(), PlanError> {
        self.hashed(header)
    }

    pub(super) fn item(&mut self, item: &PlanItem<'_>) -> Result<(), PlanError> {
        self.hashed(item)
    }

    /// Writes the last two lines.
    pub(super) fn finish(mut self, header: Header, summary: Summary) -> Result<Planned, PlanError> {
        self.hashed(&SummaryLine { summary: &summary })?;
        let hash = self.hasher.finalize();
        self.write(&HashLine { hash: hash.to_hex().as_str() })?;
        self.out.flush().map_err(|error| failed(&error))?;
        Ok(Planned { hash: *hash.as_bytes(), header, summary })
    }

    fn hashed(&mut self, line: &impl Serialize) -> Result<(), PlanError> {
        self.write(line)?;
        self.hasher.update(&self.line);
        Ok(())
    }

    fn write(&mut self, line: &impl Serialize) -> Result<(), PlanError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(|error| failed(&error.into()))?;
        self.line.push(b'\n');
        self.out.write_all(&self.line).map_err(|error| failed(&error))
    }
}

fn failed(error: &io::Error) -> PlanError {
    PlanError::Io { doing: "writing", kind: error.kind() }
}
