//! Follows a scrolled view: known words move along, and only what comes into the view is read, a little later, but
//! always before it leaves. What was read then is traced back to the first frame on which any part of it showed.

use super::live::{Reading, SMEAR, area_of};
use super::motion::{self, Shift, remaining};
use super::output::{Interval, Output};
use super::tiles::{self, Area};
use super::tracker::{Activity, MARGIN, Moment, Tracker, UNREAD_MS};
use crate::ocr::Word;
use custody_rules::Refusal;
use image::GrayImage;
use std::collections::{BTreeMap, BTreeSet};

/// Moves that are remembered at most; then the view is read as a whole.
const MOVES_MAX: usize = 2_000;
/// Rows by which the edge of a view may seem to move.
const EDGE: u32 = 8;
/// Rows beyond the edge of a view in which something of it may show.
const BEYOND: u32 = 6;
/// Rows above and below what scrolled in that are read with it.
const OVERLAP: u32 = 3;

/// One move of the view's contents.
#[derive(Debug, Clone, Copy)]
struct Move {
    shift: Shift,
    frame: u32,
    ms: u64,
}

/// A view that is being scrolled.
#[derive(Debug)]
pub(super) struct Path {
    moves: Vec<Move>,
    /// The frame before the first move, its time, and since when each tile had stood still.
    start: (u32, u64),
    still_since: Vec<u32>,
    columns: usize,
    /// Height of the frames.
    height: u32,
    /// All that ever moved.
    whole: Area,
    /// What scrolled in and was not read, and since when.
    unread: Option<(Area, u64)>,
}

impl Path {
    /// The area in which contents show between the move before `at` and that one. Slivers of text at the edges change
    /// too few pixels to be noticed: where the view is about as high as it ever was, it is as high, and a little more.
    fn clip(&self, at: usize) -> Area {
        let view = self.moves[at].shift.view;
        let mut clip = at.checked_sub(1).map_or(view, |before| view.union(self.moves[before].shift.view));
        if clip.top.saturating_sub(self.whole.top) <= EDGE {
            clip.top = clip.top.min(self.whole.top);
        }
        if self.whole.bottom.saturating_sub(clip.bottom) <= EDGE {
            clip.bottom = clip.bottom.max(self.whole.bottom);
        }
        Area { top: clip.top.saturating_sub(BEYOND), bottom: (clip.bottom + BEYOND).min(self.height), ..clip }
    }

    fn last(&self) -> Option<&Move> {
        self.moves.last()
    }

    /// Since when what stands at `area` now is there, and where it was on earlier frames.
    pub(super) fn trace(&self, area: Area) -> (Option<(u32, u64)>, Vec<(Area, Interval)>) {
        let here = self.last().map(|last| (last.frame, last.ms));
        let (mut top, mut bottom) = (i64::from(area.top), i64::from(area.bottom));
        let mut earlier: Vec<(Area, Interval)> = Vec::new();
        for (at, step) in self.moves.iter().enumerate().rev() {
            top += i64::from(step.shift.up);
            bottom += i64::from(step.shift.up);
            let clip = self.clip(at);
            let (shown, end) = (top.max(clip.top.into()), bottom.min(clip.bottom.into()));
            if shown >= end {
                break;
            }
            let place = Area { top: shown as u32, bottom: end as u32, ..area };
            let before = at.checked_sub(1).map(|before| (self.moves[before].frame, self.moves[before].ms));
            let (first, start_ms) = before.unwrap_or(self.start);
            let since = if before.is_some() { first } else { self.still(place).min(first) };
            let time = Interval { since, first, last: step.frame - 1, start_ms, end_ms: step.ms };
            match earlier.last_mut() {
                Some((cover, later))
                    if cover.union(place).height() <= cover.height().max(place.height()) + SMEAR =>
                {
                    *cover = cover.union(place);
                    (later.since, later.first, later.start_ms) = (time.since, time.first, time.start_ms);
                }
                _ => earlier.push((place, time)),
            }
        }
        (here, earlier)
    }

