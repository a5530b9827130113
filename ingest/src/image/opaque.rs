//! Puts a picture on an opaque ground, so that every mark that can be seen on some ground is seen.

use image::{DynamicImage, Rgb, RgbImage, RgbaImage};

/// Alpha below this counts as nothing: what is hidden under it is gone.
const ALPHA_MIN: u8 = 16;
/// Difference of lightness at which a mark can be read.
const CONTRAST_MIN: u8 = 64;

/// Returns 8-bit pixels without transparency. The ground is white; black or grey where more of the
/// picture's marks would vanish on white.
pub(super) fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let ground = ground(&rgba);
    let (width, height) = rgba.dimensions();
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for pixel in rgba.pixels() {
        pixels.extend_from_slice(&over(pixel.0, ground).0);
    }
    RgbImage::from_raw(width, height, pixels).unwrap_or_default()
}

fn over([red, green, blue, alpha]: [u8; 4], ground: u8) -> Rgb<u8> {
    let alpha = if alpha < ALPHA_MIN { 0 } else { u32::from(alpha) };
    let mix = |value: u8| ((u32::from(value) * alpha + u32::from(ground) * (255 - alpha) + 127) / 255) as u8;
    Rgb([mix(red), mix(green), mix(blue)])
}

/// White, unless black or grey tells clearly more of the visible pixels apart from it.
fn ground(rgba: &RgbaImage) -> u8 {
    let mut lightness = [0u64; 256];
    let mut clear = 0u64;
    for pixel in rgba.pixels() {
        let [red, green, blue, alpha] = pixel.0;
        if alpha < ALPHA_MIN {
            clear += 1;
        } else {
            let light = (u32::from(red) * 2 + u32::from(green) * 5 + u32::from(blue)) / 8;
            lightness[light as usize] += u64::from(alpha);
        }
    }
    if clear == 0 {
        return 255;
    }
    let readable = |ground: u8| -> u64 {
        (0..=255u8)
            .filter(|&light| light.abs_diff(ground) >= CONTRAST_MIN)
            .map(|light| lightness[light as usize])
            .sum()
    };
    let white = readable(255);
    let (black, grey) = (readable(0), readable(128));
    let (best, ground) = if grey > black { (grey, 128) } else { (black, 0) };
    if best > white + white / 50 { ground } else { 255 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    fn check(ink: &[u8], expected: u8) {
        let mut picture = RgbaImage::from_pixel(20, 20, Rgba([9, 9, 9, 0]));
        for (x, &value) in ink.iter().enumerate() {
            picture.put_pixel(x as u32, 5, Rgba([value, value, value, 255]));
        }
        let rgb = opaque(DynamicImage::ImageRgba8(picture));
        assert_eq!(rgb.get_pixel(10, 10).0, [expected; 3], "{ink:?}");
        for (x, &value) in ink.iter().enumerate() {
            assert_eq!(rgb.get_pixel(x as u32, 5).0, [value; 3]);
        }
    }

    #[test]
    fn the_ground_is_one_on_which_the_marks_can_be_seen() {
        check(&[0, 20, 40], 255);
        check(&[255, 250, 240], 0);
        check(&[0, 0, 255, 255], 128);
        check(&[], 255);
    }

    #[test]
    fn colour_under_full_transparency_is_gone() {
        let hidden = RgbaImage::from_pixel(4, 4, Rgba([200, 10, 10, 3]));
        assert!(opaque(DynamicImage::ImageRgba8(hidden)).pixels().all(|pixel| pixel.0 == [255; 3]));
    }
}
