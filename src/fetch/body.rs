//! The stream of an answer: unpacked, counted, and looked at before a byte of it is passed on.

use super::{Bounds, FetchError};
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use ureq::http::HeaderMap;

/// Bytes that are looked at first.
const HEAD: usize = 1024;

/// What an answer's header says of its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framing {
    length: Option<u64>,
    gzip: bool,
}

impl Framing {
    pub(super) fn of(headers: &HeaderMap, bounds: &Bounds) -> Result<Self, FetchError> {
        let text = |name: &str| -> Result<Option<String>, FetchError> {
            let mut values = headers.get_all(name).iter();
            let first =
                values.next().map(|v| String::from_utf8_lossy(v.as_bytes()).trim().to_ascii_lowercase());
            if values.next().is_some() {
                return Err(FetchError::Broken("it contradicts itself about its length or kind"));
            }
            Ok(first)
        };
        let (length, transfer) = (text("content-length")?, text("transfer-encoding")?);
        let length = match (length, transfer.as_deref()) {
            (None, Some("chunked")) => None,
            (Some(length), None) => {
                let length =
                    length.parse::<u64>().map_err(|_| FetchError::Broken("its length is no number"))?;
                if length > bounds.bytes {
                    return Err(FetchError::Size(bounds.bytes));
                }
                Some(length)
            }
            (None, None) => return Err(FetchError::Broken("it does not say where it ends")),
            _ => return Err(FetchError::Broken("it contradicts itself about its length or kind")),
        };
        let gzip = match text("content-encoding")?.as_deref() {
            None | Some("identity" | "") => false,
            Some("gzip" | "x-gzip") => true,
            Some(_) => return Err(FetchError::Broken("it is packed in a way that was not asked for")),
        };
        if text("content-type")?.is_some_and(|kind| kind.starts_with("text/html")) {
            return Err(FetchError::NoReport("it is a page, perhaps of a login"));
        }
        Ok(Self { length, gzip })
    }
}

/// Counts what is read, up to a limit.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
    limit: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let before = self.count.fetch_add(read as u64, Ordering::Relaxed);
        if before + read as u64 > self.limit {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        Ok(read)
    }
}

/// Reads a body to its end and passes it on in pieces; `pass` says whether somebody still wants them.
pub(super) fn stream(
    body: impl Read + 'static,
    (framing, format): (Framing, Option<&str>),
    bounds: &Bounds,
    pass: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<u64, FetchError> {
    let sent = Arc::new(AtomicU64::new(0));
    let counted = Counted { inner: body, count: Arc::clone(&sent), limit: bounds.bytes };
    let mut plain: Box<dyn Read> =
        if framing.gzip { Box::new(MultiGzDecoder::new(counted)) } else { Box::new(counted) };
    let (mut buffer, mut held, mut looked, mut total) = (vec![0; 64 << 10], Vec::new(), false, 0_u64);
    loop {
        let read = match plain.read(&mut buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(&error, bounds)),
        };
        total += read as u64;
        if total > bounds.bytes {
            return Err(FetchError::Size(bounds.bytes));
        }
        if looked && !pass(&buffer[..read]) {
            return Err(FetchError::Cancelled);
        }
        if !looked {
            held.extend_from_slice(&buffer[..read]);
            if held.len() >= HEAD || read == 0 {
                look(&held, format)?;
                looked = true;
                if !pass(&held) {
                    return Err(FetchError::Cancelled);
                }
            }
        }
        if read == 0 {
            break;
        }
    }
    match framing.length {
        Some(length) if length != sent.load(Ordering::Relaxed) => {
            Err(FetchError::Broken("it is not as long as it says"))
        }
        _ => Ok(total),
    }
}

fn broken(error: &io::Error, bounds: &Bounds) -> FetchError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => FetchError::Size(bounds.bytes),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            FetchError::Hung("it stopped within its answer")
        }
        _ => FetchError::Broken("it ended before its end"),
    }
}

/// Whether this begins a report of the format.
fn look(head: &[u8], format: Option<&str>) -> Result<(), FetchError> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |word: &str| text.get(..word.len()).is_some_and(|b| b.eq_ignore_ascii_case(word.as_bytes()));
    let Some(first) = text.first() else { return Err(FetchError::NoReport("it is empty")) };
    let lower = text.to_ascii_lowercase();
    if begins("<!doctype") || lower.windows(5).any(|w| w == b"<html") && *first == b'<' {
        return Err(FetchError::NoReport("it is a page, perhaps of a login"));
    }
    let fits = match format {
        Some("json") => matches!(first, b'{' | b'['),
        Some("csv") => !matches!(first, b'<' | b'{'),
        Some("xml" | "simplexml") | None => matches!(first, b'<') || format.is_none(),
        Some(_) => return Err(FetchError::NoReport("only xml, simplexml, json and csv are taken")),
    };
    if fits { Ok(()) } else { Err(FetchError::NoReport("it is not of the format that was asked for")) }
}
