//! Reads an output again: whole frames, each by itself, as a picture would be. Every state that the screen comes to is
//! looked at, small changes on each frame, and what moves several times a second. Follows nothing.

use super::Eye;
use super::live::area_of;
use super::output::{Interval, Output};
use super::tiles::Grid;
use super::tracker::{Moment, RegionReader};
use custody_rules::Refusal;
use image::GrayImage;

/// Longest time between two frames that are read while something moves.
const MOVES_MS: u64 = 250;
/// The same while something small goes on changing: a spinner, a pointer.
const LASTS_MS: u64 = 120;
/// Frames in a row that change before a small change counts as one that goes on.
const LASTS_FRAMES: u32 = 4;

/// Chooses the frames that are read.
pub(super) struct Sampler<'a> {
    reader: &'a dyn RegionReader,
    grid: Grid,
    /// The frame that was read last, and its time.
    seen: Option<(GrayImage, u64)>,
    changed: Vec<bool>,
    /// Frames in a row that differ from the one read last.
    streak: u32,
}

impl<'a> Sampler<'a> {
    /// Starts before the first frame.
    pub(super) fn new(reader: &'a dyn RegionReader, grid: Grid) -> Self {
        Self { reader, grid, seen: None, changed: Vec::new(), streak: 0 }
    }

    fn is_due(&mut self, at: Moment, now: &GrayImage, moving: &[bool]) -> bool {
        let Some((seen, seen_ms)) = &self.seen else { return true };
        self.grid.compare(seen, now, &mut self.changed);
        let count = self.changed.iter().filter(|&&changed| changed).count();
        if count == 0 {
            self.streak = 0;
            return false;
        }
        self.streak += 1;
        let waited = at.ms.saturating_sub(*seen_ms);
        let still_moving =
            self.changed.iter().zip(moving).filter(|&(&changed, &moves)| changed && moves).count();
        let settled = still_moving * 20 <= count;
        let small = count * 100 < self.grid.len() * 6;
        let lasts = self.streak > LASTS_FRAMES;
        at.is_last
            || at.stands()
            || waited >= MOVES_MS
            || (small && (!lasts || waited >= LASTS_MS))
            || (settled && (!lasts || waited >= LASTS_MS))
    }
}

impl Eye for Sampler<'_> {
    fn step(
        &mut self,
        at: Moment,
        now: GrayImage,
        moving: &[bool],
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        if !self.is_due(at, &now, moving) {
            return Ok(());
        }
        let words = self.reader.read(&now, &mut || out.alive())?;
        self.seen = Some((now, at.ms));
        let line = out.lines(words.iter().map(|word| word.line.max(word.block) + 1).max().unwrap_or(0));
        let time =
            Interval { since: at.frame, first: at.frame, last: at.frame, start_ms: at.ms, end_ms: at.end_ms };
        words.iter().try_for_each(|word| {
            let place = (line.wrapping_add(word.block), line.wrapping_add(word.line));
            out.word((&word.text, word.confidence), place, area_of(word), time)
        })
    }
}
