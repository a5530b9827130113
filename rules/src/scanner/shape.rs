//! Shapes of lines: a line with its digits taken for any digit, and its hexadecimal numbers for any. Logs repeat
//! a few shapes again and again; what the engine tells of a shape holds for every line that has it, so it is
//! asked once. Knows no patterns.

use super::bytes::ByteSet;
use super::outline::Outline;
use super::places::{FOLD_BLOCK, Places};
use std::sync::Arc;

/// Bytes of the longest line that has a shape.
pub(super) const SHAPE_BYTES_MAX: usize = 1024;
/// Bytes of the shortest: shorter ones are read as fast as they are folded.
const SHAPE_BYTES_MIN: usize = 12;
/// Any digit.
pub(super) const DIGIT: u8 = b'0';
/// Any digit or one of `a` to `f`; and of `A` to `F`. Lines with bytes from 0x80 up have no shape.
pub(super) const HEX_LOWER: u8 = 0x80;
pub(super) const HEX_UPPER: u8 = 0x81;

/// Sets of shapes that are known at a time, shapes of a set, and marks of those not yet known; powers of two.
const KNOWN: usize = 1 << 12;
const WAYS: usize = 4;
const SEEN: usize = 1 << 15;
/// How often a shape is seen before it is worth an outline.
pub(super) const SEEN_ENOUGH: u8 = 4;
/// Bytes of a UUID, and where in it dashes stand.
const UUID_BYTES: usize = 36;
const UUID_DASHES: [usize; 4] = [8, 13, 18, 23];
/// Where in a UUID its parts start.
const UUID_STARTS: [usize; 5] = [0, 9, 14, 19, 24];

/// What each byte of a shape stands for.
pub(super) fn symbol(byte: u8) -> ByteSet {
    let mut set = ByteSet::default();
    match byte {
        DIGIT => set.insert_range(b'0', b'9'),
        HEX_LOWER => {
            set.insert_range(b'0', b'9');
            set.insert_range(b'a', b'f');
        }
        HEX_UPPER => {
            set.insert_range(b'0', b'9');
            set.insert_range(b'A', b'F');
        }
        byte => set.insert(byte),
    }
    set
}

/// Whether a byte of a shape stands for letters and digits only.
pub(super) fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == HEX_LOWER || byte == HEX_UPPER
}

/// Whether a byte of a shape stands for others as well.
pub(super) fn is_vague(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == HEX_LOWER || byte == HEX_UPPER
}

/// What is known of a line's shape.
pub(super) enum Look {
    /// It has none.
    None,
    /// It was not seen before, or long ago.
    New,
    /// It was seen before: worth an outline.
    Again,
    /// Its outline.
    Known(Arc<Outline>),
}

/// The shapes one thread has met.
#[derive(Default)]
pub(super) struct Shapes {
    /// The line folded, in whole blocks, and its length.
    folded: Vec<u8>,
    length: usize,
    mixed: Vec<u32>,
    hash: u64,
    known: Vec<[Option<Known>; WAYS]>,
    /// Of a hash, and how often it was seen.
    seen: Vec<(u32, u8)>,
    victim: usize,
}

struct Known {
    hash: u64,
    shape: Box<[u8]>,
    outline: Arc<Outline>,
}

impl Shapes {
    /// Looks a line up.
    pub(super) fn look(&mut self, places: &Places, line: &[u8]) -> Look {
        if !(SHAPE_BYTES_MIN..=SHAPE_BYTES_MAX).contains(&line.len()) || !self.fold(places, line) {
            return Look::None;
        }
        if self.seen.is_empty() {
            self.seen.resize(SEEN, (0, 0));
            self.known.resize_with(KNOWN, Default::default);
        }
        self.hash = hash(&self.folded, self.length);
        let same = |known: &&Known| known.hash == self.hash && *known.shape == self.folded[..self.length];
        if let Some(known) = self.known[self.hash as usize % KNOWN].iter().flatten().find(same) {
            return Look::Known(Arc::clone(&known.outline));
        }
        let mark = (self.hash >> 32) as u32;
        let (seen, times) = &mut self.seen[self.hash as usize % SEEN];
        // A shape that is seen often is not driven out by one that is not.
        if *seen != mark && *times > 0 {
            *times -= 1;
            return Look::New;
        }
        *seen = mark;
        *times += 1;
        if *times < SEEN_ENOUGH {
            return Look::New;
        }
        *times = 0;
        Look::Again
    }

