//! The command line, as clap reads it. Help texts are part of the contract.

mod eib;
mod env;
mod guard;
mod sql;
mod store;

use crate::terminal::Color;
use crate::worker::{Bounds, Part};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

pub use eib::*;
pub use env::*;
pub use guard::*;
pub use sql::*;
pub use store::*;

/// Keeps HR artifacts in custody: redacts reports, screenshots, recordings and logs, and proves it.
#[derive(Debug, Parser)]
#[command(name = "custody", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What is the same for all commands.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done · 1 findings, or verification failed · 2 bad usage, or nothing could be \
processed · 3 done in part, the rest is listed · 4 internal error, or a damaged store · 130 cancelled";

const EVAL_HELP: &str = "A case is {\"text\", \"spans\": [{\"start\", \"end\", \"entity\"}]} with offsets in characters, or {\"text\", \
\"expect\": \"SECRET\"|\"none\"}. \"only\": [ENTITY, ...] restricts the recognizers; then a finding of any score counts. A label \
is found when findings of its entity cover half of it; recall is the share of labels found, precision the share of findings \
that are right, F2 weighs recall four times, leak is the share of labelled characters that no finding covers. Labels of \
entities that no recognizer claims are listed, not counted. Exit codes: 1 under --min-recall, 2 for a file that holds no \
cases.";

