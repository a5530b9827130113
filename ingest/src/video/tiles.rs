//! Compares grey pictures by tiles of 16×16 pixels and gathers changed tiles into areas. Knows nothing of
//! words or time.

use image::GrayImage;

/// Side of a tile in pixels.
pub(super) const TILE: u32 = 16;
/// A pixel that differs by more than this differs strongly; what codecs do to flat areas stays below.
const STRONG: u8 = 32;
/// Strongly different pixels from which on a tile has changed: a full stop of small text.
const STRONG_MIN: u32 = 4;
/// A pixel that differs by more than this differs weakly.
const WEAK: u8 = 14;
/// Weakly different pixels from which on a tile has changed: pale text appearing.
const WEAK_MIN: u32 = 20;
/// Span of grey values in a tile below which no text can be made out.
const CONTRAST_MIN: u8 = 16;

/// A half-open box of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
}

impl Area {
    /// Whether the two share a pixel.
    pub(super) fn touches(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Whether the other lies inside.
    pub(super) fn holds(self, other: Self) -> bool {
        self.union(other) == self
    }

    /// The smallest box that holds both.
    pub(super) fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Grown by `margin` on every side, then out to a grid of `step` pixels, inside the picture.
    pub(super) fn grown(self, margin: u32, step: u32, (width, height): (u32, u32)) -> Self {
        Self {
            left: self.left.saturating_sub(margin) / step * step,
            top: self.top.saturating_sub(margin) / step * step,
            right: (self.right + margin).next_multiple_of(step).min(width),
            bottom: (self.bottom + margin).next_multiple_of(step).min(height),
        }
    }

    /// Rows.
    pub(super) fn height(self) -> u32 {
        self.bottom - self.top
    }

    /// Pixels.
    pub(super) fn pixels(self) -> u64 {
        u64::from(self.right - self.left) * u64::from(self.bottom - self.top)
    }

    /// The part of a picture's row `y` that lies in the box.
    pub(super) fn row(self, picture: &GrayImage, y: u32) -> &[u8] {
        let start = y as usize * picture.width() as usize;
        &picture.as_raw()[start + self.left as usize..start + self.right as usize]
    }

    /// Numbers of its rows.
    pub(super) fn rows(self) -> std::ops::Range<u32> {
        self.top..self.bottom
    }
}

/// The tiles of pictures of one size. The last column and row may be narrower.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    width: u32,
    height: u32,
    /// Tiles across.
    pub(super) columns: usize,
    /// Tiles down.
    pub(super) rows: usize,
}

