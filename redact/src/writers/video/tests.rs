//! Rewrites recordings made by the `ffmpeg` command and looks at the results with it: the oracle decodes
//! and probes by itself.

mod turned;

use super::*;
use custody_rules::Region;
use std::path::{Path, PathBuf};
use std::process::Command;

const SIZE: (usize, usize) = (320, 240);

fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(["-v", "error"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Makes a recording from the arguments between the source and the file's name.
fn record(folder: &Path, name: &str, arguments: &str) -> PathBuf {
    let path = folder.join(name);
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    run("ffmpeg", &[&["-y"], arguments.as_slice(), &[path.to_str().unwrap()]].concat());
    path
}

fn test_picture(frames: usize) -> String {
    format!("-f lavfi -i testsrc2=s={}x{}:r=30 -frames:v {frames}", SIZE.0, SIZE.1)
}

fn probe(path: &Path, what: &str) -> String {
    let arguments: Vec<&str> = what.split_whitespace().collect();
    let name = path.to_str().unwrap();
    String::from_utf8(run("ffprobe", &[arguments.as_slice(), &["-of", "csv=p=0", name]].concat())).unwrap()
}

/// When each frame is shown, and how long the track is.
fn times(path: &Path) -> (Vec<String>, String) {
    let frames = probe(path, "-select_streams v:0 -show_entries frame=pts_time");
    let frames = frames.lines().map(|line| line.trim_end_matches(',').to_owned());
    let track = probe(path, "-select_streams v:0 -show_entries stream=duration");
    (frames.filter(|line| !line.is_empty()).collect(), track)
}

/// The planes of all frames, 8-bit 4:2:0.
fn planes(path: &Path, (width, height): (usize, usize)) -> Vec<Vec<u8>> {
    let name = path.to_str().unwrap();
    let raw = run(
        "ffmpeg",
        &["-i", name, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
    );
    let chroma = width.div_ceil(2) * height.div_ceil(2);
    raw.chunks_exact(width * height + 2 * chroma).map(<[u8]>::to_vec).collect()
}

fn rewritten(input: &Path, paint: &Paint) -> Result<(PathBuf, MediaSummary), Refusal> {
    let path = input.with_extension("out");
    let output = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
    let limits = Limits::default();
    let summary = rewrite(&File::open(input).unwrap(), &output, paint, &limits, &mut |_, _| {})?;
    Ok((path, summary))
}

fn plain(input: &Path) -> (PathBuf, MediaSummary) {
    rewritten(input, &Paint::default()).unwrap()
}

/// Checks one recording of 30 frames: the box is black on frames 10 to 19, and the rest is as it was.
fn check_paint(input: &Path, format: &str) {
    let region = Region { first_frame: 10, last_frame: 19, left: 101, top: 51, width: 61, height: 31 };
    let paint = Paint { regions: vec![region], keep_audio: false };
    let (output, summary) = rewritten(input, &paint).unwrap();
    assert_eq!((summary.frames, summary.format.as_str()), (30, format));
    let (before, after) = (planes(input, SIZE), planes(&output, SIZE));
    assert_eq!((before.len(), after.len()), (30, 30));
    for (number, (before, after)) in before.iter().zip(&after).enumerate() {
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        for y in 0..SIZE.1 {
            for x in 0..SIZE.0 {
                let at = y * SIZE.0 + x;
                if (101..162).contains(&x) && (51..82).contains(&y) {
                    inside.push((before[at], after[at]));
                } else if !(98..166).contains(&x) || !(48..86).contains(&y) {
                    outside.push((before[at], after[at]));
                }
            }
        }
        let mean = |pairs: &[(u8, u8)]| {
            pairs.iter().map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / pairs.len() as f64
        };
        assert!(mean(&outside) < 8.0, "frame {number} of {format}: {} outside", mean(&outside));
        if (10..20).contains(&number) {
            let worst = inside.iter().map(|(_, after)| after.abs_diff(16)).max().unwrap();
            assert!(worst <= 10, "frame {number} of {format}: {worst} off black");
        } else {
            assert!(mean(&inside) < 10.0, "frame {number} of {format}: {} inside", mean(&inside));
        }
    }
    assert_eq!(times(input), times(&output));
}

#[test]
fn the_box_is_black_on_its_frames_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let source = test_picture(30);
    for (name, codec, format) in [
        ("h264.mp4", "-c:v libx264 -pix_fmt yuv420p", "mp4"),
        ("h264.mov", "-c:v libx264 -pix_fmt yuv420p", "mp4"),
        ("hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv420p", "mp4"),
        ("h264.mkv", "-c:v libx264 -pix_fmt yuv420p", "mkv"),
        ("vp8.webm", "-c:v libvpx -b:v 2M -deadline realtime -pix_fmt yuv420p", "webm"),
        ("vp9.webm", "-c:v libvpx-vp9 -b:v 2M -deadline realtime -cpu-used 8 -pix_fmt yuv420p", "webm"),
        ("av1.webm", "-c:v libaom-av1 -cpu-used 8 -usage realtime -b:v 2M -pix_fmt yuv420p", "webm"),
    ] {
        check_paint(&record(folder.path(), name, &format!("{source} {codec}")), format);
    }
}

#[test]
fn times_of_a_variable_frame_rate_survive_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let select = "-vf select='not(mod(n,7))+between(n,20,31)+eq(n,58)',setpts=PTS+0.4/TB -fps_mode vfr";
    for (name, codec) in [
        ("a.mp4", "-c:v libx264 -pix_fmt yuv420p"),
        ("a.mkv", "-c:v libx264 -pix_fmt yuv420p"),
        ("a.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"),
    ] {
        let source = "-f lavfi -i testsrc2=s=320x240:r=30:d=3";
        let input = record(folder.path(), name, &format!("{source} {select} {codec}"));
        let (output, summary) = plain(&input);
        assert!(times(&input).0.len() > 15);
        assert_eq!(times(&input), times(&output), "{name}");
        assert_eq!(summary.frames as usize, times(&input).0.len());
    }
}

/// A recording with everything that can carry text beside its pictures.
fn talkative(folder: &Path) -> PathBuf {
    std::fs::write(folder.join("s.srt"), "1\n00:00:00,000 --> 00:00:01,000\nplanted subtitle\n").unwrap();
    std::fs::write(
        folder.join("m.txt"),
        ";FFMETADATA1\ntitle=planted title\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=planted chapter\n",
    )
    .unwrap();
    let path = folder.join("talkative.mp4");
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let sei = "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+planted-sei";
    run(
        "ffmpeg",
        &[
            "-y",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=320x240:r=30:d=1",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=400:duration=1",
            "-i",
            &at("s.srt"),
            "-i",
            &at("m.txt"),
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-map",
            "2:s",
            "-map_metadata",
            "3",
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            "-bsf:v",
            sei,
            "-c:a",
            "aac",
            "-c:s",
            "mov_text",
            "-metadata",
            "comment=planted comment",
            "-metadata:s:v:0",
            "handler_name=planted handler",
            "-metadata:s:a:0",
            "language=deu",
            "-metadata",
            "creation_time=2019-02-03T04:05:06Z",
            path.to_str().unwrap(),
        ],
    );
    path
}

fn holds(path: &Path, text: &str) -> bool {
    std::fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn nothing_but_pictures_reaches_the_output() {
    let folder = tempfile::tempdir().unwrap();
    let input = talkative(folder.path());
    for planted in ["planted title", "planted subtitle", "planted chapter", "planted handler", "planted-sei"]
    {
        assert!(holds(&input, planted), "{planted}");
    }
    let (output, _) = plain(&input);
    assert!(!holds(&output, "planted"));
    assert!(!holds(&output, "Lavf"));
    assert_eq!(probe(&output, "-show_entries stream=codec_type").trim(), "video");
    assert_eq!(probe(&output, "-show_chapters").trim(), "");
    let tags = probe(&output, "-show_entries format_tags:stream_tags");
    assert!(!tags.contains("2019") && !tags.contains("deu"), "{tags}");
}

#[test]
fn audio_is_kept_on_demand_and_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let input = talkative(folder.path());
    let (output, _) = rewritten(&input, &Paint { regions: Vec::new(), keep_audio: true }).unwrap();
    let streams = probe(&output, "-show_entries stream=codec_name");
    assert_eq!(streams.split_whitespace().collect::<Vec<_>>(), ["h264", "aac"]);
    assert!(!holds(&output, "planted"));
    assert_eq!(times(&input), times(&output));
    let audio = "-select_streams a:0 -show_entries packet=pts_time,size";
    assert_eq!(probe(&input, audio), probe(&output, audio));
    let opus = record(
        folder.path(),
        "opus.webm",
        "-f lavfi -i testsrc2=s=320x240:r=30:d=1 -f lavfi -i sine=duration=1 -c:v libvpx-vp9 -deadline realtime -c:a libopus",
    );
    let (output, _) = rewritten(&opus, &Paint { regions: Vec::new(), keep_audio: true }).unwrap();
    assert!(probe(&output, "-show_entries stream=codec_name").contains("opus"));
    let vorbis = record(
        folder.path(),
        "vorbis.mkv",
        "-f lavfi -i testsrc2=s=320x240:r=30:d=1 -f lavfi -i sine=duration=1 -c:v libx264 -c:a libvorbis -metadata:s:a title=x",
    );
    let refusal = rewritten(&vorbis, &Paint { regions: Vec::new(), keep_audio: true }).unwrap_err();
    assert_eq!(refusal.reason, Reason::Unsupported);
}

#[test]
fn odd_sides_lose_no_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let source = "-f lavfi -i testsrc2=s=320x240:r=30 -vf scale=161:121 -frames:v 5 -pix_fmt yuv420p";
    let input = record(folder.path(), "odd.mkv", &format!("{source} -c:v libvpx-vp9 -lossless 1"));
    let (output, summary) = plain(&input);
    assert_eq!((summary.width, summary.height), (162, 122));
    assert_eq!(probe(&output, "-show_entries stream=width,height").trim(), "162,122");
    let (before, after) = (&planes(&input, (161, 121))[4], &planes(&output, (162, 122))[4]);
    let last = |picture: &[u8], width: usize, x: usize| picture[100 * width + x];
    assert!(last(before, 161, 160).abs_diff(last(after, 162, 160)) < 30);
    let webm = record(folder.path(), "odd.webm", &format!("{source} -c:v libvpx-vp9 -deadline realtime"));
    let (output, summary) = plain(&webm);
    assert_eq!((summary.width, summary.height), (161, 121));
    assert_eq!(probe(&output, "-show_entries stream=width,height").trim(), "161,121");
}

