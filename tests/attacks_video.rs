//! Ways in which redacted recordings of other tools were undone, each tried on ours: through the built program,
//! on every frame, judged by what the `ffmpeg` and `ffprobe` commands find in the output.

use crate::program::World;
use crate::support::pen::{Face, Ink, Palette, Pen};
use crate::support::planted::PixelBox;
use crate::support::score_pixels::is_one_colour;
use image::RgbImage;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const ROSTER: &str = "Employee ID,First Name,Last Name\n900017,Maren,Korsan\n";
const SIZE: (u32, u32) = (640, 240);

/// A small form, with a name on it from a left edge on, or without.
fn frame(name_from: Option<f32>) -> (RgbImage, Vec<PixelBox>) {
    let mut pen = Pen::new(SIZE, 1.0, Palette::LIGHT.paper);
    let ink = Ink { face: Face::Liberation, size: 17.0, colour: Palette::LIGHT.ink, value: None };
    for (row, (label, value)) in (0..).zip([
        ("Hire Reason", "New position"),
        ("Cost Center", "Engineering"),
        ("Status", "In progress"),
    ]) {
        let y = 40.0 + 36.0 * row as f32;
        pen.text(30.0, y, ink, label);
        pen.text(180.0, y, ink, value);
    }
    if let Some(x) = name_from {
        pen.text(x, 190.0, Ink { value: Some(0), ..ink }, "Maren Korsan");
    }
    let boxes = pen.words.iter().filter(|word| word.value.is_some()).map(|word| word.ink).collect();
    (pen.image, boxes)
}

fn ffmpeg(world: &World, arguments: &[&str]) {
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(arguments)
        .current_dir(world.path(""))
        .status()
        .expect("ffmpeg");
    assert!(done.success(), "{arguments:?}");
}

