//! Compound files (OLE2): which streams the directory names, to tell a workbook from a letter and a locked
//! OOXML from both. Reads the directory alone, never a stream.

use crate::at::fill_at;
use custody_rules::{Reason, Refusal};
use std::fs::File;
use std::io;

pub(super) const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Sector numbers from here on are marks, not sectors ([MS-CFB] 2.1).
const SECTORS_MAX: u32 = 0xffff_fffa;
/// Numbers of FAT sectors in the header.
const HEADER_FATS: usize = 109;
/// Directory sectors and further FAT lists that are followed; real files have a handful.
const CHAIN_MAX: usize = 4_096;
const ENTRY_BYTES: usize = 128;

/// What a compound file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A workbook of Excel 5 to 2003.
    Workbook,
    /// An OOXML file locked with a password.
    Encrypted,
    /// Something else: its name.
    Other(&'static str),
}

/// Reads the directory.
///
/// # Errors
/// A [`Refusal`] when the file is cut off or its sectors run in a circle.
pub(super) fn holds(file: &File) -> Result<Holds, Refusal> {
    let compound = Compound::open(file)?;
    let mut found = Holds::Other("a compound file (OLE2)");
    let mut sector = compound.first_directory;
    for _ in 0..CHAIN_MAX {
        if sector >= SECTORS_MAX {
            return Ok(found);
        }
        for entry in compound.sector(sector)?.chunks_exact(ENTRY_BYTES) {
            match name(entry).as_str() {
                "EncryptionInfo" | "EncryptedPackage" => return Ok(Holds::Encrypted),
                "Workbook" | "Book" => found = Holds::Workbook,
                "WordDocument" if found != Holds::Workbook => found = Holds::Other("DOC"),
                "PowerPoint Document" if found != Holds::Workbook => found = Holds::Other("PPT"),
                "__properties_version1.0" if found != Holds::Workbook => {
                    found = Holds::Other("an Outlook message (MSG)");
                }
                _ => {}
            }
        }
        sector = compound.next(sector)?;
    }
    Err(Refusal::new(Reason::Malformed, "the compound file's directory has no end"))
}

struct Compound<'a> {
    file: &'a File,
    sector_bytes: usize,
    first_directory: u32,
    fats: Vec<u32>,
}

impl<'a> Compound<'a> {
    fn open(file: &'a File) -> Result<Self, Refusal> {
        let mut header = [0; 512];
        read(file, &mut header, 0)?;
        let sector_bytes = match header[30] {
            shift @ (9 | 12) => 1 << shift,
            _ => {
                return Err(Refusal::new(
                    Reason::Malformed,
                    "the compound file's sectors have no known size",
                ));
            }
        };
        let mut compound =
            Self { file, sector_bytes, first_directory: number(&header, 48), fats: Vec::new() };
        compound.fats = (0..HEADER_FATS).map(|i| number(&header, 76 + 4 * i)).collect();
        let mut list = number(&header, 68);
        for _ in 0..CHAIN_MAX {
            if list >= SECTORS_MAX {
                return Ok(compound);
            }
            let sector = compound.sector(list)?;
            let numbers = sector_bytes / 4 - 1;
            compound.fats.extend((0..numbers).map(|i| number(&sector, 4 * i)));
            list = number(&sector, 4 * numbers);
        }
        Err(Refusal::new(Reason::Malformed, "the compound file's sector lists have no end"))
    }

    fn sector(&self, sector: u32) -> Result<Vec<u8>, Refusal> {
        let mut bytes = vec![0; self.sector_bytes];
        read(self.file, &mut bytes, (u64::from(sector) + 1) * self.sector_bytes as u64)?;
        Ok(bytes)
    }

    /// The sector after this one, by the FAT.
    fn next(&self, sector: u32) -> Result<u32, Refusal> {
        let per_sector = self.sector_bytes / 4;
        let fat = self.fats.get(sector as usize / per_sector).copied().unwrap_or(u32::MAX);
        if fat >= SECTORS_MAX {
            return Err(Refusal::new(Reason::Malformed, "the compound file names a sector it does not have"));
        }
        Ok(number(&self.sector(fat)?, 4 * (sector as usize % per_sector)))
    }
}

fn read(file: &File, buffer: &mut [u8], offset: u64) -> Result<(), Refusal> {
    let filled = fill_at(file, buffer, offset)?;
    if filled < buffer.len() {
        return Err(Refusal::from_io(&io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(())
}

/// A little-endian number; callers stay inside the sector.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(u32::MAX, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// A directory entry's name, without its terminating NUL.
fn name(entry: &[u8]) -> String {
    let length = usize::from(u16::from_le_bytes([entry[64], entry[65]])).clamp(2, 64) - 2;
    let units = entry[..length].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
