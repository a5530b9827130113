//! What kind of text a text is: JSON, XML, a table, a log, or lines of anything.

use super::charset::{self, Charset};
use super::tree::{self, Json, Markup};
use super::unsupported;
use crate::at::{ReadAt, fill};
use crate::encoding::view_of;
use crate::formats::csv::{SAMPLE_BYTES, detect};
use crate::formats::lines::read_stamp;
use custody_rules::{ArtifactKind, Reason, Refusal, Sniffed, TextEncoding};
use std::fs::File;

/// Lines at the beginning that decide between `log` and `txt`.
const LOG_LINES: usize = 200;

/// Checks all of the text and looks at its beginning.
pub(super) fn sniff(head: &[u8], file: &File) -> Result<Sniffed, Refusal> {
    let charset = charset::detect(head, file)?;
    let (sample, complete) = sample(file, charset.encoding)?;
    if let Some(name) = letter(&sample) {
        return Err(unsupported(name));
    }
    let is = |kind, format| Ok(Sniffed { kind, encoding: charset.encoding, format });
    if let Some(json) = tree::json(&sample) {
        must_be_unicode(charset, "JSON")?;
        return is(ArtifactKind::Json, if json == Json::Lines { "ndjson" } else { "json" });
    }
    match tree::markup(&sample) {
        Some(Markup::Html) => return Err(unsupported("HTML")),
        Some(Markup::Drawing) => return Err(unsupported("SVG")),
        Some(Markup::Xml) => {
            check_declaration(&sample, charset)?;
            return is(ArtifactKind::Xml, "xml");
        }
        None => {}
    }
    match detect(&sample, complete) {
        Some(dialect) => is(ArtifactKind::Csv, if dialect.delimiter == b'\t' { "tsv" } else { "csv" }),
        None => is(ArtifactKind::Text, if is_log(&sample) { "log" } else { "txt" }),
    }
}

/// Checks all of the text and takes it as lines.
pub(super) fn lines(head: &[u8], file: &File) -> Result<Sniffed, Refusal> {
    let charset = charset::detect(head, file)?;
    Ok(Sniffed { kind: ArtifactKind::Text, encoding: charset.encoding, format: "txt" })
}

/// The beginning of the UTF-8 view, and whether it is all of it: the same sample that the CSV reader takes.
fn sample(file: &File, encoding: TextEncoding) -> Result<(String, bool), Refusal> {
    let mut bytes = vec![0; SAMPLE_BYTES + 1];
    let mut view = view_of(ReadAt::new(file), encoding);
    let filled = fill(&mut *view, &mut bytes)?;
    bytes.truncate(filled.min(SAMPLE_BYTES));
    let complete = filled <= SAMPLE_BYTES;
    let sample = match String::from_utf8(bytes) {
        Ok(sample) => sample,
        Err(error) if error.utf8_error().error_len().is_none() => {
            let valid = error.utf8_error().valid_up_to();
            String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned()
        }
        Err(_) => return Err(Refusal::new(Reason::Changed, "it changed while it was read")),
    };
    Ok((sample, complete))
}

fn must_be_unicode(charset: Charset, what: &str) -> Result<(), Refusal> {
    if charset.encoding == TextEncoding::Windows1252 {
        let detail = format!("{what} with bytes that are not UTF-8: save it as UTF-8 first");
        return Err(Refusal::new(Reason::InvalidEncoding, detail));
    }
    Ok(())
}

/// XML without a declaration is UTF-8 or UTF-16 (XML 1.0, 4.3.3).
fn check_declaration(sample: &str, charset: Charset) -> Result<(), Refusal> {
    match tree::declared_encoding(sample) {
        None => must_be_unicode(charset, "XML"),
        Some(named) if tree::agrees(&named, charset.encoding, charset.beyond_ascii) => Ok(()),
        Some(named) if matches!(named.as_str(), "utf-8" | "utf8") => {
            must_be_unicode(charset, "XML").and(Err(unsupported("XML that declares UTF-8 and is UTF-16")))
        }
        Some(_) => Err(unsupported("XML that declares another encoding than UTF-8, UTF-16 or Windows-1252")),
    }
}

/// Letters and cards begin with header fields: their bodies are encoded in ways that lines do not show.
fn letter(sample: &str) -> Option<&'static str> {
    let text = sample.trim_start_matches('\u{feff}');
    let (mut sender, mut mime, mut fields) = (false, false, 0);
    for (number, line) in text.lines().enumerate().take(200) {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) || (number == 0 && line.starts_with("From ")) {
            continue;
        }
        let (name, _) = line.split_once(':')?;
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        sender |= name.eq_ignore_ascii_case("from") || name.eq_ignore_ascii_case("received");
        mime |= name.eq_ignore_ascii_case("mime-version");
        fields += 1;
    }
    (sender && mime && fields > 1).then_some("e-mail (EML)")
}

/// Whether lines begin as those of a log do.
fn is_log(sample: &str) -> bool {
    let lines = sample.lines().filter(|line| !line.trim().is_empty()).take(LOG_LINES);
    let (stamped, all) = lines.map(read_stamp).fold((0, 0), |(stamped, all), stamp| {
        (stamped + usize::from(stamp.timestamp_ms.is_some() || stamp.level.is_some()), all + 1)
    });
    stamped > 0 && stamped * 10 >= all * 3
}
