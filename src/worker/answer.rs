//! What a worker says, distrusted: it decodes foreign files and may have been taken over by one.

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use custody_rules::table::WORDS;
use custody_rules::{JobAnswer, MediaSummary, Reason, Refusal};

/// The longest payload that is accepted, in bytes.
pub(super) const PAYLOAD_BYTES_MAX: usize = 64 << 20;
/// Bytes of an answer's head: tag and length.
pub(super) const HEAD_BYTES: usize = 5;

/// What an answer's payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Tag {
    /// A [`JobAnswer`] as JSON.
    Answer = 1,
    /// Words as an Arrow IPC stream.
    Words = 2,
}

impl Tag {
    pub(super) fn from_u8(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Answer),
            2 => Some(Self::Words),
            _ => None,
        }
    }
}

/// Longest detail of a refusal that is passed on, in bytes.
const DETAIL_BYTES_MAX: usize = 300;

/// One message of a worker.
#[derive(Debug)]
pub(super) enum Said {
    /// Words, and the bytes they took.
    Words(Vec<RecordBatch>, usize),
    /// Progress, a refusal or the end.
    Answer(JobAnswer),
}

/// Takes the first message off `buffer`; `None` while it is not whole.
pub(super) fn take_message(buffer: &mut Vec<u8>) -> Result<Option<Said>, Refusal> {
    let Some((&tag, rest)) = buffer.split_first() else { return Ok(None) };
    let tag = Tag::from_u8(tag).ok_or_else(lied)?;
    let Some(length) = rest.first_chunk() else { return Ok(None) };
    let length = u32::from_le_bytes(*length) as usize;
    if length > PAYLOAD_BYTES_MAX {
        return Err(lied());
    }
    if buffer.len() < HEAD_BYTES + length {
        return Ok(None);
    }
    let rest = buffer.split_off(HEAD_BYTES + length);
    let payload = std::mem::replace(buffer, rest).split_off(HEAD_BYTES);
    let said = match tag {
        Tag::Words => Said::Words(decode_words(&payload).ok_or_else(lied)?, payload.len()),
        Tag::Answer => Said::Answer(serde_json::from_slice(&payload).map_err(|_| lied())?),
    };
    Ok(Some(said))
}

pub(super) fn lied() -> Refusal {
    Refusal::new(
        Reason::WorkerCrashed,
        "the worker process that decoded it gave an answer that makes no sense",
    )
}

/// Keeps a refusal's words only where they can be ours: short, plain, one line.
pub(super) fn plain(refusal: Refusal) -> Refusal {
    let ours = refusal.detail.len() <= DETAIL_BYTES_MAX
        && refusal.detail.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if ours { refusal } else { Refusal::new(refusal.reason, "the worker process gave no plain reason") }
}

/// Decodes a message of words; `None` when it is damaged or of another schema.
fn decode_words(payload: &[u8]) -> Option<Vec<RecordBatch>> {
    // The push decoder slices what is there; the pull reader allocates whatever length a message claims.
    let decode = || {
        let (mut decoder, mut rest) = (StreamDecoder::new(), Buffer::from(payload));
        let mut batches = Vec::new();
        while let Some(batch) = decoder.decode(&mut rest).ok()? {
            batches.push(batch);
        }
        decoder.finish().ok()?;
        let ours = decoder.schema().is_some_and(|schema| schema == *WORDS);
        ours.then_some(batches)
    };
    std::panic::catch_unwind(decode).ok().flatten()
}

/// As tesseract gives it; areas that could not be read have no text and −1.
fn is_confidence(confidence: f32, text: &str) -> bool {
    (0.0..=100.0).contains(&confidence) || (confidence.to_bits() == (-1.0f32).to_bits() && text.is_empty())
}

