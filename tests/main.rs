//! The one test binary: wiring and end-to-end tests through the built program. Every file in this folder is
//! listed here (`tidy` checks it).

mod attacks;
mod attacks_video;
mod bad_input;
mod canary;
mod cli_blocks;
mod cli_doctor;
mod cli_eib;
mod cli_env;
mod cli_guard;
mod cli_help;
mod cli_leaks;
mod cli_pages;
mod cli_pipe;
mod cli_preview;
mod cli_redact;
mod cli_roster;
mod cli_rules;
mod cli_scan;
mod cli_sql;
mod cli_store;
mod cli_sweep;
mod cli_template;
mod cli_verify;
mod eib_attacks;
mod eib_disclosure;
mod eib_faults;
mod end_to_end;
mod fetch;
mod fetch_refusals;
mod guard_attacks;
mod guard_ways;
mod https;
#[path = "../export/tests/support/lookalike.rs"]
#[allow(unreachable_pub, reason = "also part of the tests of the crate")]
mod lookalike;
mod office;
mod oracles;
mod oracles_groups;
mod program;
mod queries;
mod recordings;
mod support;
mod tidy;
mod worker_faults;
mod worker_sandbox;
