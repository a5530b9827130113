//! Arguments of the commands that make workbooks and extracts.

use anyhow::bail;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `custody template …`.
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// List the templates: imported, projected from a WSDL, bundled
    Ls,
    /// Show a template's sheets, or the fields of one sheet
    Show {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// Name of the sheet whose fields are listed
        #[arg(long, value_name = "SHEET")]
        sheet: Option<String>,
    },
    /// Take in the tenant's own template, as Workday generated it
    Import {
        /// The XLSX file, without data
        #[arg(value_name = "F.xlsx")]
        file: PathBuf,
        /// Name it is kept under (default: its operation)
        #[arg(long, value_name = "N")]
        name: Option<String>,
    },
    /// Project an operation of a Workday WSDL onto a template
    FromWsdl {
        /// The WSDL
        #[arg(value_name = "F.wsdl")]
        file: PathBuf,
        /// The operation, Change_Job; without one, those that there are are listed
        #[arg(long, value_name = "O")]
        operation: Option<String>,
        /// Name it is kept under (default: the operation)
        #[arg(long, value_name = "N")]
        name: Option<String>,
    },
    /// What changed between two templates, and what that breaks in the saved mappings
    Diff {
        /// Name of the one that mappings were written for, or an XLSX file
        #[arg(value_name = "A")]
        before: String,
        /// Name of the other one, or an XLSX file
        #[arg(value_name = "B")]
        after: String,
    },
    /// Mappings of a template: suggest one, keep one, list those that are kept
    Map {
        /// The template
        #[arg(value_name = "TEMPLATE")]
        template: String,
        /// Mapping file to be checked and kept
        #[arg(value_name = "F.toml")]
        file: Option<PathBuf>,
        /// Name it is kept under (default: the file's)
        #[arg(long, value_name = "N")]
        name: Option<String>,
        /// Suggest a mapping, by names alone, with every line commented out
        #[arg(long, conflicts_with = "file", requires = "from")]
        suggest: bool,
        /// The report table that it maps from
        #[arg(long, value_name = "TABLE")]
        from: Option<String>,
    },
}

/// `custody eib …`.
#[derive(Debug, Subcommand)]
pub enum EibCommand {
    /// Show what a workbook would hold, with everything that is wrong; changes nothing
    Plan(EibPlanArgs),
    /// Show a plan again
    Show {
        /// The plan: first digits of its hash, or its file
        #[arg(value_name = "PLAN")]
        plan: String,
        /// Transactions that are shown
        #[arg(long, value_name = "N", default_value_t = 10)]
        rows: usize,
        /// Show values as they are, and record that
        #[arg(long)]
        reveal: bool,
    },
    /// Write the workbook of an approved plan, read it back, and compare it with the plan
    Build {
        /// The plan: first digits of its hash, or its file
        #[arg(value_name = "PLAN")]
        plan: String,
        /// The workbook; numbered where one file is not enough
        #[arg(short = 'o', value_name = "OUT.xlsx")]
        output: PathBuf,
        /// Of production: the environment's name, where nobody can be asked to type it
        #[arg(long, value_name = "ENVIRONMENT")]
        confirm: Option<String>,
    },
    /// Give a plan up: it cannot be built any more, and what it was made from is let go
    Drop {
        /// The plan: first digits of its hash, or its file
        #[arg(value_name = "PLAN")]
        plan: String,
    },
    /// Plan those transactions again that Workday rejected, and no others
    Reconcile {
        /// The plan that was built and loaded
        #[arg(value_name = "PLAN")]
        plan: String,
        /// The errors attachment of the integration event: XLSX or CSV
        #[arg(long, value_name = "FILE")]
        errors: PathBuf,
        /// The new plan's file
        #[arg(short = 'o', value_name = "plan.json")]
        output: Option<PathBuf>,
    },
}

/// Which rows of a report a plan takes, why, and how much of it is shown.
#[derive(Debug, Args)]
pub struct SelectArgs {
    /// Which rows: one SQL expression over the report's columns
    #[arg(long = "where", value_name = "SQL")]
    pub filter: Option<String>,
    /// All rows; needs --reason
    #[arg(long, conflicts_with = "filter", requires = "reason")]
    pub all: bool,
    /// Transactions of a workbook, or rows of an extract, at most
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Why; kept with the plan in the store
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Transactions or rows of the preview
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub rows: usize,
    /// Show values as they are, and record that
    #[arg(long)]
    pub reveal: bool,
}

