//! The table behind the finder: what is known of a word, by its hash. Holds no word in plain text, and knows
//! nothing of what stands around a word.

use super::lexicon::GROUPS;
use crate::checks::NO_NAMES;
use crate::fold;

/// Front-coded names with their flags, see `names/SOURCES.md`.
const NAMES: &str = include_str!("../../names/names.txt");
/// Front-coded ordinary words that are no names.
const WORDS: &str = include_str!("../../names/words.txt");
/// Slots of the table, a power of two: 122,000 words fill less than half of it, 1 MB.
const SLOTS: usize = 1 << 18;
/// Bits of a slot that hold the class; the others hold a tag.
const CLASS_BITS: u32 = 16;

/// Endings of abstract nouns, in English and German, and of parts of programs.
const ENDINGS: [&[u8]; 29] = [
    b"tion", b"tions", b"ology", b"ility", b"ware", b"ments", b"ness", b"ship", b"ungen", b"heit", b"keit",
    b"schaft", b"tung", b"rung", b"lung", b"gung", b"nung", b"erung", b"stelle", b"scope", b"system",
    b"button", b"graphic", b"frame", b"file", b"point", b"widget", b"window", b"box",
];

/// Endings of family names; all have five letters or less.
const FAMILIES: [&[u8]; 34] = [
    b"sson", b"ssen", b"nsen", b"rsen", b"lsen", b"dsen", b"ovic", b"evic", b"kova", b"nova", b"rova",
    b"lova", b"ovsky", b"nski", b"wski", b"cki", b"enko", b"yan", b"dze", b"vili", b"escu", b"oulos",
    b"idis", b"akis", b"inen", b"anen", b"onen", b"stein", b"mann", b"ottir", b"ndez", b"guez", b"zadeh",
    b"oglu",
];

/// What is known of a word: a set of the flags below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Class(pub(super) u16);

impl Class {
    /// A given name.
    pub(super) const GIVEN: u16 = 1;
    /// A family name.
    pub(super) const FAMILY: u16 = 1 << 1;
    /// A name that is also an ordinary word, a place or a product.
    pub(super) const WEAK: u16 = 1 << 2;
    /// A word of business or of programs.
    pub(super) const NO_NAME: u16 = 1 << 3;
    /// An ordinary word.
    pub(super) const WORD: u16 = 1 << 4;
    /// Mr, Frau, Señora.
    pub(super) const TITLE: u16 = 1 << 5;
    /// Dear, Hallo, Bonjour.
    pub(super) const GREETING: u16 = 1 << 6;
    /// van, de, bin.
    pub(super) const PARTICLE: u16 = 1 << 7;
    /// manager, colleague, daughter: whose name may follow.
    pub(super) const ROLE: u16 = 1 << 8;
    /// said, approved, wohnt: what people do.
    pub(super) const VERB: u16 = 1 << 9;
    /// told, called, thanked: whom people do it to.
    pub(super) const OBJECT: u16 = 1 << 10;
    /// by, von, with: words between which and a name nothing else stands.
    pub(super) const LINK: u16 = 1 << 11;
    /// is, was, and, the: words of a sentence.
    pub(super) const GRAMMAR: u16 = 1 << 12;
    /// Inc, GmbH, University: what stands before it is an organisation.
    pub(super) const ORG: u16 = 1 << 13;
    /// novel, concert, family: what may carry a family name.
    pub(super) const WORK: u16 = 1 << 14;
    /// in, at, near: what follows is a place.
    pub(super) const WHERE: u16 = 1 << 15;

    /// Whether any of the flags is set.
    pub(super) fn any(self, flags: u16) -> bool {
        self.0 & flags != 0
    }

    /// Whether it is in a list of names.
    pub(super) fn listed(self) -> bool {
        self.any(Self::GIVEN | Self::FAMILY)
    }

    /// Whether it is a name and hardly anything else.
    pub(super) fn strong(self) -> bool {
        self.listed() && !self.any(Self::WEAK | Self::NO_NAME)
    }

    /// Whether nothing is known of it.
    pub(super) fn unknown(self) -> bool {
        self.0 == 0
    }
}

/// Word hashes and classes, open addressing.
pub(super) struct Table {
    slots: Vec<u32>,
}

impl Table {
    /// Decodes the lists.
    pub(super) fn new() -> Self {
        let mut table = Self { slots: vec![0; SLOTS] };
        decode(NAMES, true, |word, flag| {
            let kind = match flag.to_ascii_lowercase() {
                b'g' => Class::GIVEN,
                b'f' => Class::FAMILY,
                _ => Class::GIVEN | Class::FAMILY,
            };
            let weak = if flag.is_ascii_lowercase() { Class::WEAK } else { 0 };
            table.add(word, kind | weak);
        });
        decode(WORDS, false, |word, _| table.add(word, Class::WORD));
        for word in NO_NAMES.split_ascii_whitespace() {
            table.add(word.as_bytes(), Class::NO_NAME);
        }
        for (flag, words) in GROUPS {
            for word in words.split_ascii_whitespace() {
                let mut word = fold(word);
                word.retain(char::is_alphanumeric);
                table.add(word.as_bytes(), flag);
            }
        }
        table
    }