/// Records frames, ten a second, into a file.
fn record(path: &Path, frames: &[RgbImage]) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"])
        .args(["-s", &format!("{}x{}", SIZE.0, SIZE.1), "-r", "10", "-i", "-"])
        .args(["-c:v", "libx264", "-crf", "14", "-pix_fmt", "yuv420p"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("ffmpeg");
    let mut pipe = child.stdin.take().expect("a pipe");
    frames.iter().for_each(|frame| pipe.write_all(frame.as_raw()).expect("taken"));
    drop(pipe);
    assert!(child.wait().expect("ends").success());
}

/// All frames of a file; `before` are options of the reader.
fn frames(path: &Path, before: &[&str]) -> Vec<RgbImage> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error"])
        .args(before)
        .arg("-i")
        .arg(path)
        .args(["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .output()
        .expect("ffmpeg");
    let size = (SIZE.0 * SIZE.1 * 3) as usize;
    assert!(!output.stdout.is_empty() && output.stdout.len().is_multiple_of(size));
    let picture = |bytes: &[u8]| RgbImage::from_raw(SIZE.0, SIZE.1, bytes.to_vec()).expect("as large");
    output.stdout.chunks_exact(size).map(picture).collect()
}

fn probe(path: &Path, what: &[&str]) -> String {
    let output =
        Command::new("ffprobe").args(["-v", "error", "-of", "csv=p=0"]).args(what).arg(path).output();
    String::from_utf8(output.expect("ffprobe").stdout).expect("ASCII").trim().to_owned()
}

fn redact(world: &World) {
    world.file("roster.csv", ROSTER);
    let said = world.run(&["redact", "in", "-o", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
}

/// Redacts a recording of these frames; no name is left on any frame, and the labels are.
fn check(shown: &[Option<f32>]) -> World {
    let world = World::new();
    let drawn: Vec<(RgbImage, Vec<PixelBox>)> = shown.iter().map(|&from| frame(from)).collect();
    let pictures: Vec<RgbImage> = drawn.iter().map(|(picture, _)| picture.clone()).collect();
    record(&world.path("in/a.mp4"), &pictures);
    redact(&world);
    let after = frames(&world.path("out/a.mp4"), &[]);
    assert_eq!(after.len(), shown.len());
    let label = PixelBox { left: 30, top: 28, width: 60, height: 14 };
    for (number, (picture, (_, boxes))) in after.iter().zip(&drawn).enumerate() {
        for &word in boxes {
            assert!(is_one_colour(picture, word), "frame {number}: {word:?}");
        }
        assert!(!is_one_colour(picture, label), "frame {number}: the label is gone");
    }
    world
}

#[test]
fn a_name_in_the_very_first_frame_alone() {
    let mut shown = vec![None; 12];
    shown[0] = Some(180.0);
    check(&shown);
}

#[test]
fn a_name_in_the_very_last_frame_alone() {
    let mut shown = vec![None; 12];
    shown[11] = Some(180.0);
    check(&shown);
}

#[test]
fn a_name_that_moves_is_covered_where_it_is_and_not_a_frame_late() {
    let shown: Vec<Option<f32>> =
        (0..24).map(|n| Some(30.0 + 9.0 * (n as f32 - 4.0).clamp(0.0, 14.0))).collect();
    check(&shown);
}

/// What comes and goes is covered on each frame, and the file begins with a picture that needs no other.
#[test]
fn no_frame_is_coded_from_one_that_was_not_redacted() {
    let shown: Vec<Option<f32>> = (0..30).map(|n| (8..23).contains(&n).then_some(180.0)).collect();
    let world = check(&shown);
    let path = world.path("out/a.mp4");
    let frames = probe(&path, &["-show_entries", "frame=key_frame,pict_type"]);
    let kinds: Vec<&str> =
        frames.lines().map(|l| l.trim_end_matches(',')).filter(|l| !l.is_empty()).collect();
    assert_eq!((kinds.len(), kinds[0]), (30, "1,I"));
    // Without pictures coded from later ones, none reaches over a key frame.
    assert!(kinds[1..].iter().all(|kind| matches!(*kind, "0,P" | "1,I")), "{kinds:?}");
    assert_eq!(probe(&path, &["-show_entries", "stream=has_b_frames"]), "0");
    let times = probe(&path, &["-show_entries", "packet=pts,dts"]);
    assert!(times.lines().all(|line| line.split(',').next() == line.split(',').nth(1)), "{times}");
}

/// Cutting without encoding leaves the frames before the cut in the file; a list says that they are not shown.
#[test]
fn frames_that_only_an_edit_list_hides_are_gone() {
    let world = World::new();
    let shown: Vec<Option<f32>> = (0..30).map(|n| (n < 10).then_some(180.0)).collect();
    let pictures: Vec<RgbImage> = shown.iter().map(|&from| frame(from).0).collect();
    record(&world.path("whole.mp4"), &pictures);
    std::fs::create_dir(world.path("in")).expect("a folder");
    ffmpeg(&world, &["-ss", "1.5", "-i", "whole.mp4", "-c", "copy", "in/cut.mp4"]);
    let (cut, ignored) = (world.path("in/cut.mp4"), ["-ignore_editlist", "1"]);
    let name = frame(Some(180.0)).1[0];
    assert!(frames(&cut, &[]).len() < 20);
    assert!(!is_one_colour(&frames(&cut, &ignored)[0], name), "the name is in the file");
    redact(&world);
    let out = world.path("out/cut.mp4");
    assert_eq!(frames(&out, &ignored).len(), frames(&out, &[]).len());
    assert_eq!(frames(&out, &[]).len(), frames(&cut, &[]).len());
    for (number, picture) in frames(&out, &ignored).iter().enumerate() {
        assert!(is_one_colour(picture, name), "frame {number}");
    }
    let bytes = std::fs::read(&out).expect("written");
    let reaches_in = bytes.windows(4).position(|kind| kind == b"elst").map(|at| {
        // How many entries, and where the first begins in the track (ISO 14496-12, 8.6.6).
        (bytes[at + 8..at + 12].to_vec(), bytes[at + 16..at + 20].to_vec())
    });
    assert!(
        reaches_in.is_none_or(|list| list == (vec![0, 0, 0, 1], vec![0; 4])),
        "no list hides a beginning"
    );
}

/// Titles, chapters, captions, covers, time codes and user data of the codec.
#[test]
fn nothing_but_pictures_is_in_the_output() {
    let world = World::new();
    record(&world.path("plain.mp4"), &vec![frame(None).0; 10]);
    frame(Some(180.0)).0.save(world.path("cover.png")).expect("written");
    world.file("s.srt", "1\n00:00:00,000 --> 00:00:01,000\nplanted subtitle\n");
    world.file(
        "m.txt",
        ";FFMETADATA1\ntitle=planted title\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=planted chapter\n",
    );
    std::fs::create_dir(world.path("in")).expect("a folder");
    let sei = "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+planted-sei";
    let inputs = ["-i", "plain.mp4", "-i", "cover.png", "-i", "s.srt", "-i", "m.txt"];
    let maps = ["-map", "0:v", "-map", "1:v", "-map", "2:s", "-map_metadata", "3", "-map_chapters", "3"];
    let codecs = ["-c", "copy", "-c:s", "mov_text", "-disposition:v:1", "attached_pic", "-bsf:v:0", sei];
    let tags = ["-timecode", "01:00:00:00", "-metadata:s:v:0", "handler_name=planted handler", "in/a.mp4"];
    ffmpeg(&world, &[&inputs[..], &maps, &codecs, &tags].concat());
    let kinds = probe(&world.path("in/a.mp4"), &["-show_entries", "stream=codec_type"]);
    assert!(
        kinds.matches("video").count() == 2 && kinds.contains("subtitle") && kinds.contains("data"),
        "{kinds}"
    );
    redact(&world);
    let out = world.path("out/a.mp4");
    assert_eq!(probe(&out, &["-show_entries", "stream=codec_type"]), "video");
    assert_eq!(probe(&out, &["-show_chapters"]), "");
    let bytes = std::fs::read(&out).expect("written");
    let list = bytes.windows(4).position(|kind| kind == b"ilst").map(|at| &bytes[at - 4..at]);
    assert!(list.is_none_or(|size| size == [0, 0, 0, 8]), "a list of tags, if there is one, is empty");
    for left in [&b"planted"[..], b"IHDR", b"covr", b"tmcd", b"chpl"] {
        assert!(!bytes.windows(left.len()).any(|window| window == left), "{}", String::from_utf8_lossy(left));
    }
}

/// A telephone held upright records lying frames and a matrix; cut to the matrix alone, boxes land elsewhere.
#[test]
fn a_recording_that_is_shown_turned_is_redacted_where_it_is_seen() {
    let world = World::new();
    record(&world.path("upright.mp4"), &vec![frame(Some(180.0)).0; 8]);
    std::fs::create_dir(world.path("in")).expect("a folder");
    ffmpeg(
        &world,
        &["-i", "upright.mp4", "-vf", "transpose=1", "-crf", "14", "-pix_fmt", "yuv420p", "lying.mp4"],
    );
    ffmpeg(&world, &["-i", "lying.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", "in/a.mp4"]);
    assert_eq!(
        probe(&world.path("in/a.mp4"), &["-show_entries", "stream=width,height"]).get(..7),
        Some("240,640")
    );
    redact(&world);
    let out = world.path("out/a.mp4");
    assert_eq!(probe(&out, &["-show_entries", "stream=width,height:stream_side_data"]), "640,240");
    let label = PixelBox { left: 30, top: 28, width: 60, height: 14 };
    for picture in frames(&out, &["-noautorotate"]) {
        assert!(frame(Some(180.0)).1.iter().all(|&word| is_one_colour(&picture, word)));
        assert!(!is_one_colour(&picture, label));
    }
}
