//! Animations and pictures of several pages: what is shown, and what is refused before it costs anything.

use super::*;
use image::Delay;
use image::codecs::gif::{GifEncoder, Repeat};

const RED: Rgb<u8> = Rgb([255, 0, 0]);
const GREEN: Rgb<u8> = Rgb([0, 200, 0]);
const BLUE: Rgb<u8> = Rgb([0, 0, 255]);

/// A GIF made byte by byte: a screen of 8×8, frames of one colour (of red, green, blue and none) in a box.
struct Gif(Vec<u8>);

impl Gif {
    fn new() -> Self {
        let mut bytes = b"GIF89a\x08\0\x08\0\x91\0\0".to_vec();
        for colour in [RED, GREEN, BLUE, Rgb([9, 9, 9])] {
            bytes.extend_from_slice(&colour.0);
        }
        Self(bytes)
    }

    fn repeat(mut self, times: u16) -> Self {
        self.0.extend_from_slice(b"\x21\xff\x0bNETSCAPE2.0\x03\x01");
        self.0.extend_from_slice(&times.to_le_bytes());
        self.0.push(0);
        self
    }

    fn comment(mut self, text: &[u8]) -> Self {
        self.0.extend_from_slice(&[0x21, 0xfe, text.len() as u8]);
        self.0.extend_from_slice(text);
        self.0.push(0);
        self
    }

    /// A frame of `colour` (3: transparent) at `left, top, width, height`, disposed of in the given way.
    fn frame(mut self, colour: u8, place: [u16; 4], (disposal, delay): (u8, u8)) -> Self {
        self.0.extend_from_slice(&[0x21, 0xf9, 4, disposal << 2 | 1, delay, 0, 3, 0, 0x2c]);
        place.iter().for_each(|side| self.0.extend_from_slice(&side.to_le_bytes()));
        self.0.extend_from_slice(&[0, 2]);
        // Codes of three bits: a table is begun anew before each pixel, so that codes never grow.
        let (mut bits, mut count, mut data) = (0u32, 0, Vec::new());
        let pixels = u32::from(place[2]) * u32::from(place[3]);
        let codes = (0..pixels).flat_map(|_| [4, u32::from(colour)]).chain([5]);
        for code in codes {
            bits |= code << count;
            count += 3;
            while count >= 8 {
                data.push(bits as u8);
                (bits, count) = (bits >> 8, count - 8);
            }
        }
        data.push(bits as u8);
        for block in data.chunks(255) {
            self.0.push(block.len() as u8);
            self.0.extend_from_slice(block);
        }
        self.0.push(0);
        self
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(0x3b);
        self.0
    }
}

const WHOLE: [u16; 4] = [0, 0, 8, 8];

fn all(bytes: &[u8]) -> (Pages, Vec<Page>) {
    let mut pages = open(bytes, &Limits::default()).unwrap();
    let mut found = Vec::new();
    while let Some(page) = pages.next_page().unwrap() {
        found.push(page);
    }
    (pages, found)
}

#[test]
fn frames_are_whole_as_they_are_shown() {
    let bytes = Gif::new()
        .comment(b"planted")
        .repeat(3)
        .frame(0, WHOLE, (1, 10))
        .frame(1, [2, 2, 3, 4], (2, 25)) // taken away again: what is under it is clear
        .frame(2, [6, 0, 2, 2], (3, 0)) // back to what was there before it
        .frame(3, WHOLE, (0, 7))
        .end();
    let (pages, frames) = all(&bytes);
    assert_eq!((pages.format(), pages.count(), pages.repeat()), ("gif", 4, Some(3)));
    let durations: Vec<u32> = frames.iter().map(|frame| frame.duration_ms).collect();
    assert_eq!(durations, [100, 250, 0, 70]);
    let at = |frame: usize, x, y| *frames[frame].rgb.get_pixel(x, y);
    assert_eq!([at(0, 0, 0), at(0, 7, 7)], [RED; 2]);
    assert_eq!([at(1, 0, 0), at(1, 2, 2), at(1, 4, 5), at(1, 5, 5)], [RED, GREEN, GREEN, RED]);
    let ground = at(2, 3, 3);
    assert_eq!([at(2, 0, 0), at(2, 6, 1)], [RED, BLUE]);
    assert!(![RED, GREEN, BLUE].contains(&ground), "what was disposed of is gone");
    assert_eq!([at(3, 6, 1), at(3, 3, 3)], [RED, ground]);
    let summary = pages.summary();
    assert_eq!((summary.width, summary.height, summary.frames, summary.duration_ms), (8, 8, 4, 420));
}