    fn add(&mut self, word: &[u8], class: u16) {
        let (mut at, tag) = place(hash(word));
        loop {
            let slot = self.slots[at];
            if slot == 0 || slot >> CLASS_BITS == tag {
                self.slots[at] = (tag << CLASS_BITS) | (slot & 0xffff) | u32::from(class);
                return;
            }
            at = (at + 1) % SLOTS;
        }
    }

    /// The class of a word of ASCII letters in any case.
    pub(super) fn ascii(&self, word: &[u8]) -> Class {
        let (mut at, tag) = place(hash(word));
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return Class(0);
            }
            if slot >> CLASS_BITS == tag {
                return Class((slot & 0xffff) as u16);
            }
            at = (at + 1) % SLOTS;
        }
    }

    /// The class of any word, in any case, with or without apostrophes and accents.
    pub(super) fn class(&self, word: &str) -> Class {
        if word.bytes().all(|b| b.is_ascii_alphabetic()) {
            return self.inflected(word.as_bytes());
        }
        let mut folded = fold(word);
        folded.retain(char::is_alphanumeric);
        self.inflected(folded.as_bytes())
    }

    /// The class of a word, of the word it is the plural of, or of what its ending says.
    fn inflected(&self, word: &[u8]) -> Class {
        let class = self.ascii(word);
        if !class.unknown() || word.len() < 4 {
            return class;
        }
        let ending = ENDINGS.iter().any(|ending| {
            word.len() > ending.len() + 1 && word[word.len() - ending.len()..].eq_ignore_ascii_case(ending)
        });
        if ending {
            return Class(Class::WORD);
        }
        let family = word.len() > 5
            && FAMILIES.iter().any(|ending| word[word.len() - ending.len()..].eq_ignore_ascii_case(ending));
        if family {
            return Class(Class::FAMILY | Class::WEAK);
        }
        match word.split_last() {
            Some((b's' | b'S', singular)) => {
                Class(self.ascii(singular).0 & (Class::WORD | Class::NO_NAME | Class::ROLE | Class::ORG))
            }
            _ => class,
        }
    }

    /// Bytes it takes.
    #[cfg(test)]
    pub(super) fn size_bytes(&self) -> usize {
        self.slots.len() * size_of::<u32>()
    }
}

/// Hash of a word, eight bytes a step, ASCII case aside.
fn hash(word: &[u8]) -> u64 {
    const CASE: u64 = 0x2020_2020_2020_2020;
    let mut hash = 0x9e37_79b9_7f4a_7c15 ^ word.len() as u64;
    let mut step = |value: u64| {
        let wide = u128::from(hash ^ value) * u128::from(0xa076_1d64_78bd_642f_u64);
        hash = wide as u64 ^ (wide >> 64) as u64;
    };
    let (chunks, rest) = word.as_chunks::<8>();
    for chunk in chunks {
        step(u64::from_le_bytes(*chunk) | CASE);
    }
    let mut last = 0;
    for (at, byte) in rest.iter().enumerate() {
        last |= u64::from(byte | 0x20) << (8 * at);
    }
    step(last);
    hash
}

/// Where a hash is looked for first, and its tag, which is never 0.
fn place(hash: u64) -> (usize, u32) {
    (hash as usize % SLOTS, ((hash >> 48) as u32) | 1)
}

/// Undoes the front coding: every line shares its first letters with the one before.
fn decode(text: &str, flagged: bool, mut each: impl FnMut(&[u8], u8)) {
    let mut word = Vec::with_capacity(24);
    for line in text.as_bytes().split(|&b| b == b'\n') {
        let Some((&first, rest)) = line.split_first() else { continue };
        let same = if first.is_ascii_digit() { first - b'0' } else { first - b'a' + 10 };
        word.truncate(same as usize);
        let (rest, flag) = match rest.split_last() {
            Some((&flag, rest)) if flagged => (rest, flag),
            _ => (rest, 0),
        };
        word.extend_from_slice(rest);
        each(&word, flag);
    }
}

/// Calls with every listed name.
#[cfg(test)]
pub(super) fn each_name(mut each: impl FnMut(&str)) {
    decode(NAMES, true, |word, _| each(std::str::from_utf8(word).expect("ASCII")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_classes() {
        let table = Table::new();
        let maria = table.class("María");
        assert!(maria.strong() && maria.any(Class::GIVEN) && maria.any(Class::FAMILY));
        assert!(table.class("O'Brien").any(Class::FAMILY));
        assert!(table.class("JACKSON").listed() && !table.class("Jackson").strong());
        assert!(table.class("Frau").any(Class::TITLE));
        assert!(table.class("payroll").any(Class::NO_NAME));
        assert!(table.class("complicated").any(Class::WORD));
        assert!(table.class("xqzvbnm").unknown());
        assert!(table.size_bytes() < 2 << 20);
    }

    #[test]
    fn front_coding_is_undone() {
        let mut words = Vec::new();
        decode("0aaaqilB\n2banG\n3elF\n", true, |word, flag| words.push((word.to_vec(), flag)));
        let expected = [(&b"aaaqil"[..], b'B'), (b"aaban", b'G'), (b"aabel", b'F')];
        assert!(words.iter().map(|(word, flag)| (&word[..], *flag)).eq(expected));
    }
}
