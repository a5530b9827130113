//! Animations and pictures of several pages through the built program; the `ffmpeg` command decodes what came
//! out, and the pixels of the drawn values decide.

use crate::program::World;
use crate::support::page::{Layout, Look, Page, draw};
use crate::support::pen::Face;
use crate::support::people::Cast;
use crate::support::score_pixels::is_one_colour;
use crate::support::seed::Seed;
use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, DynamicImage, Frame, RgbImage};
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use tiff::encoder::{TiffEncoder, colortype::RGB8};

/// Three screens of different people, at so many device pixels each.
fn screens(cast: &Cast, scales: [f32; 3]) -> Vec<Page> {
    let layouts = [Layout::FormBeside, Layout::Table, Layout::FormAbove];
    let screens = layouts.iter().zip(scales).zip(5..).map(|((&layout, scale), seed)| {
        let look = Look { dark: layout == Layout::Table, size: 15.0, scale, face: Face::Liberation };
        draw(layout, look, cast, &Seed::new(seed))
    });
    screens.collect()
}

fn ffmpeg(arguments: &[&str], path: &Path) -> Vec<u8> {
    let (before, after) = arguments.split_at(arguments.iter().position(|a| *a == "-i").expect("-i") + 1);
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error"]).args(before).arg(path).args(after);
    let output = command.args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]).output().expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn pictures(pixels: &[u8], (width, height): (u32, u32)) -> Vec<RgbImage> {
    let size = (width * height * 3) as usize;
    assert_eq!(pixels.len() % size, 0, "whole pictures");
    pixels
        .chunks_exact(size)
        .map(|frame| RgbImage::from_raw(width, height, frame.to_vec()).expect("as large"))
        .collect()
}

/// No value is left on the page, and nearly all else is.
fn check(page: &Page, after: &RgbImage, what: &str) {
    assert_eq!(page.image.dimensions(), after.dimensions(), "{what}");
    let (mut harmless, mut lost) = (0, 0);
    for word in page.words.iter().filter(|word| word.text.chars().filter(|c| c.is_alphanumeric()).count() > 1)
    {
        let gone = is_one_colour(after, word.ink);
        match word.value {
            Some(_) => assert!(gone, "{what}: {} at {:?}", word.text, word.ink),
            None => (harmless, lost) = (harmless + 1, lost + u32::from(gone)),
        }
    }
    assert!(harmless > 10 && lost * 5 <= harmless, "{what}: {lost} of {harmless} harmless words");
}

