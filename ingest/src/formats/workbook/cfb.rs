//! Compound files (OLE2, [MS-CFB]) around XLS workbooks: reads one stream after checking every chain of
//! sectors that a parser would follow. No stream is understood here.

use crate::at::fill_at;
use custody_rules::{Limits, Reason, Refusal};
use std::fs::File;

/// Sector numbers from here on are marks, not sectors ([MS-CFB] 2.1).
const SECTORS_MAX: u32 = 0xffff_fffa;
const END_OF_CHAIN: u32 = 0xffff_fffe;
const ENTRY_BYTES: usize = 128;
/// Streams shorter than this are in the mini stream.
const MINI_STREAM_BYTES: u64 = 4_096;
const MINI_SECTOR_BYTES: usize = 64;
/// A compound file that is parsed is held in memory.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// A compound file in memory.
pub(super) struct Compound {
    bytes: Vec<u8>,
    sector_bytes: usize,
    fat: Vec<u32>,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    start: u32,
    bytes: u64,
}

impl Compound {
    /// Reads the file and its directory.
    pub(super) fn open(file: &File, limits: &Limits) -> Result<Self, Refusal> {
        let length = file.metadata()?.len();
        let most = FILE_BYTES_MAX.min(limits.expanded_bytes_max);
        if length > most {
            return Err(Refusal::new(Reason::TooLarge, format!("an XLS workbook of more than {most} bytes")));
        }
        let mut bytes = vec![0; length as usize];
        let filled = fill_at(file, &mut bytes, 0)?;
        bytes.truncate(filled);
        if bytes.len() < 512 {
            return Err(Refusal::new(Reason::Truncated, "it ends inside the header"));
        }
        let sector_bytes = match bytes[30] {
            9 => 512,
            12 => 4_096,
            _ => return Err(malformed("its sectors have no known size")),
        };
        let mut compound = Self { bytes, sector_bytes, fat: Vec::new(), entries: Vec::new() };
        compound.fat = compound.read_fat()?;
        let first = number(&compound.bytes, 48);
        let directory = compound.chain(first, u64::MAX)?;
        let large = sector_bytes == 4_096;
        compound.entries = directory.chunks_exact(ENTRY_BYTES).map(|entry| entry_of(entry, large)).collect();
        if number(&compound.bytes, 64) > 0 {
            let mini = number(&compound.bytes, 60);
            compound.chain(mini, u64::MAX)?;
        }
        Ok(compound)
    }

    /// The content of the first stream of one of these names, `None` if there is none.
    pub(super) fn stream(&self, names: &[&str]) -> Result<Option<Vec<u8>>, Refusal> {
        let of_name = |entry: &&Entry| names.iter().any(|name| entry.name.eq_ignore_ascii_case(name));
        let Some(entry) = self.entries.iter().find(of_name) else { return Ok(None) };
        if entry.bytes >= MINI_STREAM_BYTES {
            return self.chain(entry.start, entry.bytes).map(Some);
        }
        let root = self.entries.first().ok_or_else(|| malformed("its directory is empty"))?;
        let mini = self.chain(root.start, root.bytes)?;
        let table = self.chain(number(&self.bytes, 60), u64::MAX)?;
        let table: Vec<u32> = table.chunks_exact(4).map(|entry| number(entry, 0)).collect();
        let sector = |at: u32| {
            let start = at as usize * MINI_SECTOR_BYTES;
            mini.get(start..).map(|rest| &rest[..rest.len().min(MINI_SECTOR_BYTES)])
        };
        follow(entry.start, entry.bytes, &table, &sector).map(Some)
    }

    /// Whether there is a stream of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    fn read_fat(&self) -> Result<Vec<u32>, Refusal> {
        let mut sectors: Vec<u32> = (0..109).map(|i| number(&self.bytes, 76 + 4 * i)).collect();
        let mut list = number(&self.bytes, 68);
        let most = self.bytes.len() / self.sector_bytes + 1;
        for _ in 0..=most {
            if list >= SECTORS_MAX {
                let mut fat = Vec::new();
                let used = sectors.into_iter().filter(|&sector| sector < SECTORS_MAX);
                for sector in used.take(most) {
                    let sector = self.sector(sector).ok_or_else(cut_off)?;
                    fat.extend(sector.chunks_exact(4).map(|entry| number(entry, 0)));
                }
                return Ok(fat);
            }
            let sector =
                self.sector(list).filter(|sector| sector.len() == self.sector_bytes).ok_or_else(cut_off)?;
            let (entries, next) = sector.split_at(sector.len() - 4);
            sectors.extend(entries.chunks_exact(4).map(|entry| number(entry, 0)));
            list = number(next, 0);
        }
        Err(malformed("its sector lists run in a circle"))
    }

    /// What the file has of a sector: the last one may be short.
    fn sector(&self, at: u32) -> Option<&[u8]> {
        let start = (at as usize + 1).checked_mul(self.sector_bytes)?;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        Some(&rest[..rest.len().min(self.sector_bytes)])
    }

    fn chain(&self, start: u32, bytes: u64) -> Result<Vec<u8>, Refusal> {
        follow(start, bytes, &self.fat, &|at| self.sector(at))
    }
}

/// The bytes of a chain of sectors, up to `bytes`. A chain that visits more sectors than there are runs in a
/// circle.
fn follow<'a>(
    start: u32,
    bytes: u64,
    table: &[u32],
    sector: &dyn Fn(u32) -> Option<&'a [u8]>,
) -> Result<Vec<u8>, Refusal> {
    let mut content = Vec::new();
    let mut at = start;
    for _ in 0..=table.len() {
        if at == END_OF_CHAIN || content.len() as u64 >= bytes {
            content.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
            return Ok(content);
        }
        content.extend_from_slice(sector(at).ok_or_else(cut_off)?);
        at = *table.get(at as usize).ok_or_else(|| malformed("it names a sector it does not have"))?;
    }
    Err(malformed("its sectors run in a circle"))
}

/// A directory entry; its name is cut at the first NUL.
fn entry_of(entry: &[u8], large: bool) -> Entry {
    let units = entry[..64].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let name = char::decode_utf16(units.take_while(|&unit| unit != 0));
    let high = if large { u64::from(number(entry, 124)) << 32 } else { 0 };
    Entry {
        name: name.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
        start: number(entry, 116),
        bytes: u64::from(number(entry, 120)) | high,
    }
}

/// A little-endian number; all ones outside the bytes.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(u32::MAX, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn malformed(what: &str) -> Refusal {
    Refusal::new(Reason::Malformed, format!("the compound file is damaged: {what}"))
}

fn cut_off() -> Refusal {
    Refusal::new(Reason::Truncated, "the compound file ends before its last sector")
}
