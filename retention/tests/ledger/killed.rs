//! A process that is killed while it writes, again and again: this test binary starts itself as the victim.

use crate::independent;
use crate::support::{intent, key, new_ledger, outcome};
use custody_retention::ledger::*;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Says to the victim where the ledger is.
const FOLDER: &str = "CUSTODY_TEST_LEDGER";
const ROUNDS: u64 = 24;

#[test]
#[ignore = "the victim: started by the test below"]
fn victim() {
    let folder = std::env::var_os(FOLDER).expect("started by the other test");
    let (mut ledger, _) = Ledger::open(Path::new(&folder), key().verifier()).expect("recovery");
    let left: Vec<u64> = ledger.open_intents().map(|(index, _)| index).collect();
    for intent in left {
        ledger.append(&outcome(intent, 0)).expect("an outcome for what was interrupted");
    }
    let mut out = std::io::stdout();
    for number in 0.. {
        let index = ledger.append(&intent(number)).expect("an entry");
        let durable = ledger.commit().expect("durable");
        writeln!(out, "durable {durable}").expect("somebody listens");
        for more in 0..number % 20 {
            ledger.append(&intent(more)).expect("an entry");
        }
        ledger.append(&outcome(index, number)).expect("an entry");
        if number % 20 == 19 {
            let size = ledger.checkpoint(&key()).expect("a checkpoint").size();
            writeln!(out, "durable {size}").expect("somebody listens");
        }
    }
}

/// Lets a victim write until it has said so many lines, kills it, and returns what it last called durable.
fn run_and_kill(folder: &Path, lines: u64) -> u64 {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args(["--exact", "killed::victim", "--ignored", "--nocapture"]).env(FOLDER, folder);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let (mut durable, mut seen) = (0, 0);
    for line in stdout.lines() {
        let line = line.expect("the pipe can be read");
        let Some(number) = line.strip_prefix("durable ").and_then(|number| number.parse().ok()) else {
            continue;
        };
        durable = number;
        seen += 1;
        if seen == lines {
            child.kill().expect("it can be killed");
        }
    }
    let status = child.wait().expect("it ends");
    assert!(!status.success() && seen >= lines, "killed, after {seen} lines");
    durable
}

#[test]
fn killed_in_a_loop_it_recovers_twice_and_loses_nothing() {
    let (_dir, folder) = new_ledger();
    let mut tails = 0;
    for round in 0..ROUNDS {
        let durable = run_and_kill(&folder, 3 + round * 7 % 45);
        let (ledger, opened) = Ledger::open(&folder, key().verifier()).expect("recovery");
        let (size, root) = (ledger.size(), ledger.root());
        assert!(size >= durable, "round {round}: {size} of {durable}");
        tails += u64::from(opened.torn_tail.is_some());
        drop(ledger);
        let (ledger, opened) = Ledger::open(&folder, key().verifier()).expect("recovery, once more");
        assert_eq!((opened.torn_tail, ledger.size(), ledger.root()), (None, size, root));
        drop(ledger);
        // The second verifier is slow, and what it reads only grows.
        if round % 6 == 5 {
            let seen = independent::check_folder(&folder, &key().verifier().to_string(), &[]);
            let seen = seen.expect("the second verifier is content");
            assert_eq!((seen.entries.len() as u64, seen.root), (size, root));
        }
    }
    let report = verify(&folder, key().verifier(), &[]).expect("it can be read");
    assert!(report.is_clean() && report.quarantined as u64 == tails && report.kept_checkpoints > 1);
}
