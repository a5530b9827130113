//! Decides when and where a recording is read. A change is read with its lines when it settles, or after
//! half a second at the latest. Until then a small one (typing, a pointer, a hint) is looked at on every
//! frame, and a large one (a new page fading in, scrolling) becomes an unread area, never a gap.

use super::Eye;
use super::cache::Cache;
use super::live::{LiveWords, Reading, area_of};
use super::output::{Interval, Output};
use super::scroll::Path;
use super::tiles::{self, Area, Grid};
use crate::ocr::Word;
use custody_rules::Refusal;
use image::GrayImage;
use std::collections::BTreeMap;

/// Changes no further apart than this belong to one activity.
const CHAIN_MS: u64 = 3_000;
/// Longest time something changed may stay unread.
pub(super) const UNREAD_MS: u64 = 500;
/// A picture that stands at least so long is read, whatever comes next.
const STANDS_MS: u64 = 200;
/// Shortest time between two readings of a large area.
const LARGE_MS: u64 = 250;
/// Frames that an activity is taken to have begun before it was noticed, when it was gradual.
const GRADUAL_FRAMES: u32 = 4;
/// Pixels read around what changed: the engine needs a margin.
pub(super) const MARGIN: u32 = 12;
/// The same where a change is only looked at.
const LOOK_MARGIN: u32 = 4;

/// Reads the words of a small picture.
pub(super) trait RegionReader {
    /// Reads; calls `alive` from time to time.
    ///
    /// # Errors
    /// A [`Refusal`] when the engine fails, or the error of `alive`.
    fn read(
        &self,
        picture: &GrayImage,
        alive: &mut dyn FnMut() -> Result<(), Refusal>,
    ) -> Result<Vec<Word>, Refusal>;
}

/// A frame's number and times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Its number.
    pub(super) frame: u32,
    /// When it is shown, in milliseconds.
    pub(super) ms: u64,
    /// When it is not shown any more.
    pub(super) end_ms: u64,
    /// Whether no frame follows.
    pub(super) is_last: bool,
}

/// Changes of a tile that follow one another closely; none when the last one was a new page.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Activity {
    start: u32,
    start_ms: u64,
    last_ms: Option<u64>,
}

impl Moment {
    /// Whether the frame stands so long that it is read, whatever comes next.
    pub(super) fn stands(self) -> bool {
        self.end_ms.saturating_sub(self.ms) >= STANDS_MS
    }
}

impl Activity {
    /// Whether a change at `ms` still belongs to it.
    fn goes_on(self, ms: u64) -> bool {
        self.last_ms.is_some_and(|last_ms| last_ms.saturating_add(CHAIN_MS) >= ms)
    }
}

/// A tile that changed and was not read yet.
#[derive(Debug, Clone, Copy)]
struct Pending {
    since: u32,
    since_ms: u64,
    has_contrast: bool,
}

/// Follows one recording.
pub(super) struct Tracker<'a> {
    reader: &'a dyn RegionReader,
    pub(super) grid: Grid,
    /// What every pixel showed when it was read last; nothing before the first frame.
    pub(super) reference: Option<GrayImage>,
    /// The frame before.
    pub(super) previous: Option<(Moment, GrayImage)>,
    /// Tiles that differ from the frame before, and the frame on which each differed last.
    pub(super) changed: Vec<bool>,
    pub(super) changed_at: Vec<u32>,
    /// The view that is being scrolled, and where the one before it had its edges.
    pub(super) path: Option<Path>,
    pub(super) edges: Option<Area>,
    dirty: Vec<bool>,
    was_moving: Vec<bool>,
    pending: Vec<Option<Pending>>,
    pub(super) activity: Vec<Activity>,
    read_ms: Vec<Option<u64>>,
    pub(super) live: LiveWords,
    cache: Cache,
}

impl<'a> Tracker<'a> {
    /// Starts before the first frame.
    pub(super) fn new(reader: &'a dyn RegionReader, grid: Grid) -> Self {
        Self {
            reader,
            grid,
            reference: None,
            previous: None,
            changed: Vec::new(),
            changed_at: vec![0; grid.len()],
            path: None,
            edges: None,
            dirty: Vec::new(),
            was_moving: vec![false; grid.len()],
            pending: vec![None; grid.len()],
            activity: vec![Activity::default(); grid.len()],
            read_ms: vec![None; grid.len()],
            live: LiveWords::default(),
            cache: Cache::default(),
        }
    }