    /// Forgets that the line that was looked up last was seen.
    #[cfg(test)]
    pub(super) fn forget(&mut self) {
        if let Some(seen) = self.seen.get_mut(self.hash as usize % SEEN) {
            *seen = (0, 0);
        }
    }

    /// The shape of the line that was looked up last.
    pub(super) fn shape(&self) -> &[u8] {
        &self.folded[..self.length]
    }

    /// Keeps the outline of the shape of the line that was looked up last.
    pub(super) fn keep(&mut self, outline: Arc<Outline>) {
        let set = &mut self.known[self.hash as usize % KNOWN];
        let free = set.iter().position(Option::is_none);
        self.victim = (self.victim + 1) % WAYS;
        set[free.unwrap_or(self.victim)] =
            Some(Known { hash: self.hash, shape: self.folded[..self.length].into(), outline });
    }

    /// Folds a line; false when it has no shape.
    fn fold(&mut self, places: &Places, line: &[u8]) -> bool {
        self.length = line.len();
        self.folded.resize(line.len().next_multiple_of(FOLD_BLOCK), 0);
        self.mixed.clear();
        let plain = places.fold_digits(line, &mut self.folded, &mut self.mixed);
        if plain {
            let mut done = 0;
            for (block, &bits) in self.mixed.iter().enumerate() {
                let mut bits = bits;
                while bits != 0 {
                    let at = block * FOLD_BLOCK + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    if at >= done {
                        done = fold_hex(line, at, &mut self.folded);
                    }
                }
            }
        }
        plain
    }
}

/// Folds the token at `at`, or the UUID it is part of, if it is a hexadecimal number; gives its end.
fn fold_hex(line: &[u8], at: usize, folded: &mut [u8]) -> usize {
    let alnum = |byte: &u8| KINDS[usize::from(*byte)] & ALNUM != 0;
    let start = line[..at].iter().rposition(|byte| !alnum(byte)).map_or(0, |before| before + 1);
    let end = line[at..].iter().position(|byte| !alnum(byte)).map_or(line.len(), |length| at + length);
    let (start, end) = uuid(line, start).unwrap_or((start, end));
    let kinds = line[start..end].iter().fold(u8::MAX, |all, &byte| all & KINDS[usize::from(byte)]);
    let symbol = match (kinds & LOWER != 0, kinds & UPPER != 0) {
        (true, _) => HEX_LOWER,
        (_, true) => HEX_UPPER,
        _ => return end,
    };
    for (out, &byte) in folded[start..end].iter_mut().zip(&line[start..end]) {
        *out = if byte == b'-' { b'-' } else { symbol };
    }
    end
}

/// Kinds of bytes: letters and digits; what stands in hexadecimal numbers and UUIDs of small letters, of capitals.
const ALNUM: u8 = 1;
const LOWER: u8 = 2;
const UPPER: u8 = 4;
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut at = 0;
    while at < 256 {
        kinds[at] = match at as u8 {
            b'0'..=b'9' => ALNUM | LOWER | UPPER,
            b'a'..=b'f' => ALNUM | LOWER,
            b'A'..=b'F' => ALNUM | UPPER,
            b'-' => LOWER | UPPER,
            byte if byte.is_ascii_alphanumeric() => ALNUM,
            _ => 0,
        };
        at += 1;
    }
    kinds
};

/// The UUID one part of which starts at `part`.
pub(super) fn uuid(line: &[u8], part: usize) -> Option<(usize, usize)> {
    let is_part = |start: usize| {
        let end = start + UUID_BYTES;
        let text = line.get(start..end)?;
        let edge = |at: Option<&u8>| at.is_none_or(|&byte| KINDS[usize::from(byte)] & ALNUM == 0);
        (UUID_DASHES.iter().all(|&dash| text[dash] == b'-')
            && edge(start.checked_sub(1).map(|at| &line[at]))
            && edge(line.get(end))
            && text.iter().filter(|byte| byte.is_ascii_hexdigit()).count() == UUID_BYTES - UUID_DASHES.len())
        .then_some((start, end))
    };
    UUID_STARTS.iter().find_map(|before| is_part(part.checked_sub(*before)?))
}

