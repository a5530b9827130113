//! Pictures of every format, looked at with decoders that share nothing with ours.

mod pages;

use super::*;
use std::io::Read;
use std::process::{Command, Stdio};

const FORMATS: [&str; 6] = ["png", "jpg", "webp", "bmp", "tiff", "gif"];

fn region(left: u32, top: u32, width: u32, height: u32) -> Region {
    Region { first_frame: 0, last_frame: 0, left, top, width, height }
}

/// Fine stripes everywhere, so that any pixel left unpainted shows.
fn stripes() -> RgbImage {
    RgbImage::from_fn(150, 90, |x, y| if (x + y) % 2 == 0 { Rgb([255, 250, 0]) } else { Rgb([0, 90, 255]) })
}

fn write(rgb: RgbImage, format: &str, regions: &[Region], out: &File) -> Result<(), Refusal> {
    let mut writer = Writer::start(out, Plan { format, pages: 1, repeat: None }, regions)?;
    writer.page(rgb, 0)?;
    writer.finish()
}

fn written(format: &str, regions: &[Region]) -> Vec<u8> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&[b'x'; 200_000]).unwrap();
    write(stripes(), format, regions, &file).unwrap();
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Decodes with ffmpeg's own decoders, which share nothing with ours.
fn decoded_by_ffmpeg(bytes: &[u8], format: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture").with_extension(format);
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&path)
        .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.stdout.len(), 150 * 90 * 3, "{format}");
    output.stdout
}

#[test]
fn boxes_are_of_one_colour_for_another_decoder() {
    let regions = [region(10, 7, 33, 11), region(120, 60, 400, 400)];
    for format in FORMATS {
        let pixels = decoded_by_ffmpeg(&written(format, &regions), format);
        let at = |x: usize, y: usize| &pixels[(y * 150 + x) * 3..][..3];
        for (x, y) in (0..150).flat_map(|x| (0..90).map(move |y| (x, y))) {
            let inside = (10..43).contains(&x) && (7..18).contains(&y) || x >= 120 && y >= 60;
            assert!(!inside || at(x, y) == [0, 0, 0], "{format} {x},{y}: {:?}", at(x, y));
        }
        assert!(at(100, 20).iter().any(|&value| value > 60), "{format}: the rest stays");
    }
}

#[test]
fn nothing_but_pixels_is_written() {
    for format in FORMATS {
        let bytes = written(format, &[region(0, 0, 5, 5)]);
        assert!(!bytes.windows(8).any(|window| window == b"xxxxxxxx"), "{format}: what was there before");
    }
    let png = written("png", &[]);
    let (mut at, mut kinds) = (8, Vec::new());
    while at < png.len() {
        kinds.push(png[at + 4..at + 8].to_vec());
        at += 12 + u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
    }
    kinds.dedup();
    assert_eq!((at, kinds), (png.len(), vec![b"IHDR".to_vec(), b"IDAT".to_vec(), b"IEND".to_vec()]));
    let jpeg = written("jpg", &[]);
    assert!(jpeg.ends_with(&[0xFF, 0xD9]));
    let (mut at, mut markers) = (2, Vec::new());
    while jpeg[at + 1] != 0xDA {
        markers.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    assert!(markers.iter().all(|marker| matches!(marker, 0xE0 | 0xDB | 0xC0 | 0xC4)), "{markers:x?}");
    let webp = written("webp", &[]);
    assert_eq!((&webp[..4], &webp[8..16]), (&b"RIFF"[..], &b"WEBPVP8L"[..]));
    let stated = u32::from_le_bytes(webp[4..8].try_into().unwrap()) as usize;
    assert_eq!(stated + 8, webp.len());
}

#[test]
fn a_box_off_the_picture_and_an_unknown_format_are_refused() {
    let file = tempfile::tempfile().unwrap();
    for bad in [region(150, 0, 5, 5), region(0, 90, 5, 5), region(3, 3, 0, 5)] {
        assert_eq!(write(stripes(), "png", &[bad], &file).unwrap_err().reason, Reason::Unwritable);
    }
    assert_eq!(write(stripes(), "tga", &[], &file).unwrap_err().reason, Reason::Unwritable);
}

#[test]
fn words_of_similar_width_get_boxes_of_one_width() {
    for side in [Side::Left, Side::Right] {
        let width = |width| pad(region(100, 50, width, 14), (1920, 1080), side).width;
        assert_eq!((width(55), width(66), width(82)), (96, 96, 96));
    }
}

proptest::proptest! {
    #[test]
    fn a_padded_box_holds_the_box_and_lies_on_the_page(
        page in (1u32..3000, 1u32..3000), left: u16, top: u16, width in 1u32..4000, height in 1u32..300,
        leftwards: bool,
    ) {
        let (left, top) = (u32::from(left) % page.0, u32::from(top) % page.1);
        let (width, height) = (width.min(page.0 - left), height.min(page.1 - top));
        let side = if leftwards { Side::Left } else { Side::Right };
        let padded = pad(region(left, top, width, height), page, side);
        proptest::prop_assert!(padded.left <= left && padded.top <= top);
        proptest::prop_assert!(padded.left + padded.width >= left + width);
        proptest::prop_assert!(padded.top + padded.height >= top + height);
        proptest::prop_assert!(padded.left + padded.width <= page.0);
        proptest::prop_assert!(padded.top + padded.height <= page.1);
        proptest::prop_assert!(padded.width.is_multiple_of(32) || padded.width == page.0);
    }
}