    /// Takes what differs from what was read last.
    fn follow_changes(
        &mut self,
        at: Moment,
        now: &GrayImage,
        moving: &[bool],
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        match &self.reference {
            Some(reference) => self.grid.compare(reference, now, &mut self.dirty),
            None => self.dirty = vec![true; self.grid.len()],
        }
        self.note_activity(at);
        self.release_clean(at, out)?;
        let mut due = Vec::new();
        for group in self.grid.groups(&self.dirty) {
            if self.is_due(&group, at, moving) {
                due.push(group);
            } else {
                self.wait(&group, at, now, out)?;
            }
        }
        if !due.is_empty() {
            self.read(&due, at, now, out)?;
        }
        self.was_moving.clear();
        self.was_moving.extend_from_slice(moving);
        Ok(())
    }

    fn note_activity(&mut self, at: Moment) {
        for tile in 0..self.grid.len() {
            let new = self.dirty[tile] && (self.pending[tile].is_none() || self.was_moving[tile]);
            if !new {
                continue;
            }
            let activity = &mut self.activity[tile];
            if !activity.goes_on(at.ms) {
                (activity.start, activity.start_ms) = (at.frame, at.ms);
            }
            activity.last_ms = Some(at.ms);
        }
    }

    /// Ends the waiting of tiles that look again as they did when they were read.
    fn release_clean(&mut self, at: Moment, out: &mut Output<'_>) -> Result<(), Refusal> {
        let clean: Vec<usize> =
            (0..self.grid.len()).filter(|&tile| !self.dirty[tile] && self.pending[tile].is_some()).collect();
        self.release(&clean, at, out)
    }

    /// Ends the waiting of tiles: they were unread up to the frame before this one.
    fn release(&mut self, which: &[usize], at: Moment, out: &mut Output<'_>) -> Result<(), Refusal> {
        let mut marks: BTreeMap<(u32, u64), Vec<bool>> = BTreeMap::new();
        for &tile in which {
            let Some(pending) = self.pending[tile].take() else { continue };
            if pending.has_contrast && pending.since < at.frame {
                let since = (pending.since, pending.since_ms);
                marks.entry(since).or_insert_with(|| vec![false; self.grid.len()])[tile] = true;
            }
        }
        for ((first, start_ms), marks) in marks {
            let time = Interval { since: first, first, last: at.frame - 1, start_ms, end_ms: at.ms };
            for area in self.grid.boxes(&marks) {
                out.unread(area, time)?;
            }
        }
        Ok(())
    }

    /// Whether a group of changed tiles covers so much that looking at it on every frame costs too much.
    fn is_large(&self, group: &[usize]) -> bool {
        group.len() * 100 >= self.grid.len() * 6
    }

    /// Whether a group of changed tiles is read with its lines at this frame.
    fn is_due(&self, group: &[usize], at: Moment, moving: &[bool]) -> bool {
        if at.is_last || at.stands() {
            return true;
        }
        let overdue = group.iter().any(|&tile| {
            self.pending[tile].is_some_and(|pending| at.ms.saturating_sub(pending.since_ms) >= UNREAD_MS)
        });
        let still_moving = group.iter().filter(|&&tile| moving[tile]).count();
        let just_read = |tile: &&usize| {
            self.read_ms[**tile].is_some_and(|read_ms| at.ms.saturating_sub(read_ms) < LARGE_MS)
        };
        let too_soon = self.is_large(group) && group.iter().filter(just_read).count() * 2 > group.len();
        overdue || (still_moving * 20 <= group.len() && !too_soon)
    }

    /// Lets a group of changed tiles wait: a small one is looked at, a large one counts as unread.
    fn wait(
        &mut self,
        group: &[usize],
        at: Moment,
        now: &GrayImage,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let large = self.is_large(group);
        for &tile in group {
            let has_contrast = large && tiles::has_contrast(now, self.grid.tile(tile));
            let new = Pending { since: at.frame, since_ms: at.ms, has_contrast };
            self.pending[tile].get_or_insert(new).has_contrast |= has_contrast;
        }
        if large { Ok(()) } else { self.look(group, at, now, out) }
    }

    /// Reads what changed in a small group, without its lines and for this frame only.
    fn look(
        &mut self,
        group: &[usize],
        at: Moment,
        now: &GrayImage,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let tiles = group.iter().map(|&tile| self.grid.tile(tile)).reduce(Area::union);
        let changed = match (tiles, &self.reference) {
            (Some(tiles), Some(reference)) => tiles::tight(reference, now, tiles),
            (tiles, _) => tiles,
        };
        let Some(changed) = changed else { return Ok(()) };
        let words = self.words_in(changed, LOOK_MARGIN, now, out)?;
        let line = out.lines(words.iter().map(|word| word.line.max(word.block) + 1).max().unwrap_or(0));
        for word in words {
            let area = area_of(&word);
            let since = chain(&self.activity, self.grid.tiles(area), at);
            let time =
                Interval { since, first: at.frame, last: at.frame, start_ms: at.ms, end_ms: at.end_ms };
            let place = (line.wrapping_add(word.block), line.wrapping_add(word.line));
            out.word((&word.text, word.confidence), place, area, time)?;
        }
        Ok(())
    }

