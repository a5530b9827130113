//! Arguments of `custody guard`.

use super::{DetectArgs, MediaArgs, ScanFormat};
use clap::{Args, Subcommand};
use std::path::PathBuf;

const GUARD_HELP: &str = "Without --staged, --range, --message and PATH, what is staged is looked at. Exit codes: 0 nothing was found · 1 findings, \
or something cannot be read · 2 bad usage, a mistake in .custodyguard.toml, or nothing to look at (--allow-empty).";

const PROFILE: &str = "Redaction profile: a name or a TOML file; what it keeps is not found";

/// `custody guard`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = GUARD_HELP)]
#[command(mut_arg("profile", |arg| arg.default_value("guard").help(PROFILE)))]
#[command(mut_arg("skip_bad_rules", |arg| arg.hide(true)))]
pub struct GuardArgs {
    /// What else to do
    #[command(subcommand)]
    pub command: Option<GuardCommand>,
    /// What is to be looked at
    #[command(flatten)]
    pub scope: GuardScope,
    /// What is found
    #[command(flatten)]
    pub detect: DetectArgs,
    /// How media are decoded
    #[command(flatten)]
    pub media: MediaArgs,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: ScanFormat,
    /// Nothing to look at is no mistake
    #[arg(long)]
    pub allow_empty: bool,
}

/// What `custody guard` looks at.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct GuardScope {
    /// What the next commit would bring in: the index, not the files beside it
    #[arg(long)]
    pub staged: bool,
    /// What commits bring in that B has and A has not, one by one; B alone: all of its history
    #[arg(long, value_name = "A..B")]
    pub range: Option<String>,
    /// A commit's message, as Git's commit-msg hook names it
    #[arg(long, value_name = "FILE")]
    pub message: Option<PathBuf>,
    /// Files and folders as they lie there
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// Subcommands of `custody guard`.
#[derive(Debug, Subcommand)]
pub enum GuardCommand {
    /// Write the hooks pre-commit and commit-msg of this repository
    Install {
        /// Keep hooks that are there, and run them first
        #[arg(long)]
        chain: bool,
    },
    /// Take the hooks away, and put back what was there
    Uninstall,
    /// Let one rule's findings in one content through, for a while: writes .custodyguard.toml
    Allow(GuardAllowArgs),
}

/// `custody guard allow`.
#[derive(Debug, Args)]
pub struct GuardAllowArgs {
    /// The file: as it is staged, or as it lies there
    #[arg(value_name = "PATH", required_unless_present_any = ["blob", "content"])]
    pub path: Option<PathBuf>,
    /// The blob, by its ID, for content that is in history
    #[arg(long, value_name = "OID", conflicts_with = "path")]
    pub blob: Option<String>,
    /// The content, as --json names it: of names and messages too
    #[arg(long, value_name = "HASH", conflicts_with_all = ["path", "blob"])]
    pub content: Option<String>,
    /// The rule: an entity, asset-KIND, unread, people
    #[arg(long, value_name = "RULE")]
    pub rule: String,
    /// Why it may stay
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The last day on which it may, 366 days from now at most
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub expires: String,
}
