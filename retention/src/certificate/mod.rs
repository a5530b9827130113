//! The certificate of disposal: what was purged, why, how it was decided, and how anybody can check that. It is
//! written as JSON, whole, and as a page to print; see docs/certificate.md. It claims no more than was done, reads
//! no store, and has no clock: all that it says comes from the caller.

mod evidence;
mod html;
mod json;
mod model;
mod text;

pub use json::SCHEMA;
pub use model::{
    Approver, Body, Certificate, DerivedCopy, Exception, HoldCheck, Occasion, Parts, PolicyUsed, Presence,
    PurgedItem, Recorded, Remaining, Rotation, Rung,
};

use crate::ledger::{LedgerError, SignerKey};
use html::Page;
use json::Json;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Says why a certificate could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The file could not be written; the error itself could name a path.
    #[error("the certificate: writing: {kind}")]
    Io {
        /// How it failed.
        kind: io::ErrorKind,
    },
    /// What it is to say could not be read.
    #[error("the certificate: {why}")]
    Source {
        /// What is wrong.
        why: &'static str,
    },
    /// The certificate says of an act what the ledger does not.
    #[error("the certificate: its proof of entry {entry} does not show what it says")]
    Unproven {
        /// The entry.
        entry: u64,
    },
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<io::Error> for CertificateError {
    fn from(error: io::Error) -> Self {
        Self::Io { kind: error.kind() }
    }
}

impl From<serde_json::Error> for CertificateError {
    fn from(error: serde_json::Error) -> Self {
        Self::Io { kind: error.io_error_kind().unwrap_or(io::ErrorKind::Other) }
    }
}

/// What a certificate came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Totals {
    /// Items purged.
    pub items: u64,
    /// Their size.
    pub size_bytes: u64,
    /// Copies derived from them and purged with them.
    pub copies: u64,
    /// Items by the highest rung that they reached.
    pub rungs: BTreeMap<Rung, u64>,
    /// Items whose purge did not end: they are on no rung.
    pub unfinished: u64,
    /// Items by policy and rule.
    pub rules: BTreeMap<String, u64>,
    /// Items that were due, or asked for, and kept.
    pub exceptions: u64,
    /// Files outside of the store that are listed.
    pub remaining: u64,
    /// Those of them that are still there, or may be.
    pub still_there: u64,
}

/// A certificate that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// SHA-256 of the JSON file, as `sha256sum` has it.
    pub json_sha256: [u8; 32],
    /// What it says in sum.
    pub totals: Totals,
}

impl Written {
    /// Signs the JSON file's hash with the ledger's key, as a signed note: whoever has the verifier key can tell
    /// that the JSON file is the one that was issued.
    ///
    /// # Errors
    /// [`CertificateError::Ledger`] when the origin is no line of text.
    pub fn sign(&self, origin: &str, key: &SignerKey) -> Result<String, CertificateError> {
        let text = format!("{origin}\ncertificate of disposal\nsha256:{}\n", text::hex(&self.json_sha256));
        Ok(key.sign(&text)?)
    }
}

/// Writes a certificate: all of it as JSON, and the page to print, which lists so many items and says where the
/// others are. Items come one by one and none is held. What it says of acts is held against the proofs.
///
/// # Errors
/// [`CertificateError::Unproven`], those of the body's parts, and [`CertificateError::Io`]; what was written until then is no certificate.
pub fn write(
    certificate: &Certificate,
    body: Body<'_>,
    json: impl Write,
    html: impl Write,
) -> Result<Written, CertificateError> {
    evidence::head(certificate)?;
    let (mut json, mut page) = (Json::begin(json, certificate)?, Page::default());
    let mut totals = Totals::default();
    json.list("items")?;
    for item in body.items {
        let item = item?;
        evidence::item(certificate, &item)?;
        let rung = certificate.rung(&item);
        totals.add(&item, rung);
        json.entry(&model::WithRung { item: &item, rung })?;
        page.item(&item, rung);
    }
    json.list("exceptions")?;
    for exception in body.exceptions {
        let exception = exception?;
        if let Some(outcome) = &exception.outcome {
            evidence::entry(certificate, outcome)?;
        }
        totals.exceptions += 1;
        json.entry(&exception)?;
        page.exception(&exception);
    }
    json.list("remaining")?;
    for remaining in body.remaining {
        let remaining = remaining?;
        totals.remaining += 1;
        totals.still_there += u64::from(remaining.presence != Presence::Gone);
        json.entry(&remaining)?;
        page.remaining(&remaining);
    }
    let written = Written { json_sha256: json.finish(&totals)?, totals };
    page.write(certificate, &written, html)?;
    Ok(written)
}

impl Totals {
    fn add(&mut self, item: &PurgedItem, rung: Option<Rung>) {
        self.items += 1;
        self.size_bytes += item.size_bytes;
        self.copies += item.copies.len() as u64;
        match rung {
            Some(rung) => *self.rungs.entry(rung).or_default() += 1,
            None => self.unfinished += 1,
        }
        *self.rules.entry(format!("{}: {}", item.policy, item.rule)).or_default() += 1;
    }
}
