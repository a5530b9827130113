//! Hides boxes that a redaction filled before a page is read again. The engine takes the edge of a box for a
//! stroke and joins it to the words beside it: a label with a stroke is none, and its value is looked for
//! elsewhere. Only boxes that are solid are hidden: what shows inside one is read.

use custody_rules::Region;
use image::{GrayImage, Luma};

/// Brightest pixel of a filled box: black of studio range (16) and the noise of a codec.
const DARK_MAX: u8 = 64;
/// Pixels inside a box's edge that a codec may have mixed with what is beside it.
const SOFT_EDGE: u32 = 2;
/// Pixels that a box may be larger than stated: it is filled out to whole units of its codec.
const GROWTH_MAX: u32 = 16;
/// Difference up to which two pixels are of one colour.
const EVEN_MAX: u8 = 12;
/// Distance of the pixels whose colour takes the box's place.
const RING_DISTANCE: u32 = 3;

/// The filled boxes of a picture or a recording, frame by frame.
#[derive(Debug)]
pub struct Covered {
    /// Not begun yet, the earliest last.
    waiting: Vec<Region>,
    active: Vec<Region>,
}

/// Half-open columns and rows.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Covered {
    /// Takes the boxes in any order.
    pub fn new(regions: &[Region]) -> Self {
        let mut waiting = regions.to_vec();
        waiting.sort_by_key(|region| std::cmp::Reverse(region.first_frame));
        Self { waiting, active: Vec::new() }
    }

    /// Gives the solid boxes of a frame the colour around them. Frames come in rising order.
    pub fn hide(&mut self, page: &mut GrayImage, frame: u32) {
        while let Some(region) = self.waiting.pop_if(|region| region.first_frame <= frame) {
            self.active.push(region);
        }
        self.active.retain(|region| region.last_frame >= frame);
        let areas: Vec<Area> = self.active.iter().filter_map(|region| solid(page, region)).collect();
        for area in &areas {
            if let Some(colour) = surroundings(page, *area, &areas) {
                fill(page, area.grown(SOFT_EDGE, page), colour);
            }
        }
    }
}

impl Area {
    fn grown(self, by: u32, page: &GrayImage) -> Self {
        Self {
            left: self.left.saturating_sub(by),
            top: self.top.saturating_sub(by),
            right: (self.right + by).min(page.width()),
            bottom: (self.bottom + by).min(page.height()),
        }
    }

    fn holds(&self, x: u32, y: u32) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }

    fn is_dark(self, page: &GrayImage) -> bool {
        (self.top..self.bottom)
            .all(|y| (self.left..self.right).all(|x| page.get_pixel(x, y).0[0] <= DARK_MAX))
    }
}

/// The box as far as it was really filled; `None` where it is not solid.
fn solid(page: &GrayImage, region: &Region) -> Option<Area> {
    let (width, height) = page.dimensions();
    let mut area = Area {
        left: region.left.min(width),
        top: region.top.min(height),
        right: region.left.saturating_add(region.width).min(width),
        bottom: region.top.saturating_add(region.height).min(height),
    };
    let soft = |length: u32| if length > 4 * SOFT_EDGE { SOFT_EDGE } else { 0 };
    let (across, down) = (soft(area.right - area.left), soft(area.bottom - area.top));
    let inside = Area {
        left: area.left + across,
        top: area.top + down,
        right: area.right - across,
        bottom: area.bottom - down,
    };
    if inside.left >= inside.right || inside.top >= inside.bottom || !inside.is_dark(page) {
        return None;
    }
    for _ in 0..GROWTH_MAX {
        let before = area;
        if area.left > 0 && (Area { left: area.left - 1, right: area.left, ..inside }).is_dark(page) {
            area.left -= 1;
        }
        if area.right < width && (Area { left: area.right, right: area.right + 1, ..inside }).is_dark(page) {
            area.right += 1;
        }
        if area.top > 0 && (Area { top: area.top - 1, bottom: area.top, ..inside }).is_dark(page) {
            area.top -= 1;
        }
        if area.bottom < height
            && (Area { top: area.bottom, bottom: area.bottom + 1, ..inside }).is_dark(page)
        {
            area.bottom += 1;
        }
        if (before.left, before.top, before.right, before.bottom)
            == (area.left, area.top, area.right, area.bottom)
        {
            break;
        }
    }
    Some(area)
}