/// Options of every command.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// One JSON object (or one a line) on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Threads (default: one a core)
    #[arg(short = 'j', long = "jobs", global = true, value_name = "N")]
    pub jobs: Option<usize>,
    /// Colour of messages
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Never ask anything
    #[arg(long, global = true)]
    pub no_input: bool,
    /// The store (default: custody in the user's data folder)
    #[arg(long, global = true, value_name = "DIR", env = "CUSTODY_STORE", hide_env_values = true)]
    pub store: Option<PathBuf>,
    /// Leave no trace in the store's ledger where there is a store: scan, redact and roster
    #[arg(long, global = true)]
    pub no_store: bool,
    /// Environment: sandbox, preview, production, a tenant's name (default: the store's own)
    #[arg(long, global = true, value_name = "NAME", env = "CUSTODY_ENV", hide_env_values = true)]
    pub env: Option<String>,
    /// Account of who acts (default: the user of the operating system)
    #[arg(long = "as", global = true, value_name = "USER", env = "CUSTODY_USER", hide_env_values = true)]
    pub user: Option<String>,
    /// Believe a clock that is years ahead of the store's last use
    #[arg(long, global = true)]
    pub accept_clock: bool,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Redact files, folders and zips into a verified bundle
    Redact(RedactArgs),
    /// List what would be redacted; changes nothing
    Scan(ScanArgs),
    /// Read a bundle again: hashes, structure, a full rescan
    Verify(VerifyArgs),
    /// Compile a roster once, for use with --roster
    Roster(RosterArgs),
    /// List, test and explain the recognizers
    Rules(RulesArgs),
    /// Keep secrets, employee data and reports out of Git: what is staged, a range of commits, or a folder
    Guard(GuardArgs),
    /// Make a store: keys, catalog, ledger, policies
    Init(InitArgs),
    /// Take files into the store, encrypted, with a table of what they say
    Ingest(IngestArgs),
    /// List what the store holds
    Ls(LsArgs),
    /// Show one item: what it is, what it came from, what keeps it and until when
    Show(ShowArgs),
    /// Ask the tables of reports, in SQL; what is personal is masked
    Sql(SqlArgs),
    /// Say what a table's columns are like: types, gaps, shapes, what is personal; never a value
    Profile(ProfileArgs),
    /// Templates of upload sheets, and mappings for them
    Template {
        /// What to do
        #[command(subcommand)]
        command: TemplateCommand,
    },
    /// Plan, show, build and reconcile workbooks for upload
    Eib {
        /// What to do
        #[command(subcommand)]
        command: EibCommand,
    },
    /// Plan a filtered report for somebody else; write it once that is approved
    Export(ExportArgs),
    /// What is due and why; purge it
    Retention {
        /// What to do
        #[command(subcommand)]
        command: RetentionCommand,
    },
    /// Keep items whatever policies say
    Hold {
        /// What to do
        #[command(subcommand)]
        command: HoldCommand,
    },
    /// Check and list retention policies
    Policy {
        /// What to do
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// Say what happened to items: a confirmed load, a closed ticket
    Event {
        /// What to do
        #[command(subcommand)]
        command: EventCommand,
    },
    /// Approve a plan: workbooks, extracts, sweeps, erasures, releases of holds
    Approve(ApproveArgs),
    /// Purge items before they are due, with a reason
    Purge(PurgeArgs),
    /// Find all that holds one person's data, and purge it once that is approved
    Erase(EraseArgs),
    /// The audit trail: show, verify, prove, remember, certify
    Ledger {
        /// What to do
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// Named environments: what may be done where, how much of it, and after how many people have looked
    Env {
        /// What to do
        #[command(subcommand)]
        command: EnvCommand,
    },
    /// Change the store key
    Keys {
        /// What to do
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Keep credentials of environments, encrypted, and find them in all that is read
    Secret {
        /// What to do
        #[command(subcommand)]
        command: SecretCommand,
    },
    /// Say which engines are there, whether the sandbox holds, and what to install; check the store
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Works on one artifact on behalf of another process
    #[command(name = "__worker", hide = true)]
    Worker(WorkerArgs),
}

/// What a worker is started with; for this program itself.
#[derive(Debug, Clone, Args)]
pub struct WorkerArgs {
    /// Languages of the engine
    #[arg(long, default_value = "eng")]
    pub lang: String,
    /// Memory it may use, in MiB
    #[arg(long, default_value_t = Bounds::default().memory_mib)]
    pub memory_mib: u64,
    /// Processor time it may use, in seconds
    #[arg(long, default_value_t = Bounds::default().cpu_seconds)]
    pub cpu_seconds: u64,
    /// Leave out the sandbox
    #[arg(long)]
    pub no_sandbox: bool,
    /// Take no jobs: confine yourself by this part, try what it forbids and say what came of it
    #[arg(long)]
    pub examine: Option<Part>,
}

/// How pictures and recordings are decoded.
#[derive(Debug, Clone, Args)]
pub struct MediaArgs {
    /// Decode pictures and recordings without the sandbox, where it cannot start: only what you trust
    #[arg(long)]
    pub no_sandbox: bool,
}

/// What decides what is found.
#[derive(Debug, Clone, Args)]
pub struct DetectArgs {
    /// People of the organisation: CSV or XLSX, columns recognised by their headings; or an index made by roster build
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// Key of a roster index (default: FILE.key beside it, else $CUSTODY_KEY_FILE)
    #[arg(long, value_name = "FILE")]
    pub roster_key: Option<PathBuf>,
    /// Redaction profile: a name (balanced, strict, pseudonym, share-logs) or a TOML file
    #[arg(long, value_name = "P", default_value = "balanced")]
    pub profile: String,
    /// Folder of further recognizers (TOML, one entity a file)
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// Leave out recognizer files with mistakes, say which, and go on with the rest
    #[arg(long)]
    pub skip_bad_rules: bool,
    /// Allow-list (TOML): values that are wholly one of its terms or patterns stay; may be given again
    #[arg(long, value_name = "FILE")]
    pub allow: Vec<PathBuf>,
    /// Deny-list (TOML): its terms and patterns are found always; may be given again
    #[arg(long, value_name = "FILE")]
    pub deny: Vec<PathBuf>,
    /// Languages on pictures, as tesseract names them, joined by +
    #[arg(long, value_name = "LANG", default_value = "eng")]
    pub lang: String,
}

impl DetectArgs {
    /// What is found when nobody says otherwise.
    pub fn plain() -> Self {
        Self {
            roster: None,
            roster_key: None,
            profile: "balanced".to_owned(),
            rules: None,
            skip_bad_rules: false,
            allow: Vec::new(),
            deny: Vec::new(),
            lang: "eng".to_owned(),
        }
    }
}

/// `custody doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Decrypt every item of the store as well
    #[arg(long)]
    pub contents: bool,
    /// Make the store's catalog anew from blobs, ledger and key file
    #[arg(long)]
    pub rebuild: bool,
}

/// `custody redact`.
#[derive(Debug, Args)]
#[command(
    after_help = "With - as the only path, text from standard input is redacted to standard output in one pass \
with a window of 1 MiB. What that can miss: a name that has no label, title or roster entry where it first stands and is \
recognised only further on; columns classified by content; and the second reading: nothing is verified. Use files where \
the result leaves the house."
)]
pub struct RedactArgs {
    /// Files, folders, zips; or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Folder the bundle is written to: must not exist or be empty
    #[arg(short, long, value_name = "OUT")]
    pub out: Option<PathBuf>,
    /// Draw what is found on every page and recording into this folder: UNREDACTED, to be looked at and deleted.
    /// Without -o nothing else is done
    #[arg(long, value_name = "DIR")]
    pub preview: Option<PathBuf>,
    /// What is found
    #[command(flatten)]
    pub detect: DetectArgs,
    /// How media are decoded
    #[command(flatten)]
    pub media: MediaArgs,
    /// Copy audio of recordings, unread; without it audio is dropped
    #[arg(long)]
    pub keep_audio: bool,
    /// With -: each line leaves as soon as it is read, for tail -f; knows nothing of the lines behind it
    #[arg(long)]
    pub line_buffered: bool,
}

