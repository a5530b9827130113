//! A ZIP package whose parts are replaced one by one: all others keep every byte, compressed as they are, in their order.
//! Reads the directory strictly; what is unusual in it (ZIP64, encryption, several disks, overlaps) is refused.

use super::WriteError;
use flate2::read::DeflateDecoder;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Read, Write};
use std::ops::Range;

/// Bytes that one part may expand to.
const PART_BYTES_MAX: u64 = 64 << 20;
/// Bytes that all parts may expand to.
const EXPANDED_BYTES_MAX: u64 = 512 << 20;
const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_BYTES: usize = 22;
/// Bit 0: encrypted; 5: a patch; 6: strong encryption; 13: the directory is encrypted.
const FLAGS_REFUSED: u16 = 1 | 1 << 5 | 1 << 6 | 1 << 13;
/// Bit 11: the name is UTF-8. The only one that a new part keeps.
const FLAG_UTF8: u16 = 1 << 11;
const DEFLATED: u16 = 8;

/// A package in memory.
pub(super) struct Package<'a> {
    bytes: &'a [u8],
    /// In the directory's order.
    entries: Vec<Entry<'a>>,
    comment: &'a [u8],
}

struct Entry<'a> {
    name: &'a str,
    /// Its record in the directory.
    record: &'a [u8],
    /// Its header, its data, and what follows up to the next one.
    extent: Range<usize>,
    data: Range<usize>,
    method: u16,
    size: u32,
}

/// A part's new content.
pub(super) struct Packed {
    /// Deflated; the pieces join to one stream.
    pub(super) pieces: Vec<Vec<u8>>,
    /// CRC-32 of what it expands to.
    pub(super) crc: u32,
    /// Bytes that it expands to.
    pub(super) size: u64,
}

impl Packed {
    fn len(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum()
    }
}

