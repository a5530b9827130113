//! The UTF-8 view of a text: what every reader's offsets count in. Decides nothing about the encoding
//! (sniffing does) and never replaces a character: bytes that do not decode are an error.

use crate::at::{ReadAt, fill};
use custody_rules::{Refusal, TextEncoding};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::fs::File;
use std::io::{self, BufReader, Read};

const BLOCK_BYTES: usize = 64 << 10;

/// Opens the UTF-8 view of a text from its beginning, wherever the descriptor's offset is. A byte order
/// mark is kept as U+FEFF, so the view can be turned back into the same bytes.
///
/// # Errors
/// A [`Refusal`] when the file cannot be read.
pub fn utf8_view(file: File, encoding: TextEncoding) -> Result<Box<dyn Read + Send>, Refusal> {
    file.metadata()?;
    let bytes = ReadAt::new(file);
    Ok(match foreign(encoding) {
        None => Box::new(BufReader::with_capacity(BLOCK_BYTES, bytes)),
        Some(foreign) => Box::new(Transcoder::new(bytes, foreign)),
    })
}

/// The decoder's name for an encoding that is not UTF-8.
fn foreign(encoding: TextEncoding) -> Option<&'static Encoding> {
    match encoding {
        TextEncoding::Utf8 => None,
        TextEncoding::Utf16Le => Some(UTF_16LE),
        TextEncoding::Utf16Be => Some(UTF_16BE),
        TextEncoding::Windows1252 => Some(WINDOWS_1252),
    }
}

/// The same view on borrowed bytes, for a look at the beginning.
pub(crate) fn view_of<'a>(bytes: impl Read + 'a, encoding: TextEncoding) -> Box<dyn Read + 'a> {
    match foreign(encoding) {
        None => Box::new(bytes),
        Some(foreign) => Box::new(Transcoder::new(bytes, foreign)),
    }
}

/// Decodes a stream to UTF-8, strictly.
struct Transcoder<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    out: Vec<u8>,
    out_at: usize,
    out_end: usize,
    last: bool,
    done: bool,
}

impl<R: Read> Transcoder<R> {
    fn new(input: R, encoding: &'static Encoding) -> Self {
        Self {
            input,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: Vec::new(),
            raw_at: 0,
            out: vec![0; BLOCK_BYTES],
            out_at: 0,
            out_end: 0,
            last: false,
            done: false,
        }
    }

    /// Decodes until there is output or the input has ended.
    fn refill(&mut self) -> io::Result<()> {
        (self.out_at, self.out_end) = (0, 0);
        while self.out_end == 0 && !self.done {
            if self.raw_at == self.raw.len() && !self.last {
                self.raw.resize(BLOCK_BYTES, 0);
                let filled = fill(&mut self.input, &mut self.raw)?;
                self.raw.truncate(filled);
                (self.raw_at, self.last) = (0, filled < BLOCK_BYTES);
            }
            let source = &self.raw[self.raw_at..];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(source, &mut self.out, self.last);
            self.raw_at += read;
            self.out_end = written;
            match result {
                DecoderResult::InputEmpty => self.done = self.last,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.out_at == self.out_end {
            self.refill()?;
        }
        let n = buffer.len().min(self.out_end - self.out_at);
        buffer[..n].copy_from_slice(&self.out[self.out_at..self.out_at + n]);
        self.out_at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn view(bytes: &[u8], encoding: TextEncoding) -> io::Result<String> {
        let mut file = tempfile::tempfile()?;
        file.write_all(bytes)?;
        let mut text = String::new();
        utf8_view(file, encoding).map_err(|_| io::ErrorKind::Other)?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn a_byte_order_mark_is_kept_as_a_character() -> io::Result<()> {
        let text = "\u{feff}Zoë;😀\r\n";
        assert_eq!(view(text.as_bytes(), TextEncoding::Utf8)?, text);
        assert_eq!(view(&utf16(text, false), TextEncoding::Utf16Le)?, text);
        assert_eq!(view(&utf16(text, true), TextEncoding::Utf16Be)?, text);
        Ok(())
    }

    #[test]
    fn windows_1252_is_decoded() -> io::Result<()> {
        assert_eq!(view(b"Ren\xe9 \x80 5", TextEncoding::Windows1252)?, "René € 5");
        Ok(())
    }

    #[test]
    fn long_text_crosses_blocks_unharmed() -> io::Result<()> {
        let text = "aé😀z".repeat(60_000);
        assert_eq!(view(&utf16(&text, false), TextEncoding::Utf16Le)?, text);
        Ok(())
    }

    #[test]
    fn half_a_pair_is_an_error_not_a_replacement() {
        assert!(view(&[0x00, 0xd8, 0x41, 0x00], TextEncoding::Utf16Le).is_err());
        assert!(view(&[0x41, 0x00, 0x42], TextEncoding::Utf16Le).is_err());
    }
}
