//! Where in 64 bytes delimiters, line ends and quotes stand, as one bit each. Plain arithmetic on words of eight bytes: no
//! instruction that some processor lacks.

/// Bytes looked at at once.
pub(super) const CHUNK: usize = 64;

const LOW: u64 = 0x0101_0101_0101_0101;
const REST: u64 = 0x7f7f_7f7f_7f7f_7f7f;
/// Brings the lowest bits of eight bytes together in the highest byte.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// One bit a byte, the first byte's lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bits {
    pub(super) delimiters: u64,
    pub(super) line_ends: u64,
    pub(super) quotes: u64,
}

impl Bits {
    /// Looks at a chunk.
    #[inline]
    pub(super) fn of(chunk: &[u8; CHUNK], delimiter: u8) -> Self {
        let repeated = LOW * u64::from(delimiter);
        let mut bits = Self { delimiters: 0, line_ends: 0, quotes: 0 };
        let (words, _) = chunk.as_chunks::<8>();
        for (at, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let shift = at * 8;
            bits.delimiters |= equal(word, repeated) << shift;
            bits.line_ends |= equal(word, LOW * b'\n' as u64) << shift;
            bits.quotes |= equal(word, LOW * b'"' as u64) << shift;
        }
        bits
    }
}

/// Which of eight bytes are those of `repeated`, as eight bits.
#[inline]
fn equal(word: u64, repeated: u64) -> u64 {
    let zero = word ^ repeated;
    // The highest bit of each byte that is zero; no carry crosses bytes.
    let marked = !(((zero & REST) + REST) | zero | REST);
    (marked >> 7).wrapping_mul(GATHER) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_byte_has_its_bit(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b','), Just(b'\n'), Just(b'"'),
            Just(0), Just(0x80), Just(b'-')], CHUNK)) {
            let chunk: &[u8; CHUNK] = bytes.as_slice().try_into().expect("so many bytes");
            let bits = Bits::of(chunk, b',');
            for (at, &byte) in bytes.iter().enumerate() {
                let has = |word: u64| word >> at & 1 == 1;
                prop_assert_eq!(
                    (has(bits.delimiters), has(bits.line_ends), has(bits.quotes)),
                    (byte == b',', byte == b'\n', byte == b'"')
                );
            }
        }
    }
}
