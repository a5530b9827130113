//! `custody completions`: completion scripts, generated from the command line's own definition.

use crate::cli::Cli;
use crate::exit::Exit;
use clap::CommandFactory;

pub(super) fn run(shell: clap_complete::Shell) -> Exit {
    clap_complete::generate(shell, &mut Cli::command(), "custody", &mut std::io::stdout());
    Exit::Done
}
