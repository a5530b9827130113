//! The certificate as JSON: written piece by piece, one item a line, hashed on the way.

use super::model::Certificate;
use super::{CertificateError, Totals};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// The form of the file, and its version.
pub const SCHEMA: &str = "custody-certificate/1";

/// A file that is being written.
pub(super) struct Json<W> {
    out: Hashing<W>,
    /// Entries in the list that was begun last; `None` before the first.
    entries: Option<u64>,
}

struct Hashing<W> {
    out: W,
    hasher: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Json<W> {
    /// Begins the file with what holds for all items.
    pub(super) fn begin(out: W, certificate: &Certificate) -> Result<Self, CertificateError> {
        let mut out = Hashing { out, hasher: Sha256::new() };
        write!(out, "{{\"schema\":\"{SCHEMA}\",\n\"certificate\":")?;
        serde_json::to_writer(&mut out, certificate)?;
        Ok(Self { out, entries: None })
    }

    /// Ends the list before, if there is one, and begins another.
    pub(super) fn list(&mut self, name: &str) -> Result<(), CertificateError> {
        self.end_list()?;
        self.entries = Some(0);
        Ok(write!(self.out, ",\n\"{name}\":[")?)
    }

    fn end_list(&mut self) -> Result<(), CertificateError> {
        if self.entries.is_some() {
            self.out.write_all(b"]")?;
        }
        Ok(())
    }

    /// Adds to the list.
    pub(super) fn entry(&mut self, entry: &impl Serialize) -> Result<(), CertificateError> {
        let entries = self.entries.get_or_insert_default();
        self.out.write_all(if *entries == 0 { b"\n" } else { b",\n" })?;
        *entries += 1;
        Ok(serde_json::to_writer(&mut self.out, entry)?)
    }

    /// Ends the file and returns its hash.
    pub(super) fn finish(mut self, totals: &Totals) -> Result<[u8; 32], CertificateError> {
        self.end_list()?;
        self.out.write_all(b",\n\"totals\":")?;
        serde_json::to_writer(&mut self.out, totals)?;
        self.out.write_all(b"}\n")?;
        self.out.flush()?;
        Ok(self.out.hasher.finalize().into())
    }
}
