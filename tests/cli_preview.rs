//! `--preview`: outlines around what is covered, legends without values, a folder that only its owner may read.

use crate::program::{World, files_below};
use crate::support::page::{Layout, Look, Page, draw};
use crate::support::pen::{Face, Ink, Palette, Pen};
use crate::support::people::Cast;
use crate::support::planted::{DrawnWord, Kind, Planter, Truth};
use crate::support::recording::{Take, record};
use crate::support::seed::Seed;
use image::{Rgb, RgbImage};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

/// Left, top, width, height; first and last frame.
type Filled = ([u32; 4], (u32, u32));

/// `96x20+120+44@12-48`.
fn filled(text: &str) -> Filled {
    let (place, frames) = text.split_once('@').unwrap_or((text, "0-0"));
    let numbers: Vec<u32> = place.split(['x', '+']).map(|n| n.parse().expect("a number")).collect();
    let (first, last) = frames.split_once('-').expect("two frames");
    let [width, height, left, top] = numbers[..] else { panic!("{text}") };
    ([left, top, width, height], (first.parse().expect("a frame"), last.parse().expect("a frame")))
}

fn marks(report: &Value, file: &str) -> Vec<Value> {
    let files = report["files"].as_array().expect("files");
    let file = files.iter().find(|f| f["path"] == file).unwrap_or_else(|| panic!("{file} is drawn"));
    file["marks"].as_array().expect("marks").clone()
}

fn boxes(marks: &[Value]) -> Vec<Filled> {
    let texts = marks.iter().flat_map(|mark| mark["boxes"].as_array().expect("boxes"));
    texts.map(|text| filled(text.as_str().expect("a box"))).collect()
}

fn report(world: &World) -> Value {
    serde_json::from_str(&world.read("prev/preview.json")).expect("JSON")
}

fn picture(world: &World, name: &str) -> RgbImage {
    image::open(world.path(name)).unwrap_or_else(|e| panic!("{name}: {e}")).into_rgb8()
}

fn holds([left, top, width, height]: [u32; 4], word: &DrawnWord) -> bool {
    let ink = word.ink;
    left <= ink.left
        && top <= ink.top
        && ink.left + ink.width <= left + width
        && ink.top + ink.height <= top + height
}

/// The pixels next to a box on its four sides.
fn beside([left, top, width, height]: [u32; 4], on: &RgbImage) -> Vec<Rgb<u8>> {
    let across = (left..left + width).flat_map(|x| [(x, top.wrapping_sub(1)), (x, top + height)]);
    let down = (top..top + height).flat_map(|y| [(left.wrapping_sub(1), y), (left + width, y)]);
    across.chain(down).filter_map(|(x, y)| on.get_pixel_checked(x, y).copied()).collect()
}

/// The commonest colour, and how much of all has it, in percent.
fn commonest(pixels: &[Rgb<u8>]) -> (Rgb<u8>, usize) {
    let count = |colour: &Rgb<u8>| pixels.iter().filter(|pixel| *pixel == colour).count();
    let most = pixels.iter().max_by_key(|colour| count(colour)).copied().unwrap_or(Rgb([0, 0, 0]));
    (most, count(&most) * 100 / pixels.len().max(1))
}

fn cast() -> (Seed, Cast) {
    let seed = Seed::new(7);
    let cast = Cast::new(&seed, 12);
    (seed, cast)
}

fn form(dark: bool, scale: f32) -> Page {
    let (seed, cast) = cast();
    draw(Layout::FormBeside, Look { dark, size: 14.0, scale, face: Face::Liberation }, &cast, &seed)
}

