//! Estimates how far the contents of an area moved up or down between two frames, in whole pixels, and says so only
//! where the pixels agree. Knows nothing of words or time.

use super::tiles::{self, Area, Grid};
use image::GrayImage;

/// Pixels across whose mean stands for them when rows are compared.
const BIN: usize = 16;
/// Smallest area in which scrolling is looked for.
const WIDTH_MIN: u32 = 96;
const HEIGHT_MIN: u32 = 64;
/// Changed tiles below which it is not looked for.
const TILES_MIN: usize = 24;
/// Changed tiles no further apart than this, in pixels, may belong to one scrolled area.
const GAP: u32 = 96;
/// Tiles with contrast that have to agree at least.
const AGREEING_MIN: u32 = 10;
/// Percent of those that show something which have to agree: whatever does not is looked at anyway. So many that no
/// other shift than the last one is tried.
const SHARE_MIN: u32 = 60;
const SHARE_KNOWN: u32 = 92;
/// Shifts that are checked pixel by pixel.
const CANDIDATES: usize = 6;

/// Contents that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    /// The area whose pixels changed.
    pub(super) view: Area,
    /// Pixels upwards; negative: downwards.
    pub(super) up: i32,
}

impl Shift {
    /// Whether a word stands in the view: most of its width, some of its height.
    pub(super) fn carries(self, word: Area) -> bool {
        let across = word.right.min(self.view.right).saturating_sub(word.left.max(self.view.left));
        across * 2 > word.right - word.left && word.top < self.view.bottom && self.view.top < word.bottom
    }
}

/// The largest area of changed tiles, if most of what shows in it moved up or down by one number of pixels.
pub(super) fn vertical(
    (before, now): (&GrayImage, &GrayImage),
    grid: Grid,
    changed: &[bool],
    last: Option<i32>,
) -> Option<Shift> {
    // What changes too few pixels of a tile to count may be the last of a word that leaves.
    let around = largest(grid, changed)?.grown(tiles::TILE, 1, grid.size());
    let view = tiles::tight(before, now, around)?;
    let (width, height) = (view.right - view.left, view.bottom - view.top);
    if width < WIDTH_MIN || height < HEIGHT_MIN {
        return None;
    }
    let still = agreement((before, now), view, 0);
    let share = |up: i32| {
        let moved = agreement((before, now), view, up);
        let is_sure = moved.agreeing >= AGREEING_MIN
            && moved.agreeing >= still.agreeing + AGREEING_MIN / 2
            && moved.agreeing * 100 >= moved.shown * SHARE_MIN;
        is_sure.then(|| moved.agreeing * 100 / moved.shown.max(1))
    };
    let last = last.filter(|&up| up != 0 && up.unsigned_abs() < height / 2);
    let known = last.filter(|&up| share(up).is_some_and(|share| share >= SHARE_KNOWN));
    let best = || {
        let sure = candidates((before, now), view).into_iter().filter_map(|up| Some((share(up)?, up)));
        sure.max_by_key(|&(share, up)| (share, std::cmp::Reverse(up.unsigned_abs()))).map(|(_, up)| up)
    };
    let up = known.or_else(best)?;
    Some(Shift { view, up })
}

/// The largest group of changed tiles; scrolled lines have blank tiles between them.
fn largest(grid: Grid, changed: &[bool]) -> Option<Area> {
    if changed.iter().filter(|&&changed| changed).count() < TILES_MIN {
        return None;
    }
    let mut merged: Vec<(Area, usize)> = Vec::new();
    for group in grid.groups(changed) {
        let area = group.iter().map(|&tile| grid.tile(tile)).reduce(Area::union)?;
        let (mut area, mut count) = (area, group.len());
        while let Some(at) =
            merged.iter().position(|(other, _)| other.grown(GAP, 1, grid.size()).touches(area))
        {
            let (other, more) = merged.swap_remove(at);
            (area, count) = (area.union(other), count + more);
        }
        merged.push((area, count));
    }
    merged
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .filter(|(_, count)| *count >= TILES_MIN)
        .map(|(a, _)| a)
}

/// Tiles that show something, and those of them that agree.
#[derive(Debug, Clone, Copy, Default)]
struct Agreement {
    shown: u32,
    agreeing: u32,
}

/// Compares `now` with `before` moved up, tile by tile, where both are inside the view.
fn agreement((before, now): (&GrayImage, &GrayImage), view: Area, up: i32) -> Agreement {
    let mut found = Agreement::default();
    let Some(part) = remaining(view, view, up) else { return found };
    let mut top = part.top;
    while top < part.bottom {
        let bottom = (top + tiles::TILE).min(part.bottom);
        let mut left = part.left;
        while left < part.right {
            let right = (left + tiles::TILE).min(part.right);
            let tile = Area { left, top, right, bottom };
            if tiles::has_contrast(now, tile) {
                found.shown += 1;
                found.agreeing += u32::from(!tiles::differs_moved((before, now), tile, up));
            }
            left = right;
        }
        top = bottom;
    }
    found
}

