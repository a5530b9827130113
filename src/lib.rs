//! The wiring behind the `custody` binary: command line, configuration, pipeline, workers. Detection and
//! file formats live in the stage crates.

pub mod bundle;
pub mod cleanup;
pub mod cli;
pub mod columns;
pub mod commands;
pub mod config;
pub mod embedded;
pub mod environment;
pub mod exit;
pub mod exports;
pub mod fetch;
pub mod files;
pub mod guard;
pub mod pipeline;
pub mod preview;
pub mod progress;
pub mod rosters;
pub mod rulebook;
pub mod store;
pub mod terminal;
pub mod worker;
