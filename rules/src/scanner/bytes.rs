//! A set of bytes, and the sets the engine reasons with.

/// A set of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub(super) struct ByteSet([u64; 4]);

/// Letters and digits of ASCII: what a token of the engine is made of.
pub(super) const ALNUM: ByteSet = ByteSet([0x03ff_0000_0000_0000, 0x07ff_fffe_07ff_fffe, 0, 0]);
/// Upper-case letters of ASCII.
pub(super) const UPPER: ByteSet = ByteSet([0, 0x0000_0000_07ff_fffe, 0, 0]);
/// Lower-case letters of ASCII.
pub(super) const LOWER: ByteSet = ByteSet([0, 0x07ff_fffe_0000_0000, 0, 0]);
/// What ASCII `\w` matches.
pub(super) const WORD: ByteSet = ByteSet([0x03ff_0000_0000_0000, 0x07ff_fffe_87ff_fffe, 0, 0]);
/// First bytes of characters that are not ASCII.
pub(super) const LEAD: ByteSet = ByteSet([0, 0, 0, u64::MAX]);
/// Bytes of a character that is not ASCII, but its first.
pub(super) const INNER: ByteSet = ByteSet([0, 0, u64::MAX, 0]);
/// Every byte.
pub(super) const ANY: ByteSet = ByteSet([u64::MAX; 4]);

impl ByteSet {
    /// No byte.
    pub(super) const EMPTY: Self = Self([0; 4]);

    pub(super) fn of(byte: u8) -> Self {
        let mut set = Self::default();
        set.insert(byte);
        set
    }

    pub(super) fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    pub(super) fn insert_range(&mut self, first: u8, last: u8) {
        for (at, word) in self.0.iter_mut().enumerate() {
            let (low, high) = (usize::from(first), usize::from(last));
            let (low, high) = (low.max(at * 64), high.min(at * 64 + 63));
            if low <= high {
                *word |= (u64::MAX >> (63 - (high - low))) << (low - at * 64);
            }
        }
    }

    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }

    pub(super) fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    pub(super) fn not(self) -> Self {
        Self(self.0.map(|word| !word))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        members(&self.0).map(|byte| byte as u8)
    }
}

/// The numbers of the bits that are set.
pub(super) fn members(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(at, &word)| {
        let mut left = word;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(at * 64 + bit)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_what_they_are_called() {
        for byte in 0..=255u8 {
            assert_eq!(ALNUM.contains(byte), byte.is_ascii_alphanumeric());
            assert_eq!(UPPER.contains(byte), byte.is_ascii_uppercase());
            assert_eq!(LOWER.contains(byte), byte.is_ascii_lowercase());
            assert_eq!(WORD.contains(byte), byte.is_ascii_alphanumeric() || byte == b'_');
            assert_eq!(LEAD.contains(byte), byte >= 0xc0);
            assert!(ANY.contains(byte) && !ANY.not().contains(byte));
        }
        assert_eq!(ALNUM.len(), 62);
        assert_eq!(ByteSet::of(b'a').iter().collect::<Vec<_>>(), [b'a']);
    }
}
