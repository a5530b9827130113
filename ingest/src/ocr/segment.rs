//! Finds the lines of text on a page that is dark on white: strokes to glyphs, glyphs to segments. A
//! segment is a piece of one line whose gaps are no wider than a space. Reads nothing.

use super::Rect;
use super::runs::{Component, Join, Labelled, Run, label};
use image::GrayImage;

/// Darker than this is ink.
const INK: u8 = 176;
/// Shortest stroke that can be a ruling or an underline, in pixels.
const RULE_MIN: usize = 40;
/// Thickest ruling, in pixels.
const RULE_THICK: usize = 4;
/// Glyphs looked at; beyond it the smallest specks are left out.
const GLYPHS_MAX: usize = 120_000;
/// Side of the cells in which neighbours are looked for.
const CELL: u32 = 64;

/// A piece of a line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// Its box.
    pub(super) rect: Rect,
    /// Boxes of its glyphs, from left to right.
    pub(super) glyphs: Vec<Rect>,
    /// Numbers of the glyphs' components.
    pub(super) members: Vec<u32>,
    /// Height of its capitals, about.
    pub(super) height: u32,
}

/// The segments of a page and the ink they were made from.
pub(super) struct Segments {
    pub(super) ink: Labelled,
    /// For each component its runs, as ranges of `order`.
    pub(super) spans: Vec<std::ops::Range<usize>>,
    /// Numbers of runs, by component.
    pub(super) order: Vec<u32>,
    pub(super) pieces: Vec<Segment>,
}

/// Finds the segments of a flattened page, from top to bottom.
pub(super) fn segments(page: &GrayImage) -> Segments {
    let mut ink = ink_mask(page);
    erase_rules(&mut ink, page.width() as usize);
    let ink = label(ink_runs(&ink, page.width()), Join { tolerance: 0, diagonal: true });
    let glyphs = glyphs(&ink.components);
    let groups = group(&ink.components, &glyphs);
    let mut segments: Vec<Segment> = groups.iter().map(|group| segment(&ink.components, group)).collect();
    segments.sort_by_key(|segment| (segment.rect.top, segment.rect.left));
    let (order, spans) = by_component(&ink);
    Segments { ink, spans, order, pieces: segments }
}

fn ink_mask(page: &GrayImage) -> Vec<bool> {
    page.as_raw().iter().map(|&value| value < INK).collect()
}

/// Clears long thin strokes: table rulings, borders, underlines. Letters that touch them stay.
fn erase_rules(ink: &mut [bool], width: usize) {
    if width == 0 {
        return;
    }
    let height = ink.len() / width;
    let mut rules = Vec::new();
    for y in 0..height {
        long_runs(
            width,
            |x| ink[y * width + x],
            |x| {
                let thick = thickness(y, height, |other| ink[other * width + x]);
                if thick <= RULE_THICK {
                    rules.push(y * width + x);
                }
            },
        );
    }
    for x in 0..width {
        long_runs(
            height,
            |y| ink[y * width + x],
            |y| {
                let thick = thickness(x, width, |other| ink[y * width + other]);
                if thick <= RULE_THICK {
                    rules.push(y * width + x);
                }
            },
        );
    }
    for at in rules {
        ink[at] = false;
    }
}

/// Calls `take` for every position of a stretch of at least [`RULE_MIN`] set positions.
fn long_runs(length: usize, set: impl Fn(usize) -> bool, mut take: impl FnMut(usize)) {
    let mut start = 0;
    while start < length {
        if !set(start) {
            start += 1;
            continue;
        }
        let end = (start..length).find(|&i| !set(i)).unwrap_or(length);
        if end - start >= RULE_MIN {
            (start..end).for_each(&mut take);
        }
        start = end;
    }
}

/// Set positions around `at`, counted up to a few more than [`RULE_THICK`].
fn thickness(at: usize, length: usize, set: impl Fn(usize) -> bool) -> usize {
    let before = (0..at).rev().take(RULE_THICK).take_while(|&i| set(i)).count();
    let after = (at + 1..length).take(RULE_THICK).take_while(|&i| set(i)).count();
    1 + before + after
}

