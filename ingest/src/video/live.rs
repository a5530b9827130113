//! The words that are on the screen now, and what becomes of them when their place is read again.

use super::motion::{Shift, remaining};
use super::output::{Interval, Output};
use super::scroll::Path;
use super::tiles::{self, Area, survives};
use crate::ocr::Word;
use custody_rules::Refusal;
use image::GrayImage;
use std::collections::BTreeMap;

/// How far a word's box may move between two readings of the same pixels.
const JITTER: u32 = 3;

/// Pixels that a word may move before its place begins a row of its own.
pub(super) const SMEAR: u32 = 3;

/// A word on the screen.
#[derive(Debug, Clone)]
struct Live {
    area: Area,
    /// Everywhere it was since its first frame here.
    cover: Area,
    text: String,
    confidence: f32,
    block: u32,
    line: u32,
    since: u32,
    first: u32,
    start_ms: u64,
}

impl Live {
    /// Where a letter typed before or after it would stand.
    fn reach(&self) -> Area {
        let space = self.area.bottom - self.area.top;
        Area { left: self.area.left.saturating_sub(space), right: self.area.right + space, ..self.area }
    }
}

/// When and on what an area was read.
pub(super) struct Reading<'a> {
    /// The frame's number and its time.
    pub(super) frame: u32,
    /// Milliseconds.
    pub(super) ms: u64,
    /// What was there when the area was read last.
    pub(super) before: &'a GrayImage,
    /// What is there.
    pub(super) now: &'a GrayImage,
}

/// All words on the screen.
#[derive(Default)]
pub(super) struct LiveWords {
    words: Vec<Live>,
}

impl LiveWords {
    /// Grows an area over every line of words that it touches or goes on from.
    pub(super) fn over_lines(&self, mut area: Area) -> Area {
        loop {
            let touched: Vec<u32> =
                self.words.iter().filter(|word| word.reach().touches(area)).map(|word| word.line).collect();
            let lines = self.words.iter().filter(|word| touched.contains(&word.line));
            let grown = lines.fold(area, |area, word| area.union(word.area));
            if grown == area {
                return area;
            }
            area = grown;
        }
    }

    /// Puts what was read in `core` in the place of what was there. A line that reads as before goes on;
    /// a word whose pixels are still there stays even when it was not read again.
    ///
    /// # Errors
    /// When the rows cannot be sent.
    pub(super) fn replace(
        &mut self,
        (core, words): (Area, Vec<Word>),
        reading: &Reading<'_>,
        since: &dyn Fn(Area) -> u32,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let (old, rest): (Vec<Live>, Vec<Live>) =
            std::mem::take(&mut self.words).into_iter().partition(|word| word.area.touches(core));
        self.words = rest;
        let mut fate: Vec<Fate> = old.iter().map(|word| Fate::of(word, reading)).collect();
        let mut lines: BTreeMap<u32, Vec<&Word>> = BTreeMap::new();
        for word in &words {
            lines.entry(word.line).or_default().push(word);
        }
        let first_line = out.lines(lines.keys().next_back().map_or(0, |line| line + 1));
        let first_block = out.lines(words.iter().map(|word| word.block + 1).max().unwrap_or(0));
        for line in lines.values() {
            if keep_line(&old, &mut fate, line) {
                continue;
            }
            for word in line {
                let since = inherit(&old, &mut fate, word).unwrap_or_else(|| since(area_of(word)));
                self.words.push(Live {
                    area: area_of(word),
                    cover: area_of(word),
                    text: word.text.clone(),
                    confidence: word.confidence,
                    block: first_block.wrapping_add(word.block),
                    line: first_line.wrapping_add(word.line),
                    since: since.min(reading.frame),
                    first: reading.frame,
                    start_ms: reading.ms,
                });
            }
        }
        for (word, fate) in old.into_iter().zip(fate) {
            match fate {
                Fate::Stays => self.words.push(word),
                Fate::Goes => close(&word, (reading.frame.saturating_sub(1), reading.ms), out)?,
            }
        }
        Ok(())
    }

    /// Moves the words of a scrolled view; those that leave it are closed. A word that stands where it stood
    /// stays.
    ///
    /// # Errors
    /// When the rows cannot be sent.
    pub(super) fn scroll(
        &mut self,
        (shift, clip): (Shift, Area),
        reading: &Reading<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let ends = (reading.frame.saturating_sub(1), reading.ms);
        for mut word in std::mem::take(&mut self.words) {
            if !shift.carries(word.area) || stays(&word, (shift, clip), reading) {
                self.words.push(word);
                continue;
            }
            let Some(area) = remaining(word.area, clip, shift.up) else {
                close(&word, ends, out)?;
                continue;
            };
            let cover = word.cover.union(area);
            if cover.height() > word.area.height() + SMEAR {
                close(&word, ends, out)?;
                (word.since, word.first, word.start_ms) = (reading.frame, reading.frame, reading.ms);
                word.cover = area;
            } else {
                word.cover = cover;
            }
            word.area = area;
            self.words.push(word);
        }
        Ok(())
    }