    /// Since when a place had stood still before the first move.
    fn still(&self, area: Area) -> u32 {
        let across = (area.left / tiles::TILE) as usize..area.right.div_ceil(tiles::TILE) as usize;
        let down = (area.top / tiles::TILE) as usize..area.bottom.div_ceil(tiles::TILE) as usize;
        let tile = |row: usize, column: usize| self.still_since.get(row * self.columns + column).copied();
        down.flat_map(|row| across.clone().filter_map(move |column| tile(row, column))).max().unwrap_or(0)
    }

    /// Whether a move leaves everything that was not read in the view.
    fn keeps(&self, shift: Shift) -> bool {
        let same_way = self.last().is_none_or(|last| last.shift.up.signum() == shift.up.signum());
        let inside = self.unread.is_none_or(|(area, _)| {
            let place = |y: u32| i64::from(y) - i64::from(shift.up);
            place(area.top) >= shift.view.top.into() && place(area.bottom) <= shift.view.bottom.into()
        });
        same_way && inside && self.moves.len() < MOVES_MAX
    }
}

impl Tracker<'_> {
    /// Takes what scrolled between the frame before and `now`; `moving` marks the tiles that will differ soon.
    ///
    /// # Errors
    /// When the engine fails or rows cannot be sent.
    pub(super) fn follow_scroll(
        &mut self,
        at: Moment,
        (now, moving): (&GrayImage, &[bool]),
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let Some((before_at, before)) = self.previous.take() else { return Ok(()) };
        self.grid.compare(&before, now, &mut self.changed);
        let last = self.path.as_ref().and_then(Path::last).map(|last| last.shift.up);
        let shift = motion::vertical((&before, now), self.grid, &self.changed, last);
        match shift {
            Some(shift) => {
                if self.path.as_ref().is_some_and(|path| !path.keeps(shift)) {
                    self.read_scrolled((before_at, &before), true, out)?;
                    self.path = None;
                }
                self.move_contents(shift, (before_at, at), now, out)?;
            }
            None => {
                let touched = self
                    .unread_part()
                    .is_some_and(|part| self.grid.tiles(part).any(|tile| self.changed[tile]));
                let others = self.changed.iter().filter(|&&changed| changed).count();
                if others * 4 > self.grid.len() {
                    self.edges = None;
                }
                if touched {
                    self.read_scrolled((before_at, &before), true, out)?;
                    self.path = None;
                }
            }
        }
        for (tile, _) in self.changed.iter().enumerate().filter(|(_, changed)| **changed) {
            self.changed_at[tile] = at.frame;
        }
        self.settle_scroll(at, (now, moving), shift.is_some(), out)
    }

    fn unread_part(&self) -> Option<Area> {
        self.path.as_ref()?.unread.map(|(area, _)| area)
    }

    /// Moves everything that is known of a view.
    fn move_contents(
        &mut self,
        shift: Shift,
        (before_at, at): (Moment, Moment),
        now: &GrayImage,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let Some(mut reference) = self.reference.take() else { return Ok(()) };
        let path = self.path.get_or_insert_with(|| Path {
            moves: Vec::new(),
            start: (before_at.frame, before_at.ms),
            still_since: self.changed_at.clone(),
            columns: self.grid.columns,
            height: self.grid.size().1,
            whole: self.edges.filter(|edges| is_same_view(*edges, shift.view)).unwrap_or(shift.view),
            unread: None,
        });
        path.moves.push(Move { shift, frame: at.frame, ms: at.ms });
        path.whole = path.whole.union(shift.view);
        self.edges = Some(path.whole);
        let (clip, view) = (path.clip(path.moves.len() - 1), shift.view);
        let part = if shift.up > 0 {
            Area { top: view.bottom - shift.up.unsigned_abs(), ..view }
        } else {
            Area { bottom: view.top + shift.up.unsigned_abs(), ..view }
        };
        let (unread, since) = path.unread.map_or((part, at.ms), |(old, since)| {
            (remaining(old, clip, shift.up).map_or(part, |old| old.union(part)), since)
        });
        path.unread = Some((unread, since));
        let reading = Reading { frame: at.frame, ms: at.ms, before: &reference, now };
        self.live.scroll((shift, clip), &reading, out)?;
        if path.moves.len() == 1 {
            // What the edge cut off until now is read with what follows it.
            path.unread = Some((self.live.take_unread(unread, (at.frame, at.ms), out)?, since));
        }
        tiles::scroll(&mut reference, now, view, shift.up);
        self.reference = Some(reference);
        for tile in self.grid.tiles(view) {
            self.activity[tile] = Activity::default();
        }
        Ok(())
    }

    /// Reads what scrolled in once it stands or waited long enough; forgets the view when it stands.
    fn settle_scroll(
        &mut self,
        at: Moment,
        (now, moving): (&GrayImage, &[bool]),
        moved: bool,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let Some(path) = &self.path else { return Ok(()) };
        let in_view: Vec<usize> = self.grid.tiles(path.whole).collect();
        let goes_on = in_view.iter().filter(|&&tile| moving[tile]).count() * 20 > in_view.len();
        let stands = at.is_last || at.stands() || !goes_on;
        let waited = path.unread.is_some_and(|(_, since)| at.ms.saturating_sub(since) >= UNREAD_MS);
        if path.unread.is_some() && (stands || waited) {
            self.read_scrolled((at, now), stands, out)?;
        }
        if stands && !moved {
            self.path = None;
        }
        Ok(())
    }

    /// Reads what scrolled in. A line that the view's edge cuts off waits for more of it; at the end, what shows of
    /// it counts as unread.
    fn read_scrolled(
        &mut self,
        (at, picture): (Moment, &GrayImage),
        is_end: bool,
        out: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let Some(mut path) = self.path.take() else { return Ok(()) };
        let Some((part, _)) = path.unread.take() else {
            self.path = Some(path);
            return Ok(());
        };
        let core = self.live.over_lines(part.grown(OVERLAP, 1, self.grid.size()));
        let words = self.words_in(core, MARGIN, picture, out)?;
        let upwards = path.last().is_none_or(|last| last.shift.up > 0);
        let edge = if upwards { path.whole.bottom } else { path.whole.top };
        let (words, wait) = cut_off(words, (edge, upwards), is_end);
        let (mut read, mut core) = (part, core);
        if let Some(from) = wait {
            let mut rest = part;
            if upwards {
                (read.bottom, rest.top) = (from.max(part.top), from.max(part.top).min(part.bottom - 1));
                core.bottom = core.bottom.min(from);
            } else {
                (read.top, rest.bottom) = (from.min(part.bottom), from.min(part.bottom).max(part.top + 1));
                core.top = core.top.max(from);
            }
            path.unread = Some((rest, at.ms));
        }
        if read.top < read.bottom && core.top < core.bottom {
            let mut reference =
                self.reference.take().unwrap_or_else(|| GrayImage::new(picture.width(), picture.height()));
            let reading = Reading { frame: at.frame, ms: at.ms, before: &reference, now: picture };
            self.live.drop_in(read, &reading, out)?;
            self.live.replace((core, words), &reading, &|_| at.frame, out)?;
            self.live.came((read, at.frame), &path, out)?;
            tiles::copy(picture, &mut reference, read);
            self.reference = Some(reference);
        }
        self.path = Some(path);
        Ok(())
    }
}

