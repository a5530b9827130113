//! Animations and pictures of several pages, looked at with the `ffmpeg` command.

use super::*;
use std::path::Path;

fn on(page: u32, last: u32, (left, top, width, height): (u32, u32, u32, u32)) -> Region {
    Region { first_frame: page, last_frame: last, left, top, width, height }
}

/// As many colours as pixels, so that each frame needs a palette that is learnt.
fn colourful(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(40 + x % 200) as u8, (50 + y % 200) as u8, (60 + (x + y) / 3) as u8])
    })
}

fn run(program: &str, arguments: &[&str], path: &Path) -> Vec<u8> {
    let (before, after) = arguments.split_at(arguments.iter().position(|a| *a == "FILE").unwrap());
    let output = Command::new(program)
        .args(["-v", "error"])
        .args(before)
        .arg(path)
        .args(&after[1..])
        .output()
        .unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

struct Written {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl Written {
    fn new(name: &'static str, repeat: Option<u16>, pages: &[(RgbImage, u32)], boxes: &[Region]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, vec![b'x'; 3_000_000]).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let format = name.rsplit_once('.').unwrap().1;
        let mut writer = Writer::start(&file, Plan { format, pages: pages.len(), repeat }, boxes).unwrap();
        for (page, duration_ms) in pages {
            writer.page(page.clone(), *duration_ms).unwrap();
        }
        writer.finish().unwrap();
        Self { folder, name }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join(self.name)
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }
}

#[test]
fn frames_of_an_animation_keep_their_times_and_lose_their_boxes() {
    let (width, height) = (120, 80);
    let pages: Vec<(RgbImage, u32)> = [250, 40, 1_000, 70].map(|ms| (colourful(width, height), ms)).into();
    let boxes = [on(1, 2, (10, 8, 60, 20)), on(3, 3, (100, 70, 400, 400))];
    let gif = Written::new("a.gif", Some(0), &pages, &boxes);
    let pixels = run(
        "ffmpeg",
        &["-i", "FILE", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        &gif.path(),
    );
    let frames: Vec<&[u8]> = pixels.chunks_exact((width * height * 3) as usize).collect();
    assert_eq!(frames.len(), 4);
    for (number, frame) in (0..).zip(frames) {
        for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
            let at = &frame[((y * width + x) * 3) as usize..][..3];
            let first = (1..=2).contains(&number) && (10..70).contains(&x) && (8..28).contains(&y);
            let inside = first || number == 3 && x >= 100 && y >= 70;
            if inside {
                assert_eq!(at, [0, 0, 0], "frame {number} {x},{y}");
            } else {
                // Nothing of what stays is dark, and nothing is far from what it was.
                let before = pages[0].0.get_pixel(x, y).0;
                assert_ne!(at, [0, 0, 0], "frame {number} {x},{y}");
                assert!(at.iter().zip(before).all(|(a, b)| a.abs_diff(b) < 50), "{number} {x},{y}");
            }
        }
    }
    let times =
        run("ffprobe", &["-show_entries", "packet=duration_time", "-of", "csv=p=0", "FILE"], &gif.path());
    let times: Vec<f64> = String::from_utf8(times)
        .unwrap()
        .lines()
        .map(|line| line.trim_end_matches(',').parse().unwrap())
        .collect();
    assert_eq!(times, [0.25, 0.04, 1.0, 0.07]);
}

/// Where the directory of each page of a little-endian TIFF is.
fn directories(bytes: &[u8]) -> Vec<usize> {
    let long = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let next = |at: usize| {
        let at = long(at);
        (at > 0).then(|| (at, at + 2 + 12 * usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))))
    };
    std::iter::successors(next(4), |&(_, end)| next(end)).map(|(at, _)| at).collect()
}

/// The blocks of a GIF by their first bytes, application blocks by their names; and where the last one ends.
fn blocks(bytes: &[u8]) -> (Vec<String>, usize) {
    let colours = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let (mut at, mut names) = (13 + colours(bytes[10]), Vec::new());
    loop {
        let name = match bytes[at] {
            0x21 if bytes[at + 1] == 0xff => String::from_utf8(bytes[at + 3..at + 14].to_vec()).unwrap(),
            0x21 => format!("{:02x}", bytes[at + 1]),
            other => format!("{other:02x}"),
        };
        names.push(name);
        at += match bytes[at] {
            0x21 => 2,
            0x2c => 11 + colours(bytes[at + 9]),
            _ => return (names, at + 1),
        };
        while bytes[at] != 0 {
            at += 1 + usize::from(bytes[at]);
        }
        at += 1;
    }
}