/// The colour of the pixels around a box that are in no other box; `None` where there is no such colour: a
/// box amid what moves stays as it is, for one that changed with each frame would be motion itself.
fn surroundings(page: &GrayImage, area: Area, all: &[Area]) -> Option<Luma<u8>> {
    let ring = area.grown(RING_DISTANCE, page);
    let across = (ring.left..ring.right).flat_map(|x| [(x, ring.top), (x, ring.bottom - 1)]);
    let down = (ring.top..ring.bottom).flat_map(|y| [(ring.left, y), (ring.right - 1, y)]);
    let free = across.chain(down).filter(|&(x, y)| !all.iter().any(|other| other.holds(x, y)));
    let mut colours: Vec<u8> = free.map(|(x, y)| page.get_pixel(x, y).0[0]).collect();
    let middle = colours.len() / 2;
    if colours.is_empty() {
        return None;
    }
    let median = *colours.select_nth_unstable(middle).1;
    let alike = colours.iter().filter(|colour| colour.abs_diff(median) <= EVEN_MAX).count();
    (alike * 4 >= colours.len() * 3).then_some(Luma([median]))
}

fn fill(page: &mut GrayImage, area: Area, colour: Luma<u8>) {
    for y in area.top..area.bottom {
        for x in area.left..area.right {
            page.put_pixel(x, y, colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(left: u32, top: u32, width: u32, height: u32) -> Region {
        Region { first_frame: 3, last_frame: 5, left, top, width, height }
    }

    fn page(boxes: &[(u32, u32, u32, u32)]) -> GrayImage {
        let mut page = GrayImage::from_pixel(100, 60, Luma([230]));
        for &(left, top, width, height) in boxes {
            fill(&mut page, Area { left, top, right: left + width, bottom: top + height }, Luma([18]));
        }
        page
    }

    fn darkest(page: &GrayImage) -> u8 {
        page.pixels().map(|pixel| pixel.0[0]).min().unwrap_or(0)
    }

    #[test]
    fn solid_boxes_vanish_on_their_frames() {
        // The second box was filled out to units of its codec; the third lies on the page's edge.
        let drawn = page(&[(10, 10, 30, 12), (48, 16, 32, 16), (80, 40, 20, 20)]);
        let mut covered =
            Covered::new(&[region(10, 10, 30, 12), region(50, 20, 28, 10), region(80, 40, 20, 20)]);
        for (frame, expected) in [(2, 18), (3, 230), (5, 230), (6, 18)] {
            let mut page = drawn.clone();
            covered.hide(&mut page, frame);
            assert_eq!(darkest(&page), expected, "{frame}");
        }
    }

    #[test]
    fn boxes_side_by_side_do_not_lend_each_other_their_black() {
        let mut page = page(&[(10, 10, 30, 12), (40, 10, 30, 12), (10, 22, 60, 12)]);
        let regions = [region(10, 10, 30, 12), region(40, 10, 30, 12), region(10, 22, 60, 12)];
        Covered::new(&regions).hide(&mut page, 3);
        assert_eq!(darkest(&page), 230);
    }

    #[test]
    fn what_shows_inside_a_box_is_left_to_be_read() {
        let mut page = page(&[(10, 10, 30, 12)]);
        page.put_pixel(20, 15, Luma([200]));
        let before = page.clone();
        Covered::new(&[region(10, 10, 30, 12), region(90, 50, 40, 40), region(200, 200, 5, 5)])
            .hide(&mut page, 3);
        assert_eq!(page, before);
    }
}
