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
    sniff_with(file, limits, text::sniff)
}

/// The same, but a text is lines, whatever it looks like: source code with commas is no table.
///
/// # Errors
/// As [`sniff`].
pub fn sniff_code(file: &File, limits: &Limits) -> Result<Sniffed, Refusal> {
    sniff_with(file, limits, text::lines)
}

/// `as_text`: what a text is taken for.
fn sniff_with(
    file: &File,
    limits: &Limits,
    as_text: fn(&[u8], &File) -> Result<Sniffed, Refusal>,
) -> Result<Sniffed, Refusal> {
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
    as_text(&head, file)
}

/// Takes a file as lines of text, whatever its text may be: HTML, a letter, JSON with comments. For who looks for something
/// in it and writes nothing.
///
/// # Errors
/// A [`Refusal`] when it is empty, unreadable, or no text.
pub fn sniff_lines(file: &File) -> Result<Sniffed, Refusal> {
    let mut head = vec![0; HEAD_BYTES];
    let length = fill_at(file, &mut head, 0)?;
    head.truncate(length);
    if head.is_empty() {
        return Err(Refusal::new(Reason::Empty, "there is nothing in it"));
    }
    text::lines(&head, file)
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
