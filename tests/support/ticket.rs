//! A whole ticket: screenshots, a recording, a log and reports about the same made-up people, with the
//! roster beside it and the truth about every hidden value.

use super::log::planted_log;
use super::page::{Layout, Look, draw};
use super::pen::Face;
use super::people::Cast;
use super::planted::{Kind, Place, Planter, Truth};
use super::recording::{Take, record};
use super::report::workbook;
use super::seed::Seed;
use super::tables::{Dialect, csv, json, ndjson, raas_xml};
use std::fs;
use std::path::Path;

/// Name of the folder that is made.
pub const FOLDER: &str = "ticket-4711";

/// How much a ticket holds.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// People in it.
    pub people: usize,
    /// Bytes of the log.
    pub log_bytes: usize,
    /// Screenshots besides the first two.
    pub more_pages: usize,
    /// How the recording is made; none when it has 0 seconds.
    pub take: Take,
}

impl Default for Size {
    fn default() -> Self {
        Self { people: 30, log_bytes: 200_000, more_pages: 0, take: Take::default() }
    }
}

/// Makes `DIR/ticket-4711`, `DIR/roster.csv` and `DIR/truth.json`.
pub fn make_ticket(dir: &Path, seed: u64, size: Size) -> Truth {
    let ticket = Ticket { folder: dir.join(FOLDER), seed: Seed::new(seed), size };
    let cast = Cast::new(&ticket.seed, size.people);
    let mut truth = Truth { seed, ..Truth::default() };
    for part in ["logs", "notes", "recordings", "reports", "screenshots"] {
        fs::create_dir_all(ticket.folder.join(part)).expect("a folder can be made");
    }
    ticket.texts(&cast, &mut truth);
    ticket.recording(&cast, &mut truth);
    ticket.reports(&cast, &mut truth);
    ticket.screenshots(&cast, &mut truth);
    fs::write(dir.join("roster.csv"), cast.roster_csv()).expect("the roster can be written");
    let text = serde_json::to_string(&truth).expect("the truth is plain data");
    fs::write(dir.join("truth.json"), text).expect("the truth can be written");
    truth
}

struct Ticket {
    folder: std::path::PathBuf,
    seed: Seed,
    size: Size,
}

impl Ticket {
    fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.folder.join(file), bytes).expect("a file can be written");
    }

    fn texts(&self, cast: &Cast, truth: &mut Truth) {
        let file = "logs/runner.log";
        let log = planted_log(cast, &self.seed, self.size.log_bytes, &mut truth.planter(file, Kind::Text));
        self.write(file, log.as_bytes());
        let caller = &cast.people[4];
        let file = format!("notes/call with {}.txt", caller.name());
        truth.planter(&file, Kind::Path).plant("PERSON", &caller.name(), true, Place::Anywhere);
        truth.files.pop();
        let mut planter = truth.planter(&file, Kind::Text);
        let note = format!(
            "Call about ticket 4711, Tuesday afternoon.\n{} says the pay slip of May is wrong.\n\
             Call back at {} or write to {}.\nNext step: payroll checks the run of 30 May.\n",
            caller.name(),
            caller.phone,
            caller.email
        );
        planter.plant("PERSON", &caller.name(), true, Place::Line(1));
        planter.plant("PHONE_NUMBER", &caller.phone, true, Place::Line(2));
        planter.plant("EMAIL_ADDRESS", &caller.email, true, Place::Line(2));
        self.write(&file, note.as_bytes());
    }

    fn recording(&self, cast: &Cast, truth: &mut Truth) {
        if self.size.take.seconds > 0 {
            let file = "recordings/hire-flow.mp4";
            let mut planter = truth.planter(file, Kind::Recording);
            record(&self.folder.join(file), self.size.take, cast, &self.seed, &mut planter);
        }
    }

    fn reports(&self, cast: &Cast, truth: &mut Truth) {
        let mut make = |file: &str, make: &dyn Fn(&mut Planter) -> Vec<u8>| {
            let bytes = make(&mut truth.planter(file, Kind::Table));
            self.write(file, &bytes);
        };
        make("reports/all-workers.csv", &|p| csv(cast, Dialect::CommaUtf8, p));
        make("reports/payroll-extract.csv", &|p| csv(cast, Dialect::Semicolon1252, p));
        make("reports/payroll-extract.tsv", &|p| csv(cast, Dialect::TabUtf16, p));
        make("reports/all-workers.xlsx", &|p| workbook(cast, p).expect("a workbook can be made"));
        make("reports/all-workers.json", &|p| json(cast, p));
        make("reports/events.ndjson", &|p| ndjson(cast, p));
        make("reports/all-workers.xml", &|p| raas_xml(cast, p));
    }

    fn screenshots(&self, cast: &Cast, truth: &mut Truth) {
        let light = Look { dark: false, size: 14.0, scale: 1.0, face: Face::Liberation };
        let dark = Look { dark: true, size: 15.0, scale: 1.5, face: Face::Dejavu };
        let fixed = [
            ("screenshots/personal-information.png", Layout::FormBeside, light),
            ("screenshots/my-team.jpg", Layout::Table, dark),
        ];
        let mut random = self.seed.fork("screens");
        let more = (0..self.size.more_pages).map(|i| {
            let (look, layout) = (Look::any(&mut random), Layout::ALL[i % Layout::ALL.len()]);
            (format!("screenshots/page-{i:04}.{}", if i % 3 == 2 { "jpg" } else { "png" }), layout, look)
        });
        let fixed = fixed.map(|(file, layout, look)| (file.to_owned(), layout, look));
        for (file, layout, look) in fixed.into_iter().chain(more) {
            let page = draw(layout, look, cast, &self.seed.fork(&file));
            let mut planter = truth.planter(&file, Kind::Picture);
            page.plant(&mut planter);
            let author = cast.people[0].name();
            planter.plant("PERSON", &author, true, Place::Anywhere);
            let bytes = if has_ending(&file, "jpg") {
                jpeg_with_comment(&page.jpeg(), &author)
            } else {
                png_with_text(&page.png(), &author)
            };
            self.write(&file, &bytes);
        }
    }
}