    /// Reads groups of changed tiles.
    fn read(
        &mut self,
        groups: &[Vec<usize>],
        at: Moment,
        now: &GrayImage,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let before = self.reference.take().unwrap_or_else(|| GrayImage::new(now.width(), now.height()));
        let mut reference = before.clone();
        let since: Vec<u32> = (0..self.grid.len()).map(|tile| self.gradual(tile)).collect();
        for core in self.cores(groups, &before, now) {
            let words = self.words_in(core, MARGIN, now, out)?;
            let reading = Reading { frame: at.frame, ms: at.ms, before: &before, now };
            let (grid, activity) = (self.grid, &self.activity);
            let begin = |area: Area| {
                let margin = grid.tiles(area).map(|tile| since[tile]).max().unwrap_or(0);
                chain(activity, grid.tiles(area), at).saturating_sub(margin)
            };
            self.live.replace((core, words), &reading, &begin, out)?;
            tiles::copy(now, &mut reference, core);
        }
        self.reference = Some(reference);
        for group in groups {
            self.release(group, at, out)?;
            let large = self.is_large(group);
            for &tile in group {
                self.read_ms[tile] = Some(at.ms);
                if large {
                    self.activity[tile] = Activity::default();
                }
            }
        }
        Ok(())
    }

    /// How many frames before it was noticed a tile's change may have begun.
    fn gradual(&self, tile: usize) -> u32 {
        if self.pending[tile].is_some() { GRADUAL_FRAMES } else { 0 }
    }

    /// The boxes to read: what changed, grown over whole lines, none touching another.
    fn cores(&self, groups: &[Vec<usize>], before: &GrayImage, now: &GrayImage) -> Vec<Area> {
        let mut cores: Vec<Area> = Vec::new();
        for group in groups {
            let Some(tiles) = group.iter().map(|&tile| self.grid.tile(tile)).reduce(Area::union) else {
                continue;
            };
            let whole = group.len() == self.grid.len();
            let changed = if whole { Some(tiles) } else { tiles::tight(before, now, tiles) };
            let mut core = self.live.over_lines(changed.unwrap_or(tiles).grown(2, 1, self.grid.size()));
            while let Some(at) = cores.iter().position(|other| other.touches(core)) {
                core = self.live.over_lines(core.union(cores.swap_remove(at)));
            }
            cores.push(core);
        }
        cores.sort();
        cores
    }

    /// The words of one box, from memory where it looked the same before.
    pub(super) fn words_in(
        &mut self,
        core: Area,
        margin: u32,
        now: &GrayImage,
        out: &mut Output<'_>,
    ) -> Result<Vec<Word>, Refusal> {
        if !tiles::has_contrast(now, core) {
            return Ok(Vec::new());
        }
        let around = core.grown(margin, 8, self.grid.size());
        let words = match self.cache.get(now, around) {
            Some(words) => words,
            None => self.read_anew(around, now, out)?,
        };
        Ok(words.into_iter().filter(|word| area_of(word).touches(core)).collect())
    }

    fn read_anew(&mut self, area: Area, now: &GrayImage, out: &mut Output<'_>) -> Result<Vec<Word>, Refusal> {
        let (width, height) = (area.right - area.left, area.bottom - area.top);
        let crop = image::imageops::crop_imm(now, area.left, area.top, width, height).to_image();
        let mut words = self.reader.read(&crop, &mut || out.alive())?;
        for word in &mut words {
            word.rect.left += area.left;
            word.rect.top += area.top;
        }
        self.cache.put(now, area, words.clone());
        Ok(words)
    }
}

impl Eye for Tracker<'_> {
    fn step(
        &mut self,
        at: Moment,
        now: GrayImage,
        moving: &[bool],
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        self.follow_scroll(at, (&now, moving), out)?;
        self.follow_changes(at, &now, moving, out)?;
        if at.is_last {
            self.live.finish((at.frame, at.end_ms), out)?;
        }
        self.previous = Some((at, now));
        Ok(())
    }
}

/// The first frame of the changes of these tiles that lead to now without a long pause.
fn chain(activity: &[Activity], tiles: impl Iterator<Item = usize>, at: Moment) -> u32 {
    let tiles: Vec<Activity> = tiles.map(|tile| activity[tile]).collect();
    let (mut begin, mut begin_ms) = (at.frame, at.ms);
    loop {
        let earlier = tiles.iter().filter(|a| a.start < begin && a.goes_on(begin_ms)).min_by_key(|a| a.start);
        let Some(earlier) = earlier else { return begin };
        (begin, begin_ms) = (earlier.start, earlier.start_ms);
    }
}
