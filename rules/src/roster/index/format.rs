//! The file of a compiled roster. Version 1, all numbers little-endian:
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 8 | magic `93 52 4f 53 54 45 52 0a` |
//! | 8 | 4 | version |
//! | 12 | 4 | 0 |
//! | 16 | 16 | salt of the keys |
//! | 32 | 8 | R: rows |
//! | 40 | 8 | S: slots |
//! | 48 | 8 | B: buckets |
//! | 56 | 8 | L: bytes of the sealed part |
//! | 64 | 32 | BLAKE3, keyed, of bytes 0..64, 96..128 and everything from 128 |
//! | 96 | 16 | proof of the key |
//! | 112 | 16 | 0 |
//! | 128 | 4 (B + 1) | first slot of each bucket, and S; then 0 to a multiple of 8 |
//! | | 8 S | slots: 30 bits of fingerprint, 6 of kind, 28 of row |
//! | | 2 × 5 R | marks of each row's words; then 0 to a multiple of 8 |
//! | | L | sealed (encrypted): length of the description (4 bytes), description (JSON), filters |
//!
//! What is not sealed is a pseudo-random function of the values: the file gives away how many there are, and of
//! which row each is; no value, and not whether two rows have one in common.

use super::key::IndexKey;
use super::map::Bytes;
use crate::RosterError;
use serde::{Deserialize, Serialize};

/// First bytes of an index.
pub(crate) const MAGIC: [u8; 8] = [0x93, b'R', b'O', b'S', b'T', b'E', b'R', b'\n'];
/// Version this program writes and reads.
pub(crate) const VERSION: u32 = 1;
/// Words of a row that have a mark.
pub(crate) const MARKS: usize = 5;
/// Bits of a slot's row.
pub(crate) const ROW_BITS: u32 = 28;
/// Bits of a slot's kind.
pub(crate) const KIND_BITS: u32 = 6;

const HEADER: usize = 128;
const CHECKSUM: std::ops::Range<usize> = 64..96;
const SLOTS_A_BUCKET: usize = 6;
/// Bytes a description may have.
const DESCRIPTION_MAX: usize = 1 << 20;

/// What an index says of itself; sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    /// Heading and use of each column it was made of.
    pub(crate) columns: Vec<(String, String)>,
    /// Entities of IDs, by number.
    pub(crate) entities: Vec<String>,
    /// Values by what they are: `PERSON`, `EMAIL_ADDRESS`, …
    pub(crate) fields: Vec<(String, u64)>,
    /// Words of each of the four filters: words of letters, words with digits, pairs, phones.
    pub(crate) filters: [u64; 4],
    /// Bit n: there are words of letters, and words with a digit, of n bytes (63: and more) in their filters.
    pub(crate) word_lengths: [u64; 2],
    /// Bit n: there are IDs of n characters.
    pub(crate) id_lengths: u64,
    /// Most letters of an ID with digits.
    pub(crate) id_letters_max: u8,
    /// Most letters before the first digit of an ID.
    pub(crate) id_prefix_max: u8,
    /// Whether a word of letters alone can be a value.
    pub(crate) letter_values: bool,
    /// Bit n: there are phones whose key has n digits.
    pub(crate) phone_lengths: u16,
}

/// One value: its hash as shown, and kind and row as in a slot.
pub(crate) type Record = (u64, u64);

/// An index in memory or in a file, its filters unsealed.
pub(crate) struct Index {
    bytes: Bytes,
    pub(crate) rows: u32,
    slots: usize,
    buckets: usize,
    slots_at: usize,
    marks_at: usize,
    pub(crate) description: Description,
    /// Words of letters, words with digits, pairs, phones.
    pub(crate) filters: [Vec<u64>; 4],
}

/// What goes into a file.
pub(crate) struct Contents<'a> {
    pub(crate) salt: [u8; 16],
    /// Ordered by hash, no hash twice.
    pub(crate) records: &'a [Record],
    pub(crate) marks: &'a [[u16; MARKS]],
    pub(crate) description: &'a Description,
    pub(crate) filters: &'a [Vec<u64>; 4],
}

/// Writes an index.
pub(crate) fn write(contents: &Contents<'_>, key: &IndexKey) -> Vec<u8> {
    let Contents { salt, records, marks, description, filters } = contents;
    let buckets = records.len() / SLOTS_A_BUCKET + 1;
    let mut out = Vec::with_capacity(HEADER + records.len() * 9 + marks.len() * 10 + (16 << 20));
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend([0; 4]);
    out.extend(salt);
    let mut sealed = sealed(description, filters);
    key.seal(&mut sealed);
    for count in [marks.len(), records.len(), buckets, sealed.len()] {
        out.extend((count as u64).to_le_bytes());
    }
    out.extend([0; 32]);
    out.extend(key.proof());
    out.extend([0; 16]);
    let mut at = 0;
    for number in 0..buckets {
        out.extend((at as u32).to_le_bytes());
        at += records[at..].iter().take_while(|(hash, _)| bucket(*hash, buckets) == number).count();
    }
    out.extend((at as u32).to_le_bytes());
    out.resize(out.len().next_multiple_of(8), 0);
    let shift = KIND_BITS + ROW_BITS;
    records.iter().for_each(|(hash, value)| out.extend((hash << shift | value).to_le_bytes()));
    marks.as_flattened().iter().for_each(|mark| out.extend(mark.to_le_bytes()));
    out.resize(out.len().next_multiple_of(8), 0);
    out.extend(sealed);
    let checksum = checksum(&out, key);
    out[CHECKSUM].copy_from_slice(checksum.as_bytes());
    out
}

