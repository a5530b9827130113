//! Remembers what was read where, so that a blinking cursor or a page shown again costs nothing. Bounded in
//! bytes; the entry not used for longest goes first.

use super::tiles::{Area, Grid};
use crate::ocr::Word;
use image::GrayImage;

/// Pixels kept in all.
const BYTES_MAX: u64 = 24 << 20;

struct Entry {
    area: Area,
    pixels: GrayImage,
    words: Vec<Word>,
    used: u64,
}

/// What was read, by place and pixels.
#[derive(Default)]
pub(super) struct Cache {
    entries: Vec<Entry>,
    bytes: u64,
    clock: u64,
}

impl Cache {
    /// The words of an area that looked the same before, in coordinates of the frame.
    pub(super) fn get(&mut self, picture: &GrayImage, area: Area) -> Option<Vec<Word>> {
        if !self.entries.iter().any(|entry| entry.area == area) {
            return None;
        }
        let crop = crop(picture, area);
        let grid = Grid::new(crop.width(), crop.height());
        let mut changed = Vec::new();
        self.clock += 1;
        for entry in self.entries.iter_mut().rev().filter(|entry| entry.area == area) {
            grid.compare(&entry.pixels, &crop, &mut changed);
            if !changed.contains(&true) {
                entry.used = self.clock;
                return Some(entry.words.clone());
            }
        }
        None
    }

    /// Remembers the words of an area.
    pub(super) fn put(&mut self, picture: &GrayImage, area: Area, words: Vec<Word>) {
        if area.pixels() > BYTES_MAX / 2 {
            return;
        }
        self.clock += 1;
        self.bytes += area.pixels();
        self.entries.push(Entry { area, pixels: crop(picture, area), words, used: self.clock });
        while self.bytes > BYTES_MAX || self.entries.len() > 512 {
            let oldest = (0..self.entries.len()).min_by_key(|&i| self.entries[i].used);
            let Some(oldest) = oldest else { return };
            self.bytes -= self.entries.remove(oldest).area.pixels();
        }
    }
}

fn crop(picture: &GrayImage, area: Area) -> GrayImage {
    let (width, height) = (area.right - area.left, area.bottom - area.top);
    image::imageops::crop_imm(picture, area.left, area.top, width, height).to_image()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_pixels_at_the_same_place_are_known() {
        let mut cache = Cache::default();
        let white = GrayImage::from_pixel(64, 64, image::Luma([255]));
        let black = GrayImage::new(64, 64);
        let area = Area { left: 8, top: 8, right: 40, bottom: 40 };
        assert!(cache.get(&white, area).is_none());
        cache.put(&white, area, Vec::new());
        assert!(cache.get(&white, area).is_some());
        assert!(cache.get(&black, area).is_none());
        assert!(cache.get(&white, Area { left: 0, ..area }).is_none());
    }

    #[test]
    fn it_stays_bounded() {
        let mut cache = Cache::default();
        let page = GrayImage::new(2048, 2048);
        let area = Area { left: 0, top: 0, right: 2048, bottom: 2048 };
        for i in 0..20 {
            cache.put(&page, Area { top: i, ..area }, Vec::new());
            assert!(cache.bytes <= BYTES_MAX);
        }
        assert!(cache.get(&page, Area { top: 19, ..area }).is_some());
        assert!(cache.get(&page, area).is_none());
    }
}
