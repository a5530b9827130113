//! Ways in which redacted pictures of other tools were undone, each tried on ours: through the built program, on
//! whole files, judged by the bytes of the output and by the pixels another decoder finds in it.

use crate::program::World;
use crate::support::pen::{Face, Ink, Palette, Pen};
use crate::support::planted::PixelBox;
use crate::support::score_pixels::is_one_colour;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;
use std::process::Command;

const ROSTER: &str = "Employee ID,First Name,Last Name\n\
    900017,Maren,Korsan\n900018,Mason,Kernan\n900019,Morna,Kosmen\n900020,Ágota,Jypqgő\n\
    900021,Mona,Kosen\n900022,Marena,Korsan\n";

/// A small form with a name on it, drawn in a typeface whose letters are all of one width.
fn form(name: &str) -> (RgbImage, Vec<PixelBox>) {
    let mut pen = Pen::new((480, 200), 1.0, Palette::LIGHT.paper);
    // Greys alone: few enough for a palette that is exact.
    let ink = Ink { face: Face::Mono, size: 15.0, colour: Rgb([28; 3]), value: None };
    pen.text(30.0, 50.0, ink, "Hire Reason");
    pen.text(200.0, 50.0, ink, "New position");
    pen.text(30.0, 90.0, ink, "Legal Name");
    pen.text(200.0, 90.0, Ink { value: Some(0), ..ink }, name);
    pen.text(30.0, 130.0, ink, "Cost Center");
    pen.text(200.0, 130.0, ink, "Engineering");
    let boxes = pen.words.iter().filter(|word| word.value.is_some()).map(|word| word.ink).collect();
    (pen.image, boxes)
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("pixels in memory");
    bytes.into_inner()
}

