//! Remembers what lines of text were read as, by their pixels: of forty screenshots of one run, and of the parts of a
//! recording that stand still, every line is read once. Bounded in entries; what was not asked for longest goes first.

use super::engine::{RawWord, Shape};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Lines remembered: the older half of them goes when there are more.
const LINES_MAX: usize = 16_384;

/// The pixels of a line, made as alike as they can be, and how they are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

/// What lines were read as.
#[derive(Default)]
pub(super) struct Memory {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Words, and when they were asked for last.
    lines: HashMap<Key, (Arc<[RawWord]>, u64)>,
    clock: u64,
}

impl Key {
    /// Of a picture of grey bytes.
    pub(super) fn of(pixels: &[u8], (width, height): (u32, u32), shape: Shape) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&width.to_le_bytes()).update(&height.to_le_bytes());
        hasher.update(&[u8::from(shape == Shape::Block)]).update(pixels);
        Self(*hasher.finalize().as_bytes())
    }
}

impl Memory {
    /// What a line was read as.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<[RawWord]>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        state.lines.get_mut(key).map(|(words, used)| {
            *used = now;
            Arc::clone(words)
        })
    }

    /// Remembers a line.
    pub(super) fn put(&self, key: Key, words: Arc<[RawWord]>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        state.lines.insert(key, (words, now));
        if state.lines.len() > LINES_MAX {
            let mut used: Vec<u64> = state.lines.values().map(|(_, used)| *used).collect();
            let (_, &mut middle, _) = used.select_nth_unstable(LINES_MAX / 2);
            state.lines.retain(|_, (_, used)| *used > middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Arc<[RawWord]> {
        let word = RawWord { left: 1, top: 2, width: 3, height: 4, confidence: 90.0, text: text.to_owned() };
        Arc::from([word])
    }

    #[test]
    fn a_line_is_known_by_pixels_size_and_shape() {
        let memory = Memory::default();
        let key = |pixels: &[u8], size| Key::of(pixels, size, Shape::Line);
        memory.put(key(&[1, 2, 3, 4], (2, 2)), words("Ada"));
        let found = memory.get(&key(&[1, 2, 3, 4], (2, 2))).map(|words| words[0].text.clone());
        assert_eq!(found.as_deref(), Some("Ada"));
        assert!(memory.get(&key(&[1, 2, 3, 5], (2, 2))).is_none());
        assert!(memory.get(&key(&[1, 2, 3, 4], (4, 1))).is_none());
        assert!(memory.get(&Key::of(&[1, 2, 3, 4], (2, 2), Shape::Block)).is_none());
    }

    #[test]
    fn what_is_asked_for_stays_and_the_number_of_lines_is_bounded() {
        let memory = Memory::default();
        let key = |number: usize| Key::of(&number.to_le_bytes(), (8, 1), Shape::Line);
        memory.put(key(0), words("first"));
        for number in 1..3 * LINES_MAX {
            memory.put(key(number), words("more"));
            assert!(memory.get(&key(0)).is_some(), "{number}");
        }
        let state = memory.state.lock().expect("not poisoned");
        assert!(state.lines.len() <= LINES_MAX && state.lines.len() >= LINES_MAX / 2);
    }
}
