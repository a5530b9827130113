//! Makes every text dark on white: finds the flat areas that are backgrounds (page, dark mode, header bar,
//! button, table cell) and takes each pixel's distance from the background it stands on.

use super::runs::{Component, Join, Labelled, Run, label};
use image::GrayImage;

/// Greatest difference inside one run of background; JPEG noise of flat areas stays below it.
const NOISE: u8 = 6;
/// Greatest difference between parts of one background.
const DRIFT: u8 = 8;
/// Pixels from which on a flat area is a background whatever its shape.
const AREA_MIN: u64 = 4_000;
/// Contrast below which a background's marks are taken for noise and not stretched further.
const CONTRAST_MIN: u32 = 30;

/// Returns the page with all text dark on white. Areas without a flat background keep their pixels.
pub(super) fn flatten(page: &GrayImage) -> GrayImage {
    let flat = label(flat_runs(page), Join { tolerance: DRIFT, diagonal: false });
    let is_background = backgrounds(&flat);
    let rows = row_ranges(&flat.runs, page.height());
    let mut seen = vec![[0u32; 256]; is_background.iter().filter(|slot| slot.is_some()).count()];
    for y in 0..page.height() {
        each_mark(page, (&flat, &is_background), (y, rows[y as usize].clone()), |_, mark| {
            seen[mark.slot][mark.distance as usize] += 1;
        });
    }
    let gains: Vec<f32> = seen.iter().map(gain).collect();
    let mut out = GrayImage::from_pixel(page.width(), page.height(), image::Luma([255]));
    for y in 0..page.height() {
        let mut any = false;
        each_mark(page, (&flat, &is_background), (y, rows[y as usize].clone()), |x, mark| {
            any = true;
            let dark = (f32::from(mark.distance) * gains[mark.slot]).min(255.0);
            out.put_pixel(x, y, image::Luma([255 - dark as u8]));
        });
        if !any && !has_background(&flat, &is_background, rows[y as usize].clone()) {
            copy_row(page, &mut out, y);
        }
    }
    out
}

/// A pixel that is not background.
struct Mark {
    /// Which background it stands on.
    slot: usize,
    /// How far it is from it.
    distance: u8,
}

fn flat_runs(page: &GrayImage) -> Vec<Run> {
    let mut runs = Vec::new();
    for (y, row) in page.as_raw().chunks_exact(page.width().max(1) as usize).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let (start, value) = (x, row[x]);
            while x < row.len() && row[x].abs_diff(value) <= NOISE {
                x += 1;
            }
            if x - start >= 3 {
                runs.push(Run { row: y as u32, start: start as u32, end: x as u32, value });
            }
        }
    }
    runs
}

/// For each row the range of its runs.
fn row_ranges(runs: &[Run], height: u32) -> Vec<std::ops::Range<usize>> {
    let mut ranges = vec![0..0; height as usize];
    let mut start = 0;
    for i in 0..runs.len() {
        if i + 1 == runs.len() || runs[i + 1].row != runs[i].row {
            ranges[runs[i].row as usize] = start..i + 1;
            start = i + 1;
        }
    }
    ranges
}