/// A hash of whole blocks for tables: lines that collide are told apart by their bytes.
fn hash(bytes: &[u8], length: usize) -> u64 {
    const PRIMES: [u64; 4] =
        [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0xd6e8_feb8_6659_fd93];
    let mut lanes = PRIMES;
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    for block in bytes.chunks_exact(FOLD_BLOCK) {
        for (lane, part) in lanes.iter_mut().zip(block.chunks_exact(8)) {
            *lane = (*lane ^ word(part)).wrapping_mul(PRIMES[0]).rotate_left(31);
        }
    }
    let mut all = length as u64;
    for lane in lanes {
        all = (all ^ lane).wrapping_mul(PRIMES[1]);
        all ^= all >> 29;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(line: &str) -> Option<String> {
        let mut shapes = Shapes::default();
        let known = !matches!(shapes.look(&Places::new(&[]), line.as_bytes()), Look::None);
        let shown = |&byte: &u8| match byte {
            HEX_LOWER => '~',
            HEX_UPPER => '^',
            byte => char::from(byte),
        };
        known.then(|| shapes.shape().iter().map(shown).collect())
    }

    #[test]
    fn digits_and_hexadecimal_numbers_are_all_alike() {
        for (line, expected) in [
            ("2025-06-10T07:20:00.123Z took 345ms", "0000-00-00T00:00:00.000Z took 000ms"),
            ("span 8dcdbb10dfe5c336 of 3F9A20C1.", "span ~~~~~~~~~~~~~~~~ of ^^^^^^^^."),
            ("id=0e4a3b1c-9d7c-4444-abcd-c9d7c0e4a3b1,", "id=~~~~~~~~-~~~~-~~~~-~~~~-~~~~~~~~~~~~,"),
            ("worker1 of a1z and deadbeef stay words", "worker0 of a0z and deadbeef stay words"),
            ("0e4a3b1c-9d7c-40e4 is no UUID", "~~~~~~~~-~~~~-~~~~ is no UUID"),
        ] {
            assert_eq!(shape(line).as_deref(), Some(expected));
        }
    }

    #[test]
    fn other_letters_control_characters_and_odd_lengths_have_no_shape() {
        assert_eq!(shape("Grüße an alle 123"), None);
        assert_eq!(shape("a bell \u{7} rings 12 times"), None);
        assert_eq!(shape("short 12"), None);
        assert_eq!(shape(&"x".repeat(SHAPE_BYTES_MAX + 1)), None);
        assert!(shape(&"x".repeat(SHAPE_BYTES_MAX)).is_some());
        assert!(shape("a tab\tand a CR are plain\r").is_some());
    }

    #[test]
    fn a_shape_is_known_once_it_was_seen_often_enough() {
        let (mut shapes, places) = (Shapes::default(), Places::new(&[]));
        for turn in 1..=u32::from(SEEN_ENOUGH) {
            let line = format!("request {turn} took {turn} ms");
            let again = matches!(shapes.look(&places, line.as_bytes()), Look::Again);
            assert_eq!(again, turn == u32::from(SEEN_ENOUGH), "{turn}");
        }
        shapes.keep(Arc::new(Outline { structure: true, ..Outline::default() }));
        let Look::Known(outline) = shapes.look(&places, b"request 7 took 9 ms") else { panic!("known") };
        assert!(outline.structure);
        assert!(matches!(shapes.look(&places, b"request 7 took 99 ms"), Look::New));
    }

    #[test]
    fn more_shapes_than_there_is_room_for_drive_others_out() {
        let (mut shapes, places) = (Shapes::default(), Places::new(&[]));
        let line =
            |number: usize| format!("line of words {}", "x".repeat(number % 900)) + &"y".repeat(number / 900);
        for number in 0..KNOWN * WAYS * 2 {
            let line = line(number);
            if let Look::New | Look::Again = shapes.look(&places, line.as_bytes()) {
                shapes.keep(Arc::default());
            }
            assert!(matches!(shapes.look(&places, line.as_bytes()), Look::Known(_)), "{number}");
        }
        let kept = shapes.known.iter().flatten().flatten().count();
        assert!(kept <= KNOWN * WAYS && kept > KNOWN * WAYS / 2, "{kept}");
    }
}
