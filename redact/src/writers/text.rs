//! Text stays text: bytes outside the findings are copied, spans are replaced, the encoding is kept.
//! Serves logs, CSV, JSON and XML alike; what has to be escaped the span's syntax says.

use custody_rules::{Finding, Place, Reason, Refusal, TextEncoding};
use std::io::{Read, Write};

/// Bytes copied at once.
const CHUNK_BYTES: usize = 256 << 10;

/// A replacement for a finding of so many characters, or `None` where it stays.
pub type Replace<'a> = dyn FnMut(&Finding, usize) -> Option<String> + 'a;

/// Writes `view` (UTF-8) to `out` in `encoding` with every span replaced. Findings come in order of place
/// and do not overlap.
///
/// # Errors
/// A [`Refusal`] when reading or writing fails, when spans are out of order or behind the end: the file
/// changed between two readings.
pub fn write(
    view: &mut dyn Read,
    findings: &mut dyn Iterator<Item = Result<Finding, Refusal>>,
    replace: &mut Replace<'_>,
    (out, encoding): (&mut dyn Write, TextEncoding),
) -> Result<(), Refusal> {
    let mut copy = Copy { view, out, encoding, at: 0, carry: Vec::new() };
    for finding in findings {
        let finding = finding?;
        let Place::Span { start, end, syntax } = finding.place else { continue };
        if start < copy.at {
            return Err(Refusal::new(
                Reason::Changed,
                "findings overlap: the file changed while it was read",
            ));
        }
        copy.copy_to(start)?;
        let value = copy.take(end)?;
        // A value's characters: its bytes without those that continue one.
        let chars = value.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        match replace(&finding, chars) {
            Some(text) => copy.put(syntax.encode(&text).as_bytes())?,
            None => copy.put(&value)?,
        }
    }
    copy.rest()
}

struct Copy<'a> {
    view: &'a mut dyn Read,
    out: &'a mut dyn Write,
    encoding: TextEncoding,
    at: u64,
    /// Bytes of a character that was cut by a chunk's border.
    carry: Vec<u8>,
}

impl Copy<'_> {
    fn copy_to(&mut self, end: u64) -> Result<(), Refusal> {
        let mut buffer = vec![0; CHUNK_BYTES.min((end - self.at) as usize)];
        while self.at < end {
            let room = buffer.len().min((end - self.at) as usize);
            let read = self.view.read(&mut buffer[..room])?;
            if read == 0 {
                return Err(Refusal::new(Reason::Changed, "it became shorter while it was read"));
            }
            self.at += read as u64;
            self.put_part(&buffer[..read])?;
        }
        Ok(())
    }

    /// Takes what stands before `end` out of the text.
    fn take(&mut self, end: u64) -> Result<Vec<u8>, Refusal> {
        let wanted = end - self.at;
        let mut value = Vec::new();
        (&mut *self.view).take(wanted).read_to_end(&mut value)?;
        if (value.len() as u64) < wanted {
            return Err(Refusal::new(Reason::Changed, "it became shorter while it was read"));
        }
        self.at = end;
        Ok(value)
    }

    fn rest(&mut self) -> Result<(), Refusal> {
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            let read = self.view.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            self.put_part(&buffer[..read])?;
        }
        self.out.flush().map_err(|e| unwritable(&e))
    }

    /// Writes bytes that may end inside a character.
    fn put_part(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if self.encoding == TextEncoding::Utf8 {
            return self.out.write_all(bytes).map_err(|e| unwritable(&e));
        }
        let mut joined = std::mem::take(&mut self.carry);
        joined.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&joined) {
            Ok(_) => joined.len(),
            Err(error) => error.valid_up_to(),
        };
        self.carry = joined.split_off(whole);
        self.put(&joined)
    }

    /// Writes whole characters.
    fn put(&mut self, utf8: &[u8]) -> Result<(), Refusal> {
        let text = || {
            std::str::from_utf8(utf8)
                .map_err(|_| Refusal::new(Reason::Changed, "it changed while it was read"))
        };
        let encoded = match self.encoding {
            TextEncoding::Utf8 => return self.out.write_all(utf8).map_err(|e| unwritable(&e)),
            TextEncoding::Utf16Le => text()?.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            TextEncoding::Utf16Be => text()?.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            TextEncoding::Windows1252 => encoding_rs::WINDOWS_1252.encode(text()?).0.into_owned(),
        };
        self.out.write_all(&encoded).map_err(|e| unwritable(&e))
    }
}

fn unwritable(error: &std::io::Error) -> Refusal {
    Refusal::new(Reason::Unwritable, format!("the output cannot be written: {}", error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::{Decision, EntityId, RecognizerId, Syntax};

    fn finding(start: u64, end: u64, syntax: Syntax) -> Finding {
        let place = Place::Span { start, end, syntax };
        let (entity, recognizer, decision) = (EntityId(0), RecognizerId(0), Decision::Redact);
        Finding { place, entity, recognizer, score: 1.0, identity: 0, decision }
    }

    fn run(text: &str, spans: &[(u64, u64, Syntax)], encoding: TextEncoding) -> Result<Vec<u8>, Refusal> {
        let mut out = Vec::new();
        let mut findings = spans.iter().map(|&(s, e, syntax)| Ok(finding(s, e, syntax)));
        write(
            &mut text.as_bytes(),
            &mut findings,
            &mut |_, _| Some("<A_1>".to_owned()),
            (&mut out, encoding),
        )?;
        Ok(out)
    }

    #[test]
    fn bytes_outside_the_findings_stay() {
        let out = run("a é b\r\n", &[(2, 4, Syntax::Plain)], TextEncoding::Utf8).expect("written");
        assert_eq!(out, "a <A_1> b\r\n".as_bytes());
        let out = run("é&amp;x", &[(0, 2, Syntax::XmlText)], TextEncoding::Utf8).expect("written");
        assert_eq!(out, b"&lt;A_1&gt;&amp;x");
    }

    #[test]
    fn a_replacement_is_told_the_number_of_characters() {
        for (keep, expected) in [(false, "a 3 b"), (true, "a Zoë b")] {
            let mut out = Vec::new();
            let mut findings = [Ok(finding(2, 6, Syntax::Plain))].into_iter();
            let mut replace = |_: &Finding, chars: usize| (!keep).then(|| chars.to_string());
            write(&mut "a Zoë b".as_bytes(), &mut findings, &mut replace, (&mut out, TextEncoding::Utf8))
                .expect("written");
            assert_eq!(out, expected.as_bytes());
        }
    }

    #[test]
    fn encodings_are_kept() {
        let out = run("Zoë é", &[(0, 4, Syntax::Plain)], TextEncoding::Windows1252).expect("written");
        assert_eq!(out, b"<A_1> \xe9");
        let out = run("\u{feff}é😀", &[(3, 5, Syntax::Plain)], TextEncoding::Utf16Le).expect("written");
        let units: Vec<u16> = out.chunks(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
        assert_eq!(String::from_utf16(&units).expect("valid"), "\u{feff}<A_1>😀");
    }

    #[test]
    fn spans_behind_the_end_or_out_of_order_are_refused() {
        assert!(run("abc", &[(2, 9, Syntax::Plain)], TextEncoding::Utf8).is_err());
        assert!(run("abcdef", &[(3, 4, Syntax::Plain), (1, 2, Syntax::Plain)], TextEncoding::Utf8).is_err());
    }
}
