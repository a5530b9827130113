//! Text that moves, fades, is pointed at or highlighted: where it is covered on every frame.

use super::*;

/// Rows that hold a point on a frame.
fn at(rows: &Rows, (x, y): (u32, u32), frame: u32) -> Vec<&Row> {
    let holds = |row: &&Row| {
        (row.left..row.left + row.size.0).contains(&x)
            && (row.top..row.top + row.size.1).contains(&y)
            && (row.since..=row.last).contains(&frame)
    };
    rows.all.iter().filter(holds).collect()
}

const NAMES: [&str; 24] = [
    "Alastair",
    "Bernadette",
    "Constantin",
    "Dominika",
    "Eleonore",
    "Ferdinand",
    "Genevieve",
    "Hildegard",
    "Immanuel",
    "Josephine",
    "Konstanze",
    "Leopold",
    "Magdalena",
    "Nathaniel",
    "Octavia",
    "Penelope",
    "Quentin",
    "Rosalinde",
    "Sebastian",
    "Theodora",
    "Ulrike",
    "Valentin",
    "Wilhelmina",
    "Xaver",
];
/// Where lines begin, how far apart they are, and between which rows they show.
const FIRST: i64 = 70;
const PITCH: i64 = 30;
const VIEW: (i64, i64) = (60, 330);

/// A list of names that is `offset` (an expression of the frame number `n`) pixels higher, seen through a view.
fn list(offset: &str) -> Vec<String> {
    let line = |(number, name): (i64, &&str)| {
        let y = FIRST + number * PITCH;
        format!(
            "drawtext=fontfile={FONT}:fontsize=18:fontcolor=black:text='{name} approved {number} hours':x=60:y='{y}-({offset})'"
        )
    };
    let mut filters: Vec<String> = (0..).zip(&NAMES).map(line).collect();
    filters.push(format!("drawbox=x=0:y=0:w=640:h={}:color=white:t=fill", VIEW.0));
    filters.push(format!("drawbox=x=0:y={}:w=640:h=200:color=white:t=fill", VIEW.1));
    filters.push(text("Team list", (60, 20), "1"));
    filters
}

/// Checks every name on every frame on which any of it shows; returns the share of the view's area and frames that is
/// covered without having been read.
fn check_list(rows: &Rows, frames: u32, offset: impl Fn(i64) -> i64) -> f64 {
    for frame in 0..frames {
        for (number, name) in (0..).zip(NAMES) {
            // The highest letters of a line are 14 pixels high.
            let baseline = FIRST + number * PITCH + 14 - offset(frame.into());
            let (top, bottom) = ((baseline - 12).max(VIEW.0), (baseline - 1).min(VIEW.1));
            if top + 2 > bottom {
                continue;
            }
            let middle = i64::midpoint(top, bottom) as u32;
            let found = at(rows, (66, middle), frame);
            assert!(!found.is_empty(), "{name} at {middle} on frame {frame} is not covered: {:#?}", rows.all);
            let cut = top > baseline - 12 || bottom < baseline - 1;
            let read = found.iter().any(|row| row.text.is_empty() || row.text.contains(&name[1..]));
            assert!(cut || read, "{name} on frame {frame} is taken for {found:?}");
        }
    }
    let unread = rows.all.iter().filter(|row| row.text.is_empty());
    let area = |row: &Row| u64::from(row.size.0 * row.size.1) * u64::from(row.last - row.since + 1);
    let view = 640 * (VIEW.1 - VIEW.0) as u64 * u64::from(frames);
    unread.map(area).sum::<u64>() as f64 / view as f64
}

#[test]
fn a_list_that_glides_is_read_and_covered_on_every_frame() {
    let folder = tempfile::tempdir().unwrap();
    let path = record(folder.path(), "a.mp4", (110, H264), &list("4*clip(n-20,0,70)"));
    let (_, rows) = read_file(&path).unwrap();
    let unread = check_list(&rows, 110, |n| 4 * (n - 20).clamp(0, 70));
    assert!(unread < 0.05, "{unread}");
}