/// What a page's outlines must look like beside the page itself and its redacted output.
fn check_outlines(page: &Page, (drawn, output): (&RgbImage, &RgbImage), filled: &[Filled]) {
    let words: Vec<_> = page.words.iter().filter(|word| word.value.is_some()).collect();
    let mut same = (0, 0);
    for word in &words {
        assert!(filled.iter().any(|(area, _)| holds(*area, word)), "{:?} is in no box", word.ink);
        for x in word.ink.left..word.ink.left + word.ink.width {
            for y in word.ink.top..word.ink.top + word.ink.height {
                same.0 += usize::from(drawn.get_pixel(x, y) == page.image.get_pixel(x, y));
                same.1 += 1;
            }
        }
    }
    assert!(words.len() >= 8 && same.0 * 100 >= same.1 * 97, "what is there is seen: {same:?}");
    let around = filled.iter().map(|(area, _)| beside(*area, drawn));
    let colours: Vec<_> = around.map(|pixels| commonest(&pixels)).collect();
    for ((colour, share), (area, _)) in colours.iter().zip(filled) {
        assert!(*share >= 70, "an outline of one colour around {area:?}: {share} %");
        assert!(!page.image.pixels().any(|pixel| pixel == colour), "{colour:?} is the outline's own");
        let [left, top, width, height] = *area;
        let inside = (left..left + width).flat_map(|x| (top..top + height).map(move |y| (x, y)));
        assert!(inside.into_iter().all(|(x, y)| output.get_pixel(x, y).0 == [0, 0, 0]), "it is filled");
    }
    let different: std::collections::BTreeSet<_> = colours.iter().map(|(colour, _)| colour.0).collect();
    assert!(different.len() >= 3, "kinds of entities have colours: {different:?}");
}