/// Where the contents of `area` are after they moved up inside `view`: the part that still shows.
pub(super) fn remaining(area: Area, view: Area, up: i32) -> Option<Area> {
    let place = |y: u32| i64::from(y) - i64::from(up);
    let top = place(area.top).max(view.top.into());
    let bottom = place(area.bottom).min(view.bottom.into());
    (top < bottom).then_some(Area { top: top as u32, bottom: bottom as u32, ..area })
}

/// The shifts that explain most of what shows, best first.
fn candidates((before, now): (&GrayImage, &GrayImage), view: Area) -> Vec<i32> {
    let (a, b) = (Profile::of(before, view), Profile::of(now, view));
    let far = i32::try_from(b.rows).unwrap_or(i32::MAX / 4) * 3 / 4;
    let mut found: Vec<(i64, i32)> =
        (-far..=far).filter(|&up| up != 0).map(|up| (a.explains(&b, up), up)).collect();
    found.sort_by_key(|&(explained, up)| (-explained, up.unsigned_abs()));
    found.truncate(CANDIDATES);
    found.into_iter().filter(|(explained, _)| *explained > 0).map(|(_, up)| up).collect()
}

/// The means of runs of pixels, row by row.
struct Profile {
    means: Vec<u8>,
    across: usize,
    rows: u32,
    /// By how much each row stands out from the usual one.
    outstanding: Vec<i64>,
}

impl Profile {
    fn of(picture: &GrayImage, view: Area) -> Self {
        let across = ((view.right - view.left) as usize).div_ceil(BIN);
        let mut means = Vec::with_capacity(across * (view.bottom - view.top) as usize);
        for y in view.rows() {
            let mean = |bin: &[u8]| (bin.iter().map(|&v| u32::from(v)).sum::<u32>() / bin.len() as u32) as u8;
            means.extend(view.row(picture, y).chunks(BIN).map(mean));
        }
        let rows = view.height();
        let usual: Vec<u8> = (0..across)
            .map(|bin| {
                let mut values: Vec<u8> = means.iter().skip(bin).step_by(across).copied().collect();
                *values.select_nth_unstable(rows as usize / 2).1
            })
            .collect();
        let outstanding = means.chunks(across).map(|row| difference(row, &usual)).collect();
        Self { means, across, rows, outstanding }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.means[y * self.across..(y + 1) * self.across]
    }

    /// How much of what stands out in `now` this explains when it moves up.
    fn explains(&self, now: &Self, up: i32) -> i64 {
        let rows = i64::from(now.rows);
        let (first, end) = ((-i64::from(up)).max(0), (rows - i64::from(up)).min(rows));
        (first..end)
            .map(|y| {
                let from = (y + i64::from(up)) as usize;
                now.outstanding[y as usize] - difference(now.row(y as usize), self.row(from))
            })
            .sum()
    }
}

fn difference(a: &[u8], b: &[u8]) -> i64 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    const VIEW: Area = Area { left: 64, top: 48, right: 448, bottom: 272 };

    /// Lines of strokes that differ from line to line, seen through a window at an offset.
    fn picture(offset: i64) -> GrayImage {
        let mut page = GrayImage::from_pixel(512, 320, Luma([240]));
        for y in VIEW.rows() {
            let row = i64::from(y) + offset;
            let (line, inside) = (row.div_euclid(27), row.rem_euclid(27));
            for x in VIEW.left..VIEW.right {
                let stroke = (i64::from(x) * (7 + line.rem_euclid(5)) + line * 31).rem_euclid(23) < 6;
                if inside < 12 && stroke && (i64::from(x) * 5 + line * 71).rem_euclid(97) < 60 {
                    page.put_pixel(x, y, Luma([30]));
                }
            }
        }
        page
    }

    fn found(before: &GrayImage, now: &GrayImage, last: Option<i32>) -> Option<i32> {
        let grid = Grid::new(512, 320);
        let mut changed = Vec::new();
        grid.compare(before, now, &mut changed);
        vertical((before, now), grid, &changed, last).map(|shift| shift.up)
    }

    #[test]
    fn every_step_up_and_down_is_found() {
        let before = picture(0);
        for up in [1, 2, 3, 5, 8, 13, 27, 40, 81, 110] {
            assert_eq!(found(&before, &picture(up.into()), None), Some(up), "{up}");
            assert_eq!(found(&picture(up.into()), &before, None), Some(-up), "-{up}");
            assert_eq!(found(&before, &picture(up.into()), Some(up)), Some(up), "{up}");
            assert_eq!(found(&before, &picture(up.into()), Some(up + 1)), Some(up), "{up}");
        }
    }

    #[test]
    fn other_contents_fading_and_standing_still_are_no_motion() {
        let before = picture(0);
        assert_eq!(found(&before, &before, None), None);
        assert_eq!(found(&before, &picture(100_000), None), None);
        let mut pale = before.clone();
        pale.pixels_mut().for_each(|pixel| pixel.0[0] = 240 - (240 - pixel.0[0]) / 2);
        assert_eq!(found(&before, &pale, None), None);
    }
}