fn sealed(description: &Description, filters: &[Vec<u64>; 4]) -> Vec<u8> {
    let text = serde_json::to_vec(description).unwrap_or_default();
    let mut out = (text.len() as u32).to_le_bytes().to_vec();
    out.extend(text);
    filters.iter().flatten().for_each(|word| out.extend(word.to_le_bytes()));
    out
}

fn checksum(bytes: &[u8], key: &IndexKey) -> blake3::Hash {
    let mut hasher = key.checksum();
    hasher.update(&bytes[..CHECKSUM.start]).update(&bytes[CHECKSUM.end..]).finalize()
}

fn bucket(hash: u64, buckets: usize) -> usize {
    ((u128::from(hash) * buckets as u128) >> 64) as usize
}

/// Whether a file begins like an index.
pub(crate) fn is_index(start: &[u8]) -> bool {
    start.starts_with(&MAGIC)
}

/// The salt of an index, after the checks that need no key.
pub(crate) fn salt(bytes: &[u8]) -> Result<[u8; 16], RosterError> {
    if !is_index(bytes) {
        return Err(RosterError::NotAnIndex);
    }
    let version = bytes.get(8..12).and_then(|b| b.first_chunk()).map(|b| u32::from_le_bytes(*b));
    match version {
        Some(VERSION) if bytes.len() >= HEADER => {}
        Some(VERSION) | None => return Err(RosterError::Damaged("it ends within its header")),
        Some(other) => return Err(RosterError::Version(other)),
    }
    bytes.get(16..32).and_then(|b| b.first_chunk()).copied().ok_or(RosterError::NotAnIndex)
}

impl Index {
    /// Opens an index: every length is checked, then the key, then the checksum of all of it.
    pub(crate) fn open(bytes: Bytes, key: &IndexKey) -> Result<Self, RosterError> {
        salt(&bytes)?;
        if bytes.get(96..112) != Some(&key.proof()) {
            return Err(RosterError::WrongKey);
        }
        let [rows, slots, buckets, sealed] = [32, 40, 48, 56].map(|at| number(&bytes, at));
        let damaged = RosterError::Damaged("its length is not the one its header says");
        let length = bytes.len() as u64;
        if rows >= 1 << ROW_BITS
            || slots > length / 8
            || buckets == 0
            || buckets > length / 4
            || sealed > length
        {
            return Err(damaged);
        }
        let [rows, slots, buckets, sealed] = [rows, slots, buckets, sealed].map(|count| count as usize);
        let slots_at = (HEADER + 4 * (buckets + 1)).next_multiple_of(8);
        let marks_at = slots_at + 8 * slots;
        let sealed_at = (marks_at + 2 * MARKS * rows).next_multiple_of(8);
        if sealed_at + sealed != bytes.len() {
            return Err(damaged);
        }
        if checksum(&bytes, key).as_bytes() != &bytes[CHECKSUM] {
            return Err(RosterError::Damaged("its checksum is wrong"));
        }
        let mut open = bytes[sealed_at..].to_vec();
        key.seal(&mut open);
        let (description, filters) = unsealed(&open)?;
        Ok(Self { bytes, rows: rows as u32, slots, buckets, slots_at, marks_at, description, filters })
    }

    /// Kind and row of a hash as shown.
    pub(crate) fn get(&self, shown: u64) -> Option<(u8, u32)> {
        let at = HEADER + 4 * bucket(shown, self.buckets);
        let borders: &[u8; 8] = self.bytes.get(at..)?.first_chunk()?;
        let borders = u64::from_le_bytes(*borders);
        let (first, end) = (borders as u32 as usize, (borders >> 32) as usize);
        let end = end.min(self.slots);
        let slots = self.bytes.get(self.slots_at + 8 * first..self.slots_at + 8 * end)?;
        let shift = KIND_BITS + ROW_BITS;
        let slots = slots.as_chunks::<8>().0.iter().map(|slot| u64::from_le_bytes(*slot));
        let slot = slots.into_iter().find(|slot| (slot >> shift) == (shown << shift) >> shift)?;
        let row = slot as u32 & ((1 << ROW_BITS) - 1);
        (row < self.rows).then_some(((slot >> ROW_BITS) as u8 & ((1 << KIND_BITS) - 1), row))
    }

    /// Marks of a row's words; 0 is none.
    pub(crate) fn marks(&self, row: u32) -> [u16; MARKS] {
        let at = self.marks_at + 2 * MARKS * row as usize;
        let bytes: Option<&[u8; 2 * MARKS]> = self.bytes.get(at..).and_then(|rest| rest.first_chunk());
        let of = |n| bytes.map_or(0, |bytes| u16::from_le_bytes([bytes[2 * n], bytes[2 * n + 1]]));
        std::array::from_fn(of)
    }

    /// Number of values it can find.
    pub(crate) fn keys(&self) -> usize {
        self.slots
    }

    /// Bytes of the whole.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }
}

fn number(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

fn unsealed(bytes: &[u8]) -> Result<(Description, [Vec<u64>; 4]), RosterError> {
    let damaged = RosterError::Damaged("its description cannot be read");
    let length = bytes.first_chunk().map_or(usize::MAX, |chunk| u32::from_le_bytes(*chunk) as usize);
    if length > DESCRIPTION_MAX {
        return Err(damaged);
    }
    let text = bytes.get(4..4 + length).ok_or(damaged.clone())?;
    let description: Description = serde_json::from_slice(text).map_err(|_| damaged.clone())?;
    let mut words = bytes[4 + length..].as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    let filters = description.filters.map(|count| {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        words.by_ref().take(count).collect::<Vec<u64>>()
    });
    let whole = filters.iter().zip(description.filters).all(|(words, count)| words.len() as u64 == count);
    if whole && words.next().is_none() { Ok((description, filters)) } else { Err(damaged) }
}
