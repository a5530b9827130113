//! Verifies a ledger, or a proof of one entry, with code that shares nothing with the crate's: see
//! docs/ledger-format.md. It is handed to whoever would rather not trust custody's own word.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks on the terminal")]

#[path = "../tests/ledger/independent.rs"]
mod independent;
#[path = "../tests/ledger/verifier.rs"]
mod verifier;

use std::process::ExitCode;
use verifier::{End, run};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        End::Verified(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        End::Wrong(said) => {
            eprintln!("{said}");
            ExitCode::from(1)
        }
        End::Unchecked(said) => {
            eprintln!("{said}");
            ExitCode::from(2)
        }
    }
}