fn refused(what: &'static str) -> WriteError {
    WriteError::Package { what }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

impl<'a> Package<'a> {
    /// Reads the directory.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, WriteError> {
        if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(refused("it is locked with a password, or an old XLS workbook"));
        }
        let end = find_end(bytes).ok_or_else(|| refused("not a ZIP package, or cut off"))?;
        let odd = || refused("its directory is damaged, in several disks, or ZIP64");
        let number = |at| u16_at(bytes, end + at);
        let (Some(0), Some(0), Some(here), Some(count)) = (number(4), number(6), number(8), number(10))
        else {
            return Err(odd());
        };
        let directory_bytes = u32_at(bytes, end + 12).ok_or_else(odd)? as usize;
        let start = u32_at(bytes, end + 16).ok_or_else(odd)? as usize;
        if here != count || count == u16::MAX || start.checked_add(directory_bytes) != Some(end) {
            return Err(odd());
        }
        let mut package = Self { bytes, entries: Vec::new(), comment: &bytes[end + END_BYTES..] };
        let mut at = start;
        for _ in 0..count {
            let entry = Entry::parse(bytes, at, start)?;
            at += entry.record.len();
            package.entries.push(entry);
        }
        if at != end {
            return Err(odd());
        }
        package.lay_out(start)?;
        Ok(package)
    }

    /// Gives every entry the bytes up to the next one.
    fn lay_out(&mut self, directory: usize) -> Result<(), WriteError> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|&index| self.entries[index].extent.start);
        let mut next = directory;
        for &index in order.iter().rev() {
            let entry = &mut self.entries[index];
            if entry.data.end > next {
                return Err(refused("its parts overlap"));
            }
            entry.extent.end = next;
            next = entry.extent.start;
        }
        if next != 0 {
            return Err(refused("there is something before its first part"));
        }
        let mut names = HashSet::new();
        for entry in &self.entries {
            if !names.insert(entry.name.to_ascii_lowercase()) {
                return Err(refused("a part occurs twice"));
            }
            if entry.name.starts_with("_xmlsignatures/") {
                return Err(refused("it is signed; filling it would break the signature"));
            }
        }
        Ok(())
    }

    /// Position of a part.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let name = name.trim_start_matches('/');
        self.entries.iter().position(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Expands a part that is text.
    pub(super) fn text(&self, index: usize) -> Result<String, WriteError> {
        let mut text = Vec::new();
        self.expand(index, &mut text)?;
        String::from_utf8(text).map_err(|_| refused("a part is not UTF-8"))
    }

    /// Expands every part to nowhere: what is copied as it is has to be whole too.
    pub(super) fn check(&self) -> Result<(), WriteError> {
        if self.entries.iter().map(|entry| u64::from(entry.size)).sum::<u64>() > EXPANDED_BYTES_MAX {
            return Err(refused("its parts are too large"));
        }
        (0..self.entries.len()).try_for_each(|index| self.expand(index, &mut io::sink()))
    }

    fn expand(&self, index: usize, out: &mut dyn Write) -> Result<(), WriteError> {
        let entry = &self.entries[index];
        let damaged = || refused("a part is damaged");
        let data = &self.bytes[entry.data.clone()];
        let mut inflated = DeflateDecoder::new(data);
        let mut reader: &mut dyn Read = if entry.method == DEFLATED { &mut inflated } else { &mut { data } };
        let (mut crc, mut buffer, mut left) =
            (flate2::Crc::new(), vec![0; 32 << 10], PART_BYTES_MAX.min(entry.size.into()));
        loop {
            let read = (&mut reader).read(&mut buffer).map_err(|_| damaged())?;
            if read == 0 {
                break;
            }
            left = left
                .checked_sub(read as u64)
                .ok_or_else(|| refused("a part is too large, or larger than it says"))?;
            crc.update(&buffer[..read]);
            out.write_all(&buffer[..read])?;
        }
        let same = crc.amount() == entry.size && Some(crc.sum()) == u32_at(entry.record, 16);
        if same { Ok(()) } else { Err(damaged()) }
    }

    /// Bytes of the package with parts replaced.
    pub(super) fn size_with(&self, changed: &BTreeMap<usize, Packed>) -> u64 {
        let one = |(index, entry): (usize, &Entry<'_>)| match changed.get(&index) {
            Some(packed) => {
                let name = entry.name.len();
                (30 + name + packed.len() + 46 + name + entry.comment().len()) as u64
            }
            None => (entry.extent.len() + entry.record.len()) as u64,
        };
        let parts: u64 = self.entries.iter().enumerate().map(one).sum();
        parts + (END_BYTES + self.comment.len()) as u64
    }

    /// Writes the package with parts replaced.
    pub(super) fn write(
        &self,
        changed: &BTreeMap<usize, Packed>,
        out: &mut impl Write,
    ) -> Result<(), WriteError> {
        if u32::try_from(self.size_with(changed)).is_err()
            || changed.values().any(|p| p.size > u64::from(u32::MAX))
        {
            return Err(refused("the workbook would be larger than 4 GiB"));
        }
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|&index| self.entries[index].extent.start);
        let mut offsets = vec![0_u32; self.entries.len()];
        let mut at = 0_u32;
        for index in order {
            offsets[index] = at;
            let entry = &self.entries[index];
            at += match changed.get(&index) {
                Some(packed) => entry.write_local(packed, out)?,
                None => {
                    out.write_all(&self.bytes[entry.extent.clone()])?;
                    entry.extent.len() as u32
                }
            };
        }
        let (start, mut directory_bytes) = (at, 0_u32);
        for (index, entry) in self.entries.iter().enumerate() {
            directory_bytes += entry.write_record(changed.get(&index), offsets[index], out)?;
        }
        let count = (self.entries.len() as u16).to_le_bytes();
        out.write_all(&END.to_le_bytes())?;
        out.write_all(&[0; 4])?;
        out.write_all(&count)?;
        out.write_all(&count)?;
        out.write_all(&directory_bytes.to_le_bytes())?;
        out.write_all(&start.to_le_bytes())?;
        out.write_all(&(self.comment.len() as u16).to_le_bytes())?;
        out.write_all(self.comment)?;
        Ok(())
    }
}