#[test]
fn outlines_stand_around_what_is_filled_on_light_and_dark_pages() {
    let world = World::new();
    let (_, cast) = cast();
    world.file("roster.csv", cast.roster_csv());
    let looks = [("light.png", false, 1.0), ("dark.png", true, 2.0)];
    let pages = looks.map(|(name, dark, scale)| (name, form(dark, scale)));
    for (name, page) in &pages {
        world.file(&format!("in/sub/{name}"), page.png());
    }
    let said = world.run(&["redact", "in", "-o", "out", "--preview", "prev", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("UNREDACTED") && said.err.contains("delete"), "{}", said.err);
    let report = report(&world);
    assert_eq!(report["schema"], 1);
    for (name, page) in &pages {
        let file = format!("sub/{name}");
        let drawn = picture(&world, &format!("prev/{file}.preview.png"));
        assert!(drawn.height() > page.image.height(), "there is a legend");
        let marks = marks(&report, &file);
        let numbers: Vec<_> = marks.iter().map(|mark| mark["number"].as_u64()).collect();
        assert_eq!(numbers, (1..=marks.len() as u64).map(Some).collect::<Vec<_>>());
        assert!(
            marks.iter().all(|mark| mark["decision"] == "redact" && mark["score_min"].as_f64() > Some(0.5))
        );
        check_outlines(page, (&drawn, &picture(&world, &format!("out/{file}"))), &boxes(&marks));
        let text = world.read("prev/preview.json");
        for (_, value, _) in page.values.iter().filter(|(_, value, _)| value.len() >= 5) {
            assert!(!text.contains(value) && !said.err.contains(value), "a value outside of the picture");
        }
    }
    let manifest = world.read("out/custody-manifest.json");
    assert!(!manifest.contains("preview") && !manifest.contains("prev/"), "{manifest}");
    let mode = |path: &std::path::Path| path.metadata().expect("there").permissions().mode() & 0o777;
    for folder in ["prev", "prev/sub"] {
        assert_eq!(mode(&world.path(folder)), 0o700, "{folder}");
    }
    let files = files_below(&world.path("prev"));
    assert_eq!(files.len(), 3);
    assert!(files.iter().all(|file| mode(file) == 0o600));
    assert_eq!(world.entries(), ["in", "out", "prev", "roster.csv"], "no staging folder is left");
}

/// A page with one name under its label.
fn named(name: &str) -> RgbImage {
    let palette = Palette::LIGHT;
    let mut pen = Pen::new((640, 300), 1.0, palette.paper);
    let ink = Ink { face: Face::Liberation, size: 15.0, colour: palette.ink, value: None };
    pen.text(40.0, 60.0, ink, "Legal Name");
    pen.text(200.0, 60.0, ink, name);
    pen.text(40.0, 140.0, ink, "Cost Center");
    pen.text(200.0, 140.0, ink, "7310 Clinical Services");
    pen.image
}

#[test]
fn a_legend_is_the_same_whoever_is_on_the_page() {
    let world = World::new();
    world.file("roster.csv", "First Name,Last Name\nJane,Penrose\nOttoline,Vexley\n");
    let save = |name: &str, page: &RgbImage| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        page.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
        world.file(name, bytes.into_inner());
    };
    save("in/a.png", &named("Jane Penrose"));
    save("in/b.png", &named("Ottoline Vexley"));
    save("in/Jane Penrose.png", &named("Jane Penrose"));
    let said = world.run(&["scan", "in", "--preview", "prev", "--roster", "roster.csv"]);
    assert_eq!(said.code, 1, "scan found something: {}", said.err);
    let report = report(&world);
    let what = |file: &str| {
        let marks = marks(&report, file);
        marks
            .iter()
            .map(|m| (m["entity"].clone(), m["recognizer"].clone(), m["score_max"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!((what("a.png").len(), what("a.png")), (1, what("b.png")));
    let (a, b) = (picture(&world, "prev/a.png.preview.png"), picture(&world, "prev/b.png.preview.png"));
    assert_eq!(a.dimensions(), b.dimensions());
    assert_ne!(a, b);
    let legend = |sheet: &RgbImage| sheet.as_raw()[(640 * 3 * 300)..].to_vec();
    assert!(legend(&a) == legend(&b), "the legend depends on the value");
    let name = |file: &std::path::PathBuf| file.file_name().map(|n| n.to_string_lossy().into_owned());
    let names: Vec<String> = files_below(&world.path("prev")).iter().filter_map(name).collect();
    assert!(names.contains(&"PERSON_1.png.preview.png".to_owned()), "{names:?}");
}

#[test]
fn folders_that_will_not_do_are_refused_before_anything_is_done() {
    let world = World::new();
    world.file("in/a.png", form(false, 1.0).png());
    world.file("full/x", "x");
    world.file("file", "x");
    for (args, expected) in [
        (&["redact", "in", "-o", "out", "--preview", "out"][..], "cannot be in OUT"),
        (&["redact", "in", "-o", "out", "--preview", "out/prev"], "cannot be in OUT"),
        (&["redact", "in", "-o", "prev/out", "--preview", "prev"], "to be deleted"),
        (&["redact", "in", "-o", "out", "--preview", "full"], "not empty"),
        (&["redact", "in", "--preview", "file"], "no folder"),
        (&["redact", "-", "--preview", "prev"], "--preview"),
        (&["scan", "-", "--preview", "prev"], "--preview"),
        (&["scan", "in", "--preview", "full"], "not empty"),
        (&["redact", "in"], "-o OUT is missing"),
    ] {
        let said = world.run(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains(expected), "{args:?}: {}", said.err);
    }
    std::os::unix::fs::symlink(world.path("full"), world.path("link")).expect("a link");
    assert_eq!(world.run(&["redact", "in", "-o", "link/out", "--preview", "full/out/prev"]).code, 2);
    assert_eq!(world.entries(), ["file", "full", "in", "link"], "nothing was made");
}

#[test]
fn a_preview_alone_redacts_nothing_and_says_what_it_could_not_draw() {
    let world = World::new();
    let page = form(false, 1.0);
    world.file("in/a.png", page.png());
    world.file("in/b.txt", "mail jane.roe@example.org\n");
    let said = world.run(&["redact", "in", "--preview", "prev", "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("nothing was redacted"), "{}", said.err);
    let told: Value = serde_json::from_str(&said.out).expect("one object");
    assert_eq!(told, report(&world));
    assert_eq!(world.entries(), ["in", "prev"]);
    // An empty folder is taken, and closed to others.
    std::fs::create_dir(world.path("empty")).expect("a folder");
    world.file(
        "p.toml",
        "name='p'\ndescription='d'\nthreshold=0.5\ndefault='replace'\n[operators]\nPERSON='keep'\n",
    );
    let mut broken = page.png();
    broken.truncate(broken.len() / 2);
    world.file("in/c.png", &broken);
    let said = world.run(&["redact", "in", "--preview", "empty", "--profile", "p.toml"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("c.png"), "{}", said.err);
    assert_eq!(world.path("empty").metadata().expect("there").permissions().mode() & 0o777, 0o700);
    let kept: Value = serde_json::from_str(&world.read("empty/preview.json")).expect("JSON");
    let marks = marks(&kept, "a.png");
    assert!(marks.iter().any(|mark| mark["entity"] == "PERSON" && mark["decision"] == "keep"), "{marks:?}");
    assert!(marks.iter().all(|mark| (mark["entity"] == "PERSON") == (mark["decision"] == "keep")));
    assert_eq!(kept["refused"][0]["path"], "c.png");
    // With a bundle, its exit code counts.
    let said = world.run(&["redact", "in", "-o", "out", "--preview", "both"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(world.path("out/a.png").exists() && world.path("both/a.png.preview.png").exists());
    let said = world.run(&["redact", "in/b.txt", "--preview", "none"]);
    assert_eq!((said.code, world.path("none").exists()), (2, false), "{}", said.err);
}

#[test]
fn a_recording_has_tracks_that_hold_what_is_on_its_frames() {
    let world = World::new();
    let (seed, cast) = cast();
    world.file("roster.csv", cast.roster_csv());
    std::fs::create_dir(world.path("in")).expect("a folder");
    let mut truth = Truth::default();
    let mut planter = Planter { truth: &mut truth, file: "r.mp4".to_owned(), kind: Kind::Recording };
    record(&world.path("in/r.mp4"), Take::default(), &cast, &seed, &mut planter);
    let said = world.run(&["redact", "in", "--preview", "prev", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let report = report(&world);
    let file = &report["files"][0];
    assert_eq!((&file["frames"], &file["duration_ms"]), (&Value::from(100), &Value::from(10_000)));
    let marks = marks(&report, "r.mp4");
    let sheets: Vec<&str> =
        file["sheets"].as_array().expect("sheets").iter().filter_map(Value::as_str).collect();
    assert_eq!(sheets.len(), marks.len().div_ceil(32));
    assert!(sheets.len() > 1 && sheets[1] == "r.mp4.preview-2.png", "{sheets:?}");
    // A row of the legend for each track, frames below.
    let heights: Vec<u32> =
        sheets.iter().map(|name| picture(&world, &format!("prev/{name}")).height()).collect();
    assert!(
        heights.iter().all(|height| *height as usize > marks.len() / sheets.len() * 24 + 450),
        "{heights:?}"
    );
    let boxes = boxes(&marks);
    assert!(boxes.iter().all(|(_, (first, last))| first <= last && *last < 100));
    let (mut seen, mut held) = (0, 0);
    for word in truth.recordings["r.mp4"].iter().filter(|word| word.value.is_some()) {
        for frame in word.first_frame..=word.last_frame {
            seen += 1;
            let at = |(_, frames): &&Filled| frames.0 <= frame && frame <= frames.1;
            held += usize::from(boxes.iter().filter(at).any(|(area, _)| holds(*area, word)));
        }
    }
    assert!(seen > 1_000 && held * 100 >= seen * 97, "{held} of {seen}");
    let popup =
        truth.recordings["r.mp4"].iter().find(|w| w.value.is_some() && w.last_frame - w.first_frame == 2);
    let popup = popup.expect("a message pops up for three frames");
    let track = marks.iter().find(|mark| {
        mark["boxes"].as_array().expect("boxes").iter().any(|text| {
            let (area, (first, last)) = filled(text.as_str().expect("a box"));
            holds(area, popup) && first <= popup.first_frame && popup.last_frame <= last && last - first < 30
        })
    });
    assert!(track.is_some_and(|track| track["entity"] == "PERSON"), "{:?}", popup.ink);
}
