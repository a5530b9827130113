//! Keys of a roster index and the hashes made with them. Everything is derived from the index's key and its salt:
//! without the key neither a word's hash nor a value's place in the table can be computed.
//!
//! Two layers: a fast hash of words, whose results never leave the memory of a process that has the key, and
//! SipHash-2-4, a pseudo-random function, between it and everything the file shows.

/// Context of the key derivation; another one makes another key.
const CONTEXT: &str = "custody 2026 roster index, format 1";

/// All keys of one index.
#[derive(Clone)]
pub(crate) struct IndexKey {
    words: [u64; 8],
    prf: [u64; 2],
    stream: [u8; 32],
    check: [u8; 32],
}

impl IndexKey {
    /// Derives the keys of the index with this salt.
    pub(crate) fn new(key: &[u8; 32], salt: &[u8; 16]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(key).update(salt);
        let mut reader = hasher.finalize_xof();
        let mut next = || {
            let mut bytes = [0; 8];
            reader.fill(&mut bytes);
            u64::from_le_bytes(bytes)
        };
        let words = std::array::from_fn(|_| next() | 1);
        let prf = [next(), next()];
        let (mut stream, mut check) = ([0; 32], [0; 32]);
        reader.fill(&mut stream);
        reader.fill(&mut check);
        Self { words, prf, stream, check }
    }

    /// Hash of a folded word of at most 16 bytes, the rest zero.
    #[inline]
    pub(crate) fn short_word(&self, low: u64, high: u64) -> u64 {
        let [k0, k1, k2, k3, ..] = self.words;
        multiply(multiply(low ^ k0, high ^ k1) ^ k2, k3)
    }

    /// Hash of a folded word.
    pub(crate) fn word(&self, bytes: &[u8]) -> u64 {
        let [k0, k1, k2, k3, ..] = self.words;
        if bytes.len() <= 16 {
            let (low, high) = load(bytes);
            return self.short_word(low, high);
        }
        let mut state = bytes.len() as u64;
        for chunk in bytes.chunks(16) {
            let (low, high) = load(chunk);
            state = multiply(low ^ k0 ^ state, high ^ k1 ^ state.rotate_left(32));
        }
        multiply(state ^ k2, k3)
    }

    /// Hash of two words in any order.
    #[inline]
    pub(crate) fn pair(&self, a: u64, b: u64) -> u64 {
        multiply(a.wrapping_add(b) ^ self.words[4], self.words[5])
    }

    /// Hash of two hashes in this order.
    #[inline]
    pub(crate) fn sequence(&self, first: u64, second: u64) -> u64 {
        multiply(first ^ self.words[6], second.rotate_left(17) ^ self.words[7])
    }

    /// Hash of a phone's number.
    #[inline]
    pub(crate) fn phone(&self, number: u64) -> u64 {
        multiply(number ^ self.words[7], self.words[4])
    }

    /// Hash of a mail domain, from the hash of its words.
    #[inline]
    pub(crate) fn domain(&self, words: u64) -> u64 {
        multiply(words ^ self.words[5], self.words[6])
    }

    /// What the file shows of a hash: a pseudo-random function of it.
    #[inline]
    pub(crate) fn shown(&self, hash: u64) -> u64 {
        siphash_2_4(self.prf, hash)
    }

    /// Sixteen bits that tell a word of one row from others, different in each row; never 0.
    pub(crate) fn row_mark(&self, row: u32, word: u64) -> u16 {
        let spread = multiply(u64::from(row) ^ self.words[2], self.words[5]);
        (self.shown(word ^ spread) as u16).max(1)
    }

    /// Encrypts or decrypts the sealed part of a file.
    pub(crate) fn seal(&self, bytes: &mut [u8]) {
        let mut reader = blake3::Hasher::new_keyed(&self.stream).finalize_xof();
        let mut block = [0; 4096];
        for chunk in bytes.chunks_mut(block.len()) {
            let stream = &mut block[..chunk.len()];
            reader.fill(stream);
            chunk.iter_mut().zip(stream).for_each(|(byte, key)| *byte ^= *key);
        }
    }

    /// A hasher of the file's contents.
    pub(crate) fn checksum(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(&self.check)
    }

    /// Tells the right key from a wrong one before anything is read.
    pub(crate) fn proof(&self) -> [u8; 16] {
        let hash = blake3::keyed_hash(&self.check, b"the right key");
        *hash.as_bytes().first_chunk().unwrap_or(&[0; 16])
    }
}

/// Both halves of the product, folded into one.
#[inline]
fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// At most 16 bytes as two numbers, little-endian, the rest zero.
fn load(bytes: &[u8]) -> (u64, u64) {
    let mut block = [0; 16];
    block[..bytes.len()].copy_from_slice(bytes);
    let word = u128::from_le_bytes(block);
    (word as u64, (word >> 64) as u64)
}

/// SipHash-2-4 of eight bytes. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
fn siphash_2_4(key: [u64; 2], message: u64) -> u64 {
    let mut v = [
        key[0] ^ 0x736f_6d65_7073_6575,
        key[1] ^ 0x646f_7261_6e64_6f6d,
        key[0] ^ 0x6c79_6765_6e65_7261,
        key[1] ^ 0x7465_6462_7974_6573,
    ];
    // The last block holds nothing but the message's length.
    for block in [message, 8 << 56] {
        v[3] ^= block;
        round(&mut v);
        round(&mut v);
        v[0] ^= block;
    }
    v[2] ^= 0xff;
    (0..4).for_each(|_| round(&mut v));
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

#[inline]
fn round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siphash_gives_the_reference_vector() {
        // Vector 8 of the authors' `vectors_sip64`: key 00..0f, message 00..07.
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        assert_eq!(siphash_2_4(key, 0x0706_0504_0302_0100), 0x93f5_f579_9a93_2462);
    }

    #[test]
    fn every_hash_depends_on_the_key_and_the_salt() {
        let keys = [([1; 32], [1; 16]), ([2; 32], [1; 16]), ([1; 32], [2; 16])];
        let [a, b, c] = keys.map(|(key, salt)| IndexKey::new(&key, &salt));
        assert_ne!(a.word(b"jane"), b.word(b"jane"));
        assert_ne!(a.word(b"jane"), c.word(b"jane"));
        assert_ne!(a.shown(7), b.shown(7));
        assert_ne!(a.proof(), c.proof());
        assert_eq!(a.pair(3, 9), a.pair(9, 3));
        assert_ne!(a.row_mark(1, 5), a.row_mark(2, 5));
    }
}
