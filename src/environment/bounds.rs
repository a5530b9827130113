//! What an environment lets through. Everything is asked when a plan is made, when it is approved and when it is built:
//! what was allowed then may not be now.

use super::{ANY, Environment};
use crate::store::show::count;
use anyhow::bail;
use custody_retention::store::StoreError;

/// How large a plan is, and for which template.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// Transactions of a workbook, or rows of its longest sheet where those are more; rows of an extract, each as often as
    /// it can hold rows of one table.
    pub rows: u64,
    /// Columns that are filled; of an extract also those that their values are computed from, where those are more.
    pub columns: u64,
    /// Operation and fingerprint of the template; an extract has none.
    pub template: Option<(&'a str, &'a str)>,
}

fn refused<T>(why: String) -> anyhow::Result<T> {
    bail!(StoreError::Refused(why))
}

impl Environment {
    /// Whether an account may work in it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] otherwise.
    pub fn check_user(&self, account: &str) -> anyhow::Result<()> {
        if self.users.is_empty() || self.users.iter().any(|user| user == account) {
            return Ok(());
        }
        refused(format!("{} is not open to this account (custody env show {0})", self.name))
    }

    /// Whether plans are made, approved and built now.
    ///
    /// # Errors
    /// [`StoreError::Refused`] otherwise.
    pub fn check_hours(&self, now_ms: u64) -> anyhow::Result<()> {
        match &self.hours {
            Some(hours) if !hours.contain(now_ms) => {
                refused(format!("{} is open {hours} (UTC) only", self.name))
            }
            _ => Ok(()),
        }
    }

    /// Whether values may be shown as they are to others than approvers.
    ///
    /// # Errors
    /// [`StoreError::Refused`] otherwise.
    pub fn check_reveal(&self) -> anyhow::Result<()> {
        if self.reveal {
            return Ok(());
        }
        refused(format!("{} shows values to approvers only (custody export, custody approve)", self.name))
    }

    /// Whether a template may be used, before anything is read for it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] otherwise.
    pub fn check_template(&self, (operation, fingerprint): (&str, &str)) -> anyhow::Result<()> {
        if !self.operations.is_empty()
            && !self.operations.iter().any(|known| known.eq_ignore_ascii_case(operation))
        {
            return refused(format!("{} does not allow {operation} (custody env show {0})", self.name));
        }
        if !self.templates.iter().any(|known| known == ANY || known == fingerprint) {
            return refused(format!(
                "{} takes reviewed templates only, and this one is none of them: an administrator adds its fingerprint \
                 {fingerprint} (custody env set {0} --template)",
                self.name
            ));
        }
        Ok(())
    }

    /// Whether a plan stays in its bounds.
    ///
    /// # Errors
    /// [`StoreError::Refused`] otherwise.
    pub fn check_load(&self, load: &Load<'_>) -> anyhow::Result<()> {
        if let Some(template) = load.template {
            self.check_template(template)?;
        }
        for (found, most, one, many, advice) in [
            (load.rows, self.rows_max, "row", "rows", "narrow --where, or --limit"),
            (load.columns, self.columns_max, "column", "columns", "leave out what is not needed"),
        ] {
            if found > most {
                return refused(format!(
                    "the plan takes {}, {} allows {most}: {advice}",
                    count(found, one, many),
                    self.name
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Kind;

    #[test]
    fn caps_are_what_is_allowed_and_one_more_is_not() {
        let production = Environment::new("production", Kind::Production).expect("an environment");
        let load = |rows, columns| Load { rows, columns, template: None };
        for (rows, columns, fine) in [(500, 100, true), (501, 1, false), (1, 101, false), (0, 0, true)] {
            assert_eq!(production.check_load(&load(rows, columns)).is_ok(), fine, "{rows} {columns}");
        }
    }

    #[test]
    fn templates_operations_and_accounts_are_those_that_are_listed() {
        let mut tenant = Environment::new("acme", Kind::Preview).expect("an environment");
        let (one, other) = ("a".repeat(64), "b".repeat(64));
        assert!(tenant.check_template(("Change Job", &one)).is_ok());
        tenant.templates = vec![one.clone()];
        tenant.operations = vec!["Change Job".to_owned()];
        tenant.users = vec!["first".to_owned()];
        assert!(tenant.check_template(("change job", &one)).is_ok());
        assert!(tenant.check_template(("Change Job", &other)).is_err(), "swapped after the review");
        assert!(tenant.check_template(("Terminate Employee", &one)).is_err());
        assert!(tenant.check_user("first").is_ok() && tenant.check_user("First").is_err());
    }
}
