//! Fills boxes of a decoded picture with solid black, straight in its planes. Knows no codec and no file.

use custody_rules::Region;
use ffmpeg_next::frame;

/// The boxes of a recording, handed out frame by frame in order.
pub(super) struct Regions {
    /// Not begun yet, the earliest last.
    waiting: Vec<Region>,
    active: Vec<Region>,
}

impl Regions {
    /// Takes the boxes in any order.
    pub(super) fn new(regions: &[Region]) -> Self {
        let mut waiting = regions.to_vec();
        waiting.sort_by_key(|region| std::cmp::Reverse(region.first_frame));
        Self { waiting, active: Vec::new() }
    }

    /// The boxes of a frame. Frames must be asked for in rising order.
    pub(super) fn at(&mut self, frame: u32) -> &[Region] {
        while let Some(region) = self.waiting.pop_if(|region| region.first_frame <= frame) {
            self.active.push(region);
        }
        self.active.retain(|region| region.last_frame >= frame);
        &self.active
    }
}

/// Which black: that of studio range, or that of full range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Black(pub(super) u8);

/// Fills one box of a 4:2:0 picture, out to even edges so that no coloured pixel is shared.
pub(super) fn fill(picture: &mut frame::Video, region: &Region, Black(luma): Black) {
    let (width, height) = (picture.width(), picture.height());
    let (left, top) = (region.left / 2 * 2, region.top / 2 * 2);
    let right = region.left.saturating_add(region.width).min(width).next_multiple_of(2);
    let bottom = region.top.saturating_add(region.height).min(height).next_multiple_of(2);
    if region.left >= width || region.top >= height || region.width == 0 || region.height == 0 {
        return;
    }
    let chroma = (left / 2..right / 2, top / 2..bottom / 2);
    fill_plane(picture, 0, (left..right.min(width), top..bottom.min(height)), luma);
    fill_plane(picture, 1, chroma.clone(), 128);
    fill_plane(picture, 2, chroma, 128);
}

fn fill_plane(
    picture: &mut frame::Video,
    plane: usize,
    (columns, rows): (std::ops::Range<u32>, std::ops::Range<u32>),
    value: u8,
) {
    let stride = picture.stride(plane);
    let (skip, count) = (rows.start as usize, rows.len());
    let columns = columns.start as usize..columns.end as usize;
    for row in picture.data_mut(plane).chunks_mut(stride).skip(skip).take(count) {
        if let Some(pixels) = row.get_mut(columns.clone()) {
            pixels.fill(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ffmpeg_next::format::Pixel;
    use proptest::prelude::*;

    fn region(first: u32, last: u32) -> Region {
        Region { first_frame: first, last_frame: last, left: first, top: 0, width: 1, height: 1 }
    }

    #[test]
    fn a_box_is_active_from_its_first_to_its_last_frame() {
        let all = [region(5, 9), region(0, 2), region(7, 7), region(0, u32::MAX)];
        let mut regions = Regions::new(&all);
        for frame in 0..20 {
            let mut got = regions.at(frame).to_vec();
            let mut wanted: Vec<Region> =
                all.iter().filter(|r| r.first_frame <= frame && frame <= r.last_frame).copied().collect();
            got.sort();
            wanted.sort();
            assert_eq!(got, wanted);
        }
    }

    proptest! {
        #[test]
        fn every_pixel_of_the_box_is_black_and_little_else(
            (width, height) in (1u32..40, 1u32..40),
            (left, top, w, h) in (0u32..50, 0u32..50, 1u32..50, 1u32..50),
        ) {
            let mut picture = frame::Video::new(Pixel::YUV420P, width, height);
            for plane in 0..3 {
                picture.data_mut(plane).fill(200);
            }
            let region = Region { first_frame: 0, last_frame: 0, left, top, width: w, height: h };
            fill(&mut picture, &region, Black(16));
            let inside = |x: u32, y: u32, by: u32| {
                let (x0, x1) = (left.saturating_sub(by), left + w + by);
                let (y0, y1) = (top.saturating_sub(by), top + h + by);
                (x0..x1).contains(&x) && (y0..y1).contains(&y)
            };
            for y in 0..height {
                for x in 0..width {
                    let luma = picture.data(0)[y as usize * picture.stride(0) + x as usize];
                    let chroma = picture.data(1)[(y / 2) as usize * picture.stride(1) + (x / 2) as usize];
                    if inside(x, y, 0) {
                        prop_assert_eq!((luma, chroma), (16, 128));
                    } else if !inside(x, y, 1) {
                        prop_assert_eq!((luma, chroma), (200, 200));
                    }
                }
            }
        }
    }
}
