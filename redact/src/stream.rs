//! `redact -`: text from a pipe, in one pass, with a window of bounded size. What stands before a name's
//! first sure mention has left already when the name becomes known: the command's help says so.

use crate::detect::{Blocks, Detector, Found, TextScratch, remember_earlier};
use crate::operators::{Numbering, replacement};
use custody_rules::{Candidate, Decision, Earlier, Finding, Place, Reason, Refusal, Syntax};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};

/// Bytes of the window: values found in it are looked for in all of it and in what follows.
const WINDOW_BYTES: usize = 1 << 20;
/// The longest line that is accepted.
const LINE_BYTES_MAX: usize = 64 << 20;

/// What a stream held.
#[derive(Debug, Default)]
pub struct StreamSummary {
    /// Findings redacted, per entity.
    pub redacted: BTreeMap<String, u64>,
    /// Bytes read.
    pub bytes: u64,
}

/// Redacts UTF-8 text from `input` to `output`. `by_line`: every line is a window of its own and leaves at
/// once; else a window is filled before anything of it leaves, however the input arrives.
///
/// # Errors
/// A [`Refusal`] when reading or writing fails, or a line is not UTF-8, holds NUL bytes or is too long:
/// nothing of that window has been written then.
pub fn stream(
    detector: &mut Detector,
    (input, by_line): (impl Read, bool),
    output: &mut dyn Write,
) -> Result<StreamSummary, Refusal> {
    let mut reader = BufReader::with_capacity(WINDOW_BYTES, input);
    let mut state = State::default();
    let mut scratch = detector.scratch();
    let mut window = String::new();
    loop {
        window.clear();
        let more = fill(&mut reader, &mut window, (state.summary.bytes, by_line))?;
        state.summary.bytes += window.len() as u64;
        state.learn(detector, &window, &mut scratch);
        state.write(detector, &window, (&mut scratch, output))?;
        if !more {
            return Ok(state.summary);
        }
    }
}

/// Fills the window with whole lines; `false` at the end of the input. A private key is kept together.
fn fill(
    reader: &mut BufReader<impl Read>,
    window: &mut String,
    (offset, by_line): (u64, bool),
) -> Result<bool, Refusal> {
    let mut bytes = Vec::new();
    let more = loop {
        let before = bytes.len();
        let room = (LINE_BYTES_MAX - bytes.len().min(LINE_BYTES_MAX)) as u64 + 1;
        if reader.by_ref().take(room).read_until(b'\n', &mut bytes)? == 0 {
            break false;
        }
        if bytes.len() - before > LINE_BYTES_MAX || bytes.len() > 2 * LINE_BYTES_MAX {
            return Err(Refusal::new(Reason::TooLarge, "a line is longer than 64 MiB"));
        }
        let ready = by_line || bytes.len() >= WINDOW_BYTES;
        if ready && bytes.ends_with(b"\n") && !inside_key(&bytes) {
            break true;
        }
    };
    if let Some(at) = bytes.iter().position(|&b| b == 0) {
        let detail =
            format!("NUL byte at offset {}: only text can be redacted from a pipe", offset + at as u64);
        return Err(Refusal::new(Reason::NulBytes, detail));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = offset + error.utf8_error().valid_up_to() as u64;
        Refusal::new(
            Reason::InvalidEncoding,
            format!("not UTF-8 at offset {at}: only UTF-8 can be redacted from a pipe"),
        )
    })?;
    *window = text;
    Ok(more)
}

/// Whether the text ends between the first and the last line of a private key.
fn inside_key(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(64 << 10)..];
    let tail = String::from_utf8_lossy(tail);
    match tail.rfind("PRIVATE KEY-----") {
        Some(at) => tail[..at].rfind("-----BEGIN ").is_some_and(|begin| !tail[begin..].contains("-----END ")),
        None => false,
    }
}

#[derive(Default)]
struct State {
    numbering: Numbering,
    summary: StreamSummary,
    /// The lines before the window.
    blocks: Blocks,
}

/// What the lines before say of a line; a private key is none.
fn said(blocks: &mut Blocks, detector: &Detector, unit: &str, earlier: &mut Vec<Earlier>) -> Vec<Candidate> {
    let mut out = Vec::new();
    if !unit.contains('\n') {
        blocks.line(detector, unit, (&mut out, earlier));
    }
    out
}

impl State {
    /// Learns the window's values before anything of it is written.
    fn learn(&self, detector: &mut Detector, window: &str, scratch: &mut TextScratch) {
        let mut values = detector.value_builder();
        let (mut blocks, mut earlier) = (self.blocks.clone(), Vec::new());
        for unit in units(window) {
            let said = said(&mut blocks, detector, unit, &mut earlier);
            for span in detector.line(unit, &said, scratch) {
                detector.remember(&span, &unit[span.start..span.end], &mut values);
            }
        }
        remember_earlier(detector, &earlier, &mut values, scratch);
        detector.values.absorb(values);
    }

    fn write(
        &mut self,
        detector: &Detector,
        window: &str,
        (scratch, output): (&mut TextScratch, &mut dyn Write),
    ) -> Result<(), Refusal> {
        let mut redacted = String::with_capacity(window.len());
        let mut at = 0;
        let mut earlier = Vec::new();
        for unit in units(window) {
            let said = said(&mut self.blocks, detector, unit, &mut earlier);
            let base = unit.as_ptr() as usize - window.as_ptr() as usize;
            let mut found = Found::default();
            for span in detector.line(unit, &said, scratch) {
                let place =
                    Place::Span { start: span.start as u64, end: span.end as u64, syntax: Syntax::Plain };
                found.push(detector, &span, &unit[span.start..span.end], place);
            }
            for finding in &found.findings {
                let Place::Span { start, end, .. } = finding.place else { continue };
                let (start, end) = (base + start as usize, base + end as usize);
                self.numbering.assign(finding);
                let chars = window[start..end].chars().count();
                let Some(new) = replacement(detector, &self.numbering, finding, chars) else { continue };
                redacted.push_str(&window[at..start]);
                redacted.push_str(&new);
                at = end;
                self.count(detector, finding);
            }
        }
        redacted.push_str(&window[at..]);
        let written = output.write_all(redacted.as_bytes()).and_then(|()| output.flush());
        written.map_err(|e| {
            Refusal::new(Reason::Unwritable, format!("standard output cannot be written: {}", e.kind()))
        })
    }

    fn count(&mut self, detector: &Detector, finding: &Finding) {
        if finding.decision == Decision::Redact {
            let name = detector.rules().entity_name(finding.entity).to_owned();
            *self.summary.redacted.entry(name).or_default() += 1;
        }
    }
}

/// Lines; the lines of a private key together.
fn units(window: &str) -> impl Iterator<Item = &str> {
    let mut rest = window;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        if rest[..end].contains("-----BEGIN ") && rest[..end].contains("PRIVATE KEY") {
            let close = rest
                .find("-----END ")
                .map(|at| at + rest[at..].find('\n').map_or(rest.len() - at, |n| n + 1));
            end = close.unwrap_or(end).max(end);
        }
        let (unit, tail) = rest.split_at(end);
        rest = tail;
        Some(unit.trim_end_matches(['\n', '\r']))
    })
}