    /// Ends the unread words that touch a part: it is read with them. Returns it grown over them.
    ///
    /// # Errors
    /// When the rows cannot be sent.
    pub(super) fn take_unread(
        &mut self,
        part: Area,
        (frame, ms): (u32, u64),
        out: &mut Output<'_>,
    ) -> Result<Area, Refusal> {
        let near = Area { top: part.top.saturating_sub(2), bottom: part.bottom + 2, ..part };
        let (unread, rest): (Vec<Live>, Vec<Live>) = std::mem::take(&mut self.words)
            .into_iter()
            .partition(|word| word.text.is_empty() && word.area.touches(near));
        self.words = rest;
        unread.into_iter().try_fold(part, |part, word| {
            close(&word, (frame, ms), out)?;
            Ok(part.union(word.area))
        })
    }

    /// Forgets the words of a part that is about to be read for the first time.
    ///
    /// # Errors
    /// When the rows cannot be sent.
    pub(super) fn drop_in(
        &mut self,
        part: Area,
        reading: &Reading<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let (old, rest) =
            std::mem::take(&mut self.words).into_iter().partition(|word| word.area.touches(part));
        self.words = rest;
        let close = |word: Live| close(&word, (reading.frame, reading.ms), out);
        Vec::into_iter(old).try_for_each(close)
    }

    /// Tells where the words read at `frame` in a part that scrolled in came from: they were there before.
    ///
    /// # Errors
    /// When the rows cannot be sent.
    pub(super) fn came(
        &mut self,
        (part, frame): (Area, u32),
        path: &Path,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        for word in self.words.iter_mut().filter(|word| word.first == frame && word.area.touches(part)) {
            let (here, earlier) = path.trace(word.area);
            for (area, time) in earlier {
                out.word((&word.text, word.confidence), (word.block, word.line), area, time)?;
            }
            if let Some((first, start_ms)) = here.filter(|(first, _)| *first <= word.first) {
                (word.since, word.first, word.start_ms) = (first, first, start_ms);
            }
        }
        Ok(())
    }

    /// Closes all words at the end of the recording.
    ///
    /// # Errors
    /// When the rows cannot be sent.
    pub(super) fn finish(&mut self, last: (u32, u64), out: &mut Output<'_>) -> Result<(), Refusal> {
        self.words.drain(..).try_for_each(|word| close(&word, last, out))
    }
}

/// Whether a word of a scrolled view is where it was: its pixels are there, and not where they would have moved.
fn stays(word: &Live, (shift, clip): (Shift, Area), reading: &Reading<'_>) -> bool {
    let pictures = (reading.before, reading.now);
    let moved = remaining(word.area, clip, shift.up)
        .is_none_or(|area| !tiles::differs_moved(pictures, area, shift.up));
    !moved && !tiles::differs(reading.before, reading.now, word.area)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
}

impl Fate {
    /// What the pixels say, before the reading is asked.
    fn of(word: &Live, reading: &Reading<'_>) -> Self {
        if survives(reading.before, reading.now, word.area) { Self::Stays } else { Self::Goes }
    }
}

/// Whether an old line reads exactly so and stands exactly there; its words then go on.
fn keep_line(old: &[Live], fate: &mut [Fate], line: &[&Word]) -> bool {
    let Some(first) = line.first().and_then(|word| old.iter().find(|live| is_same(live, word))) else {
        return false;
    };
    let members: Vec<usize> = (0..old.len()).filter(|&i| old[i].line == first.line).collect();
    let same = members.len() == line.len()
        && line.iter().all(|word| members.iter().any(|&i| is_same(&old[i], word)));
    if same {
        for i in members {
            fate[i] = Fate::Stays;
        }
    }
    same
}

/// The beginning of the words this one was before: the same, those it was typed on from, and those inside
/// its box that were read with less confidence. They go, for the new row takes their place.
fn inherit(old: &[Live], fate: &mut [Fate], word: &Word) -> Option<u32> {
    let area = area_of(word);
    let typed_on = |live: &Live| {
        !live.text.is_empty()
            && word.text.starts_with(&live.text)
            && live.area.touches(area)
            && live.area.left.abs_diff(area.left) <= 2 * JITTER
            && live.area.right <= area.right + JITTER
    };
    let read_better = |live: &Live| live.confidence <= word.confidence && area.holds(live.area);
    let mut since: Option<u32> = None;
    for (live, fate) in old.iter().zip(fate) {
        if is_same(live, word) || typed_on(live) || read_better(live) {
            *fate = Fate::Goes;
            since = Some(since.map_or(live.since, |since| since.min(live.since)));
        }
    }
    since
}

fn is_same(live: &Live, word: &Word) -> bool {
    let (a, b) = (live.area, area_of(word));
    let sides = [(a.left, b.left), (a.top, b.top), (a.right, b.right), (a.bottom, b.bottom)];
    live.text == word.text && sides.iter().all(|&(a, b)| a.abs_diff(b) <= JITTER)
}

/// A word's box.
pub(super) fn area_of(word: &Word) -> Area {
    let rect = word.rect;
    Area { left: rect.left, top: rect.top, right: rect.right(), bottom: rect.bottom() }
}

fn close(word: &Live, (last, end_ms): (u32, u64), out: &mut Output<'_>) -> Result<(), Refusal> {
    let last = last.max(word.first);
    let time = Interval { since: word.since, first: word.first, last, start_ms: word.start_ms, end_ms };
    out.word((&word.text, word.confidence), (word.block, word.line), word.cover, time)
}
