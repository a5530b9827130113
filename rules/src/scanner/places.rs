//! The first pass over the bytes: where tokens start, and where a key word may. Sixty-four bytes at a time
//! with AVX2 where the machine has it, one by one elsewhere; both give the same places.
#![allow(unsafe_code, reason = "vector loads from a checked array, behind a check of what the processor can")]

use super::anchor::{KEY_BYTES, share};
use super::bytes::{ANY, ByteSet};
use super::engine::Stretch;
use super::filter::{Filter, Groups};

/// Bytes looked at together, and those behind them a key word may reach into.
const BLOCK: usize = 64;
/// Groups of key words: one bit each of a byte.
const KEY_GROUPS: usize = 8;
const WINDOW: usize = BLOCK + KEY_BYTES - 1;

/// Finds places. Key words are told by their first three bytes, in eight groups.
pub(super) struct Places {
    keys: [[u8; 256]; KEY_BYTES],
    low: [[u8; 16]; KEY_BYTES],
    high: [[u8; 16]; KEY_BYTES],
    /// One bit for the low bits of each three bytes a key word starts with.
    triples: Box<[u64; TRIPLES / 64]>,
    vectors: bool,
}

/// Numbers that the low five bits of three bytes make.
const TRIPLES: usize = 1 << 15;

fn triple(bytes: [u8; KEY_BYTES]) -> usize {
    bytes.iter().fold(0, |number, &byte| number << 5 | usize::from(byte & 31))
}

/// What was found in a stretch of text: offsets from the start of the buffer.
#[derive(Default)]
pub(super) struct Found {
    /// Where tokens of letters and digits start, capital letters behind small ones, and first bytes of
    /// characters that are not ASCII.
    pub(super) starts: Vec<u32>,
    /// Those of `starts` that are capital letters at the start of a token.
    pub(super) capital_starts: Vec<u32>,
    /// Where key words may start.
    pub(super) keys: Vec<u32>,
    /// Whether there is a byte that is not ASCII.
    pub(super) foreign: bool,
    /// Whether there is a capital letter of ASCII.
    pub(super) capitals: bool,
}

/// Sixty-four bytes, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Masks {
    alnum: u64,
    upper: u64,
    lower: u64,
    lead: u64,
    foreign: u64,
    keys: u64,
}

impl Places {
    /// Takes the rows of the key words.
    pub(super) fn new(keys: &[Vec<ByteSet>]) -> Self {
        let mut places = Self {
            keys: [[0; 256]; KEY_BYTES],
            low: [[0; 16]; KEY_BYTES],
            high: [[0; 16]; KEY_BYTES],
            triples: Box::new([0; TRIPLES / 64]),
            vectors: false,
        };
        for (row, group) in grouped(keys) {
            let pairs = row[0].iter().flat_map(|a| row[1].iter().map(move |b| (a, b)));
            for number in pairs.flat_map(|(a, b)| row[2].iter().map(move |c| triple([a, b, c]))) {
                places.triples[number / 64] |= 1 << (number % 64);
            }
            for (at, set) in row.iter().enumerate() {
                for byte in set.iter() {
                    places.low[at][usize::from(byte & 15)] |= 1 << group;
                    places.high[at][usize::from(byte >> 4)] |= 1 << group;
                }
            }
        }
        for at in 0..KEY_BYTES {
            for byte in 0..=255u8 {
                places.keys[at][usize::from(byte)] =
                    places.low[at][usize::from(byte & 15)] & places.high[at][usize::from(byte >> 4)];
            }
        }
        #[cfg(target_arch = "x86_64")]
        {
            places.vectors = std::arch::is_x86_feature_detected!("avx2");
        }
        places
    }

