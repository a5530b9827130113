//! Arguments of the commands that work on a store.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `custody init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where the store key comes from: keyring, passphrase, or file:PATH (a new file, outside of the store)
    #[arg(long, value_name = "KEY", value_parser = parse_key_source)]
    pub key: KeyChoice,
}

/// Where a store key comes from, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyChoice {
    /// The keyring of the operating system.
    Keyring,
    /// A passphrase that is asked for.
    Passphrase,
    /// A file.
    File(PathBuf),
}

fn parse_key_source(text: &str) -> Result<KeyChoice, String> {
    match text.split_once(':') {
        None if text == "keyring" => Ok(KeyChoice::Keyring),
        None if text == "passphrase" => Ok(KeyChoice::Passphrase),
        Some(("file", path)) if !path.is_empty() => Ok(KeyChoice::File(path.into())),
        _ => Err("takes keyring, passphrase or file:PATH (never a key itself)".to_owned()),
    }
}

/// `custody ingest`.
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Files, folders, zips; or a redacted bundle, whose manifest says what is redacted
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Name it is kept under (one file only; default: its own)
    #[arg(long, value_name = "N")]
    pub name: Option<String>,
    /// Class, for policies (default: report, screenshot, recording or log, by what it is)
    #[arg(long, value_name = "C")]
    pub class: Option<String>,
    /// Account of its owner (default: who ingests it)
    #[arg(long, value_name = "U")]
    pub owner: Option<String>,
    /// Languages on pictures, as tesseract names them, joined by +
    #[arg(long, value_name = "LANG", default_value = "eng")]
    pub lang: String,
    /// How media are decoded
    #[command(flatten)]
    pub media: super::MediaArgs,
}

/// Which items are meant: all conditions have to hold.
#[derive(Debug, Clone, Default, Args)]
pub struct QueryArgs {
    /// Conditions KEY=VALUE[,VALUE…]: kind, class, env, owner, source, state, exposure
    #[arg(long = "query", value_name = "KEY=VALUE")]
    pub conditions: Vec<String>,
}

/// `custody ls`.
#[derive(Debug, Args)]
pub struct LsArgs {
    /// Which items
    #[command(flatten)]
    pub query: QueryArgs,
    /// Show names: they can hold personal data
    #[arg(long)]
    pub names: bool,
    /// Copies (tables, locations) as well
    #[arg(long)]
    pub copies: bool,
    /// What was purged as well
    #[arg(long)]
    pub purged: bool,
}

/// `custody show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The item: the first digits of its ID or of its content's
    #[arg(value_name = "ID")]
    pub id: String,
}

/// `custody retention`.
#[derive(Debug, Subcommand)]
pub enum RetentionCommand {
    /// Say what is due, which policy and rule, and what is kept and why; deletes nothing
    Plan {
        /// Only policies that may be applied unattended
        #[arg(long)]
        unattended: bool,
    },
    /// Purge what a plan says, as far as it is still due
    #[command(
        after_help = "Exit codes: 0 done · 1 refused: over the caps, an approval is missing, the plan is stale, or policies have mistakes · \
3 done in part: some were held, used or pinned since · 4 a damaged store: nothing was done"
    )]
    Sweep {
        /// The plan, by the first digits of its hash
        #[arg(long, value_name = "PLAN", required_unless_present = "auto", conflicts_with = "auto")]
        apply: Option<String>,
        /// Plan and purge with nobody watching: only policies marked unattended, inside the caps
        #[arg(long)]
        auto: bool,
        /// Confirm with the first digits of the plan's hash
        #[arg(long, value_name = "HASH")]
        yes: Option<String>,
        /// Where a checkpoint is remembered outside of the store: a file, or git:DIR
        #[arg(long, value_name = "PLACE")]
        remember: Option<String>,
        /// People of the organisation: their names are hidden in what is recorded of files outside of the store
        #[arg(long, value_name = "FILE")]
        roster: Option<PathBuf>,
    },
    /// For monitoring: overdue items, the last sweep, how it ended; exit 1 when somebody has to look
    Status,
}

/// `custody hold`.
#[derive(Debug, Subcommand)]
pub enum HoldCommand {
    /// Keep items whatever policies and requests say
    Add {
        /// Why: a case, an audit
        #[arg(long, value_name = "M")]
        matter: String,
        /// Items, by their IDs
        #[arg(long = "ids", value_name = "ID", num_args = 1..)]
        ids: Vec<String>,
        /// Items, by what they are
        #[command(flatten)]
        query: QueryArgs,
    },
    /// Let go of items; a second person has to approve it
    Release {
        /// The matter
        #[arg(long, value_name = "M")]
        matter: String,
        /// Items, by their IDs; without any, all of the matter
        #[arg(long = "ids", value_name = "ID", num_args = 1..)]
        ids: Vec<String>,
    },
    /// List holds
    Ls,
}

