//! Recordings that are made unusually: sizes, pixel formats, rates, times, key frames.

use super::*;

fn two_words(folder: &Path, name: &str, codec: &str, more: &[&str]) -> (MediaSummary, Rows) {
    let mut filters = vec![text("Payroll", (40, 60), "1"), text("Leopold", (40, 120), "gte(n,6)")];
    filters.extend(more.iter().map(|&filter| filter.to_owned()));
    read_file(&record(folder, name, (24, codec), &filters))
        .unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}

#[test]
fn unusual_sizes_pixels_and_key_frames_are_read_like_others() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codec, size) in [
        ("444.mp4", "-c:v libx264 -pix_fmt yuv444p", (640, 360)),
        ("422.mp4", "-c:v libx264 -pix_fmt yuv422p", (640, 360)),
        ("ten.mp4", "-c:v libx264 -pix_fmt yuv420p10le", (640, 360)),
        ("ten422.mkv", "-c:v libx264 -pix_fmt yuv422p10le", (640, 360)),
        ("open.mp4", "-c:v libx264 -pix_fmt yuv420p -x264-params open-gop=1:bframes=3:keyint=8", (640, 360)),
        ("odd.mkv", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv420p", (641, 361)),
        ("odd444.mp4", "-c:v libx264 -pix_fmt yuv444p", (641, 361)),
    ] {
        let pad: &[&str] = if size == (641, 361) { &["format=yuv444p,pad=641:361:color=white"] } else { &[] };
        let (summary, rows) = two_words(folder.path(), name, codec, pad);
        assert_eq!((summary.width, summary.height, summary.frames), (size.0, size.1, 24), "{name}");
        assert_eq!((rows.find("Payroll").since, rows.find("Payroll").last), (0, 23), "{name}");
        let second = rows.find("Leopold");
        assert_eq!((second.since, second.first, second.last), (6, 6, 23), "{name}");
    }
}

#[test]
fn one_key_frame_is_enough_for_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [text("Payroll", (40, 60), "1"), text("Leopold", (40, 120), "gte(n,2900)")];
    let codec =
        "-c:v libx264 -preset ultrafast -g 100000 -keyint_min 100000 -sc_threshold 0 -pix_fmt yuv420p";
    let path = record(folder.path(), "a.mp4", (3_000, codec), &texts);
    let (summary, rows) = read_file(&path).unwrap();
    assert_eq!(summary.frames, 3_000);
    assert_eq!((rows.find("Payroll").since, rows.find("Payroll").last), (0, 2_999));
    assert_eq!((rows.find("Leopold").first, rows.find("Leopold").last), (2_900, 2_999));
}

#[test]
fn one_frame_and_unusual_rates_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let one = record(folder.path(), "one.mp4", (1, H264), &[text("Leopold", (40, 60), "1")]);
    let (summary, rows) = read_file(&one).unwrap();
    assert_eq!((summary.frames, rows.find("Leopold").first, rows.find("Leopold").last), (1, 0, 0));
    for (name, rate, milliseconds) in
        [("slow.mp4", "5", 1_200), ("fast.mp4", "60", 100), ("film.mkv", "24000/1001", 250)]
    {
        let path = folder.path().join(name);
        let filter = [text("Payroll", (40, 60), "1"), text("Leopold", (40, 120), "gte(n,6)")].join(",");
        let source = format!("color=white:s=640x360:r={rate}");
        let arguments = ["-f", "lavfi", "-i", &source, "-vf", &filter, "-frames:v", "12"];
        let codec: Vec<&str> = H264.split_whitespace().collect();
        ffmpeg(&[&arguments[..], &codec, &[path.to_str().unwrap()]].concat());
        let (_, rows) = read_file(&path).unwrap();
        let second = rows.find("Leopold");
        assert_eq!((second.since, second.first, second.last), (6, 6, 11), "{name}");
        assert!(second.ms.0.abs_diff(milliseconds) <= 1, "{name}: {:?}", second.ms);
    }
}

#[test]
fn frames_that_stand_for_long_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [
        text("Payroll", (40, 60), "1"),
        text("Leopold", (40, 120), "eq(n,41)"),
        text("Ferdinand", (40, 180), "gte(n,42)"),
        "select='not(between(n,10,40)+between(n,43,80))'".to_owned(),
    ];
    let path = record(folder.path(), "a.mp4", (20, &format!("-fps_mode vfr {H264}")), &texts);
    let (summary, rows) = read_file(&path).unwrap();
    assert_eq!(summary.frames, 20);
    assert_eq!((rows.find("Leopold").first, rows.find("Leopold").last), (10, 10));
    assert_eq!((rows.find("Ferdinand").first, rows.find("Ferdinand").last), (11, 19));
    assert!(rows.find("Ferdinand").ms.0.abs_diff(1_400) <= 1, "{:?}", rows.find("Ferdinand"));
}

#[test]
fn times_need_not_begin_at_nought() {
    let folder = tempfile::tempdir().unwrap();
    for (name, more) in [("late.mkv", "-output_ts_offset 5"), ("late.mp4", "-output_ts_offset 5")] {
        let (summary, rows) = two_words(folder.path(), name, &format!("{H264} {more}"), &[]);
        assert_eq!(summary.frames, 24, "{name}");
        assert_eq!((rows.find("Payroll").since, rows.find("Payroll").last), (0, 23), "{name}");
        assert_eq!((rows.find("Leopold").first, rows.find("Leopold").last), (6, 23), "{name}");
    }
}

#[test]
fn frames_at_the_same_time_and_streams_without_frames_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let codec = "-c:v libx264 -bf 0 -pix_fmt yuv420p -bsf:v setts=ts=trunc(N/2)*40";
    let twice = record(folder.path(), "twice.mkv", (24, codec), &[]);
    assert_eq!(reason(&twice), Reason::Malformed);
    let early = format!("{H264} -output_ts_offset -0.1 -avoid_negative_ts disabled");
    assert_eq!(reason(&record(folder.path(), "early.mkv", (24, &early), &[])), Reason::Malformed);
    let none = folder.path().join("none.mp4");
    let source = "-f lavfi -i color=white:s=320x240:r=30:d=1 -vf select=0 -c:v libx264";
    let arguments: Vec<&str> = source.split_whitespace().collect();
    ffmpeg(&[arguments.as_slice(), &[none.to_str().unwrap()]].concat());
    assert!(matches!(reason(&none), Reason::Empty | Reason::Malformed));
}