/// Redacts these pictures, named so; the outputs.
fn redacted(pictures: &[(&str, Vec<u8>)]) -> (World, Vec<Vec<u8>>) {
    let world = World::new();
    world.file("roster.csv", ROSTER);
    for (name, bytes) in pictures {
        world.file(&format!("in/{name}"), bytes);
    }
    let said = world.run(&["redact", "in", "-o", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let outputs = pictures
        .iter()
        .map(|(name, _)| std::fs::read(world.path(&format!("out/{name}"))).expect("an output"))
        .collect();
    (world, outputs)
}

/// The picture as the `ffmpeg` command decodes it.
fn decoded(world: &World, name: &str, (width, height): (u32, u32)) -> RgbImage {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(world.path(&format!("out/{name}")))
        .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .output()
        .expect("ffmpeg");
    RgbImage::from_raw(width, height, output.stdout).expect("one picture of that size")
}

fn grown(b: PixelBox, by: u32) -> PixelBox {
    PixelBox { left: b.left - by, top: b.top - by, width: b.width + 2 * by, height: b.height + 2 * by }
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).filter(|window| *window == what).count()
}

/// The kinds of a PNG's chunks, and where the last one ends.
fn chunks(png: &[u8]) -> (Vec<String>, usize) {
    let (mut at, mut kinds) = (8, Vec::new());
    while kinds.last().is_none_or(|kind| kind != "IEND") {
        kinds.push(String::from_utf8_lossy(&png[at + 4..at + 8]).into_owned());
        at += 12 + u32::from_be_bytes(png[at..at + 4].try_into().expect("four")) as usize;
    }
    (kinds, at)
}

/// The markers of a JPEG before its scan.
fn markers(jpeg: &[u8]) -> Vec<u8> {
    let (mut at, mut markers) = (2, Vec::new());
    while jpeg[at + 1] != 0xDA {
        markers.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    markers
}

/// A chunk with its checksum (PNG specification, annex D).
fn chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let body = [kind, content].concat();
    let mut sum = u32::MAX;
    for byte in &body {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
        }
    }
    [&(content.len() as u32).to_be_bytes()[..], &body, &(!sum).to_be_bytes()].concat()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

/// CVE-2023-21036 and CVE-2023-28303: the cropped picture was written over the longer original, whose end stayed.
#[test]
fn the_end_of_a_longer_file_does_not_stay_behind_a_shorter_one() {
    let (picture, _) = form("Maren Korsan");
    let larger = RgbImage::from_fn(900, 700, |x, y| Rgb([(x * 7) as u8, (y * 13) as u8, (x ^ y) as u8]));
    let formats = [
        ("a.png", ImageFormat::Png),
        ("a.jpg", ImageFormat::Jpeg),
        ("a.webp", ImageFormat::WebP),
        ("a.gif", ImageFormat::Gif),
        ("a.bmp", ImageFormat::Bmp),
        ("a.tiff", ImageFormat::Tiff),
    ];
    let inputs = formats.map(|(name, format)| {
        let mut bytes = encoded(&picture, format);
        let old = encoded(&larger, format);
        bytes.extend_from_slice(&old[bytes.len().min(old.len() / 2)..]);
        (name, bytes)
    });
    let (_, outputs) = redacted(&inputs);
    let [png, jpeg, webp, gif, bmp, tiff] = outputs.try_into().expect("six");
    assert_eq!(chunks(&png).1, png.len());
    assert!(jpeg.ends_with(&[0xff, 0xd9]) && count(&jpeg, &[0xff, 0xd9]) == 1);
    assert_eq!(u32::from_le_bytes(webp[4..8].try_into().expect("four")) as usize + 8, webp.len());
    assert!(gif.ends_with(&[0, 0x3b]) && gif.len() < 480 * 200);
    assert_eq!(u32::from_le_bytes(bmp[2..6].try_into().expect("four")) as usize, bmp.len());
    assert!(tiff.len() < 100_000, "its pixels, compressed");
}

#[test]
fn thumbnails_profiles_and_texts_do_not_come_along() {
    let (picture, _) = form("Maren Korsan");
    let mut png = encoded(&picture, ImageFormat::Png);
    let extra = [
        chunk(b"iCCP", b"planted\0\0x\x9c"),
        chunk(b"tEXt", b"Author\0planted"),
        chunk(b"zTXt", b"Comment\0\0planted"),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>planted</x:xmpmeta>"),
        chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0planted"),
        chunk(b"tIME", &[7, 231, 1, 1, 1, 1, 1]),
        chunk(b"prIv", b"planted"),
    ];
    png.splice(33..33, extra.concat());
    let thumbnail = encoded(&image::imageops::thumbnail(&picture, 120, 50), ImageFormat::Jpeg);
    let mut jpeg = encoded(&picture, ImageFormat::Jpeg);
    // A second directory of EXIF that holds a JPEG (EXIF 2.32, 4.8.1), and what else applications write.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\x0e\0\0\0\x02\0\x01\x02\x04\0\x01\0\0\0\x2c\0\0\0\x02\x02\x04\0\x01\0\0\0".to_vec();
    exif.extend_from_slice(&(thumbnail.len() as u32).to_le_bytes());
    exif.extend_from_slice(&[0; 4]);
    exif.extend_from_slice(&thumbnail);
    let extra = [
        segment(0xe1, &exif),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>planted</x:xmpmeta>"),
        segment(0xe2, b"ICC_PROFILE\0\x01\x01planted"),
        segment(0xed, b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x07planted\0"),
        segment(0xfe, b"planted"),
    ];
    jpeg.splice(2..2, extra.concat());
    assert!(count(&jpeg, &[0xff, 0xd8, 0xff]) == 2);
    let (_, outputs) = redacted(&[("a.png", png), ("a.jpg", jpeg)]);
    let mut kinds = chunks(&outputs[0]).0;
    kinds.dedup();
    assert_eq!(kinds, ["IHDR", "IDAT", "IEND"]);
    assert_eq!(count(&outputs[1], &[0xff, 0xd8, 0xff]), 1, "no picture inside the picture");
    let markers = markers(&outputs[1]);
    assert!(markers.iter().all(|marker| matches!(marker, 0xe0 | 0xdb | 0xc0 | 0xc4)), "{markers:x?}");
    assert!(outputs.iter().all(|output| !holds(output, b"planted")));
}

/// Cameras and editors put further pictures behind the first (CIPA DC-007): a preview, the uncropped original.
#[test]
fn pictures_behind_the_first_one_are_gone() {
    let (picture, _) = form("Maren Korsan");
    let mut jpeg = encoded(&picture, ImageFormat::Jpeg);
    let other = encoded(&form("Mason Kernan").0, ImageFormat::Jpeg);
    let mut index =
        b"MPF\0MM\0*\0\0\0\x08\0\x02\xb0\0\0\x07\0\0\0\x040100\xb0\x01\0\x04\0\0\0\x01\0\0\0\x02\0\0\0\0"
            .to_vec();
    index.extend_from_slice(&(jpeg.len() as u32).to_be_bytes());
    jpeg.splice(2..2, segment(0xe2, &index));
    jpeg.extend_from_slice(&other);
    let (_, outputs) = redacted(&[("a.jpg", jpeg)]);
    assert_eq!(count(&outputs[0], &[0xff, 0xd8, 0xff]), 1);
    assert_eq!(count(&outputs[0], &[0xff, 0xd9]), 1);
    assert!(!holds(&outputs[0], b"MPF"));
}

/// A viewer that knows no animation shows the picture before it; one that does, the frames behind it.
#[test]
fn frames_that_not_every_viewer_shows_are_not_passed_on() {
    let (picture, _) = form("Maren Korsan");
    let mut png = encoded(&picture, ImageFormat::Png);
    png.splice(33..33, chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]));
    let end = png.len() - 12;
    png.splice(end..end, chunk(b"fdAT", b"\0\0\0\0planted"));
    let world = World::new();
    world.file("in/a.png", png);
    let said = world.run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("frames") && !world.path("out").exists(), "{}", said.err);
}

