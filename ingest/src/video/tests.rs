//! Reads recordings made by the `ffmpeg` command, whose texts and times are known.

mod motion;
mod odd;

use super::*;
use custody_rules::Reason;
use custody_rules::table::word_rows;
use std::path::{Path, PathBuf};
use std::process::Command;

const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

/// One row of words, owned.
#[derive(Debug, Clone)]
struct Row {
    text: String,
    confidence: f32,
    line: u32,
    left: u32,
    top: u32,
    size: (u32, u32),
    since: u32,
    first: u32,
    last: u32,
    ms: (u64, u64),
}

#[derive(Debug, Default)]
struct Rows {
    all: Vec<Row>,
    progress: u64,
    batch_max: usize,
}

impl JobSink for Rows {
    fn words(&mut self, batch: &arrow_array::RecordBatch) -> std::io::Result<()> {
        self.batch_max = self.batch_max.max(batch.num_rows());
        self.all.extend(word_rows(batch).map(|row| Row {
            text: row.text.to_owned(),
            confidence: row.confidence,
            line: row.line,
            left: row.left,
            top: row.top,
            size: (row.width, row.height),
            since: row.since_frame,
            first: row.first_frame,
            last: row.last_frame,
            ms: (row.start_ms, row.end_ms),
        }));
        Ok(())
    }

    fn progress(&mut self, done: u64, total: u64) -> std::io::Result<()> {
        assert!(done <= total);
        self.progress = done;
        Ok(())
    }
}

impl Rows {
    /// The frames on which a word is covered, from the beginnings of its rows.
    fn covered(&self, text: &str, frame: u32) -> bool {
        self.all.iter().any(|row| row.text == text && row.since <= frame && frame <= row.last)
    }

    fn find(&self, text: &str) -> &Row {
        let found = self.all.iter().filter(|row| row.text == text).min_by_key(|row| row.first);
        found.unwrap_or_else(|| panic!("{text} was not read: {:?}", self.all))
    }
}

