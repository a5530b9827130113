//! Counts the entries of a ZIP's central directory by walking over it, from the sizes in its end records
//! (APPNOTE 4.3.12 to 4.3.16). Knows nothing of members.

use crate::at::ReadAt;
use custody_rules::Refusal;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};

/// Bytes of the end record without its comment, which has at most 65,535.
const END_BYTES: usize = 22;
const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_64_BYTES: u64 = 20;
const ENTRY: [u8; 4] = *b"PK\x01\x02";
/// Bytes of an entry without its name, extra fields and comment.
const ENTRY_BYTES: usize = 46;

/// The number of entries that fill the directory; `None` where they do not fill it exactly.
///
/// # Errors
/// A [`Refusal`] when the file cannot be read.
pub(super) fn entries(file: &File) -> Result<Option<u64>, Refusal> {
    match count(&mut BufReader::new(ReadAt::new(file))) {
        Ok(count) => Ok(count),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(Refusal::from_io(&error)),
    }
}

fn count<R: Read + Seek>(file: &mut R) -> std::io::Result<Option<u64>> {
    let length = file.seek(SeekFrom::End(0))?;
    if length < END_BYTES as u64 {
        return Ok(None);
    }
    let from = length.saturating_sub(END_BYTES as u64 + u64::from(u16::MAX));
    let mut tail = vec![0; (length - from) as usize];
    file.seek(SeekFrom::Start(from))?;
    file.read_exact(&mut tail)?;
    // The last end record whose comment reaches the file's end, else the last one of all.
    let starts = || (0..=tail.len() - END_BYTES).rev().filter(|&at| tail[at..].starts_with(&END));
    let whole = |at: &usize| at + END_BYTES + usize::from(u16_at(&tail, at + 20)) == tail.len();
    let Some(at) = starts().find(whole).or_else(|| starts().next()) else { return Ok(None) };
    let (size, ends) = match (u32_at(&tail, at + 12), from + at as u64) {
        (u32::MAX, ends) => match end_64(file, ends)? {
            Some(found) => found,
            None => return Ok(None),
        },
        (size, ends) => (u64::from(size), end_64(file, ends)?.map_or(ends, |(_, ends)| ends)),
    };
    let Some(start) = ends.checked_sub(size) else { return Ok(None) };
    file.seek(SeekFrom::Start(start))?;
    let (mut left, mut entries) = (size, 0);
    while left > 0 {
        let mut entry = [0; ENTRY_BYTES];
        file.read_exact(&mut entry)?;
        let more: u64 = [28, 30, 32].into_iter().map(|at| u64::from(u16_at(&entry, at))).sum();
        let Some(rest) = left.checked_sub(ENTRY_BYTES as u64 + more) else { return Ok(None) };
        if !entry.starts_with(&ENTRY) {
            return Ok(None);
        }
        std::io::copy(&mut file.by_ref().take(more), &mut std::io::sink())?;
        (left, entries) = (rest, entries + 1);
    }
    Ok(Some(entries))
}

/// The directory's size by the ZIP64 end record before `end`, and where that record starts; `None` without one.
fn end_64<R: Read + Seek>(file: &mut R, end: u64) -> std::io::Result<Option<(u64, u64)>> {
    let Some(locator) = end.checked_sub(LOCATOR_64_BYTES) else { return Ok(None) };
    file.seek(SeekFrom::Start(locator))?;
    let mut record = [0; LOCATOR_64_BYTES as usize];
    file.read_exact(&mut record)?;
    if !record.starts_with(&LOCATOR_64) {
        return Ok(None);
    }
    // Bytes before the archive shift it: the record lies right before its locator where it is not at its offset.
    for start in [u64_at(&record, 8), locator.saturating_sub(56)] {
        let mut head = [0; 56];
        file.seek(SeekFrom::Start(start))?;
        if file.read_exact(&mut head).is_ok() && head.starts_with(&END_64) {
            return Ok(Some((u64_at(&head, 40), start)));
        }
    }
    Ok(None)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn archive(members: usize, comment: &str) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for member in 0..members {
            writer.start_file(format!("m{member}.txt"), SimpleFileOptions::default()).expect("member");
            writer.write_all(b"x").expect("written");
        }
        writer.set_comment(comment).expect("short");
        writer.finish().expect("archive").into_inner()
    }

    fn counted(bytes: &[u8]) -> Option<u64> {
        count(&mut Cursor::new(bytes)).expect("readable")
    }

    #[test]
    fn entries_are_counted_and_not_believed() {
        assert_eq!(counted(&archive(0, "")), Some(0));
        let comment = "PK\x05\x06 is no record";
        let mut bytes = archive(7, comment);
        let end = bytes.len() - comment.len() - END_BYTES;
        bytes[end + 8..end + 12].copy_from_slice(&[1, 0, 1, 0]);
        assert_eq!(counted(&bytes), Some(7), "what the record states does not count");
        assert_eq!(counted(b"PK\x05\x06"), None);
        assert_eq!(counted(&[b"junk before".as_slice(), &archive(3, "")].concat()), Some(3));
    }

    #[test]
    fn more_members_than_sixteen_bits_count() {
        assert_eq!(counted(&archive(70_000, "")), Some(70_000));
    }
}