fn has_ending(file: &str, ending: &str) -> bool {
    Path::new(file).extension().is_some_and(|e| e == ending)
}

/// Adds a `tEXt` chunk after the header chunk.
fn png_with_text(png: &[u8], author: &str) -> Vec<u8> {
    let data = [b"tEXtAuthor\0", author.as_bytes()].concat();
    let length = (data.len() as u32 - 4).to_be_bytes();
    let sum = crc32(&data).to_be_bytes();
    // Signature 8, header chunk 25.
    [&png[..33], &length, &data, &sum, &png[33..]].concat()
}

/// Adds a comment segment after the start of the image.
fn jpeg_with_comment(jpeg: &[u8], author: &str) -> Vec<u8> {
    let length = (author.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, 0xfe], &length, author.as_bytes(), &jpeg[2..]].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::super::score::score;
    use super::*;

    /// A ticket copied as it is leaks every value and loses nothing: the oracle sees both sides.
    #[test]
    fn an_untouched_copy_leaks_everything_and_loses_nothing() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let take = Take { seconds: 6, size: (960, 600), ..Take::default() };
        let size = Size { people: 14, log_bytes: 30_000, more_pages: 2, take };
        let truth = make_ticket(dir.path(), 5, size);
        let folder = dir.path().join(FOLDER);
        for (kind, score) in score(&truth, &folder, &folder) {
            assert_eq!(score.left, score.planted, "{kind:?}: {}", score.summary());
            assert_eq!(score.removed, 0, "{kind:?}: {}", score.summary());
            assert_eq!(score.appearances_left, score.appearances, "{kind:?}: {}", score.summary());
            assert!(score.planted > 0 && score.missing.is_empty(), "{kind:?}: {}", score.summary());
        }
        let nothing = dir.path().join("nothing");
        fs::create_dir(&nothing).expect("a folder can be made");
        for (kind, score) in score(&truth, &folder, &nothing) {
            assert_eq!((score.left, score.removed), (0, score.harmless), "{kind:?}: {}", score.summary());
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let (a, b) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let size = Size {
            people: 12,
            log_bytes: 10_000,
            more_pages: 0,
            take: Take { seconds: 0, ..Take::default() },
        };
        let (truth, again) = (make_ticket(a.path(), 9, size), make_ticket(b.path(), 9, size));
        assert_eq!(serde_json::to_string(&truth).ok(), serde_json::to_string(&again).ok());
        for file in truth.files.iter().filter(|f| !has_ending(f, "xlsx")) {
            let read = |dir: &Path| fs::read(dir.join(FOLDER).join(file)).expect("it was made");
            assert!(read(a.path()) == read(b.path()), "{file}");
        }
    }
}