#[test]
fn how_often_an_animation_is_shown_is_known() {
    for (times, expected) in [(None, None), (Some(0), Some(0)), (Some(9), Some(9))] {
        let gif = times.map_or_else(Gif::new, |times| Gif::new().repeat(times));
        assert_eq!(all(&gif.frame(0, WHOLE, (0, 1)).end()).0.repeat(), expected);
    }
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    let frames = [[1u8, 2, 3, 255], [200, 2, 3, 255]].map(|colour| {
        let delay = Delay::from_numer_denom_ms(1230, 1);
        Frame::from_parts(RgbaImage::from_pixel(70, 30, Rgba(colour)), 0, 0, delay)
    });
    encoder.encode_frames(frames).unwrap();
    drop(encoder);
    let (pages, frames) = all(&bytes);
    assert_eq!((pages.count(), pages.repeat(), frames[1].duration_ms), (2, Some(0), 1230));
    assert_eq!(frames[1].rgb.get_pixel(0, 0).0, [200, 2, 3]);
}

#[test]
fn broken_animations_are_refused() {
    let whole = Gif::new().frame(0, WHOLE, (0, 1)).frame(1, WHOLE, (0, 1)).end();
    assert_eq!(all(&whole).1.len(), 2);
    for keep in 0..whole.len() {
        let reason = reason(&whole[..keep]);
        let expected = [Reason::Truncated, Reason::Unsupported, Reason::Empty];
        assert!(expected.contains(&reason), "{keep}: {reason:?}");
    }
    assert_eq!(reason(&Gif::new().end()), Reason::Empty);
    assert_eq!(reason(&Gif::new().comment(b"x").end()), Reason::Empty);
    for place in [[1, 0, 8, 8], [0, 3, 8, 6], [7, 7, 65535, 1], [0, 0, 0, 5]] {
        let mut gif = Gif::new();
        gif.0.extend_from_slice(&[0x2c]);
        place.iter().for_each(|side: &u16| gif.0.extend_from_slice(&side.to_le_bytes()));
        gif.0.extend_from_slice(&[0, 2, 1, 0x44, 0]);
        assert_eq!(reason(&gif.end()), Reason::Malformed, "{place:?}");
    }
    // Pixels that end too early are no frame.
    let mut short = Gif::new();
    short.0.extend_from_slice(b"\x2c\0\0\0\0\x08\0\x08\0\0\x02\x01\x44\0");
    assert!(matches!(reason(&short.end()), Reason::Malformed | Reason::Truncated));
    let mut huge = Gif::new();
    huge.0[6..10].copy_from_slice(&[0xff; 4]);
    assert_eq!(reason(&huge.frame(0, WHOLE, (0, 1)).end()), Reason::TooLarge);
}

#[test]
fn too_many_pages_are_refused_before_any_is_decoded() {
    let refused = |bytes: &[u8], limits: Limits| open(bytes, &limits).err().map(|refusal| refusal.reason);
    let few = Limits { pages_max: 2, ..Limits::default() };
    let small = Limits { pages_pixels_max: 2 * 64, ..Limits::default() };
    let gif = |count: u8| (0..count).fold(Gif::new(), |gif, _| gif.frame(0, WHOLE, (0, 1))).end();
    let page = RgbImage::from_pixel(8, 8, RED);
    let tiff = |count: usize| tiff(&vec![page.clone(); count], false).0;
    for limits in [few, small] {
        assert_eq!(refused(&gif(2), limits), None);
        assert_eq!(refused(&gif(3), limits), Some(Reason::TooLarge));
        assert_eq!(refused(&tiff(2), limits), None);
        assert_eq!(refused(&tiff(3), limits), Some(Reason::TooLarge));
    }
}