fn ffmpeg(arguments: &[&str]) {
    let output = Command::new("ffmpeg").args(["-v", "error", "-y"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Text at a place, while a condition on the frame number `n` holds.
fn text(text: &str, (x, y): (u32, u32), when: &str) -> String {
    format!("drawtext=fontfile={FONT}:fontsize=20:fontcolor=black:text='{text}':x={x}:y={y}:enable='{when}'")
}

/// A white recording of 30 frames a second with texts on it.
fn record(folder: &Path, name: &str, (frames, codec): (u32, &str), texts: &[String]) -> PathBuf {
    let path = folder.join(name);
    let frames = frames.to_string();
    let mut arguments = vec!["-f", "lavfi", "-i", "color=white:s=640x360:r=30"];
    let filter = if texts.is_empty() { "null".to_owned() } else { texts.join(",") };
    arguments.extend(["-vf", &filter, "-frames:v", &frames]);
    arguments.extend(codec.split_whitespace());
    arguments.push(path.to_str().unwrap());
    ffmpeg(&arguments);
    path
}

const H264: &str = "-c:v libx264 -pix_fmt yuv420p -crf 24";

fn read_file(path: &Path) -> Result<(MediaSummary, Rows), Refusal> {
    read_with(path, &Limits::default())
}

fn read_with(path: &Path, limits: &Limits) -> Result<(MediaSummary, Rows), Refusal> {
    let mut rows = Rows::default();
    let summary =
        read((&File::open(path).unwrap(), &[]), limits, (&Ocr::new("eng", 2)?, Look::First), &mut rows)?;
    Ok((summary, rows))
}

fn reason(path: &Path) -> Reason {
    read_file(path).expect_err("it should be refused").reason
}

#[test]
fn every_codec_is_read_from_the_first_frame_to_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [text("Payroll run", (40, 60), "1"), text("Leopold", (40, 120), "gte(n,6)")];
    for (name, codec) in [
        ("a.mp4", H264),
        ("a.mov", H264),
        ("hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv420p"),
        ("ten.mkv", "-c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv420p10le"),
        ("a.mkv", H264),
        ("rgb.mkv", "-c:v libx264rgb -pix_fmt bgr0"),
        ("vp8.webm", "-c:v libvpx -deadline realtime -b:v 1M"),
        ("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"),
        ("av1.webm", "-c:v libaom-av1 -cpu-used 8 -usage realtime"),
    ] {
        let path = record(folder.path(), name, (12, codec), &texts);
        let (summary, rows) = read_file(&path).unwrap();
        assert_eq!((summary.width, summary.height, summary.frames), (640, 360, 12), "{name}");
        assert_eq!(Some(summary.format.as_str()), path.extension().and_then(|e| e.to_str()));
        let first = rows.find("Payroll");
        assert_eq!((first.since, first.first, first.last), (0, 0, 11), "{name}");
        assert_eq!(first.line, rows.find("run").line);
        let second = rows.find("Leopold");
        assert_eq!((second.since, second.first, second.last), (6, 6, 11), "{name}");
        assert!(second.left.abs_diff(40) < 4 && second.top.abs_diff(120) < 6);
        assert_eq!(second.ms.0, 200, "{name}");
        assert_eq!(rows.progress, 12);
    }
}

#[test]
fn typed_text_is_covered_from_its_first_letter() {
    let folder = tempfile::tempdir().unwrap();
    let name = "Whitfield";
    let mut texts = vec![text("Name", (40, 100), "1")];
    for letters in 1..=name.len() as u32 {
        let from = 20 + (letters - 1) * 4;
        let until = if letters == name.len() as u32 { 999 } else { from + 3 };
        let when = format!("between(n,{from},{until})");
        texts.push(text(&name[..letters as usize], (140, 100), &when));
    }
    let path = record(folder.path(), "typed.mp4", (90, H264), &texts);
    let (_, rows) = read_file(&path).unwrap();
    for frame in 20..90 {
        assert!(rows.covered("Whitfield", frame), "frame {frame}: {:#?}", rows.all);
    }
    let since = rows.all.iter().filter(|row| row.text == "Whitfield").map(|row| row.since).min();
    assert!(since.is_some_and(|since| (16..=20).contains(&since)), "{since:?}");
    assert_eq!((rows.find("Name").first, rows.find("Name").last), (0, 89));
}

#[test]
fn text_of_a_single_frame_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [text("Payroll", (40, 60), "1"), text("Secret 555-0142", (300, 200), "eq(n,25)")];
    let (_, rows) = read_file(&record(folder.path(), "a.mp4", (50, H264), &texts)).unwrap();
    let flash = rows.find("555-0142");
    assert_eq!((flash.first, flash.last), (25, 25));
    assert_eq!(rows.find("Payroll").last, 49);
}

/// A page of text that fills most of the picture.
fn page(word: &str, when: &str) -> Vec<String> {
    let line = format!("{word} manager review period approved hours");
    (0..10).map(|i| text(&line, (30, 20 + i * 32), when)).collect()
}

#[test]
fn a_new_page_is_read_on_its_first_frame_and_the_old_one_ends_there() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [page("Ingrid", "lt(n,30)"), page("Cedric", "gte(n,30)")].concat();
    let (_, rows) = read_file(&record(folder.path(), "a.mp4", (60, H264), &texts)).unwrap();
    let (old, new) = (rows.find("Ingrid"), rows.find("Cedric"));
    assert_eq!((old.first, old.last, new.first, new.last), (0, 29, 30, 59));
    assert_eq!(rows.all.iter().filter(|row| row.text == "Cedric").count(), 10);
    assert!(rows.all.iter().all(|row| row.confidence >= 0.0), "nothing was left unread");
}

#[test]
fn pages_too_fast_to_read_are_unread_areas() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [page("Ingrid", "not(eq(n,30))"), page("Osric", "eq(n,30)")].concat();
    let (_, rows) = read_file(&record(folder.path(), "a.mp4", (60, H264), &texts)).unwrap();
    let covers =
        |row: &&Row| row.confidence < 0.0 && row.text.is_empty() && (row.first, row.last) == (30, 30);
    assert!(rows.all.iter().filter(covers).count() >= 1, "{:#?}", rows.all);
    assert!(rows.all.iter().filter(|row| row.text == "Ingrid").any(|row| (row.first, row.last) == (0, 59)));
}

#[test]
fn a_blinking_cursor_is_no_new_text() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [text("Rowena", (40, 60), "1"), text("|", (300, 60), "lt(mod(n,20),10)")];
    let (_, rows) = read_file(&record(folder.path(), "a.mp4", (100, H264), &texts)).unwrap();
    assert!((0..100).all(|frame| rows.covered("Rowena", frame)));
    assert!(rows.all.len() < 40, "{:#?}", rows.all);
}

#[test]
fn batches_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = record(folder.path(), "a.mp4", (5, H264), &page("Ingrid", "1"));
    let (_, rows) = read_with(&path, &Limits { batch_rows_max: 7, ..Limits::default() }).unwrap();
    assert!(rows.all.len() >= 60 && rows.batch_max == 7);
}