fn ink_runs(ink: &[bool], width: u32) -> Vec<Run> {
    let mut runs = Vec::new();
    for (y, row) in ink.chunks_exact(width.max(1) as usize).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let start = x;
            while x < row.len() && row[x] {
                x += 1;
            }
            if x > start {
                runs.push(Run { row: y as u32, start: start as u32, end: x as u32, value: 0 });
            }
            x += 1;
        }
    }
    runs
}

/// Numbers of the components that can be glyphs: neither specks nor pictures.
fn glyphs(components: &[Component]) -> Vec<u32> {
    let mut area_min = 1;
    loop {
        let found: Vec<u32> = (0..components.len() as u32)
            .filter(|&i| {
                let component = &components[i as usize];
                component.area >= area_min && component.height() <= 160 && component.width() <= 600
            })
            .collect();
        if found.len() <= GLYPHS_MAX {
            return found;
        }
        area_min *= 2;
    }
}

/// Joins glyphs to pieces of lines; the small ones (dots, accents, commas) follow the nearest.
fn group(components: &[Component], glyphs: &[u32]) -> Vec<Vec<u32>> {
    let typical = typical_height(components, glyphs);
    let (main, small): (Vec<u32>, Vec<u32>) =
        glyphs.iter().partition(|&&i| components[i as usize].height() * 20 >= typical * 9);
    let mut parent: Vec<usize> = (0..main.len()).collect();
    let grid = Grid::new(components, &main);
    for (a, &i) in main.iter().enumerate() {
        grid.near(&components[i as usize], |b| {
            if b > a && are_neighbours(&components[i as usize], &components[main[b] as usize]) {
                let (a, b) = (root(&mut parent, a), root(&mut parent, b));
                parent[a.max(b)] = a.min(b);
            }
        });
    }
    for &i in &small {
        if let Some((a, b)) = bridged(components, (&grid, &main), i) {
            let (a, b) = (root(&mut parent, a), root(&mut parent, b));
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); main.len()];
    for (a, &i) in main.iter().enumerate() {
        groups[root(&mut parent, a)].push(i);
    }
    let mut alone = Vec::new();
    for &i in &small {
        match nearest(components, (&grid, &main), i) {
            Some(a) => groups[root(&mut parent, a)].push(i),
            None => alone.push(vec![i]),
        }
    }
    groups.retain(|group| !group.is_empty());
    groups.extend(alone.into_iter().filter(|group| components[group[0] as usize].area >= 12));
    groups
}

/// The height that most ink has, in pixels.
fn typical_height(components: &[Component], glyphs: &[u32]) -> u32 {
    let mut weights = [0u64; 64];
    for &i in glyphs {
        let height = components[i as usize].height();
        if (5..64).contains(&height) {
            weights[height as usize] += components[i as usize].area;
        }
    }
    let total: u64 = weights.iter().sum();
    let mut below = 0;
    (5..64u32)
        .find(|&h| {
            below += weights[h as usize];
            below * 2 > total
        })
        .unwrap_or(10)
}

fn root(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

/// On one line, no further apart than a space.
fn are_neighbours(a: &Component, b: &Component) -> bool {
    let (low, high) = (a.height().min(b.height()), a.height().max(b.height()));
    let shared = a.bottom.min(b.bottom).saturating_sub(a.top.max(b.top));
    let gap = a.left.max(b.left).saturating_sub(a.right.min(b.right));
    high <= 3 * low && shared * 2 >= low && gap * 20 <= high * 19
}

/// The main glyph that a small one belongs to: on its line and near, or right below it.
fn nearest(components: &[Component], (grid, main): (&Grid, &[u32]), i: u32) -> Option<usize> {
    let dot = &components[i as usize];
    let mut best: Option<(u32, usize)> = None;
    grid.near(dot, |a| {
        let glyph = &components[main[a] as usize];
        let across = glyph.left.max(dot.left).saturating_sub(glyph.right.min(dot.right));
        let down = glyph.top.max(dot.top).saturating_sub(glyph.bottom.min(dot.bottom));
        let height = glyph.height();
        let above = dot.bottom <= glyph.top;
        let reach = if above { height * 45 / 100 } else { height * 30 / 100 };
        if across > height || down > reach.max(1) {
            return;
        }
        let cost = across + 3 * down + u32::from(!above && down > 0);
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, a));
        }
    });
    best.map(|(_, a)| a)
}