/// `custody policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Check policy files: those of the store, or of a folder
    Check {
        /// Folder of policies
        folder: Option<PathBuf>,
    },
    /// List policies and what they keep
    Ls,
}

/// `custody event`.
#[derive(Debug, Subcommand)]
pub enum EventCommand {
    /// Say that something happened to items: a period may begin with it
    Add {
        /// load-confirmed, ticket-closed, …
        #[arg(value_name = "EVENT")]
        event: String,
        /// Items, by their IDs
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
}

/// `custody approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The plan, by the first digits of its hash
    #[arg(value_name = "PLAN")]
    pub plan: String,
    /// Let exactly this plan through although it is over the caps
    #[arg(long)]
    pub cap_exception: bool,
    /// Of a workbook or an extract: write every value as it is to standard output, also where that is no terminal
    #[arg(long)]
    pub show: bool,
    /// Confirm with the first digits of the plan's hash
    #[arg(long, value_name = "HASH")]
    pub yes: Option<String>,
}

/// `custody purge`.
#[derive(Debug, Args)]
pub struct PurgeArgs {
    /// Items, by their IDs
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
    /// Why they are purged before they are due
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// People of the organisation: their names are hidden in what is recorded of files outside of the store
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// Confirm with the first digits of the plan's hash
    #[arg(long, value_name = "HASH")]
    pub yes: Option<String>,
}

/// `custody erase`.
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// Who: a table of one person, with the headings of a roster (CSV, XLSX, …)
    #[arg(long, value_name = "FILE", required_unless_present = "apply")]
    pub subject: Option<PathBuf>,
    /// With --apply and --subject: keep a redacted version of every artifact that is purged
    #[arg(long, requires = "apply", requires = "subject")]
    pub redact: bool,
    /// People of the organisation: their names are hidden in what is recorded of files outside of the store
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// Carry out an approved request, by the first digits of its hash
    #[arg(long, value_name = "PLAN")]
    pub apply: Option<String>,
    /// Confirm with the first digits of the request's hash
    #[arg(long, value_name = "HASH")]
    pub yes: Option<String>,
}

/// How entries of the ledger are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LedgerFormat {
    /// Lines for people
    Table,
    /// One JSON object an entry
    Json,
    /// One event an entry, in the shape of the Open Cybersecurity Schema Framework 1.3.0
    Ocsf,
}

/// `custody ledger`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Show entries
    Log {
        /// Acts of this kind only
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// Acts on this item only
        #[arg(long, value_name = "ID")]
        item: Option<String>,
        /// The last N only
        #[arg(short = 'n', long, value_name = "N")]
        last: Option<u64>,
        /// How they are written (default: table, or json with --json)
        #[arg(long, value_name = "FORMAT")]
        format: Option<LedgerFormat>,
    },
    /// Check every entry, every signature, every checkpoint
    Verify {
        /// A checkpoint that somebody remembered: a file of one or more, or a folder of such files
        #[arg(long, value_name = "CHECKPOINT")]
        since: Option<PathBuf>,
    },
    /// Prove that an entry is in the ledger: a .tlog-proof, which verifies with the verifier key alone
    Prove {
        /// The entry's number
        #[arg(value_name = "ENTRY")]
        entry: u64,
        /// Where to write it (default: standard output)
        #[arg(short, long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Sign a checkpoint and remember it outside of the store
    Checkpoint {
        /// A file, git:DIR, or -- and a command that takes it on standard input
        #[arg(long, value_name = "PLACE")]
        to: Option<String>,
        /// A command and its arguments
        #[arg(last = true, value_name = "COMMAND")]
        command: Vec<String>,
    },
    /// The certificate of disposal of a sweep, a purge or an erasure
    Certificate {
        /// The sweep, by the first digits of its ID
        #[arg(value_name = "SWEEP")]
        sweep: String,
        /// Folder for certificate.json, certificate.html and certificate.sig
        #[arg(short, long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// `custody secret`.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Keep a new credential of an environment, encrypted; it is asked for, unseen
    Set(SecretArgs),
    /// Put a new value in place of one that is kept: nothing of the old one stays
    Rotate(SecretArgs),
    /// Take a credential away: its file is overwritten and removed
    Rm {
        /// What it is called
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// List credentials: name, environment, who set it and when; never a value
    Ls,
}

/// Which credential, and where its value comes from: never an argument.
#[derive(Debug, Args)]
pub struct SecretArgs {
    /// What it is called: 1 to 40 of a-z, 0-9 and -
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Read the value from standard input, without the newline at its end
    #[arg(long)]
    pub stdin: bool,
}

/// `custody keys`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// A new store key for everything that is still here: old copies of the key file open nothing that was purged
    Rotate,
}
