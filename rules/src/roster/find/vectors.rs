//! Which bytes are of words, sixty-four at a time: with AVX2 where the machine has it, with plain arithmetic
//! elsewhere; both give the same. The one place of the search that needs `unsafe`; knows nothing of words' hashes.
#![allow(unsafe_code, reason = "vector loads from an array, behind a check of what the processor can")]

use super::words::{Cutter, Words};

/// Sixty-four bytes, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Masks {
    /// Letters, digits and what is not ASCII.
    pub(super) word: u64,
    /// `@` and `%`, which may be an `@` in an address of the web.
    pub(super) at: u64,
}

impl Words {
    /// Cuts `text`, whose words were those before.
    pub(super) fn cut(&mut self, text: &str, cutter: Cutter<'_>) {
        #[cfg(target_arch = "x86_64")]
        if has_vectors() {
            // SAFETY: the processor has all that the function is made for, as was just found.
            return unsafe { self.cut_avx2(text, cutter) };
        }
        self.cut_with(text, cutter, plain);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn cut_avx2(&mut self, text: &str, cutter: Cutter<'_>) {
        self.cut_with(text, cutter, |block| avx2::masks(block));
    }
}

/// A word of at most sixteen bytes, folded as if all were letters and digits of ASCII.
pub(super) struct Folded {
    pub(super) low: u64,
    pub(super) high: u64,
    /// Bit n: byte n is a letter.
    pub(super) letters: u32,
    /// Whether there is a byte that is not ASCII: then the rest says nothing.
    pub(super) foreign: bool,
}

/// Keeps the first n of 16 bytes.
static KEEP: [[u8; 16]; 17] = {
    let mut table = [[0; 16]; 17];
    let mut n = 1;
    while n <= 16 {
        table[n] = (u128::MAX >> (128 - 8 * n as u32)).to_le_bytes();
        n += 1;
    }
    table
};

/// Folds the first `length` of 16 bytes, which are no more.
#[inline(always)]
pub(super) fn fold_block(block: &[u8; 16], length: usize) -> Folded {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{
            _mm_add_epi8, _mm_and_si128, _mm_cvtsi128_si64, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128,
            _mm_set1_epi8, _mm_unpackhi_epi64,
        };
        // SAFETY: both arrays have the 16 bytes that are loaded; every x86-64 processor has SSE2.
        unsafe {
            let bytes = _mm_loadu_si128(block.as_ptr().cast());
            let keep = _mm_loadu_si128(KEEP[length].as_ptr().cast());
            let folded = _mm_and_si128(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), keep);
            // Letters have the bit 0x40, figures have not.
            let letters = _mm_movemask_epi8(_mm_add_epi8(folded, folded)).cast_unsigned();
            let high = _mm_unpackhi_epi64(folded, folded);
            Folded {
                low: _mm_cvtsi128_si64(folded).cast_unsigned(),
                high: _mm_cvtsi128_si64(high).cast_unsigned(),
                letters,
                foreign: _mm_movemask_epi8(folded) != 0,
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    fold_plainly(block, length)
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn fold_plainly(block: &[u8; 16], length: usize) -> Folded {
    let mut folded = *block;
    let mut letters = 0;
    for (n, (byte, keep)) in folded.iter_mut().zip(KEEP[length]).enumerate() {
        *byte = (*byte | 0x20) & keep;
        letters |= u32::from(*byte >> 6 & 1) << n;
    }
    let whole = u128::from_le_bytes(folded);
    Folded { low: whole as u64, high: (whole >> 64) as u64, letters, foreign: !folded.is_ascii() }
}

#[cfg(target_arch = "x86_64")]
fn has_vectors() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("bmi2")
        && std::arch::is_x86_feature_detected!("popcnt")
}

/// The masks by plain arithmetic on bytes, which compilers turn into vectors where they can.
fn plain(block: &[u8; 64]) -> Masks {
    let mut masks = Masks::default();
    let (mut word, mut at) = ([0u8; 64], [0u8; 64]);
    for (n, &byte) in block.iter().enumerate() {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        word[n] = u8::from(letter) | u8::from(digit) | byte >> 7;
        at[n] = u8::from(byte == b'@') | u8::from(byte == b'%');
    }
    for (mask, flags) in [(&mut masks.word, &word), (&mut masks.at, &at)] {
        for (number, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
            // The product moves the lowest bit of byte n to bit n of the highest byte.
            let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *mask |= bits << (8 * number);
        }
    }
    masks
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::Masks;
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi8, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    };

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn masks(block: &[u8; 64]) -> Masks {
        let (halves, _) = block.as_chunks::<32>();
        let [first, second] = [half(&halves[0]), half(&halves[1])];
        Masks { word: first.word | second.word << 32, at: first.at | second.at << 32 }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn half(bytes: &[u8; 32]) -> Masks {
        // SAFETY: the array has the 32 bytes that are loaded; the load needs no alignment.
        let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
        let all = _mm256_set1_epi8;
        // What lies in a range is moved to the lowest numbers there are, and compared.
        let within = |bytes: __m256i, first: u8, count: i8| {
            let moved = _mm256_add_epi8(bytes, all(i8::MIN.wrapping_sub(first.cast_signed())));
            _mm256_cmpgt_epi8(all(i8::MIN + count), moved)
        };
        let letter = within(_mm256_or_si256(bytes, all(0x20)), b'a', 26);
        let digit = within(bytes, b'0', 10);
        let word = _mm256_or_si256(_mm256_or_si256(letter, digit), bytes);
        let at = _mm256_or_si256(
            _mm256_cmpeq_epi8(bytes, all(b'@'.cast_signed())),
            _mm256_cmpeq_epi8(bytes, all(b'%'.cast_signed())),
        );
        let bits = |vector: __m256i| u64::from(_mm256_movemask_epi8(vector).cast_unsigned());
        Masks { word: bits(word), at: bits(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_fold_alike(block in any::<[u8; 16]>(), length in 0..=16usize) {
            let (one, two) = (fold_block(&block, length), fold_plainly(&block, length));
            prop_assert_eq!((one.low, one.high, one.letters, one.foreign), (two.low, two.high, two.letters, two.foreign));
        }

        #[test]
        fn masks_are_those_of_each_byte(block in proptest::collection::vec(any::<u8>(), 64)) {
            let block: [u8; 64] = block.try_into().expect("64 bytes");
            let mut bytewise = Masks::default();
            for (n, &byte) in block.iter().enumerate() {
                bytewise.word |= u64::from(byte.is_ascii_alphanumeric() || !byte.is_ascii()) << n;
                bytewise.at |= u64::from(byte == b'@' || byte == b'%') << n;
            }
            prop_assert_eq!(plain(&block), bytewise);
            #[cfg(target_arch = "x86_64")]
            if has_vectors() {
                // SAFETY: the processor has AVX2, as was just found.
                prop_assert_eq!(unsafe { avx2::masks(&block) }, bytewise);
            }
        }
    }
}