impl<'a> Entry<'a> {
    fn parse(bytes: &'a [u8], at: usize, directory: usize) -> Result<Self, WriteError> {
        let odd = || refused("its directory is damaged");
        let word = |offset| u16_at(bytes, at + offset).ok_or_else(odd);
        let long = |offset| u32_at(bytes, at + offset).ok_or_else(odd);
        if long(0)? != CENTRAL {
            return Err(odd());
        }
        let (flags, method) = (word(8)?, word(10)?);
        if flags & FLAGS_REFUSED != 0 {
            return Err(refused("a part is encrypted, or patched"));
        }
        if method != 0 && method != DEFLATED {
            return Err(refused("a part is compressed in an unusual way"));
        }
        let (name, extra, comment) = (word(28)? as usize, word(30)? as usize, word(32)? as usize);
        let record = bytes.get(at..at + 46 + name + extra + comment).ok_or_else(odd)?;
        let (packed, size, offset) = (long(20)?, long(24)?, long(42)? as usize);
        if word(34)? != 0 || [packed, size, offset as u32].contains(&u32::MAX) {
            return Err(refused("its directory is in several disks, or ZIP64"));
        }
        let name =
            std::str::from_utf8(&record[46..46 + name]).map_err(|_| refused("a part's name is not UTF-8"))?;
        let local = |at| u16_at(bytes, offset + at).ok_or_else(odd);
        let data = offset + 30 + local(26)? as usize + local(28)? as usize;
        let same_name = bytes.get(offset + 30..offset + 30 + name.len()) == Some(name.as_bytes());
        if u32_at(bytes, offset) != Some(LOCAL) || local(26)? as usize != name.len() || !same_name {
            return Err(odd());
        }
        let data = data..data + packed as usize;
        if data.end > directory || (method == 0 && packed != size) {
            return Err(odd());
        }
        Ok(Self { name, record, extent: offset..data.end, data, method, size })
    }

    fn comment(&self) -> &[u8] {
        let comment = u16_at(self.record, 32).unwrap_or(0) as usize;
        &self.record[self.record.len() - comment..]
    }

    /// Flags, method, time, date, CRC and sizes, as they stand in both headers.
    fn common(&self, packed: &Packed) -> [u8; 20] {
        let mut common = [0; 20];
        let flags = u16_at(self.record, 8).unwrap_or(0) & FLAG_UTF8;
        common[..2].copy_from_slice(&flags.to_le_bytes());
        common[2..4].copy_from_slice(&DEFLATED.to_le_bytes());
        common[4..8].copy_from_slice(&self.record[12..16]);
        common[8..12].copy_from_slice(&packed.crc.to_le_bytes());
        common[12..16].copy_from_slice(&(packed.len() as u32).to_le_bytes());
        common[16..].copy_from_slice(&(packed.size as u32).to_le_bytes());
        common
    }

    fn write_local(&self, packed: &Packed, out: &mut impl Write) -> io::Result<u32> {
        out.write_all(&LOCAL.to_le_bytes())?;
        out.write_all(&20_u16.to_le_bytes())?;
        out.write_all(&self.common(packed))?;
        out.write_all(&(self.name.len() as u16).to_le_bytes())?;
        out.write_all(&[0; 2])?;
        out.write_all(self.name.as_bytes())?;
        for piece in &packed.pieces {
            out.write_all(piece)?;
        }
        Ok((30 + self.name.len() + packed.len()) as u32)
    }

    /// Its record in the directory, with its new place; a replaced part loses what its record had of extras.
    fn write_record(&self, packed: Option<&Packed>, offset: u32, out: &mut impl Write) -> io::Result<u32> {
        let mut record = self.record.to_vec();
        if let Some(packed) = packed {
            let comment = self.comment().to_vec();
            record.truncate(46 + self.name.len());
            record[6..8].copy_from_slice(&20_u16.to_le_bytes());
            record[8..28].copy_from_slice(&self.common(packed));
            record[30..32].fill(0);
            record.extend(comment);
        }
        record[42..46].copy_from_slice(&offset.to_le_bytes());
        out.write_all(&record)?;
        Ok(record.len() as u32)
    }
}

/// Where the last record begins.
fn find_end(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END_BYTES)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last).rev().find(|&at| {
        let comment = u16_at(bytes, at + 20).map(usize::from);
        u32_at(bytes, at) == Some(END) && comment == Some(bytes.len() - at - END_BYTES)
    })
}