/// The two main glyphs of one line between which a small one stands: a full stop, hyphen or colon.
fn bridged(components: &[Component], (grid, main): (&Grid, &[u32]), i: u32) -> Option<(usize, usize)> {
    let dot = &components[i as usize];
    let mut before: Option<(u32, usize)> = None;
    let mut after = before;
    grid.near(dot, |a| {
        let glyph = &components[main[a] as usize];
        let beside = glyph.top < dot.bottom && dot.top < glyph.bottom;
        let (side, gap) = if glyph.left + glyph.right < dot.left + dot.right {
            (&mut before, dot.left.saturating_sub(glyph.right))
        } else {
            (&mut after, glyph.left.saturating_sub(dot.right))
        };
        if beside && gap * 10 <= glyph.height() * 8 && side.is_none_or(|(least, _)| gap < least) {
            *side = Some((gap, a));
        }
    });
    let ((_, a), (_, b)) = (before?, after?);
    let (left, right) = (&components[main[a] as usize], &components[main[b] as usize]);
    let shared = left.bottom.min(right.bottom).saturating_sub(left.top.max(right.top));
    (shared * 2 >= left.height().min(right.height())).then_some((a, b))
}

/// Glyphs by the cells of a grid that their boxes touch.
struct Grid {
    columns: u32,
    cells: std::collections::HashMap<u32, Vec<usize>>,
}

impl Grid {
    fn new(components: &[Component], main: &[u32]) -> Self {
        let columns = components.iter().map(|c| c.right).max().unwrap_or(0) / CELL + 2;
        let mut cells: std::collections::HashMap<u32, Vec<usize>> = std::collections::HashMap::new();
        for (a, &i) in main.iter().enumerate() {
            let glyph = &components[i as usize];
            for y in glyph.top / CELL..=(glyph.bottom - 1) / CELL {
                for x in glyph.left / CELL..=(glyph.right - 1) / CELL {
                    cells.entry(y * columns + x).or_default().push(a);
                }
            }
        }
        Self { columns, cells }
    }

    /// Calls `take` for the glyphs within reach of a space or an accent; for some more than once.
    fn near(&self, of: &Component, mut take: impl FnMut(usize)) {
        let reach = of.height().clamp(16, 160);
        for y in of.top.saturating_sub(reach) / CELL..=(of.bottom + reach) / CELL {
            for x in of.left.saturating_sub(reach) / CELL..=((of.right + reach) / CELL).min(self.columns - 1)
            {
                for &a in self.cells.get(&(y * self.columns + x)).map_or(&[][..], Vec::as_slice) {
                    take(a);
                }
            }
        }
    }
}

fn segment(components: &[Component], group: &[u32]) -> Segment {
    let mut members = group.to_vec();
    members.sort_by_key(|&i| (components[i as usize].left, components[i as usize].top));
    let glyphs: Vec<Rect> = members.iter().map(|&i| Rect::of(&components[i as usize])).collect();
    let rect = glyphs.iter().copied().reduce(Rect::union).unwrap_or_default();
    let mut heights: Vec<u32> = glyphs.iter().map(|glyph| glyph.height).collect();
    heights.sort_unstable();
    let height = heights[heights.len() - 1 - heights.len() / 7];
    Segment { rect, glyphs, members, height }
}

/// Numbers of runs sorted by component, and each component's range among them.
fn by_component(ink: &Labelled) -> (Vec<u32>, Vec<std::ops::Range<usize>>) {
    let mut counts = vec![0usize; ink.components.len() + 1];
    for &label in &ink.label {
        counts[label as usize + 1] += 1;
    }
    for i in 1..counts.len() {
        counts[i] += counts[i - 1];
    }
    let spans = counts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    let mut order = vec![0u32; ink.runs.len()];
    for (i, &label) in ink.label.iter().enumerate() {
        order[counts[label as usize]] = i as u32;
        counts[label as usize] += 1;
    }
    (order, spans)
}