impl SelectArgs {
    /// The reason that was given, for all rows and for what else needs one. It can be empty only where nothing does.
    ///
    /// # Errors
    /// When which rows was not said, or a reason is missing.
    pub fn reason_for(&self, needed: bool) -> anyhow::Result<String> {
        if self.filter.is_none() && !self.all {
            bail!("which rows? --where SQL, or all of them with --all --reason TEXT");
        }
        let reason = self.reason.clone().unwrap_or_default();
        if (self.all || needed) && reason.trim().is_empty() {
            bail!("--all, --allow-small, --allow-sensitive and --no-sandbox-run need --reason TEXT");
        }
        Ok(reason)
    }
}

/// `custody eib plan`.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, Args)]
pub struct EibPlanArgs {
    /// The template
    #[arg(value_name = "TEMPLATE")]
    pub template: String,
    /// The report table: NAME, or NAME@VERSION
    #[arg(long, value_name = "TABLE")]
    pub from: String,
    /// The mapping: a file, or the name of one that is kept with the template
    #[arg(long, value_name = "M")]
    pub map: String,
    /// Which rows
    #[command(flatten)]
    pub select: SelectArgs,
    /// A field with special-category data that is needed, LABEL, SHEET!LABEL or SHEET!CELL, or a column of the report that the
    /// filter looks at; needs --reason
    #[arg(long, value_name = "FIELD", requires = "reason")]
    pub allow_sensitive: Vec<String>,
    /// Let {empty} clear what Workday holds
    #[arg(long)]
    pub allow_clear: bool,
    /// Let Replace and Delete drop what else Workday holds
    #[arg(long)]
    pub allow_replace: bool,
    /// Plan for production although nothing of this template and mapping was built in a sandbox; needs --reason
    #[arg(long, requires = "reason")]
    pub no_sandbox_run: bool,
    /// The plan's file: counts and hashes, no values
    #[arg(short = 'o', value_name = "plan.json")]
    pub output: Option<PathBuf>,
    /// A copy for the analyst with every finding at its cell, UNMASKED; never for upload
    #[arg(long, value_name = "F.xlsx")]
    pub annotated: Option<PathBuf>,
}

/// `custody export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The report table: NAME, or NAME@VERSION
    #[arg(value_name = "TABLE", required_unless_present = "apply")]
    pub table: Option<String>,
    /// Columns, joined by commas or each on its own; nothing else leaves
    #[arg(long, value_name = "C,C…", required_unless_present = "apply")]
    pub columns: Vec<String>,
    /// Which rows
    #[command(flatten)]
    pub select: SelectArgs,
    /// Format of the file
    #[arg(long, value_name = "FORMAT", default_value = "xlsx")]
    pub format: ExtractFormat,
    /// A column with special-category data that is needed; needs --reason
    #[arg(long, value_name = "COLUMN", requires = "reason")]
    pub allow_sensitive: Vec<String>,
    /// Let groups of fewer than five people through; needs --reason
    #[arg(long, requires = "reason")]
    pub allow_small: bool,
    /// Write the file of an approved plan
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["table", "columns"], requires = "output")]
    pub apply: Option<String>,
    /// Of production: the environment's name, where nobody can be asked to type it
    #[arg(long, value_name = "ENVIRONMENT", requires = "apply")]
    pub confirm: Option<String>,
    /// The plan's file (counts and hashes, no values); with --apply the extract
    #[arg(short = 'o', value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Formats of extracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ExtractFormat {
    /// A workbook.
    Xlsx,
    /// Comma-separated values.
    Csv,
    /// Parquet.
    Parquet,
}

impl From<ExtractFormat> for custody_export::extract::ExtractFormat {
    fn from(format: ExtractFormat) -> Self {
        match format {
            ExtractFormat::Xlsx => Self::Xlsx,
            ExtractFormat::Csv => Self::Csv,
            ExtractFormat::Parquet => Self::Parquet,
        }
    }
}