    /// Finds the places of `bytes[start..end]`, a text of its own.
    pub(super) fn find(&self, bytes: &[u8], (start, end): (usize, usize), found: &mut Found) {
        found.starts.clear();
        found.keys.clear();
        found.capital_starts.clear();
        found.foreign = false;
        #[cfg(target_arch = "x86_64")]
        if self.vectors {
            // SAFETY: the processor has AVX2, as was found when this was made.
            return unsafe { self.find_avx2(bytes, (start, end), found) };
        }
        walk(bytes, (start, end), found, |window| self.masks(window));
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn find_avx2(&self, bytes: &[u8], range: (usize, usize), found: &mut Found) {
        let tables = avx2::Tables::new(self);
        walk(bytes, range, found, |window| tables.masks(window));
    }

    /// Whether the bytes at `at` may start a key word; those behind the end may be any.
    pub(super) fn may_be_key(&self, bytes: &[u8], at: usize) -> bool {
        let first = bytes[at..].first_chunk::<KEY_BYTES>();
        first.is_none_or(|&bytes| self.triples[triple(bytes) / 64] >> (triple(bytes) % 64) & 1 == 1)
    }

    /// Adds the starts that a filter lets through for wanted groups, and those groups.
    pub(super) fn likely(
        &self,
        filter: (&Filter, &Groups),
        text: Stretch<'_>,
        starts: &[u32],
        out: &mut Vec<(u32, Groups)>,
    ) {
        #[cfg(target_arch = "x86_64")]
        if self.vectors {
            // SAFETY: the processor has AVX2, as was found when this was made.
            return unsafe { likely_avx2(filter, text, starts, out) };
        }
        likely(filter, text, starts, out);
    }

    /// Puts any digit in the place of digits. `out` is as long as the text is in whole blocks. Tells where digits
    /// and letters of hexadecimal numbers touch, a bit for each byte; false when a byte is not of plain text.
    pub(super) fn fold_digits(&self, text: &[u8], out: &mut [u8], mixed: &mut Vec<u32>) -> bool {
        #[cfg(target_arch = "x86_64")]
        if self.vectors {
            // SAFETY: the processor has AVX2, as was found when this was made.
            return unsafe { avx2::fold_digits(text, out, mixed) };
        }
        fold_digits(text, out, mixed)
    }

    fn masks(&self, window: &[u8; WINDOW]) -> Masks {
        let mut masks = Masks::default();
        for at in 0..BLOCK {
            let byte = window[at];
            let bit = |set: bool| u64::from(set) << at;
            masks.alnum |= bit(byte.is_ascii_alphanumeric());
            masks.upper |= bit(byte.is_ascii_uppercase());
            masks.lower |= bit(byte.is_ascii_lowercase());
            masks.lead |= bit(byte >= 0xc0);
            masks.foreign |= bit(byte >= 0x80);
            let groups = (0..KEY_BYTES).fold(0xff, |all, k| all & self.keys[k][usize::from(window[at + k])]);
            masks.keys |= bit(groups != 0);
        }
        masks
    }
}

/// Bytes folded together.
pub(super) const FOLD_BLOCK: usize = 32;

fn fold_digits(text: &[u8], out: &mut [u8], mixed: &mut Vec<u32>) -> bool {
    let (mut plain, mut before) = (true, 0u8);
    out[text.len()..].fill(0);
    for (block, outs) in text.chunks(FOLD_BLOCK).zip(out.chunks_mut(FOLD_BLOCK)) {
        let mut bits = 0;
        for (at, (&byte, out)) in block.iter().zip(outs).enumerate() {
            let (digit, hex) = (byte.is_ascii_digit(), matches!(byte | 0x20, b'a'..=b'f'));
            let kind = u8::from(digit) | u8::from(hex) << 1;
            bits |= u32::from(kind | before == 3) << at;
            before = kind;
            plain &= byte.is_ascii() && (byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r'));
            *out = if digit { b'0' } else { byte };
        }
        mixed.push(bits);
    }
    plain
}

/// The first sets of each key word, put into groups in which they tell as much as they can.
fn grouped(keys: &[Vec<ByteSet>]) -> Vec<([ByteSet; KEY_BYTES], usize)> {
    let first = |row: &Vec<ByteSet>| std::array::from_fn(|at| row.get(at).copied().unwrap_or(ANY));
    let mut rows: Vec<[ByteSet; KEY_BYTES]> = keys.iter().map(first).collect();
    rows.sort_unstable();
    rows.dedup();
    let rate = |sets: &[ByteSet; KEY_BYTES]| sets.iter().map(|set| share(*set)).product::<f64>();
    // The most frequent first: they need a group of their own the most.
    rows.sort_by(|left, right| rate(right).total_cmp(&rate(left)));
    let mut groups = [[ByteSet::default(); KEY_BYTES]; KEY_GROUPS];
    let placed = rows.into_iter().map(|row| {
        let with = |group: &[ByteSet; KEY_BYTES]| std::array::from_fn(|at| group[at].or(row[at]));
        let cost = |at: &usize| rate(&with(&groups[*at])) - rate(&groups[*at]);
        let best = (0..KEY_GROUPS).min_by(|left, right| cost(left).total_cmp(&cost(right))).unwrap_or(0);
        groups[best] = with(&groups[best]);
        (row, best)
    });
    placed.collect()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn likely_avx2(filter: (&Filter, &Groups), text: Stretch<'_>, starts: &[u32], out: &mut Vec<(u32, Groups)>) {
    likely(filter, text, starts, out);
}

#[allow(clippy::inline_always, reason = "it has to be compiled with the vectors of its caller")]
#[inline(always)]
fn likely(
    (filter, wanted): (&Filter, &Groups),
    text: Stretch<'_>,
    starts: &[u32],
    out: &mut Vec<(u32, Groups)>,
) {
    for &start in starts {
        let at = start as usize;
        let whole = (at > text.start).then(|| text.bytes[at - 1..].first_chunk()).flatten();
        let window = whole.copied().unwrap_or_else(|| {
            let mut rest = text.bytes[at..].iter().copied();
            std::array::from_fn(|place| match place {
                0 => text.previous(at),
                _ => rest.next().unwrap_or(b'\n'),
            })
        });
        let mut groups = filter.groups(window);
        groups.iter_mut().zip(wanted).for_each(|(mine, theirs)| *mine &= theirs);
        if groups != Groups::default() {
            out.push((start, groups));
        }
    }
}

/// Goes through a stretch block by block.
#[allow(clippy::inline_always, reason = "it has to be compiled with the vectors of its caller")]
#[inline(always)]
fn walk(
    bytes: &[u8],
    (start, end): (usize, usize),
    found: &mut Found,
    masks: impl Fn(&[u8; WINDOW]) -> Masks,
) {
    let (mut alnum, mut lower) = (0u64, 0u64);
    let (mut foreign, mut capitals) = (0, 0);
    let mut at = start;
    while at < end {
        let here = match bytes.get(at..).and_then(|rest| rest.first_chunk::<WINDOW>()) {
            Some(window) => masks(window),
            None => {
                let mut window = [b'\n'; WINDOW];
                let rest = &bytes[at..bytes.len().min(at + WINDOW)];
                window[..rest.len()].copy_from_slice(rest);
                masks(&window)
            }
        };
        let left = end - at;
        let inside = if left >= BLOCK { u64::MAX } else { (1 << left) - 1 };
        let starts =
            here.alnum & !(here.alnum << 1 | alnum) | here.lead | here.upper & (here.lower << 1 | lower);
        push(starts & inside, at, &mut found.starts);
        push(here.upper & !(here.alnum << 1 | alnum) & inside, at, &mut found.capital_starts);
        push(here.keys & inside, at, &mut found.keys);
        foreign |= here.foreign & inside;
        capitals |= here.upper & inside;
        alnum = here.alnum >> 63;
        lower = here.lower >> 63;
        at += BLOCK;
    }
    found.foreign = foreign != 0;
    found.capitals = capitals != 0;
}

#[allow(clippy::inline_always, reason = "it has to be compiled with the vectors of its caller")]
#[inline(always)]
fn push(mut bits: u64, base: usize, out: &mut Vec<u32>) {
    while bits != 0 {
        out.push((base + bits.trailing_zeros() as usize) as u32);
        bits &= bits - 1;
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{FOLD_BLOCK, KEY_BYTES, Masks, Places, WINDOW};
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_andnot_si256, _mm256_blendv_epi8, _mm256_cmpeq_epi8,
        _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_setr_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
        _mm256_storeu_si256, _mm256_sub_epi8,
    };

    /// Kinds of bytes, one bit each, by their two halves.
    const DIGIT: i8 = 1;
    const UPPER: [i8; 2] = [2, 4];
    const LOWER: [i8; 2] = [8, 16];

    pub(super) struct Tables {
        low: __m256i,
        high: __m256i,
        keys: [(__m256i, __m256i); KEY_BYTES],
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn both(table: [i8; 16]) -> __m256i {
        let t = table;
        _mm256_setr_epi8(
            t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12], t[13], t[14],
            t[15], t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12], t[13],
            t[14], t[15],
        )
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(window: &[u8; WINDOW], at: usize) -> __m256i {
        assert!(at + 32 <= WINDOW);
        // SAFETY: 32 bytes from `at` are inside the array, as was just checked; the load needs no alignment.
        unsafe { _mm256_loadu_si256(window.as_ptr().add(at).cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn bits(vector: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(vector).cast_unsigned())
    }

    /// The bits of the bytes that are not zero.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn some(vector: __m256i) -> u64 {
        !bits(_mm256_cmpeq_epi8(vector, _mm256_setzero_si256())) & 0xffff_ffff
    }

    /// As the plain one: any digit in the place of digits.
    #[target_feature(enable = "avx2")]
    pub(super) fn fold_digits(text: &[u8], out: &mut [u8], mixed: &mut Vec<u32>) -> bool {
        let (blocks, rest) = text.as_chunks::<FOLD_BLOCK>();
        let (outs, _) = out.as_chunks_mut::<FOLD_BLOCK>();
        let (mut odd, mut before) = (0, (0, 0));
        mixed.resize(outs.len(), 0);
        for ((block, out), mixed) in blocks.iter().zip(&mut *outs).zip(&mut *mixed) {
            odd |= fold_block(block, out, mixed, &mut before);
        }
        if let (Some(out), Some(mixed)) = (outs.get_mut(blocks.len()), mixed.last_mut()) {
            let mut block = [0; FOLD_BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            odd |= fold_block(&block, out, mixed, &mut before) & ((1 << rest.len()) - 1);
        }
        odd == 0
    }

    /// Folds a block; gives a bit for each byte that is not of plain text.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn fold_block(
        block: &[u8; FOLD_BLOCK],
        out: &mut [u8; FOLD_BLOCK],
        mixed: &mut u32,
        (digit_before, hex_before): &mut (u32, u32),
    ) -> u32 {
        // SAFETY: the array has 32 bytes; the load needs no alignment.
        let bytes = unsafe { _mm256_loadu_si256(block.as_ptr().cast()) };
        let digits = within(bytes, b'0', b'9');
        let folded = _mm256_blendv_epi8(bytes, _mm256_set1_epi8(b'0'.cast_signed()), digits);
        // SAFETY: the array has 32 bytes; the store needs no alignment.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), folded) };
        let lower = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
        let (digit, hex) = (mask(digits), mask(within(lower, b'a', b'f')));
        *mixed = digit & (hex << 1 | *hex_before) | hex & (digit << 1 | *digit_before);
        (*digit_before, *hex_before) = (digit >> 31, hex >> 31);
        // Signed, bytes from 0x80 up are below the blank as well.
        let below = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes);
        let is = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
        let breaks = _mm256_or_si256(_mm256_or_si256(is(b'\t'), is(b'\r')), is(b'\n'));
        mask(_mm256_andnot_si256(breaks, below))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn within(bytes: __m256i, first: u8, last: u8) -> __m256i {
        let from = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first.cast_signed()));
        let most = _mm256_set1_epi8((last - first).cast_signed());
        _mm256_cmpeq_epi8(_mm256_min_epu8(from, most), from)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn mask(vector: __m256i) -> u32 {
        _mm256_movemask_epi8(vector).cast_unsigned()
    }

    impl Tables {
        #[inline]
        #[target_feature(enable = "avx2")]
        pub(super) fn new(places: &Places) -> Self {
            let (mut low, mut high) = ([0i8; 16], [0i8; 16]);
            for (half, low) in low.iter_mut().enumerate() {
                *low |= if half <= 9 { DIGIT } else { 0 };
                *low |= if half >= 1 { UPPER[0] | LOWER[0] } else { 0 };
                *low |= if half <= 10 { UPPER[1] | LOWER[1] } else { 0 };
            }
            (high[3], high[4], high[5]) = (DIGIT, UPPER[0], UPPER[1]);
            (high[6], high[7]) = (LOWER[0], LOWER[1]);
            let signed = |table: [u8; 16]| both(table.map(u8::cast_signed));
            let mut keys = [(both([0; 16]), both([0; 16])); KEY_BYTES];
            for (at, key) in keys.iter_mut().enumerate() {
                *key = (signed(places.low[at]), signed(places.high[at]));
            }
            Self { low: both(low), high: both(high), keys }
        }

        #[inline]
        #[target_feature(enable = "avx2")]
        pub(super) fn masks(&self, window: &[u8; WINDOW]) -> Masks {
            let (first, second) = (self.half(window, 0), self.half(window, 32));
            Masks {
                alnum: first.alnum | second.alnum << 32,
                upper: first.upper | second.upper << 32,
                lower: first.lower | second.lower << 32,
                lead: first.lead | second.lead << 32,
                foreign: first.foreign | second.foreign << 32,
                keys: first.keys | second.keys << 32,
            }
        }

        #[inline]
        #[target_feature(enable = "avx2")]
        fn half(&self, window: &[u8; WINDOW], at: usize) -> Masks {
            let nibble = _mm256_set1_epi8(15);
            let halves = |bytes: __m256i| {
                (_mm256_and_si256(bytes, nibble), _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble))
            };
            let bytes = load(window, at);
            let (low, high) = halves(bytes);
            let kinds =
                _mm256_and_si256(_mm256_shuffle_epi8(self.low, low), _mm256_shuffle_epi8(self.high, high));
            let of = |kind: i8| some(_mm256_and_si256(kinds, _mm256_set1_epi8(kind)));
            let mut groups = _mm256_set1_epi8(-1);
            for (k, (key_low, key_high)) in self.keys.iter().enumerate() {
                let (low, high) = halves(load(window, at + k));
                let fits = _mm256_and_si256(
                    _mm256_shuffle_epi8(*key_low, low),
                    _mm256_shuffle_epi8(*key_high, high),
                );
                groups = _mm256_and_si256(groups, fits);
            }
            let foreign = bits(bytes);
            Masks {
                alnum: some(kinds),
                upper: of(UPPER[0] | UPPER[1]),
                lower: of(LOWER[0] | LOWER[1]),
                lead: foreign & bits(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(-65))),
                foreign,
                keys: some(groups),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the places are by their definition, byte by byte.
    fn plainly(bytes: &[u8], (start, end): (usize, usize)) -> Vec<u32> {
        (start..end)
            .filter(|&at| {
                let (byte, before) = (bytes[at], if at > start { bytes[at - 1] } else { b'\n' });
                byte >= 0xc0
                    || byte.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric()
                    || byte.is_ascii_uppercase() && before.is_ascii_lowercase()
            })
            .map(|at| at as u32)
            .collect()
    }

    proptest::proptest! {
        #[test]
        fn vectors_and_plain_code_agree(bytes in proptest::collection::vec(0u8..=255, 0..400), cut in 0usize..400, words in "[ -~äöß]{0,200}") {
            let keys: Vec<Vec<ByteSet>> = ["pas", "tok", "@"].iter().map(|key| key.bytes().map(ByteSet::of).collect()).collect();
            let places = Places::new(&keys);
            let plain = Places { vectors: false, ..Places::new(&keys) };
            for text in [bytes.as_slice(), words.as_bytes()] {
                let range = (cut.min(text.len()) / 2, text.len() - cut.min(text.len()) / 2);
                let (mut one, mut two) = (Found::default(), Found::default());
                places.find(text, range, &mut one);
                plain.find(text, range, &mut two);
                proptest::prop_assert_eq!(&one.starts, &two.starts);
                proptest::prop_assert_eq!(&one.keys, &two.keys);
                proptest::prop_assert_eq!(one.foreign, two.foreign);
                proptest::prop_assert_eq!(one.starts, plainly(text, range));
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_agrees_with_plain_code(bytes in proptest::collection::vec(0u8..=255, 0..200), text in "[ -~\t\r\n0-9a-f]{0,200}") {
            let places = Places::new(&[]);
            let plain = Places { vectors: false, ..Places::new(&[]) };
            for text in [bytes.as_slice(), text.as_bytes()] {
                let room = text.len().next_multiple_of(FOLD_BLOCK);
                let (mut one, mut two) = (vec![1; room], vec![2; room]);
                let (mut mixed, mut others) = (Vec::new(), Vec::new());
                let ok = places.fold_digits(text, &mut one, &mut mixed);
                proptest::prop_assert_eq!(ok, plain.fold_digits(text, &mut two, &mut others));
                proptest::prop_assert_eq!(&one, &two);
                proptest::prop_assert_eq!(mixed, others);
                let folded: Vec<u8> = text.iter().map(|b| if b.is_ascii_digit() { b'0' } else { *b }).collect();
                proptest::prop_assert_eq!(&one[..text.len()], folded);
            }
        }
    }

    #[test]
    fn key_words_are_seen_across_blocks() {
        let places = Places::new(&[b"token".iter().map(|&b| ByteSet::of(b)).collect()]);
        for before in 0..140 {
            let text = format!("{}token", "-".repeat(before));
            let mut found = Found::default();
            places.find(text.as_bytes(), (0, text.len()), &mut found);
            assert_eq!(found.keys, [before as u32], "behind {before} bytes");
        }
    }
}
