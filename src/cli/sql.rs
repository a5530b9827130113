//! Arguments of the commands that look into tables.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SqlFormat {
    /// Columns for people
    Table,
    /// RFC 4180; what a spreadsheet program would run as a formula gets an apostrophe in front
    Csv,
    /// One JSON object a row
    Json,
    /// Parquet, with the types of the columns; needs -o
    Parquet,
    /// Arrow IPC stream, with the types of the columns
    Arrow,
}

const SQL_HELP: &str = "Tables are those of reports that were ingested: workers is the newest version, \"workers@2\" the second. \
Columns are called as in the report; a name with spaces stands in double quotes. Columns that hold something personal, and \
whatever is computed from them, are shown as marks (‹PERSON›); how many rows there are is not. Only SELECT is answered.";

/// `custody sql`.
#[derive(Debug, Args)]
#[command(after_help = SQL_HELP)]
pub struct SqlArgs {
    /// The question, in SQL
    #[arg(value_name = "QUERY")]
    pub query: String,
    /// How the answer is written (default: table, or json with --json)
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<SqlFormat>,
    /// File the answer is written to, masked; with --reveal a plan is made for it, as custody export does
    #[arg(short = 'o', value_name = "F")]
    pub output: Option<PathBuf>,
    /// Show values as they are, and record that; not for production
    #[arg(long)]
    pub reveal: bool,
    /// Why values leave: with --reveal -o
    #[arg(long, value_name = "TEXT", requires = "reveal")]
    pub reason: Option<String>,
    /// Do not ask whether to reveal
    #[arg(long, requires = "reveal")]
    pub yes: bool,
    /// Rows of a table that are shown; 0 for all
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit_rows: usize,
    /// Where the tables are
    #[command(flatten)]
    pub tables: TablesArgs,
}

/// Tables beside the store.
#[derive(Debug, Args)]
pub struct TablesArgs {
    /// Ask a report where it lies, without the store unless --store names it; may be given again
    #[arg(long, value_name = "[NAME=]PATH")]
    pub file: Vec<String>,
    /// Read large files (over 256 MB) twice: types are certain then. Otherwise they are taken from the first 100,000 rows,
    /// and a value further on that does not fit is refused
    #[arg(long, requires = "file")]
    pub whole: bool,
}

/// `custody profile`.
#[derive(Debug, Args)]
pub struct ProfileArgs {
    /// The table: NAME, or NAME@VERSION (default: those of --file)
    #[arg(value_name = "TABLE", required_unless_present = "file")]
    pub table: Option<String>,
    /// Where the tables are
    #[command(flatten)]
    pub tables: TablesArgs,
}
