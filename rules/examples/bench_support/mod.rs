//! What the benches of rules share: shipped recognizers, a roster of a million people and a log from a seed, CPU
//! time and memory as the kernel counts them. Measures nothing itself.
#![allow(dead_code, unreachable_pub, reason = "each of its users needs a part of it")]

#[allow(dead_code, unused_imports, unreachable_pub, reason = "the tests need more of it")]
#[allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "test support fails by panicking")]
#[path = "../../../tests/support/log.rs"]
mod log;
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the tests need more of it")]
#[allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "test support fails by panicking")]
#[path = "../../../tests/support/people.rs"]
mod people;
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the tests need more of it")]
#[allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "test support fails by panicking")]
#[path = "../../../tests/support/planted.rs"]
mod planted;
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the tests need more of it")]
#[allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "test support fails by panicking")]
#[path = "../../../tests/support/seed.rs"]
mod seed;

use custody_rules::{RosterBuilder, RosterColumn, RuleSet, RuleSource};
use log::stream_log;
use people::{Cast, people};
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::path::Path;

pub use seed::Seed;

/// People of the roster.
pub const PEOPLE: usize = 1_000_000;
/// Bytes of the log.
const LOG_BYTES: u64 = 128 << 20;
/// Key of the roster's index.
pub const KEY: [u8; 32] = [7; 32];
/// Syllables that made-up names are put together of.
const SYLLABLES: [&str; 40] = [
    "ba", "bel", "cor", "da", "den", "el", "fa", "fin", "ga", "gor", "ha", "hil", "is", "jo", "ka", "kel",
    "la", "lin", "ma", "mar", "na", "nor", "o", "pa", "per", "qui", "ra", "ros", "sa", "sel", "ta", "tor",
    "u", "va", "ven", "wil", "xa", "yo", "za", "zen",
];
/// Names that are ordinary words too: they stand in every log.
const ORDINARY: [&str; 16] = [
    "May", "Will", "Long", "Price", "Mark", "Page", "Field", "Read", "Post", "Grant", "Young", "White",
    "Case", "Key", "Rose", "Hunter",
];

/// One row: ID, given name, surname, e-mail, phone.
pub type Row = [String; 5];

/// CPU seconds of this process, all threads.
pub fn cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// CPU seconds of the processes it has run and waited for, in hundredths: fields 16 and 17 of proc(5).
pub fn children_cpu_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("proc");
    let all: Vec<&str> = stat.rsplit(") ").next().expect("fields").split(' ').collect();
    all[13..15].iter().map(|f| f.parse::<f64>().expect("ticks")).sum::<f64>() / 100.0
}

/// The most memory this process has had resident so far, in MB.
pub fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("peak");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).expect("number") / 1e3
}

/// The recognizers this folder ships.
pub fn shipped_rules() -> RuleSet {
    // As an example this is compiled with `rules`, as a bench with the whole.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [here.join("recognizers"), here.join("rules/recognizers")];
    let folder = folders.iter().find(|folder| folder.is_dir()).expect("recognizers");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("recognizers") {
        let path = entry.expect("a file").path();
        files.push((path.display().to_string(), fs::read_to_string(&path).expect("UTF-8")));
    }
    files.sort();
    let sources: Vec<_> = files.iter().map(|(name, text)| RuleSource { name, text }).collect();
    RuleSet::load(&sources).expect("sound")
}

/// A million made-up people.
pub fn rows(seed: &Seed) -> Vec<Row> {
    let mut seed = seed.fork("roster");
    (0..PEOPLE).map(|number| row(&mut seed, number)).collect()
}

fn row(seed: &mut Seed, number: usize) -> Row {
    let given = name(seed, 2);
    let family = name(seed, 3);
    let email = format!("{}.{}{number}@example.com", given.to_lowercase(), family.to_lowercase());
    let phone = format!("+1 ({}) 555-{:04}", 200 + number / 10_000 % 800, number % 10_000);
    [format!("{}", 3_000_000 + number * 3), given, family, email, phone]
}

fn name(seed: &mut Seed, syllables: usize) -> String {
    if seed.percent(1) {
        return (*seed.pick(&ORDINARY)).to_owned();
    }
    let mut name: String = (0..syllables).map(|_| *seed.pick(&SYLLABLES)).collect();
    name[..1].make_ascii_uppercase();
    name
}

/// The index of these people, as bytes of a file.
pub fn roster_index(rows: &[Row], rules: &RuleSet) -> Vec<u8> {
    let id = RosterColumn::Id(rules.built_in_entity("EMPLOYEE_ID"));
    let columns = [
        ("Employee ID", Some(id)),
        ("First Name", Some(RosterColumn::GivenName)),
        ("Last Name", Some(RosterColumn::FamilyName)),
        ("Email", Some(RosterColumn::Email)),
        ("Phone", Some(RosterColumn::Phone)),
    ];
    let mut builder = RosterBuilder::new(&columns, rules, &KEY, [9; 16]).expect("columns");
    for row in rows {
        builder.add(&row.each_ref().map(String::as_str), rules).expect("room");
    }
    builder.finish().expect("sound")
}

/// The runner's log, 128 MB, with something in 7 % of its lines and two hundred people of the roster in it.
pub fn log_of(rows: &[Row], seed: &Seed) -> String {
    let mut cast = people(seed, 200);
    for (person, row) in cast.iter_mut().zip(rows.iter().step_by(4_999)) {
        let [id, given, family, email, phone] = row.clone();
        *person = people::Person { employee_id: id, given, family, email, phone, ..person.clone() };
    }
    let cast = Cast { people: cast, roster_count: 200 };
    let mut log = Vec::new();
    stream_log(&mut log, &cast, LOG_BYTES, seed).expect("memory");
    String::from_utf8(log).expect("text")
}
