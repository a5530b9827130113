//! Says by content what a file is; its name is never looked at. What is not known is refused, by the name of
//! its format where it has one. Text is checked to its last byte before anyone reads it.

mod charset;
mod containers;
mod ole;
mod pictures;
mod signatures;
mod text;
mod tree;

use crate::at::fill_at;
use custody_rules::{ArtifactKind, Limits, Reason, Refusal, Sniffed, TextEncoding};
use std::fs::File;

pub(crate) use containers::{ZipKind, zip_kind};

/// Bytes at the beginning in which signatures are looked for.
const HEAD_BYTES: usize = 64 << 10;

/// Says by content what a file is, without moving the descriptor's offset.
///
/// # Errors
/// A [`Refusal`] when it is empty, unreadable, no regular file, broken at its beginning, of no supported
/// kind, or text with bytes that do not belong in a text.
pub fn sniff(file: &File, limits: &Limits) -> Result<Sniffed, Refusal> {
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(Refusal::new(Reason::SpecialFile, "it is no regular file"));
    }
    let mut head = vec![0; HEAD_BYTES];
    let length = fill_at(file, &mut head, 0)?;
    head.truncate(length);
    if head.is_empty() {
        return Err(Refusal::new(Reason::Empty, "there is nothing in it"));
    }
    if let Some(sniffed) = pictures::sniff(&head, file)? {
        return Ok(sniffed);
    }
    if let Some(sniffed) = containers::sniff(&head, file, limits)? {
        return Ok(sniffed);
    }
    if let Some(name) = signatures::unsupported(&head) {
        return Err(unsupported(name));
    }
    text::sniff(&head, file)
}

/// What is no text has no encoding.
fn binary(kind: ArtifactKind, format: &'static str) -> Sniffed {
    Sniffed { kind, encoding: TextEncoding::Utf8, format }
}

fn unsupported(name: &str) -> Refusal {
    Refusal::new(Reason::Unsupported, format!("{name} is not supported"))
}

#[cfg(test)]
mod tests;