/// Every box lies on the page, every interval within the recording.
pub(super) fn check_words(words: &[RecordBatch], summary: &MediaSummary) -> Result<(), Refusal> {
    let sane = words.iter().flat_map(custody_rules::table::word_rows).all(|word| {
        let right = u64::from(word.left) + u64::from(word.width);
        let bottom = u64::from(word.top) + u64::from(word.height);
        right <= u64::from(summary.width)
            && bottom <= u64::from(summary.height)
            && is_confidence(word.confidence, word.text)
            && word.since_frame <= word.first_frame
            && word.first_frame <= word.last_frame
            && word.last_frame < summary.frames.max(1)
            && word.start_ms <= word.end_ms
    });
    let format = &summary.format;
    let named = (1..=8).contains(&format.len()) && format.bytes().all(|b| b.is_ascii_alphanumeric());
    if sane && named { Ok(()) } else { Err(lied()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_ipc::writer::StreamWriter;
    use custody_rules::WordsBuilder;
    use custody_rules::table::WordRow;

    fn word(left: u32, confidence: f32) -> WordRow<'static> {
        WordRow {
            page: 0,
            block: 1,
            line: 0,
            confidence,
            left,
            top: 5,
            width: 20,
            height: 10,
            since_frame: 0,
            first_frame: 0,
            last_frame: 0,
            start_ms: 0,
            end_ms: 0,
            text: "word",
        }
    }

    fn batch(row: WordRow<'_>) -> RecordBatch {
        let mut builder = WordsBuilder::default();
        builder.push(row);
        builder.finish()
    }

    fn stream(batch: &RecordBatch) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
        drop(writer);
        bytes
    }

    #[test]
    fn boxes_off_the_page_and_odd_numbers_are_lies() {
        let summary =
            MediaSummary { width: 100, height: 20, frames: 1, duration_ms: 0, format: "png".to_owned() };
        assert!(check_words(&[batch(word(80, 90.0))], &summary).is_ok());
        for bad in [word(81, 90.0), word(u32::MAX, 90.0), word(0, f32::NAN), word(0, 101.0)] {
            assert!(check_words(&[batch(bad)], &summary).is_err());
        }
        let unread = WordRow { text: "", ..word(0, -1.0) };
        assert!(check_words(&[batch(unread)], &summary).is_ok());
        for odd in [word(0, -1.0), WordRow { text: "", ..word(0, -2.0) }] {
            assert!(check_words(&[batch(odd)], &summary).is_err());
        }
        let later = WordRow { last_frame: 1, ..word(0, 90.0) };
        assert!(check_words(&[batch(later)], &summary).is_err());
        let named = MediaSummary { format: "../x".to_owned(), ..summary };
        assert!(check_words(&[], &named).is_err());
    }

    #[test]
    fn damaged_and_foreign_batches_are_not_taken() {
        let bytes = stream(&batch(word(0, 90.0)));
        assert_eq!(decode_words(&bytes).map(|batches| batches.len()), Some(1));
        for keep in 0..bytes.len() - 8 {
            let rows = decode_words(&bytes[..keep]).map_or(0, |b| b.iter().map(RecordBatch::num_rows).sum());
            assert!(rows <= 1);
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            let _ = decode_words(&damaged);
        }
        let foreign = batch(word(0, 90.0)).project(&[0, 1]).unwrap();
        assert!(decode_words(&stream(&foreign)).is_none());
    }

    #[test]
    fn messages_are_taken_whole_and_one_by_one() {
        let words = stream(&batch(word(0, 90.0)));
        let mut bytes = vec![Tag::Words as u8];
        bytes.extend_from_slice(&(words.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&words);
        let whole = bytes.len();
        bytes.extend_from_slice(&[Tag::Answer as u8, 2, 0, 0, 0, b'?', b'?']);
        let mut buffer = Vec::new();
        for (at, byte) in bytes.into_iter().enumerate() {
            buffer.push(byte);
            match take_message(&mut buffer) {
                Ok(None) => assert_ne!(at + 1, whole, "the words are whole"),
                Ok(Some(Said::Words(batches, taken))) => {
                    assert_eq!((at + 1, batches.len(), taken), (whole, 1, words.len()));
                }
                Ok(Some(Said::Answer(_))) => panic!("two question marks are no answer"),
                Err(_) => assert_eq!(at + 1, whole + 7),
            }
        }
        assert!(take_message(&mut vec![9]).is_err(), "an unknown tag");
        assert!(take_message(&mut vec![1, 255, 255, 255, 255]).is_err(), "4 GB");
    }

    #[test]
    fn a_refusal_that_could_quote_the_artifact_loses_its_words() {
        let refusal = |detail: &str| plain(Refusal::new(Reason::Malformed, detail)).detail;
        assert_eq!(refusal("7x9 pixels"), "7x9 pixels");
        for odd in ["two\nlines", "Zo\u{eb}", &"x".repeat(301)] {
            assert_eq!(refusal(odd), "the worker process gave no plain reason");
        }
    }
}