fn redact(world: &World, name: &str, cast: &Cast) -> Vec<String> {
    world.file("roster.csv", cast.roster_csv());
    let said = world.run(&["redact", "in", "-o", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = world.run(&["verify", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    let manifest = world.manifest("out");
    let file = &manifest["files"][0];
    assert_eq!((file["path"].as_str(), file["kind"].as_str()), (Some(name), Some("image")));
    let boxes = file["boxes"].as_array().expect("boxes").iter();
    boxes.map(|b| b.as_str().expect("text").to_owned()).collect()
}

#[test]
fn every_frame_of_an_animation_is_redacted() {
    let world = World::new();
    let cast = Cast::new(&Seed::new(11), 12);
    let screens = screens(&cast, [1.0; 3]);
    let mut gif = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut gif, 10);
    encoder.set_repeat(Repeat::Finite(4)).expect("written");
    // The second screen stands still for two frames.
    let shown = [(0, 1_000), (1, 120), (1, 250), (2, 3_000)];
    for (screen, ms) in shown {
        let rgba = DynamicImage::ImageRgb8(screens[screen].image.clone()).into_rgba8();
        let delay = Delay::from_numer_denom_ms(ms, 1);
        encoder.encode_frame(Frame::from_parts(rgba, 0, 0, delay)).expect("written");
    }
    drop(encoder);
    // A comment, and something behind the trailer.
    let first = gif.windows(2).position(|pair| pair == [0x21, 0xf9]).expect("a frame");
    gif.splice(first..first, *b"\x21\xfe\x07planted\0");
    gif.extend_from_slice(b"planted behind the end");
    world.file("in/screens.gif", &gif);
    let boxes = redact(&world, "screens.gif", &cast);
    assert!(boxes.iter().any(|b| !b.contains('@')), "{boxes:?}");
    for frames in ["@1-2", "@3-3"] {
        assert!(boxes.iter().any(|b| b.ends_with(frames)), "{frames}: {boxes:?}");
    }
    let path = world.path("out/screens.gif");
    let bytes = std::fs::read(&path).expect("written");
    assert!(!bytes.windows(7).any(|window| window == b"planted") && bytes.ends_with(&[0, 0x3b]));
    assert!(bytes.windows(16).any(|window| window == b"NETSCAPE2.0\x03\x01\x04\0\0"), "shown as often");
    let pixels = ffmpeg(&["-i", "-fps_mode", "passthrough"], &path);
    let frames = pictures(&pixels, screens[0].image.dimensions());
    assert_eq!(frames.len(), 4);
    for (number, ((screen, _), frame)) in shown.iter().zip(&frames).enumerate() {
        check(&screens[*screen], frame, &format!("frame {number}"));
    }
    let times = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "packet=duration_time", "-of", "csv=p=0"])
        .arg(&path)
        .output()
        .expect("ffprobe");
    let times = String::from_utf8(times.stdout).expect("ASCII");
    let times: Vec<&str> = times.lines().map(|line| line.trim_end_matches(',')).collect();
    assert_eq!(times, ["1.000000", "0.120000", "0.250000", "3.000000"]);
}

/// Where the directory of each page of a little-endian TIFF is.
fn directories(bytes: &[u8]) -> Vec<usize> {
    let long = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four")) as usize;
    let next = |at: usize| {
        let at = long(at);
        (at > 0).then(|| (at, at + 2 + 12 * usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))))
    };
    std::iter::successors(next(4), |&(_, end)| next(end)).map(|(at, _)| at).collect()
}

#[test]
fn every_page_of_a_tiff_is_redacted() {
    let world = World::new();
    let cast = Cast::new(&Seed::new(12), 12);
    let screens = screens(&cast, [1.0, 1.5, 1.0]);
    let mut tiff = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut tiff).expect("written");
    for page in &screens {
        let (width, height) = page.image.dimensions();
        encoder.write_image::<RGB8>(width, height, page.image.as_raw()).expect("written");
    }
    world.file("in/scan.tif", tiff.into_inner());
    let boxes = redact(&world, "scan.tif", &cast);
    for frames in ["@1-1", "@2-2"] {
        assert!(boxes.iter().any(|b| b.ends_with(frames)), "{frames}: {boxes:?}");
    }
    let bytes = std::fs::read(world.path("out/scan.tif")).expect("written");
    let directories = directories(&bytes);
    assert_eq!(directories.len(), 3);
    for (number, (page, directory)) in screens.iter().zip(directories).enumerate() {
        // The command decodes first pages only.
        let mut alone = bytes.clone();
        alone[4..8].copy_from_slice(&(directory as u32).to_le_bytes());
        let pixels = ffmpeg(&["-i"], &world.file("page.tif", alone));
        let found = pictures(&pixels, page.image.dimensions());
        check(page, &found[0], &format!("page {number}"));
    }
}

#[test]
fn findings_of_later_pages_are_listed_with_them() {
    let world = World::new();
    let cast = Cast::new(&Seed::new(13), 12);
    let screens = screens(&cast, [1.0; 3]);
    let mut tiff = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut tiff).expect("written");
    let (width, height) = screens[0].image.dimensions();
    let blank = RgbImage::from_pixel(width, height, image::Rgb([255; 3]));
    for image in [&blank, &screens[0].image] {
        encoder.write_image::<RGB8>(width, height, image.as_raw()).expect("written");
    }
    world.file("in/scan.tiff", tiff.into_inner());
    world.file("roster.csv", cast.roster_csv());
    let said = world.run(&["scan", "in", "--json", "--roster", "roster.csv"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let findings: Vec<serde_json::Value> =
        said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let pages: Vec<u64> = findings.iter().filter_map(|f| f["place"]["first_frame"].as_u64()).collect();
    assert!(pages.len() > 3 && pages.iter().all(|&page| page == 1), "{}", said.out);
}