/// A TIFF of uncompressed pages, little or big endian, and where each page's directory is.
fn tiff(pages: &[RgbImage], is_big_endian: bool) -> (Vec<u8>, Vec<usize>) {
    let short = |n: u16| if is_big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let long = |n: u32| if is_big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let mut bytes = if is_big_endian { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
    let (mut pointer, mut directories) = (bytes.len(), Vec::new());
    bytes.extend_from_slice(&[0; 4]);
    for page in pages {
        let pixels = bytes.len() as u32;
        bytes.extend_from_slice(page.as_raw());
        bytes.extend_from_slice(&vec![0; bytes.len() % 2]);
        let bits = bytes.len() as u32;
        [8, 8, 8].iter().for_each(|&n| bytes.extend_from_slice(&short(n)));
        let directory = bytes.len();
        let (width, height) = page.dimensions();
        let entries: [(u16, u16, u32, u32); 9] = [
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 3, bits),
            (259, 3, 1, 1),
            (262, 3, 1, 2),
            (273, 4, 1, pixels),
            (277, 3, 1, 3),
            (278, 4, 1, height),
            (279, 4, 1, width * height * 3),
        ];
        bytes.extend_from_slice(&short(entries.len() as u16));
        for (tag, kind, count, value) in entries {
            bytes.extend_from_slice(&[short(tag), short(kind)].concat());
            bytes.extend_from_slice(&long(count));
            let inline = [short(value as u16), [0, 0]].concat();
            let value = if kind == 3 && count == 1 { inline } else { long(value).to_vec() };
            bytes.extend_from_slice(&value);
        }
        bytes[pointer..pointer + 4].copy_from_slice(&long(directory as u32));
        pointer = bytes.len();
        bytes.extend_from_slice(&[0; 4]);
        directories.push(directory);
    }
    (bytes, directories)
}

#[test]
fn pages_of_several_sizes_follow_one_another() {
    let drawn = [(10, 20, RED), (31, 7, GREEN), (5, 5, BLUE)].map(|(w, h, c)| RgbImage::from_pixel(w, h, c));
    for is_big_endian in [false, true] {
        let (pages, found) = all(&tiff(&drawn, is_big_endian).0);
        assert_eq!((pages.format(), pages.count(), pages.repeat()), ("tiff", 3, None));
        assert!(found.iter().map(|page| &page.rgb).eq(&drawn), "{is_big_endian}");
        assert_eq!(found.iter().map(|page| page.number).collect::<Vec<_>>(), [0, 1, 2]);
        let summary = pages.summary();
        assert_eq!((summary.width, summary.height, summary.frames), (31, 20, 3));
    }
}

#[test]
fn broken_chains_of_pages_are_refused() {
    let page = RgbImage::from_pixel(9, 9, RED);
    let (whole, directories) = tiff(&[page.clone(), page.clone(), page], false);
    let last = whole.len() - 4;
    for (target, expected) in [
        (directories[2] as u32, Reason::Malformed),
        (directories[0] as u32, Reason::Malformed),
        (u32::MAX, Reason::Truncated),
        (last as u32 + 2, Reason::Truncated),
    ] {
        let mut bytes = whole.clone();
        bytes[last..].copy_from_slice(&target.to_le_bytes());
        assert_eq!(reason(&bytes), expected, "{target}");
    }
    for keep in (8..whole.len()).step_by(7) {
        assert_eq!(reason(&whole[..keep]), Reason::Truncated, "{keep}");
    }
    let mut none = whole.clone();
    none[4..8].copy_from_slice(&[0; 4]);
    assert_eq!(reason(&none), Reason::Empty);
    let mut nested = whole;
    let entry = directories[1] + 2;
    nested[entry..entry + 2].copy_from_slice(&330u16.to_le_bytes());
    assert_eq!(reason(&nested), Reason::Unsupported);
}