#[test]
fn a_list_that_jumps_and_turns_back_is_covered_on_every_frame() {
    let folder = tempfile::tempdir().unwrap();
    let jumps = "70*clip(trunc((n-15)/4),0,5)-100*clip(trunc((n-60)/5),0,3)";
    let path = record(folder.path(), "a.mp4", (110, H264), &list(jumps));
    let (_, rows) = read_file(&path).unwrap();
    let unread = check_list(&rows, 110, |n| {
        70 * ((n - 15).max(0) / 4).clamp(0, 5) - 100 * ((n - 60).max(0) / 5).clamp(0, 3)
    });
    assert!(unread < 0.10, "{unread}");
}

#[test]
fn a_list_that_glides_slowly_takes_few_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = record(folder.path(), "a.mp4", (120, H264), &list("clip(n-20,0,90)"));
    let (_, rows) = read_file(&path).unwrap();
    let unread = check_list(&rows, 120, |n| (n - 20).clamp(0, 90));
    assert!(unread < 0.05, "{unread}");
    // Nine lines of four words, a place for every four pixels.
    assert!(rows.all.len() < 1_600, "{}", rows.all.len());
}

#[test]
fn text_that_fades_is_covered_while_any_of_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let fading = format!(
        "drawtext=fontfile={FONT}:fontsize=20:fontcolor=black:text='Leopold Whitfield':x=60:y=100:alpha='clip((n-20)/16,0,1)*clip((80-n)/16,0,1)'"
    );
    let path = record(folder.path(), "a.mp4", (100, H264), &[text("Payroll", (40, 30), "1"), fading]);
    let (_, rows) = read_file(&path).unwrap();
    for frame in 22..=78 {
        assert!(rows.covered("Leopold", frame), "frame {frame}: {:#?}", rows.all);
        assert!(rows.covered("Whitfield", frame), "frame {frame}: {:#?}", rows.all);
    }
}

#[test]
fn a_pointer_over_a_word_does_not_end_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut filters = vec![text("Leopold Whitfield", (60, 100), "1"), text("Payroll", (60, 200), "1")];
    for step in 0..40 {
        let (x, frame) = (40 + step * 5, 20 + step);
        filters.push(format!("drawbox=x={x}:y=104:w=11:h=17:color=black:t=fill:enable='eq(n,{frame})'"));
    }
    let (_, rows) = read_file(&record(folder.path(), "a.mp4", (90, H264), &filters)).unwrap();
    for frame in 0..90 {
        assert!(rows.covered("Leopold", frame), "frame {frame}: {:#?}", rows.all);
        assert!(rows.covered("Whitfield", frame), "frame {frame}: {:#?}", rows.all);
    }
}

#[test]
fn a_highlight_under_a_word_does_not_lose_it() {
    let folder = tempfile::tempdir().unwrap();
    let filters = [
        "drawbox=x=40:y=90:w=500:h=40:color=0xd2e4fa:t=fill:enable='between(n,20,39)'".to_owned(),
        "drawbox=x=40:y=90:w=500:h=40:color=0x1a4f8f:t=fill:enable='between(n,50,51)'".to_owned(),
        text("Leopold Whitfield", (60, 100), "not(between(n,50,51))"),
        "drawtext=fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:fontsize=20:fontcolor=white:text='Leopold Whitfield':x=60:y=100:enable='between(n,50,51)'".to_owned(),
    ];
    let (_, rows) = read_file(&record(folder.path(), "a.mp4", (80, H264), &filters)).unwrap();
    for frame in 0..80 {
        assert!(rows.covered("Leopold", frame), "frame {frame}: {:#?}", rows.all);
        assert!(rows.covered("Whitfield", frame), "frame {frame}: {:#?}", rows.all);
    }
}

#[test]
fn letters_taken_back_and_typed_anew_leave_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let states = [
        "W",
        "Wh",
        "Whu",
        "Wh",
        "Whi",
        "Whit",
        "Whitf",
        "Whitk",
        "Whitf",
        "Whitfi",
        "Whitfie",
        "Whitfiel",
        "Whitfield",
    ];
    let mut texts = vec![text("Name", (40, 100), "1")];
    for (number, state) in (0..).zip(states) {
        let from = 20 + number * 4;
        let until = if number as usize + 1 == states.len() { 999 } else { from + 3 };
        texts.push(text(state, (140, 100), &format!("between(n,{from},{until})")));
    }
    let (_, rows) = read_file(&record(folder.path(), "a.mp4", (110, H264), &texts)).unwrap();
    assert!((20..110).all(|frame| rows.covered("Whitfield", frame)), "{:#?}", rows.all);
}