impl Grid {
    /// The grid of a picture's size.
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (columns, rows) = (width.div_ceil(TILE) as usize, height.div_ceil(TILE) as usize);
        Self { width, height, columns, rows }
    }

    /// How many tiles there are.
    pub(super) fn len(self) -> usize {
        self.columns * self.rows
    }

    /// Width and height in pixels.
    pub(super) fn size(self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The pixels of tiles `columns` × `rows`, half-open.
    fn area(self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> Area {
        Area {
            left: columns.start as u32 * TILE,
            top: rows.start as u32 * TILE,
            right: (columns.end as u32 * TILE).min(self.width),
            bottom: (rows.end as u32 * TILE).min(self.height),
        }
    }

    /// The pixels of one tile.
    pub(super) fn tile(self, index: usize) -> Area {
        let (column, row) = (index % self.columns, index / self.columns);
        self.area(column..column + 1, row..row + 1)
    }

    /// Indexes of the tiles that a box touches.
    pub(super) fn tiles(self, area: Area) -> impl Iterator<Item = usize> {
        let across = (area.left / TILE) as usize..(area.right.div_ceil(TILE) as usize).min(self.columns);
        let down = (area.top / TILE) as usize..(area.bottom.div_ceil(TILE) as usize).min(self.rows);
        down.flat_map(move |row| across.clone().map(move |column| row * self.columns + column))
    }

    /// Marks the tiles in which two pictures differ.
    pub(super) fn compare(self, a: &GrayImage, b: &GrayImage, changed: &mut Vec<bool>) {
        changed.clear();
        changed.resize(self.len(), false);
        let band = TILE as usize * self.width as usize;
        let mut counts: Vec<(u32, u32)> = Vec::with_capacity(self.columns);
        for (row, (a, b)) in a.as_raw().chunks(band).zip(b.as_raw().chunks(band)).enumerate() {
            if a == b {
                continue;
            }
            counts.clear();
            counts.resize(self.columns, (0, 0));
            for (a, b) in a.chunks(self.width as usize).zip(b.chunks(self.width as usize)) {
                let tiles = a.chunks(TILE as usize).zip(b.chunks(TILE as usize));
                for ((a, b), (strong, weak)) in tiles.zip(&mut counts) {
                    let (s, w) = differences(a, b);
                    *strong += u32::from(s);
                    *weak += u32::from(w);
                }
            }
            for (slot, &(strong, weak)) in changed[row * self.columns..].iter_mut().zip(&counts) {
                *slot = strong >= STRONG_MIN || weak >= WEAK_MIN;
            }
        }
    }

    /// Groups marked tiles; tiles with no more than one unmarked tile between them go together.
    pub(super) fn groups(self, marked: &[bool]) -> Vec<Vec<usize>> {
        let mut seen = vec![false; self.len()];
        let mut groups = Vec::new();
        for start in 0..self.len() {
            if !marked[start] || seen[start] {
                continue;
            }
            let mut group = vec![start];
            seen[start] = true;
            let mut next = 0;
            while next < group.len() {
                let (column, row) = (group[next] % self.columns, group[next] / self.columns);
                next += 1;
                for y in row.saturating_sub(1)..(row + 2).min(self.rows) {
                    for x in column.saturating_sub(2)..(column + 3).min(self.columns) {
                        let index = y * self.columns + x;
                        if marked[index] && !seen[index] {
                            seen[index] = true;
                            group.push(index);
                        }
                    }
                }
            }
            groups.push(group);
        }
        groups
    }

    /// Covers marked tiles with few boxes: runs of a row, joined with equal runs of the next rows.
    pub(super) fn boxes(self, marked: &[bool]) -> Vec<Area> {
        let mut open: Vec<Area> = Vec::new();
        let mut done: Vec<Area> = Vec::new();
        for row in 0..self.rows {
            let mut next = Vec::new();
            let mut column = 0;
            while column < self.columns {
                let start = column;
                while column < self.columns && marked[row * self.columns + column] {
                    column += 1;
                }
                if column > start {
                    let mut run = self.area(start..column, row..row + 1);
                    let above = |area: &Area| (area.left, area.right) == (run.left, run.right);
                    if let Some(at) = open.iter().position(above) {
                        run.top = open.swap_remove(at).top;
                    }
                    next.push(run);
                }
                column += 1;
            }
            done.append(&mut open);
            open = next;
        }
        done.append(&mut open);
        done.sort_by_key(|area| (area.top, area.left));
        done
    }
}

/// Counts strongly and weakly different pixels of at most 16.
fn differences(a: &[u8], b: &[u8]) -> (u8, u8) {
    a.iter().zip(b).fold((0, 0), |(strong, weak), (a, b)| {
        let difference = a.abs_diff(*b);
        (strong + u8::from(difference > STRONG), weak + u8::from(difference > WEAK))
    })
}

/// Whether a box differs between two pictures, by the measure of one tile.
pub(super) fn differs(a: &GrayImage, b: &GrayImage, area: Area) -> bool {
    let (mut strong, mut weak) = (0, 0);
    for y in area.rows() {
        for (a, b) in area.row(a, y).chunks(TILE as usize).zip(area.row(b, y).chunks(TILE as usize)) {
            let (s, w) = differences(a, b);
            strong += u32::from(s);
            weak += u32::from(w);
        }
    }
    strong >= STRONG_MIN || weak >= WEAK_MIN
}

/// Whether a box of `now` differs from the pixels of `before` so many rows below it, by the measure of one tile.
/// Those rows must be in the picture.
pub(super) fn differs_moved((before, now): (&GrayImage, &GrayImage), area: Area, up: i32) -> bool {
    let (mut strong, mut weak) = (0, 0);
    for y in area.rows() {
        let from = area.row(before, y.saturating_add_signed(up));
        for (a, b) in from.chunks(TILE as usize).zip(area.row(now, y).chunks(TILE as usize)) {
            let (s, w) = differences(a, b);
            strong += u32::from(s);
            weak += u32::from(w);
        }
    }
    strong >= STRONG_MIN || weak >= WEAK_MIN
}

/// Moves the pixels of a box up by so many rows; what comes into it is taken from `now`.
pub(super) fn scroll(picture: &mut GrayImage, now: &GrayImage, view: Area, up: i32) {
    let width = picture.width() as usize;
    let range = |y: u32| y as usize * width + view.left as usize..y as usize * width + view.right as usize;
    let mut rows: Vec<u32> = view.rows().collect();
    if up < 0 {
        rows.reverse();
    }
    for y in rows {
        let from = i64::from(y) + i64::from(up);
        let pixels = picture.as_flat_samples_mut().samples;
        if (i64::from(view.top)..i64::from(view.bottom)).contains(&from) {
            let source = range(from as u32);
            pixels.copy_within(source, range(y).start);
        } else {
            pixels[range(y)].copy_from_slice(view.row(now, y));
        }
    }
}

/// Whether the pixels of a box could show text at all.
pub(super) fn has_contrast(picture: &GrayImage, area: Area) -> bool {
    let (mut low, mut high) = (u8::MAX, 0);
    for y in area.rows() {
        for &value in area.row(picture, y) {
            low = low.min(value);
            high = high.max(value);
        }
    }
    high.saturating_sub(low) > CONTRAST_MIN
}

/// The box around the pixels of `area` that differ weakly, if any.
pub(super) fn tight(a: &GrayImage, b: &GrayImage, area: Area) -> Option<Area> {
    let mut found: Option<Area> = None;
    for y in area.rows() {
        let pairs = area.row(a, y).iter().zip(area.row(b, y));
        let mut different =
            pairs.enumerate().filter(|(_, (a, b))| a.abs_diff(**b) > WEAK).map(|(x, _)| x as u32);
        let Some(first) = different.next() else { continue };
        let last = different.next_back().unwrap_or(first);
        let row = Area { left: area.left + first, top: y, right: area.left + last + 1, bottom: y + 1 };
        found = Some(found.map_or(row, |area| area.union(row)));
    }
    found
}

/// Whether what `area` showed in `before` is still mostly there in `now`: most of its ink is unchanged, as
/// under a mouse pointer, and there still is something to see.
pub(super) fn survives(before: &GrayImage, now: &GrayImage, area: Area) -> bool {
    if !differs(before, now, area) {
        return true;
    }
    if !has_contrast(now, area) {
        return false;
    }
    let mut histogram = [0u32; 32];
    for y in area.rows() {
        for &value in area.row(before, y) {
            histogram[usize::from(value / 8)] += 1;
        }
    }
    let ground = (0..32u8).max_by_key(|&bin| histogram[usize::from(bin)]).unwrap_or(0) * 8 + 4;
    let (mut ink, mut lost) = (0u32, 0u32);
    for y in area.rows() {
        for (&a, &b) in area.row(before, y).iter().zip(area.row(now, y)) {
            let is_ink = a.abs_diff(ground) > STRONG;
            ink += u32::from(is_ink);
            lost += u32::from(is_ink && a.abs_diff(b) > STRONG);
        }
    }
    lost * 2 < ink
}

/// Copies a box of pixels from one picture to another of the same size.
pub(super) fn copy(from: &GrayImage, to: &mut GrayImage, area: Area) {
    let width = from.width() as usize;
    for y in area.rows() {
        let start = y as usize * width;
        let range = start + area.left as usize..start + area.right as usize;
        to.as_flat_samples_mut().samples[range.clone()].copy_from_slice(&from.as_raw()[range]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    fn blank() -> GrayImage {
        GrayImage::from_pixel(100, 70, Luma([235]))
    }

    fn changed(a: &GrayImage, b: &GrayImage) -> Vec<bool> {
        let mut changed = Vec::new();
        Grid::new(100, 70).compare(a, b, &mut changed);
        changed
    }

    #[test]
    fn a_full_stop_is_a_change_and_codec_noise_is_none() {
        let mut dot = blank();
        for (x, y) in [(97, 66), (98, 66), (97, 67), (98, 67)] {
            dot.put_pixel(x, y, Luma([60]));
        }
        let marks = changed(&blank(), &dot);
        assert_eq!(marks.iter().filter(|&&mark| mark).count(), 1);
        assert!(marks[Grid::new(100, 70).len() - 1]);
        let mut noise = blank();
        for (i, pixel) in noise.pixels_mut().enumerate() {
            pixel.0[0] -= (i * 7 % 12) as u8;
        }
        assert!(changed(&blank(), &noise).iter().all(|&mark| !mark));
    }

    #[test]
    fn pale_text_is_a_change() {
        let mut pale = blank();
        for i in 0..24 {
            pale.put_pixel(40 + i % 6, 20 + i / 6, Luma([215]));
        }
        assert_eq!(changed(&blank(), &pale).iter().filter(|&&mark| mark).count(), 1);
    }

    #[test]
    fn boxes_cover_exactly_the_marked_tiles() {
        let grid = Grid::new(100, 70);
        let mut marks = vec![false; grid.len()];
        for index in [0, 1, 7, 8, 16, 20, 34] {
            marks[index] = true;
        }
        let boxes = grid.boxes(&marks);
        for (index, &mark) in marks.iter().enumerate() {
            let covered = boxes.iter().filter(|area| area.touches(grid.tile(index))).count();
            assert_eq!(covered, usize::from(mark), "tile {index}");
        }
        assert_eq!(boxes[0], Area { left: 0, top: 0, right: 32, bottom: 32 });
    }

    #[test]
    fn a_word_survives_a_pointer_but_not_its_end() {
        let mut word = blank();
        for x in (10..60).step_by(4) {
            for y in 20..34 {
                word.put_pixel(x, y, Luma([20]));
            }
        }
        let area = Area { left: 8, top: 18, right: 62, bottom: 36 };
        let mut pointed = word.clone();
        for y in 16..32 {
            for x in 30..42 {
                pointed.put_pixel(x, y, Luma([0]));
            }
        }
        assert!(differs(&word, &pointed, area));
        assert!(survives(&word, &pointed, area));
        assert!(!survives(&word, &blank(), area));
    }
}