#[test]
fn an_animation_holds_frames_and_nothing_else() {
    let page = RgbImage::from_pixel(9, 7, Rgb([200, 100, 0]));
    let pages = [(page.clone(), 100), (page.clone(), 100)];
    for (repeat, first) in [(None, "f9"), (Some(0), "NETSCAPE2.0"), (Some(7), "NETSCAPE2.0")] {
        let bytes = Written::new("a.gif", repeat, &pages, &[]).bytes();
        let (names, end) = blocks(&bytes);
        assert_eq!(end, bytes.len(), "nothing stands behind the trailer");
        assert_eq!(names[0], first);
        let rest: Vec<&str> = names.iter().map(String::as_str).filter(|n| *n != "NETSCAPE2.0").collect();
        assert_eq!(rest, ["f9", "2c", "f9", "2c", "3b"]);
        let times = bytes.windows(2).position(|w| w == [3, 1]).map(|at| bytes[at + 2]);
        assert_eq!(times.filter(|_| repeat.is_some()), repeat.map(|times| times as u8));
    }
}

#[test]
fn pages_keep_their_sizes_and_lose_their_boxes() {
    let pages = [(colourful(120, 80), 0), (colourful(64, 200), 0), (colourful(31, 9), 0)];
    let boxes = [on(1, 1, (10, 8, 30, 20)), on(2, 2, (20, 4, 400, 400))];
    let tiff = Written::new("a.tiff", None, &pages, &boxes);
    let (bytes, path) = (tiff.bytes(), tiff.path().with_file_name("page.tiff"));
    let found = directories(&bytes);
    assert_eq!(found.len(), 3);
    for (number, ((page, _), directory)) in (0..).zip(pages.iter().zip(&found)) {
        // The command decodes first pages only.
        let mut alone = bytes.clone();
        alone[4..8].copy_from_slice(&(*directory as u32).to_le_bytes());
        std::fs::write(&path, alone).unwrap();
        let arguments = ["-i", "FILE", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
        let pixels = run("ffmpeg", &arguments, &path);
        assert_eq!(pixels.len(), page.as_raw().len(), "page {number}");
        for (at, (x, y, before)) in page.enumerate_pixels().enumerate().map(|(i, p)| (i * 3, p)) {
            let first = number == 1 && (10..40).contains(&x) && (8..28).contains(&y);
            let expected = if first || number == 2 && x >= 20 && y >= 4 { [0, 0, 0] } else { before.0 };
            assert_eq!(pixels[at..at + 3], expected, "page {number} {x},{y}");
        }
    }
    assert!(!bytes.windows(8).any(|window| window == b"xxxxxxxx"), "what was there before");
    for at in found {
        let entries = usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        for entry in bytes[at + 2..at + 2 + 12 * entries].chunks_exact(12) {
            let tag = u16::from_le_bytes([entry[0], entry[1]]);
            let needed = [256, 257, 258, 259, 262, 273, 277, 278, 279, 282, 283, 296, 317, 339];
            assert!(needed.contains(&tag), "tag {tag}");
        }
    }
}

#[test]
fn another_number_of_pages_than_planned_is_refused() {
    let file = tempfile::tempfile().unwrap();
    let page = RgbImage::new(5, 5);
    for format in ["gif", "tiff"] {
        let plan = Plan { format, pages: 2, repeat: None };
        let mut writer = Writer::start(&file, plan, &[]).unwrap();
        writer.page(page.clone(), 0).unwrap();
        assert!(Writer::finish(writer).is_err(), "{format}: one too few");
        let mut writer = Writer::start(&file, Plan { pages: 1, ..plan }, &[]).unwrap();
        writer.page(page.clone(), 0).unwrap();
        assert!(writer.page(page.clone(), 0).is_err(), "{format}: one too many");
    }
    assert!(Writer::start(&file, Plan { format: "png", pages: 2, repeat: None }, &[]).is_err());
}
