//! Pictures of every format, whole and broken.

use super::*;
use image::{ExtendedColorType, ImageEncoder, Rgb, Rgba, RgbaImage};
use std::io::Write;

mod pages;

const FORMATS: [(ImageFormat, &str); 6] = [
    (ImageFormat::Png, "png"),
    (ImageFormat::Jpeg, "jpg"),
    (ImageFormat::WebP, "webp"),
    (ImageFormat::Bmp, "bmp"),
    (ImageFormat::Tiff, "tiff"),
    (ImageFormat::Gif, "gif"),
];

fn picture() -> RgbImage {
    RgbImage::from_fn(64, 48, |x, _| if x < 32 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn open(bytes: &[u8], limits: &Limits) -> Result<Pages, Refusal> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Pages::open(&file, limits)
}

/// The first page, once all have been decoded.
fn try_decode(bytes: &[u8]) -> Result<RgbImage, Refusal> {
    let mut pages = open(bytes, &Limits::default())?;
    let mut first = None;
    while let Some(page) = pages.next_page()? {
        first.get_or_insert(page.rgb);
    }
    first.ok_or_else(|| Refusal::new(Reason::Empty, "no page"))
}

fn reason(bytes: &[u8]) -> Reason {
    try_decode(bytes).expect_err("refused").reason
}

/// A PNG chunk with its checksum.
fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for &byte in kind.iter().chain(content) {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let mut bytes = (content.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(&kind);
    bytes.extend_from_slice(content);
    bytes.extend_from_slice(&(!crc).to_be_bytes());
    bytes
}

/// An EXIF block whose only entry is the orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    bytes.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

#[test]
fn every_format_is_decoded_by_its_content() {
    for (format, name) in FORMATS {
        let bytes = encoded(format);
        let found = open(&bytes, &Limits::default()).unwrap();
        assert_eq!((found.format(), found.count()), (name, 1));
        let rgb = try_decode(&bytes).unwrap();
        assert_eq!(rgb.dimensions(), (64, 48));
        let [red, _, blue] = rgb.get_pixel(10, 10).0;
        assert!(red > 240 && blue < 20, "{name}");
    }
}

#[test]
fn every_truncation_is_refused() {
    for (format, name) in FORMATS {
        let bytes = encoded(format);
        for keep in [bytes.len() - 1, bytes.len() / 2, 40, 12] {
            let reason = reason(&bytes[..keep.min(bytes.len() - 1)]);
            let expected = [Reason::Truncated, Reason::Malformed, Reason::Unsupported];
            assert!(expected.contains(&reason), "{name} {keep}: {reason:?}");
        }
    }
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let bytes = encoded(format);
        assert_eq!(reason(&bytes[..bytes.len() - 3]), Reason::Truncated);
    }
    assert_eq!(reason(b""), Reason::Empty);
    assert_eq!(reason(b"no picture at all"), Reason::Unsupported);
}

#[test]
fn a_huge_header_is_refused_before_anything_is_allocated() {
    let header = [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0];
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for part in [chunk(*b"IHDR", &header), chunk(*b"IDAT", &[0x78, 0x9c]), chunk(*b"IEND", &[])] {
        png.extend(part);
    }
    let started = std::time::Instant::now();
    assert_eq!(reason(&png), Reason::TooLarge);
    let mut jpeg = encoded(ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    assert_eq!(reason(&jpeg), Reason::TooLarge);
    let mut bmp = encoded(ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0x60, 0xEA, 0, 0, 0x60, 0xEA, 0, 0]);
    assert_eq!(reason(&bmp), Reason::TooLarge);
    assert!(started.elapsed().as_secs() < 2);
}

#[test]
fn animated_png_and_webp_are_refused() {
    let png = encoded(ImageFormat::Png);
    let mut animated = png[..33].to_vec();
    animated.extend(chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]));
    animated.extend_from_slice(&png[33..]);
    assert_eq!(reason(&animated), Reason::Unsupported);

    let mut webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x3f\0\0\x2f\0\0".to_vec();
    webp.extend_from_slice(b"ANIM\x06\0\0\0\0\0\0\0\0\0");
    let size = (webp.len() as u32 - 8).to_le_bytes();
    webp[4..8].copy_from_slice(&size);
    assert_eq!(reason(&webp), Reason::Unsupported);
}

#[test]
fn the_exif_orientation_is_applied() {
    let png = encoded(ImageFormat::Png);
    let mut turned = png[..33].to_vec();
    turned.extend(chunk(*b"eXIf", &exif(6)));
    turned.extend_from_slice(&png[33..]);
    let rgb = try_decode(&turned).unwrap();
    assert_eq!(rgb.dimensions(), (48, 64));
    assert_eq!(rgb.get_pixel(24, 5).0, [255, 0, 0]);
    assert_eq!(rgb.get_pixel(24, 60).0, [0, 0, 255]);

    let jpeg = encoded(ImageFormat::Jpeg);
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(exif(3));
    let mut turned = jpeg[..2].to_vec();
    turned.extend_from_slice(&[0xFF, 0xE1]);
    turned.extend_from_slice(&(segment.len() as u16 + 2).to_be_bytes());
    turned.extend(segment);
    turned.extend_from_slice(&jpeg[2..]);
    assert!(try_decode(&turned).unwrap().get_pixel(5, 5).0[2] > 200);
}

#[test]
fn deep_and_transparent_pictures_become_eight_bit_and_opaque() {
    let deep: Vec<u8> = (0..8 * 8).flat_map(|_| 0xC000u16.to_ne_bytes()).collect();
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes).write_image(&deep, 8, 8, ExtendedColorType::L16).unwrap();
    assert_eq!(try_decode(&bytes).unwrap().get_pixel(3, 3).0, [191; 3]);

    let mut bytes = Cursor::new(Vec::new());
    let clear = RgbaImage::from_pixel(9, 9, Rgba([1, 2, 3, 0]));
    clear.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let rgb = try_decode(&bytes.into_inner()).unwrap();
    assert!(rgb.pixels().all(|pixel| pixel.0 == [255; 3]));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
    #[test]
    fn damaged_pictures_never_panic(format in 0usize..6, at in 0.0f64..1.0, byte: u8, cut in 0.0f64..1.0) {
        let mut bytes = encoded(FORMATS[format].0);
        let at = (at * bytes.len() as f64) as usize;
        bytes[at] = byte;
        bytes.truncate((bytes.len() as f64 * (0.3 + 0.7 * cut)) as usize);
        let _ = try_decode(&bytes);
    }
}