/// Colours under full transparency: no viewer shows them, and every editor can.
#[test]
fn what_transparency_hides_is_gone() {
    let (picture, boxes) = form("Maren Korsan");
    let size = picture.dimensions();
    let ground = Palette::LIGHT.paper.0;
    // The whole form but the name is opaque; the name is there, and clear.
    let inside = |x: u32, y: u32| {
        boxes
            .iter()
            .any(|b| (b.left..b.left + b.width).contains(&x) && (b.top..b.top + b.height).contains(&y))
    };
    let hidden = RgbaImage::from_fn(size.0, size.1, |x, y| {
        let [red, green, blue] = picture.get_pixel(x, y).0;
        let ink = [red, green, blue] != ground;
        Rgba([red, green, blue, if ink && inside(x, y) { 0 } else { 255 }])
    });
    let mut rgba = Cursor::new(Vec::new());
    hidden.write_to(&mut rgba, ImageFormat::Png).expect("pixels in memory");
    let mut webp = Vec::new();
    image::codecs::webp::WebPEncoder::new_lossless(&mut webp)
        .write_image(hidden.as_raw(), size.0, size.1, ExtendedColorType::Rgba8)
        .expect("pixels in memory");
    // The same with one colour that is said to be clear (PNG specification, 11.3.2.1).
    let keyed = RgbImage::from_fn(size.0, size.1, |x, y| match *picture.get_pixel(x, y) {
        pixel if pixel.0 != ground && inside(x, y) => Rgb([1, 2, 3]),
        pixel => pixel,
    });
    let mut key = encoded(&keyed, ImageFormat::Png);
    key.splice(33..33, chunk(b"tRNS", &[0, 1, 0, 2, 0, 3]));
    let inputs = [("a.png", rgba.into_inner()), ("a.webp", webp), ("key.png", key)];
    let (world, _) = redacted(&inputs);
    for (name, _) in inputs {
        let after = decoded(&world, name, size);
        for &word in &boxes {
            assert!(is_one_colour(&after, word), "{name}");
        }
    }
}

/// What is filled says nothing of what was there: no blur, no mosaic, and no box that fits its word.
#[test]
fn outputs_do_not_depend_on_what_is_under_their_boxes() {
    let names = ["Maren Korsan", "Mason Kernan", "Morna Kosmen"];
    for (format, ending) in [(ImageFormat::Png, "png"), (ImageFormat::Jpeg, "jpg"), (ImageFormat::Gif, "gif")]
    {
        let inputs: Vec<Vec<u8>> = names
            .iter()
            .map(|name| match format {
                // Blocks at the edge of a box mix what they cover into the noise beside it: as saved by others.
                ImageFormat::Jpeg => {
                    let mut bytes = Vec::new();
                    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 100);
                    DynamicImage::ImageRgb8(form(name).0).write_with_encoder(encoder).expect("encoded");
                    bytes
                }
                format => encoded(&form(name).0, format),
            })
            .collect();
        assert!(inputs.windows(2).all(|pair| pair[0] != pair[1]));
        let titled: Vec<(String, Vec<u8>)> =
            (0..).zip(inputs).map(|(number, bytes)| (format!("{number}.{ending}"), bytes)).collect();
        let named: Vec<(&str, Vec<u8>)> =
            titled.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        let (_, outputs) = redacted(&named);
        assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]), "{ending}");
    }
}

#[test]
fn the_width_of_a_box_does_not_tell_the_word() {
    let names = ["Mona Kosen", "Maren Korsan", "Marena Korsan"];
    let titled: Vec<(String, Vec<u8>)> = (0..)
        .zip(names)
        .map(|(number, name)| (format!("{number}.png"), encoded(&form(name).0, ImageFormat::Png)))
        .collect();
    let named: Vec<(&str, Vec<u8>)> =
        titled.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let (world, _) = redacted(&named);
    let manifest = world.manifest("out");
    let files = manifest["files"].as_array().expect("files");
    let boxes: Vec<&serde_json::Value> = files.iter().map(|file| &file["boxes"]).collect();
    assert_eq!(boxes.len(), 3);
    assert!(boxes.windows(2).all(|pair| pair[0] == pair[1]), "{boxes:?}");
}

#[test]
fn accents_and_tails_of_letters_do_not_stick_out() {
    let (picture, boxes) = form("Ágota Jypqgő");
    let size = picture.dimensions();
    let inputs = [
        ("a.png", encoded(&picture, ImageFormat::Png)),
        ("a.webp", encoded(&picture, ImageFormat::WebP)),
        ("a.bmp", encoded(&picture, ImageFormat::Bmp)),
    ];
    let (world, _) = redacted(&inputs);
    for (name, _) in inputs {
        let after = decoded(&world, name, size);
        for &word in &boxes {
            let around = grown(word, 2);
            for (x, y) in (around.left..around.left + around.width)
                .flat_map(|x| (around.top..around.top + around.height).map(move |y| (x, y)))
            {
                assert_eq!(after.get_pixel(x, y).0, [0, 0, 0], "{name} {x},{y}");
            }
        }
    }
}
