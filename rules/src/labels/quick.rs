//! The quick look at what stands before a separator: most separators of a log follow no label, and this says
//! so without allocating. It may say yes too often, never no where [`super::LabelLexicon::lookup`] says yes.

use super::{LABEL_WORDS_MAX, LabelHit, SUFFIXES, WHOLE_ONLY};
use crate::hashed::{HashBuilder, PRIME};
use std::collections::{HashMap, HashSet};

/// Bytes before a separator in which a label is looked for.
pub(super) const LABEL_BYTES_MAX: usize = 64;
/// Words that may be cut off the end of a label, one after another.
const SUFFIXES_MAX: usize = 6;
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// Hashes of labels and of their last words, taken from their end to their beginning.
#[derive(Default)]
pub(super) struct Quick {
    /// One bit for every pair of bytes that ends a label.
    ends: Vec<u64>,
    last_words: HashSet<u64, HashBuilder>,
    suffixes: HashSet<u64, HashBuilder>,
    /// Words of labels that a word with vague bytes could be: those with digits, and those of `a` to `f`.
    vague: Vec<String>,
    currency: u64,
    local: u64,
    /// What a label says, and whether it counts only with nothing before it.
    labels: HashMap<u64, (LabelHit, bool), HashBuilder>,
}

/// A quick look does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclear;

/// What lies before a word.
enum Before {
    /// The next word ends here.
    Word(usize),
    /// A delimiter, or nothing.
    End,
    /// Brackets or letters outside ASCII: not for a quick look.
    Unclear,
}

