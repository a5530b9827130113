//! Named environments: what may be done where, how much of it, and after how many people have looked. An environment is a
//! record in the store; which one is in force, the ledger says. Sandbox, preview and production are there without a
//! record, with the bounds of their kind; a tenant has to be added. Nothing is an environment because nobody said so.

mod bounds;
mod first;
mod hours;
mod stored;

pub use bounds::Load;
pub use first::was_built_in_a_sandbox;
pub use hours::Hours;
pub use stored::{all, find, in_force, put, remove, set_own, stored_own};

use anyhow::{Context as _, bail};
use custody_retention::approval::Approver;
use custody_retention::store::is_word;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the records.
const SCHEMA: u32 = 1;
/// Stands for every template.
pub const ANY: &str = "any";
/// Entries of one list, and characters of one entry.
const ENTRIES_MAX: usize = 200;
const ENTRY_CHARS_MAX: usize = 200;

/// How much harm a mistake does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A copy in which loads are tried.
    Sandbox,
    /// A copy of what comes next.
    Preview,
    /// What people are paid by.
    Production,
}

impl Kind {
    /// All of them, the harmless first.
    pub const ALL: [Self; 3] = [Self::Sandbox, Self::Preview, Self::Production];

    /// Its name, which is also that of the environment that is there without a record.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Preview => "preview",
            Self::Production => "production",
        }
    }
}

/// An environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    schema: u32,
    /// Its name: `kebab-case`, 40 characters at most.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Where its reports are: `https://HOST[/PATH]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Transactions of a workbook, or rows of an extract, at most.
    pub rows_max: u64,
    /// Columns that are filled at most.
    pub columns_max: u64,
    /// People who have to approve a plan, none of whom made it, builds it, or owns what it was made from. With 0 whoever
    /// made it may confirm it.
    pub approvals: u32,
    /// Whether values are shown as they are to others than approvers.
    pub reveal: bool,
    /// Fingerprints of the templates that were reviewed, or `any`.
    pub templates: Vec<String>,
    /// Operations that are allowed; none listed are all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<String>,
    /// Accounts that may work in it; none listed are all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// When plans are made, approved and built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// How much of a policy's period its artifacts are kept, in per cent, 1 to 100.
    pub retention_percent: u32,
    /// What else is to be known of it: tenant, data centre. Never a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
}

impl Environment {
    /// An environment with the bounds of its kind.
    ///
    /// # Errors
    /// When the name is none.
    pub fn new(name: &str, kind: Kind) -> anyhow::Result<Self> {
        if !is_word(name) {
            bail!("an environment is named with 1 to 40 of a-z, 0-9 and -");
        }
        if Kind::ALL.into_iter().any(|known| known.name() == name && known != kind) {
            bail!("what is called {name} is a {name}: another kind needs another name");
        }
        let (rows_max, columns_max, approvals) = match kind {
            Kind::Sandbox => (10_000, 500, 0),
            Kind::Preview => (2_000, 200, 1),
            Kind::Production => (500, 100, 1),
        };
        Ok(Self {
            schema: SCHEMA,
            name: name.to_owned(),
            kind,
            base_url: None,
            rows_max,
            columns_max,
            approvals,
            reveal: kind != Kind::Production,
            templates: vec![ANY.to_owned()],
            operations: Vec::new(),
            users: Vec::new(),
            hours: None,
            retention_percent: 100,
            variables: BTreeMap::new(),
        })
    }

    /// The record's text.
    ///
    /// # Errors
    /// As of [`Environment::check`].
    pub fn to_text(&self) -> anyhow::Result<String> {
        self.check()?;
        toml::to_string(self).context("the environment cannot be written")
    }

