//! Arguments of `custody env`.

use crate::environment::{Hours, Kind};
use clap::{Args, Subcommand};

/// `custody env`.
#[derive(Debug, Subcommand)]
pub enum EnvCommand {
    /// Add an environment: a tenant by name, or a record for one of the three kinds
    Add {
        /// Its name: a-z, 0-9 and -
        #[arg(value_name = "NAME")]
        name: String,
        /// How much harm a mistake does in it; the bounds are those of its kind, unless they are set
        #[arg(long, value_name = "KIND")]
        kind: Kind,
        /// Its bounds
        #[command(flatten)]
        bounds: EnvBounds,
    },
    /// Change what is named, and leave the rest as it is; lists are replaced
    Set {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// Its bounds
        #[command(flatten)]
        bounds: EnvBounds,
    },
    /// List the environments with their bounds
    Ls,
    /// Show one environment, and when it was set
    Show {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Take this one where none is named; never production
    Use {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Take an environment's record away
    Rm {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// What an environment allows.
#[derive(Debug, Default, Args)]
pub struct EnvBounds {
    /// Where its reports are: https://HOST[/PATH]
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Transactions of a workbook, or rows of an extract, at most
    #[arg(long, value_name = "N")]
    pub rows_max: Option<u64>,
    /// Columns that are filled at most
    #[arg(long, value_name = "N")]
    pub columns_max: Option<u64>,
    /// Other people who have to approve a plan: neither its maker, nor who builds it, nor owners of its reports
    #[arg(long, value_name = "N")]
    pub approvals: Option<u32>,
    /// Whether --reveal shows values: yes or no
    #[arg(long, value_name = "YES|NO", value_parser = parse_switch)]
    pub reveal: Option<bool>,
    /// Fingerprint of a template that was reviewed, or any; may be given again
    #[arg(long, value_name = "FINGERPRINT")]
    pub template: Vec<String>,
    /// An operation that is allowed, or any; may be given again
    #[arg(long, value_name = "OPERATION")]
    pub operation: Vec<String>,
    /// An account that may work in it, or any; may be given again
    #[arg(long, value_name = "ACCOUNT")]
    pub user: Vec<String>,
    /// When plans are made, approved and built, in UTC: "Mon-Fri 07:00-19:00", or any
    #[arg(long, value_name = "HOURS", value_parser = parse_hours)]
    pub hours: Option<HoursChoice>,
    /// How much of a policy's period its artifacts are kept, in per cent, 1 to 100
    #[arg(long, value_name = "N")]
    pub retention_percent: Option<u32>,
    /// What else is to be known of it, never a secret; without a value it goes; may be given again
    #[arg(long = "var", value_name = "KEY=VALUE")]
    pub variables: Vec<String>,
}

/// When something may be done, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoursChoice {
    /// At any time.
    Any,
    /// In these hours.
    Only(Hours),
}

fn parse_hours(text: &str) -> Result<HoursChoice, String> {
    if text == crate::environment::ANY {
        return Ok(HoursChoice::Any);
    }
    text.parse().map(HoursChoice::Only).map_err(|error: anyhow::Error| error.to_string())
}

fn parse_switch(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("takes yes or no".to_owned()),
    }
}
