//! Whole tickets through the built program, scored by an oracle that knows nothing of the scanner: hidden
//! values absent from the decoded bytes, pixels of known boxes of one colour, harmless words still there.

use crate::program::World;
use crate::support::page::{Layout, Look, draw};
use crate::support::people::Cast;
use crate::support::planted::Kind;
use crate::support::score::score;
use crate::support::seed::Seed;
use crate::support::ticket::{FOLDER, Size, make_ticket};

#[test]
fn a_ticket_is_clean_and_still_useful() {
    let world = World::new();
    let truth = make_ticket(&world.path(""), 4711, Size { more_pages: 4, ..Size::default() });
    let said = world.run(&["redact", FOLDER, "-o", "clean", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    // Files are named as the user gave them: a name in a file's name is there, and nothing else is.
    let spoken = truth.files.iter().fold(said.err.clone(), |text, file| text.replace(file.as_str(), ""));
    for planted in truth.planted.iter().filter(|p| p.value.len() >= 6) {
        assert!(!spoken.contains(&planted.value), "a value on the terminal");
    }
    let manifest = world.read("clean/custody-manifest.json");
    for planted in truth.planted.iter().filter(|p| p.value.len() >= 6) {
        assert!(!manifest.contains(&planted.value), "a value in the manifest");
    }
    for (kind, score) in score(&truth, &world.path(FOLDER), &world.path("clean")) {
        let (left, removed) = match kind {
            Kind::Text => (0.02, 0.10),
            Kind::Table => (0.01, 0.10),
            Kind::Picture | Kind::Recording => (0.05, 0.10),
            Kind::Path => (0.0, 1.0),
        };
        println!("{kind:?}: {}", score.summary());
        assert!(score.missing.is_empty(), "{kind:?}: {:?}", score.missing);
        assert!(score.left_share() <= left, "{kind:?}: {}\n{:#?}", score.summary(), score.leaks);
        assert!(score.removed_share() <= removed, "{kind:?}: {}\n{:#?}", score.summary(), score.losses);
        assert!(score.appearances_left_share() <= 0.05, "{kind:?}: {}", score.summary());
    }
    let said = world.run(&["verify", "clean", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn pictures_carry_nothing_but_pixels() {
    let world = World::new();
    let seed = Seed::new(7);
    let cast = Cast::new(&seed, 12);
    let page = draw(Layout::ALL[0], Look::any(&mut Seed::new(3)), &cast, &seed);
    let mut png = page.png();
    png.splice(33..33, text_chunk(b"Author\0planted in a chunk"));
    png.extend_from_slice(b"planted behind the end");
    world.file("in/a.png", &png);
    let mut jpg = page.jpeg();
    jpg.splice(2..2, exif(b"planted in EXIF: GPS 48.1, 11.5"));
    jpg.extend_from_slice(b"planted behind the end");
    world.file("in/b.jpg", &jpg);
    world.file("roster.csv", cast.roster_csv());
    let said = world.run(&["redact", "in", "-o", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let out = std::fs::read(world.path("out/a.png")).expect("there");
    assert_eq!(&out[out.len() - 8..out.len() - 4], b"IEND");
    for name in ["out/a.png", "out/b.jpg"] {
        let out = std::fs::read(world.path(name)).expect("there");
        assert!(!out.windows(7).any(|w| w == b"planted"), "{name}");
        assert!(!out.windows(4).any(|w| w == b"Exif"), "{name}");
    }
}

/// A `tEXt` chunk of a PNG, with its checksum (PNG specification, annex D).
fn text_chunk(text: &[u8]) -> Vec<u8> {
    let body = [b"tEXt", text].concat();
    let mut sum = u32::MAX;
    for byte in &body {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
        }
    }
    [&(text.len() as u32).to_be_bytes()[..], &body, &(!sum).to_be_bytes()].concat()
}

/// An `Exif` segment of a JPEG.
fn exif(text: &[u8]) -> Vec<u8> {
    let body = [b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", text].concat();
    [&[0xff, 0xe1][..], &(body.len() as u16 + 2).to_be_bytes(), &body].concat()
}