/// Whether a view is the one that was scrolled before: as wide, and about as high.
fn is_same_view(before: Area, now: Area) -> bool {
    let both = before.union(now);
    let alike = |a: u32, b: u32| a * 10 >= b * 8;
    alike(before.right - before.left, both.right - both.left)
        && alike(now.right - now.left, both.right - both.left)
        && alike(now.height(), both.height())
}

/// Sorts out the lines that touch the edge of a view, behind which they go on: at the end they lose their text if
/// they are lower than others are, before it they wait. Returns the row from which on things wait.
fn cut_off(mut words: Vec<Word>, (edge, upwards): (u32, bool), is_end: bool) -> (Vec<Word>, Option<u32>) {
    let touches = |word: &Word| {
        let area = area_of(word);
        if upwards { area.bottom + 1 >= edge } else { area.top <= edge + 1 }
    };
    let cut: BTreeSet<u32> = words.iter().filter(|word| touches(word)).map(|word| word.line).collect();
    if cut.is_empty() {
        return (words, None);
    }
    if !is_end {
        let (gone, rest): (Vec<Word>, Vec<Word>) =
            words.into_iter().partition(|word| cut.contains(&word.line));
        let from = gone.iter().map(|word| if upwards { word.rect.top } else { word.rect.bottom() });
        let from = if upwards { from.min().map(|y| y.saturating_sub(1)) } else { from.max().map(|y| y + 1) };
        return (rest, from);
    }
    let usual = usual_height(words.iter().filter(|word| !cut.contains(&word.line)));
    for line in cut {
        let height = words.iter().filter(|word| word.line == line).map(|word| word.rect.height).max();
        if height.is_some_and(|height| usual.is_none_or(|usual| height * 5 < usual * 4)) {
            for word in words.iter_mut().filter(|word| word.line == line) {
                (word.text, word.confidence) = (String::new(), 0.0);
            }
        }
    }
    (words, None)
}

