//! Reduces a page to 256 colours, of which the fill is always one by itself: no pixel of a box, and no other,
//! takes a colour between the fill's and what is beside it.

use super::FILL;
use color_quant::NeuQuant;
use image::RgbImage;
use std::collections::HashMap;

/// Colours of a palette.
const COLOURS_MAX: usize = 256;
/// About as many pixels teach the network.
const SAMPLES: usize = 100_000;
/// Of so many pixels one does, at most: what the network takes.
const STEP_MAX: i32 = 30;

/// A page in colours of its own: red, green and blue of each, and each pixel's number.
pub(super) struct Indexed {
    pub(super) palette: Vec<u8>,
    pub(super) pixels: Vec<u8>,
}

/// As it is where it has 256 colours or fewer, else in the 255 that serve it best, and the fill.
pub(super) fn reduce(rgb: &RgbImage) -> Indexed {
    exact(rgb).unwrap_or_else(|| learnt(rgb))
}

fn exact(rgb: &RgbImage) -> Option<Indexed> {
    let mut numbers = HashMap::from([(FILL.0, 0u8)]);
    let mut palette = FILL.0.to_vec();
    let mut pixels = Vec::with_capacity(rgb.as_raw().len() / 3);
    let mut last = (FILL.0, 0);
    for pixel in rgb.pixels() {
        if pixel.0 != last.0 {
            let number = match numbers.get(&pixel.0) {
                Some(&number) => number,
                None if numbers.len() == COLOURS_MAX => return None,
                None => {
                    let number = numbers.len() as u8;
                    palette.extend_from_slice(&pixel.0);
                    numbers.insert(pixel.0, number);
                    number
                }
            };
            last = (pixel.0, number);
        }
        pixels.push(last.1);
    }
    Some(Indexed { palette, pixels })
}

fn learnt(rgb: &RgbImage) -> Indexed {
    let rgba: Vec<u8> = rgb.pixels().flat_map(|p| [p.0[0], p.0[1], p.0[2], 255]).collect();
    let step = i32::try_from(rgba.len() / 4 / SAMPLES).unwrap_or(STEP_MAX).clamp(1, STEP_MAX);
    let network = NeuQuant::new(step, COLOURS_MAX - 1, &rgba);
    drop(rgba);
    let mut palette = FILL.0.to_vec();
    palette.extend_from_slice(&network.color_map_rgb());
    let mut numbers = HashMap::from([(FILL.0, 0u8)]);
    let number = |pixel: &image::Rgb<u8>| {
        *numbers.entry(pixel.0).or_insert_with(|| {
            let [red, green, blue] = pixel.0;
            (network.index_of(&[red, green, blue, 255]) + 1) as u8
        })
    };
    let pixels = rgb.pixels().map(number).collect();
    Indexed { palette, pixels }
}