#[test]
fn what_is_damaged_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codec) in [("a.mp4", H264), ("a.mkv", H264), ("a.webm", "-c:v libvpx-vp9 -deadline realtime")]
    {
        let path = folder.path().join(name);
        let source = "-f lavfi -i testsrc2=s=320x240:r=30 -frames:v 60 -g 10";
        let arguments: Vec<&str> = source.split_whitespace().chain(codec.split_whitespace()).collect();
        ffmpeg(&[arguments.as_slice(), &[path.to_str().unwrap()]].concat());
        let bytes = std::fs::read(&path).unwrap();
        for part in [bytes.len() / 2, bytes.len() - 40] {
            std::fs::write(&path, &bytes[..part]).unwrap();
            assert_eq!(reason(&path), Reason::Truncated, "{name} cut to {part}");
        }
        let mut holed = bytes.clone();
        let middle = holed.len() / 2;
        holed[middle..middle + 2_000].iter_mut().for_each(|byte| *byte ^= 0x5a);
        std::fs::write(&path, &holed).unwrap();
        let refusal = read_file(&path).err();
        assert!(refusal.is_some_and(|r| matches!(r.reason, Reason::Malformed | Reason::Truncated)), "{name}");
        std::fs::write(&path, b"").unwrap();
        assert_eq!(reason(&path), Reason::Empty);
    }
}

#[test]
fn what_is_not_supported_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let one = record(folder.path(), "one.mp4", (5, H264), &[]);
    let one = one.to_str().unwrap();
    let at = |name: &str| folder.path().join(name);
    let two = at("two.mp4");
    ffmpeg(&["-i", one, "-i", one, "-map", "0:v", "-map", "1:v", "-c", "copy", two.to_str().unwrap()]);
    assert_eq!(reason(&two), Reason::Unsupported);
    let old = record(folder.path(), "old.mp4", (5, "-c:v mpeg4"), &[]);
    assert_eq!(reason(&old), Reason::Unsupported);
    let sound = at("sound.mp4");
    ffmpeg(&["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", sound.to_str().unwrap()]);
    assert_eq!(reason(&sound), Reason::Empty);
    let limits = Limits { side_px_max: 500, ..Limits::default() };
    assert_eq!(read_with(Path::new(one), &limits).err().map(|r| r.reason), Some(Reason::TooLarge));
    let limits = Limits { pixels_max: 640 * 360 - 1, ..Limits::default() };
    assert_eq!(read_with(Path::new(one), &limits).err().map(|r| r.reason), Some(Reason::TooLarge));
}

#[test]
fn a_cover_picture_is_not_a_second_track() {
    let folder = tempfile::tempdir().unwrap();
    let one = record(folder.path(), "one.mp4", (5, H264), &[text("Rowena", (40, 60), "1")]);
    let (cover, both) = (folder.path().join("c.png"), folder.path().join("both.mp4"));
    ffmpeg(&["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", cover.to_str().unwrap()]);
    let (one, cover) = (one.to_str().unwrap(), cover.to_str().unwrap());
    let path = both.to_str().unwrap();
    ffmpeg(&[
        "-i",
        one,
        "-i",
        cover,
        "-map",
        "0",
        "-map",
        "1",
        "-c",
        "copy",
        "-disposition:v:1",
        "attached_pic",
        path,
    ]);
    assert_eq!(read_file(&both).unwrap().1.find("Rowena").last, 4);
}

#[test]
fn a_turned_recording_is_read_upright() {
    let folder = tempfile::tempdir().unwrap();
    // Drawn lying on its side, and said to be shown turned back.
    let texts = [text("Rowena Payroll", (40, 60), "1")];
    let upright = record(folder.path(), "upright.mp4", (6, H264), &texts);
    let upright = upright.to_str().unwrap();
    for (degrees, filter) in [(90, "transpose=1"), (180, "hflip,vflip"), (270, "transpose=2")] {
        let (lying, turned) = (folder.path().join("lying.mp4"), folder.path().join("turned.mp4"));
        let (lying, path) = (lying.to_str().unwrap(), turned.to_str().unwrap());
        ffmpeg(&["-i", upright, "-vf", filter, "-c:v", "libx264", "-pix_fmt", "yuv420p", lying]);
        let rotate = format!("rotate={degrees}");
        ffmpeg(&["-i", lying, "-c", "copy", "-metadata:s:v", &rotate, path]);
        let (summary, rows) = read_file(&turned).unwrap();
        assert_eq!((summary.width, summary.height, summary.frames), (640, 360, 6), "{degrees}");
        let word = rows.find("Rowena");
        assert!(word.left.abs_diff(40) < 4 && word.top.abs_diff(60) < 6, "{degrees}: {word:?}");
    }
}