/// Formats of `custody scan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScanFormat {
    /// A table for people
    Table,
    /// One JSON object a finding
    Json,
    /// SARIF 2.1.0 for code scanning tools
    Sarif,
}

/// `custody scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files, folders, zips; or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What is found
    #[command(flatten)]
    pub detect: DetectArgs,
    /// How media are decoded
    #[command(flatten)]
    pub media: MediaArgs,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: ScanFormat,
    /// Draw what is found on every page and recording into this folder: UNREDACTED, to be looked at and deleted
    #[arg(long, value_name = "DIR")]
    pub preview: Option<PathBuf>,
    /// Say why each finding is one, and what was nearly found (a second reading; pixels tell little)
    #[arg(long)]
    pub explain: bool,
}

/// `custody verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The bundle's folder
    #[arg(value_name = "OUT")]
    pub bundle: PathBuf,
    /// What is found
    #[command(flatten)]
    pub detect: DetectArgs,
    /// How media are decoded
    #[command(flatten)]
    pub media: MediaArgs,
}

/// `custody roster`.
#[derive(Debug, Args)]
pub struct RosterArgs {
    /// What to do
    #[command(subcommand)]
    pub command: RosterCommand,
}

/// Subcommands of `custody roster`.
#[derive(Debug, Subcommand)]
pub enum RosterCommand {
    /// Compile a table of people into an index of keyed hashes
    #[command(
        after_help = "The index holds no name in the clear and gives none away without its key: keep the two apart. A key \
file that is not there is made, readable by its owner only."
    )]
    Build {
        /// The table: CSV, XLSX, XLS, ODS, JSON, XML
        #[arg(value_name = "PEOPLE")]
        table: PathBuf,
        /// The index
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// Key file, 32 bytes or 64 hex digits (default: $CUSTODY_KEY_FILE, else the index' name and .key)
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Folder of further recognizers
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// Check an index and say what it was made of
    Info {
        /// The index
        #[arg(value_name = "FILE")]
        index: PathBuf,
        /// Key file (default: FILE.key beside it, else $CUSTODY_KEY_FILE)
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Folder of further recognizers
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
}

/// `custody rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// What to do
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// Subcommands of `custody rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List recognizers: id, entity, patterns, check, source
    Ls {
        /// Folder of further recognizers
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// Run every recognizer's own examples
    Test {
        /// Recognizer files; without any, those of the binary
        files: Vec<PathBuf>,
    },
    /// Measure detection against labelled cases: precision, recall, F2 and leak rate, by entity
    #[command(after_help = EVAL_HELP)]
    Eval {
        /// Files of cases: one JSON object a line, plain or gzipped
        #[arg(required = true, value_name = "CASES")]
        cases: Vec<PathBuf>,
        /// Exit 1 when the recall over all entities is under this, 0 to 1
        #[arg(long, value_name = "R")]
        min_recall: Option<f64>,
        /// What is found
        #[command(flatten)]
        detect: DetectArgs,
    },
    /// Say why something in a text is found, or not
    Explain {
        /// The text; - for standard input
        text: String,
        /// Label or heading the text stands under
        #[arg(long, value_name = "LABEL")]
        label: Option<String>,
        /// What is found
        #[command(flatten)]
        detect: DetectArgs,
    },
}