#[test]
fn other_pixel_formats_become_plain_ones_that_look_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in [
        ("ten.mp4", "-pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none"),
        ("full444.mp4", "-pix_fmt yuv444p -c:v libx264"),
        ("range.mp4", "-vf scale=out_range=full -pix_fmt yuvj420p -c:v libx264"),
        ("range444.mp4", "-vf scale=out_range=full -pix_fmt yuvj444p -c:v libx264"),
        ("rgb.mkv", "-pix_fmt bgr0 -c:v libx264rgb"),
    ] {
        let input = record(folder.path(), name, &format!("{} {arguments}", test_picture(4)));
        let (output, _) = plain(&input);
        assert_eq!(probe(&output, "-show_entries stream=pix_fmt").trim().replace('j', ""), "yuv420p");
        let grey = |path: &Path| {
            let name = path.to_str().unwrap();
            run("ffmpeg", &["-i", name, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        };
        let (before, after) = (grey(&input), grey(&output));
        assert_eq!(before.len(), after.len());
        let sum: u64 = before.iter().zip(&after).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let mean = sum as f64 / before.len() as f64;
        assert!(mean < 9.0, "{name}: {mean}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codec) in [
        ("a.mp4", "-c:v libx264"),
        ("a.mkv", "-c:v libx264"),
        ("a.webm", "-c:v libvpx-vp9 -deadline realtime"),
    ] {
        let input = record(folder.path(), name, &format!("{} {codec}", test_picture(60)));
        let first = std::fs::read(plain(&input).0).unwrap();
        let second = std::fs::read(plain(&input).0).unwrap();
        assert!(first == second, "{name}");
    }
}

#[test]
fn a_damaged_recording_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let input = record(folder.path(), "a.mp4", &format!("{} -c:v libx264 -g 5", test_picture(60)));
    let bytes = std::fs::read(&input).unwrap();
    std::fs::write(&input, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(rewritten(&input, &Paint::default()).unwrap_err().reason, Reason::Truncated);
}