    /// Reads a record.
    ///
    /// # Errors
    /// For anything that [`Environment::to_text`] would not write.
    pub fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        let text = std::str::from_utf8(bytes).context("the record is not UTF-8")?;
        // What the reader quotes could be anything.
        let read: Self = toml::from_str(text).map_err(|_| anyhow::anyhow!("it is no record of one"))?;
        if read.schema != SCHEMA {
            bail!("it was written by another version of custody");
        }
        read.check()?;
        Ok(read)
    }

    /// Whether it says nothing that it cannot say.
    ///
    /// # Errors
    /// With what is wrong.
    pub fn check(&self) -> anyhow::Result<()> {
        Self::new(&self.name, self.kind)?;
        if self.rows_max == 0 || self.columns_max == 0 {
            bail!("--rows-max and --columns-max take a number from 1");
        }
        if self.approvals > 10 {
            bail!("--approvals takes 0 to 10");
        }
        if !(1..=100).contains(&self.retention_percent) {
            bail!("--retention-percent takes 1 to 100: policies say how long at most");
        }
        if let Some(url) = &self.base_url {
            check_base(url)?;
        }
        if self.templates.is_empty() {
            bail!("--template takes fingerprints of templates, or any");
        }
        let fingerprint = |text: &String| {
            text == ANY || text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !self.templates.iter().all(fingerprint) {
            bail!("--template takes the 64 digits of a fingerprint (custody template show), or any");
        }
        let texts = self.operations.iter().chain(&self.users).chain(self.variables.values());
        for text in texts.chain(self.variables.keys()) {
            if text.trim().is_empty()
                || text.chars().count() > ENTRY_CHARS_MAX
                || text.contains(char::is_control)
            {
                bail!("accounts, operations and variables take 1 to {ENTRY_CHARS_MAX} characters");
            }
        }
        let lists = [self.operations.len(), self.users.len(), self.variables.len(), self.templates.len()];
        if lists.into_iter().any(|length| length > ENTRIES_MAX) {
            bail!("an environment lists {ENTRIES_MAX} of each at most");
        }
        Ok(())
    }

    /// How many people have to approve a plan, and whose approval counts. Where nobody else has to, it is confirmed by
    /// whoever made it: a plan that nobody has looked at is not built.
    pub fn approvals_needed(&self) -> (usize, Approver) {
        match self.approvals {
            0 => (1, Approver::Anybody),
            needed => (needed as usize, Approver::Another),
        }
    }
}

/// Checks where reports are: nothing but https, no account in it, nothing behind the path.
fn check_base(url: &str) -> anyhow::Result<()> {
    let wrong =
        || anyhow::anyhow!("--base-url takes https://HOST[/PATH], without account, query and fragment");
    let parsed = url::Url::parse(url).map_err(|_| wrong())?;
    let plain = parsed.username().is_empty()
        && parsed.password().is_none()
        && parsed.query().is_none()
        && parsed.fragment().is_none();
    if parsed.scheme() != "https" || !parsed.has_host() || !plain {
        return Err(wrong());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_safe_bounds() {
        let of = |kind: Kind| Environment::new(kind.name(), kind).expect("an environment");
        let bounds = Kind::ALL.map(|kind| {
            let made = of(kind);
            (made.rows_max, made.approvals, made.reveal)
        });
        assert_eq!(bounds, [(10_000, 0, true), (2_000, 1, true), (500, 1, false)]);
        assert_eq!(of(Kind::Sandbox).approvals_needed(), (1, Approver::Anybody));
        assert_eq!(of(Kind::Production).approvals_needed(), (1, Approver::Another));
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_nothing_else() {
        let mut made = Environment::new("acme-prod", Kind::Production).expect("an environment");
        made.base_url = Some("https://wd.example/ccx/service".to_owned());
        made.hours = Some("Mon-Fri 07:00-19:00".parse().expect("hours"));
        made.variables.insert("tenant".to_owned(), "acme".to_owned());
        let text = made.to_text().expect("a text");
        assert_eq!(Environment::parse(text.as_bytes()).expect("a record"), made);
        for (from, to) in [
            ("schema = 1", "schema = 2"),
            ("rows_max = 500", "rows_max = 0"),
            ("approvals = 1", "approvals = -1"),
            ("kind = \"production\"", "kind = \"sandboxx\""),
            ("reveal = false", "reveal = false\nroot = true"),
            ("acme-prod", "sandbox"),
            ("https://wd.example", "http://wd.example"),
            ("https://wd.example", "https://a:b@wd.example"),
            ("retention_percent = 100", "retention_percent = 101"),
            ("\"any\"", "\"all\""),
            ("07:00", "25:00"),
        ] {
            assert!(text.contains(from), "{from} in {text}");
            let changed = text.replacen(from, to, 1);
            assert!(Environment::parse(changed.as_bytes()).is_err(), "{to}");
        }
    }
}