/// The usual height of lines, where there are any.
fn usual_height<'w>(words: impl Iterator<Item = &'w Word>) -> Option<u32> {
    let mut lines: BTreeMap<u32, u32> = BTreeMap::new();
    for word in words {
        let height = lines.entry(word.line).or_default();
        *height = word.rect.height.max(*height);
    }
    let mut heights: Vec<u32> = lines.into_values().collect();
    let middle = heights.len() / 2;
    (!heights.is_empty()).then(|| *heights.select_nth_unstable(middle).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: Area = Area { left: 0, top: 100, right: 640, bottom: 300 };

    /// A view that moves by these steps, one a frame, from frame 11 on.
    fn path(steps: &[i32]) -> Path {
        let step = |(frame, &up): (u32, &i32)| Move {
            shift: Shift { view: VIEW, up },
            frame,
            ms: u64::from(frame) * 40,
        };
        Path {
            moves: (11..).zip(steps).map(step).collect(),
            start: (10, 400),
            still_since: vec![7; 40 * 30],
            columns: 40,
            height: 480,
            whole: VIEW,
            unread: None,
        }
    }

    #[test]
    fn a_word_is_traced_back_to_the_first_of_its_rows() {
        let word = Area { left: 40, top: 270, right: 90, bottom: 282 };
        let (here, earlier) = path(&[10, 10, 10, 10]).trace(word);
        assert_eq!(here, Some((14, 560)));
        let places: Vec<(u32, u32, u32, u32)> =
            earlier.iter().map(|(area, time)| (area.top, area.bottom, time.first, time.last)).collect();
        assert_eq!(places, [(280, 292, 13, 13), (290, 302, 12, 12), (300, 306, 11, 11)]);
    }

    #[test]
    fn what_showed_before_the_first_move_was_there_since_its_tiles_stood_still() {
        let word = Area { left: 40, top: 270, right: 90, bottom: 282 };
        let (_, earlier) = path(&[10, 10]).trace(word);
        let (area, time) = earlier[1];
        assert_eq!((area.top, area.bottom), (290, 302));
        assert_eq!((time.since, time.first, time.last), (7, 10, 10));
    }

    #[test]
    fn small_steps_share_a_row() {
        let word = Area { left: 40, top: 270, right: 90, bottom: 282 };
        let (_, earlier) = path(&[1; 20]).trace(word);
        assert!(earlier.len() <= 6, "{earlier:?}");
        for frame in 10..30 {
            let down = 30 - frame;
            let covered = earlier.iter().any(|(area, time)| {
                (time.since..=time.last).contains(&frame)
                    && area.top <= 270 + down
                    && (282 + down).min(300) <= area.bottom
            });
            assert!(covered, "frame {frame}");
        }
    }

    #[test]
    fn what_was_not_read_does_not_leave_and_is_not_pushed_back() {
        let mut path = path(&[10]);
        let shift = |up: i32| Shift { view: VIEW, up };
        path.unread = Some((Area { top: 200, ..VIEW }, 0));
        assert!(path.keeps(shift(100)) && !path.keeps(shift(101)) && !path.keeps(shift(-5)));
    }
}