/// For each component the number of its background, if it is one: large, or a solid rectangle.
fn backgrounds(flat: &Labelled) -> Vec<Option<usize>> {
    let sides = sides(flat);
    let mut next = 0;
    flat.components
        .iter()
        .zip(&sides)
        .map(|(component, sides)| {
            (component.area >= AREA_MIN || is_plate(component, sides)).then(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}

/// How much of a component's box is filled at its edges.
#[derive(Debug, Clone, Copy, Default)]
struct Sides {
    /// Rows that reach the left and the right edge, but for a rounded corner.
    upright: [u32; 2],
    /// Pixels of the first and of the last row.
    level: [u32; 2],
    /// Holes in the bands of rows at the top and at the bottom that are free of text on a plate and on a disc.
    plate_holes: u32,
    disc_holes: u32,
    /// Row and end of the run before.
    last: Option<(u32, u32)>,
}

/// Pixels that a hole in a row is wider than.
const HOLE_MIN: u32 = 2;

/// Rows of the band above the text on a plate.
fn plate_band(height: u32) -> u32 {
    (height * 22 / 100).max(2)
}

/// Rows of the band above the initials on a disc.
fn disc_band(height: u32) -> u32 {
    (height * 28 / 100).max(3)
}

fn sides(flat: &Labelled) -> Vec<Sides> {
    let mut sides = vec![Sides::default(); flat.components.len()];
    for (run, &label) in flat.runs.iter().zip(&flat.label) {
        let component = &flat.components[label as usize];
        let slack = 2 + component.height() / 10;
        let counts = &mut sides[label as usize];
        counts.upright[0] += u32::from(run.start <= component.left + slack);
        counts.upright[1] += u32::from(run.end + slack >= component.right);
        let (above, below) = (run.row - component.top, component.bottom - 1 - run.row);
        for (edge, distance) in [above, below].into_iter().enumerate() {
            if distance == 0 {
                counts.level[edge] += run.end - run.start;
            }
        }
        // Soft edges divide a run, too, but by a pixel or two.
        let hole = counts
            .last
            .replace((run.row, run.end))
            .is_some_and(|(row, end)| row == run.row && run.start.saturating_sub(end) > HOLE_MIN);
        let near = above.min(below);
        counts.plate_holes += u32::from(hole && near < plate_band(component.height()));
        counts.disc_holes += u32::from(hole && near < disc_band(component.height()));
    }
    sides
}

/// Tells a button, bar, cell or disc from a letter's stroke. The sides of a button are solid; what is no wider than a
/// letter must also be whole above and below its text, which no letter with a hole in it is.
fn is_plate(component: &Component, sides: &Sides) -> bool {
    let (width, height) = (component.width(), component.height());
    let wide = 2 * width >= 3 * height;
    let upright = |percent: u32| sides.upright.iter().all(|&side| side * 100 >= height * percent);
    let level = || sides.level.iter().all(|&side| side * 100 >= width * 60);
    let filled = |percent: u64| component.area * 100 >= u64::from(width) * u64::from(height) * percent;
    let square = 5 * width >= 4 * height && 5 * height >= 4 * width;
    let button = width >= 20 && height >= 12 && filled(40) && level();
    let disc = square && height >= 18 && filled(45) && upright(55) && sides.disc_holes == 0;
    disc || (button && if wide { upright(50) } else { upright(65) && sides.plate_holes == 0 })
}

fn has_background(flat: &Labelled, slots: &[Option<usize>], row: std::ops::Range<usize>) -> bool {
    flat.label[row].iter().any(|&label| slots[label as usize].is_some())
}

/// Calls `take` for each pixel of a row that is not background; it stands on the nearest one of the row.
fn each_mark(
    page: &GrayImage,
    (flat, slots): (&Labelled, &[Option<usize>]),
    (y, row): (u32, std::ops::Range<usize>),
    mut take: impl FnMut(u32, Mark),
) {
    let width = page.width();
    let pixels = &page.as_raw()[y as usize * width as usize..(y as usize + 1) * width as usize];
    let mut before: Option<(Run, usize)> = None;
    let mut next_pixel = 0;
    let grounds = row.filter_map(|i| slots[flat.label[i] as usize].map(|slot| (flat.runs[i], slot)));
    for after in grounds.map(Some).chain([None]) {
        let gap_end = after.map_or(width, |(run, _)| run.start);
        for x in next_pixel..gap_end {
            let ground = match (before, after) {
                (Some(left), Some(right)) if right.0.start - x < x - (left.0.end - 1) => right,
                (Some(left), _) => left,
                (None, Some(right)) => right,
                (None, None) => return,
            };
            let distance = pixels[x as usize].abs_diff(ground.0.value);
            take(x, Mark { slot: ground.1, distance });
        }
        if let Some((run, _)) = after {
            next_pixel = run.end;
            before = after;
        }
    }
}

/// Stretches the marks on one background so that the strongest of them become black.
fn gain(distances: &[u32; 256]) -> f32 {
    let total: u32 = distances[16..].iter().sum();
    let mut above = 0;
    let strong = (16..256).rev().find(|&distance| {
        above += distances[distance];
        above * 20 >= total.max(1)
    });
    240.0 / (strong.unwrap_or(255) as u32).max(CONTRAST_MIN) as f32
}

/// Keeps a row without any background; a dark one is inverted.
fn copy_row(page: &GrayImage, out: &mut GrayImage, y: u32) {
    let sum: u64 = (0..page.width()).map(|x| u64::from(page.get_pixel(x, y).0[0])).sum();
    let dark = sum < 112 * u64::from(page.width());
    for x in 0..page.width() {
        let value = page.get_pixel(x, y).0[0];
        out.put_pixel(x, y, image::Luma([if dark { 255 - value } else { value }]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    fn fill(page: &mut GrayImage, (left, top, width, height): (u32, u32, u32, u32), value: u8) {
        for y in top..top + height {
            for x in left..left + width {
                page.put_pixel(x, y, Luma([value]));
            }
        }
    }

    #[test]
    fn marks_become_dark_on_white_whatever_they_stand_on() {
        for (ground, button, ink) in [(255, 60, 250), (20, 200, 30), (128, 255, 128)] {
            let mut page = GrayImage::from_pixel(300, 200, Luma([ground]));
            fill(&mut page, (20, 20, 2, 10), if ground < 100 { 230 } else { 10 });
            fill(&mut page, (100, 100, 60, 24), button);
            fill(&mut page, (120, 106, 2, 12), ink);
            let flat = flatten(&page);
            assert!(flat.get_pixel(20, 25).0[0] < 40, "mark on the page");
            assert!(flat.get_pixel(120, 110).0[0] < 40, "mark on the button");
            assert_eq!(flat.get_pixel(110, 110).0[0], 255, "the button itself");
            assert_eq!(flat.get_pixel(5, 5).0[0], 255, "the page itself");
        }
    }

    #[test]
    fn letters_of_a_large_heading_are_no_background() {
        let mut page = GrayImage::from_pixel(300, 200, Luma([255]));
        fill(&mut page, (20, 20, 8, 40), 0);
        fill(&mut page, (50, 20, 8, 40), 0);
        fill(&mut page, (50, 36, 30, 8), 0);
        fill(&mut page, (74, 20, 8, 40), 0);
        let flat = flatten(&page);
        assert!(flat.get_pixel(24, 40).0[0] < 40 && flat.get_pixel(60, 40).0[0] < 40);
    }

    /// A disc with a soft edge.
    fn disc(page: &mut GrayImage, (x, y, radius): (i64, i64, i64), value: u8) {
        for (px, py) in (-radius..=radius).flat_map(|dx| (-radius..=radius).map(move |dy| (dx, dy))) {
            let inside = (radius as f32 - ((px * px + py * py) as f32).sqrt() + 0.5).clamp(0.0, 1.0);
            let pixel = page.get_pixel_mut((x + px) as u32, (y + py) as u32);
            pixel.0[0] = (f32::from(pixel.0[0]) * (1.0 - inside) + f32::from(value) * inside).round() as u8;
        }
    }

    #[test]
    fn initials_on_a_disc_are_dark_on_white_and_a_ring_is_a_letter() {
        for radius in [12, 20, 30] {
            let mut page = GrayImage::from_pixel(300, 200, Luma([255]));
            disc(&mut page, (100, 100, radius), 90);
            let stroke = (radius / 2) as u32;
            fill(&mut page, (97, 100 - stroke / 2, 2, stroke), 255);
            fill(&mut page, (103, 100 - stroke / 2, 2, stroke), 255);
            let flat = flatten(&page);
            assert!(flat.get_pixel(98, 100).0[0] < 60, "the stroke on {radius}");
            assert_eq!(flat.get_pixel(101, 100 - radius as u32 * 3 / 4).0[0], 255, "the disc {radius}");
            let mut page = GrayImage::from_pixel(300, 200, Luma([255]));
            disc(&mut page, (100, 100, radius), 20);
            disc(&mut page, (100, 100, radius * 6 / 10), 255);
            let flat = flatten(&page);
            assert!(flat.get_pixel(100, 100 - radius as u32 * 8 / 10).0[0] < 60, "the ring {radius}");
        }
    }

    #[test]
    fn noise_and_tiny_pages_are_kept() {
        let noise = GrayImage::from_fn(97, 31, |x, y| Luma([(x * 97 + y * 57 + x * y * 31) as u8]));
        assert_eq!(flatten(&noise).dimensions(), (97, 31));
        assert_eq!(flatten(&GrayImage::new(1, 1)).dimensions(), (1, 1));
        assert_eq!(flatten(&GrayImage::new(0, 0)).dimensions(), (0, 0));
    }
}