impl Quick {
    pub(super) fn new<'a>(labels: impl Iterator<Item = (&'a str, LabelHit)>) -> Self {
        let mut quick = Self { ends: vec![0; 1024], ..Self::default() };
        for suffix in SUFFIXES {
            quick.suffixes.insert(hash_back(suffix));
            quick.add_end(suffix);
        }
        quick.currency = hash_back("currency");
        quick.local = hash_back("local");
        for (label, hit) in labels {
            quick.labels.insert(hash_back(label), (hit, WHOLE_ONLY.contains(&label)));
            quick.add_end(label.rsplit(' ').next().unwrap_or(label));
            let words = label.split(' ').filter(|word| !word.is_empty());
            quick.vague.extend(words.filter(|word| could_be_vague(word)).map(str::to_owned));
        }
        quick.vague.extend(SUFFIXES.iter().filter(|word| could_be_vague(word)).map(ToString::to_string));
        quick.vague.sort_unstable();
        quick.vague.dedup();
        quick
    }

    fn add_end(&mut self, word: &str) {
        self.last_words.insert(hash_back(word));
        match word.as_bytes() {
            [.., a, b] => self.set(*a, *b),
            [b] => (0..=255).for_each(|a| self.set(a, *b)),
            [] => {}
        }
    }

    fn set(&mut self, a: u8, b: u8) {
        let at = usize::from(a) << 8 | usize::from(b);
        self.ends[at >> 6] |= 1 << (at & 63);
    }

    /// Whether a label may end right before `end`.
    #[inline]
    pub(super) fn may_end_label(&self, bytes: &[u8], end: usize) -> bool {
        self.may_end(bytes, end, Self::label_ends)
    }

    /// Whether the last word of a label may end right before `end` in a text of a shape, whose vague bytes can
    /// be other letters or digits. Says nothing of the words before it.
    pub(super) fn may_end_shape(&self, shape: &[u8], end: usize, is_vague: fn(u8) -> bool) -> bool {
        let Some(&last) = end.checked_sub(1).and_then(|at| shape.get(at)) else { return false };
        if !last.is_ascii() {
            return true;
        }
        if last_word(&shape[..end]).iter().any(|&byte| is_vague(byte)) {
            return self.may_be_word(&shape[..end], is_vague);
        }
        self.may_end(shape, end, |quick, bytes, end| {
            let mut hash = BASIS;
            let start = word_back(bytes, end, end.saturating_sub(LABEL_BYTES_MAX), &mut hash);
            start.is_none_or(|start| start < end && quick.last_words.contains(&hash))
        })
    }

    /// Whether one of the words of `region`, a part of a shape, can be a word of a label by the letters or digits
    /// its vague bytes stand for. Where none can, it does not matter what they are.
    pub(super) fn matters(&self, region: &[u8], is_vague: fn(u8) -> bool) -> bool {
        let mut end = region.len();
        while end > 0 {
            let word = last_word(&region[..end]);
            if word.iter().any(|&byte| is_vague(byte)) && self.may_be_word(word, is_vague) {
                return true;
            }
            end -= word.len().max(1);
        }
        false
    }

    fn may_be_word(&self, word: &[u8], is_vague: fn(u8) -> bool) -> bool {
        self.vague
            .iter()
            .any(|known| known.len() == last_word(word).len() && fits_back(known, word, is_vague))
    }

    #[inline]
    fn may_end(&self, bytes: &[u8], end: usize, look: impl Fn(&Self, &[u8], usize) -> bool) -> bool {
        let Some(&last) = end.checked_sub(1).and_then(|at| bytes.get(at)) else { return false };
        if last >= 0x80 {
            return true;
        }
        let before = if end > 1 { bytes[end - 2].to_ascii_lowercase() } else { 0 };
        let at = usize::from(before) << 8 | usize::from(last.to_ascii_lowercase());
        (self.ends[at >> 6] >> (at & 63) & 1 == 1 || before >= 0x80) && look(self, bytes, end)
    }

    /// The label that ends right before `end`, as [`super::LabelLexicon::lookup`] finds it; an error where that
    /// takes a longer look.
    pub(super) fn label(&self, bytes: &[u8], end: usize) -> Result<Option<LabelHit>, Unclear> {
        let label = self.longest(bytes, end)?;
        if is_closed(bytes, end) { Ok(label) } else { Err(Unclear) }
    }

    fn longest(&self, bytes: &[u8], end: usize) -> Result<Option<LabelHit>, Unclear> {
        let floor = end.saturating_sub(LABEL_BYTES_MAX);
        let (mut level_end, mut skipped) = (end, false);
        for stripped in 0..LABEL_WORDS_MAX {
            let (mut at, mut hash, mut longest, mut last) = (level_end, BASIS, None, None);
            for words in 1..=LABEL_WORDS_MAX - stripped {
                let mut own = BASIS;
                let start = word_back(bytes, at, floor, &mut own).ok_or(Unclear)?;
                if start == at {
                    return Ok(None);
                }
                word_back(bytes, at, floor, &mut hash);
                let before = before(bytes, start, floor, &mut skipped);
                if matches!(before, Before::Unclear) {
                    return Err(Unclear);
                }
                let more = !matches!(before, Before::End);
                if let Some((hit, whole_only)) = self.labels.get(&hash)
                    && !(*whole_only && words == 1 && more)
                {
                    longest = Some(*hit);
                }
                match (words, &before) {
                    (1, Before::Word(next)) => last = Some((own, *next)),
                    (2, _) if last.is_some_and(|(last, _)| last == self.currency) && own != self.local => {
                        last = Some((self.currency, 0));
                    }
                    _ => {}
                }
                let Before::Word(next) = before else { break };
                at = next;
                hash = step(hash, b' ');
            }
            if longest.is_some() {
                return Ok(longest);
            }
            match last {
                Some((word, next)) if next > 0 && self.suffixes.contains(&word) => level_end = next,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    fn label_ends(&self, bytes: &[u8], end: usize) -> bool {
        let floor = end.saturating_sub(LABEL_BYTES_MAX);
        let (mut level_end, mut skipped) = (end, false);
        for _ in 0..SUFFIXES_MAX {
            let (mut at, mut hash, mut shorter) = (level_end, BASIS, None);
            for words in 1..=LABEL_WORDS_MAX {
                let Some(start) = word_back(bytes, at, floor, &mut hash) else { return true };
                if start == at || (words == 1 && !self.last_words.contains(&hash)) {
                    return false;
                }
                let before = before(bytes, start, floor, &mut skipped);
                let more = !matches!(before, Before::End);
                if self.labels.get(&hash).is_some_and(|(_, whole_only)| !(*whole_only && words == 1 && more))
                {
                    return true;
                }
                let Before::Word(next) = before else {
                    if matches!(before, Before::Unclear) {
                        return true;
                    }
                    break;
                };
                if words == 1 && self.suffixes.contains(&hash) {
                    shorter = Some(next);
                }
                at = next;
                hash = step(hash, b' ');
            }
            let Some(next) = shorter else { return false };
            level_end = next;
        }
        true
    }
}

fn could_be_vague(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit()) || word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The last word, as [`word_back`] cuts it.
fn last_word(shape: &[u8]) -> &[u8] {
    let mut at = shape.len();
    while at > 0 && (shape[at - 1].is_ascii_alphanumeric() || !shape[at - 1].is_ascii()) {
        at -= 1;
        let before = at.checked_sub(1).map_or(b' ', |at| shape[at]);
        if shape[at].is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            break;
        }
    }
    &shape[at..]
}

/// Whether a shape may end with a word: a digit of it stands for all digits, other vague bytes for hexadecimal
/// ones.
fn fits_back(word: &str, shape: &[u8], is_vague: fn(u8) -> bool) -> bool {
    let fits = |(letter, &byte): (u8, &u8)| match byte {
        b'0'..=b'9' => letter.is_ascii_digit(),
        byte if is_vague(byte) => letter.is_ascii_hexdigit(),
        byte => letter.eq_ignore_ascii_case(&byte),
    };
    word.len() <= shape.len() && word.bytes().rev().zip(shape.iter().rev()).all(fits)
}

/// Where the word that ends at `end` starts; `None` where it is not all ASCII.
fn word_back(bytes: &[u8], end: usize, floor: usize, hash: &mut u64) -> Option<usize> {
    let mut at = end;
    while at > floor {
        let byte = bytes[at - 1];
        if byte >= 0x80 {
            return None;
        }
        // `d'identité` is one word.
        if super::marks::is_apostrophe(bytes, at - 1) {
            at -= 1;
            continue;
        }
        if !(byte.is_ascii_alphanumeric() || byte == b'%') {
            break;
        }
        at -= 1;
        *hash = step(*hash, byte);
        let hump = byte.is_ascii_uppercase()
            && at > floor
            && (bytes[at - 1].is_ascii_lowercase() || bytes[at - 1].is_ascii_digit());
        if hump || byte == b'%' {
            break;
        }
    }
    Some(at)
}

/// What lies between a word's start and the word before it; `skipped` says whether brackets were passed over.
fn before(bytes: &[u8], start: usize, floor: usize, skipped: &mut bool) -> Before {
    let mut end = start;
    while end > floor {
        let at = end - 1;
        match bytes[at] {
            byte if super::marks::is_delimiter(byte) => return Before::End,
            // Behind an open bracket, brackets that are closed count as well.
            b'(' | b'[' if *skipped => return Before::Unclear,
            b'(' | b'[' => return Before::End,
            b')' | b']' => match aside(bytes, at, floor) {
                Some(open) => (end, *skipped) = (open, true),
                None => return Before::Unclear,
            },
            0x80.. => return Before::Unclear,
            byte if byte.is_ascii_alphanumeric() || byte == b'%' => return Before::Word(at + 1),
            _ => end = at,
        }
    }
    Before::End
}

/// Whether all brackets are closed that open between the last delimiter and `end`.
fn is_closed(bytes: &[u8], end: usize) -> bool {
    let mut closed = 0;
    for at in (end.saturating_sub(LABEL_BYTES_MAX)..end).rev() {
        match bytes[at] {
            b')' | b']' => closed += 1,
            b'(' | b'[' if closed == 0 => return false,
            b'(' | b'[' => closed -= 1,
            byte if super::marks::is_delimiter(byte) && !super::marks::is_apostrophe(bytes, at) => break,
            _ => {}
        }
    }
    closed == 0
}

/// Where the brackets open that close at `close`, if they stand apart from the words around them and hold
/// nothing that ends a label: what is in them does not belong to it.
fn aside(bytes: &[u8], close: usize, floor: usize) -> Option<usize> {
    let apart = |at: usize| bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'-' | b'_' | b'.'));
    let open = (floor..close).rev().find(|&at| {
        matches!(bytes[at], b'(' | b')' | b'[' | b']' | 0x80..) || super::marks::is_delimiter(bytes[at])
    })?;
    let pair = matches!((bytes[open], bytes[close]), (b'(', b')') | (b'[', b']'));
    (pair && open > floor && apart(open - 1) && apart(close + 1)).then_some(open)
}

#[inline]
fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(PRIME)
}

fn hash_back(text: &str) -> u64 {
    text.bytes().rev().fold(BASIS, step)
}
