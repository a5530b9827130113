//! How much one sweep may take, and how long the ledger is kept: `caps.toml` and `ledger.toml`. Both hold also where
//! the file is missing.

use super::keep::DAYS_MAX;
use super::read::{Mistakes, Section};
use super::{PolicyError, PolicyFile};
use serde::{Deserialize, Serialize};

/// How much one sweep may take before it is stopped as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// Items of one sweep.
    pub max_items: u32,
    /// Items of one sweep in a hundred of all that are there.
    pub max_percent: u32,
    /// So many items may always go: in a small store, one is many percent.
    pub floor_items: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self { max_items: 1_000, max_percent: 25, floor_items: 20 }
    }
}

/// Which cap stops a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CapExceeded {
    /// It would take more than `max_items`.
    #[serde(rename = "max-items")]
    Items,
    /// It would take more than `max_percent` of all items.
    #[serde(rename = "max-percent")]
    Percent,
}

impl CapExceeded {
    /// The word for it in plans.
    pub fn name(self) -> &'static str {
        match self {
            Self::Items => "max-items",
            Self::Percent => "max-percent",
        }
    }
}

impl Caps {
    /// Which cap a sweep exceeds that takes `taken` of the `present` items (their copies not counted).
    pub fn check(&self, taken: u64, present: u64) -> Option<CapExceeded> {
        if taken > u64::from(self.max_items) {
            return Some(CapExceeded::Items);
        }
        let share = u128::from(taken) * 100;
        let allowed = u128::from(present) * u128::from(self.max_percent);
        (taken > u64::from(self.floor_items) && share > allowed).then_some(CapExceeded::Percent)
    }

    /// Reads `caps.toml`; what it does not say stays as it is by default.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, Vec<PolicyError>> {
        let mut mistakes = Mistakes::new(file, text);
        let Some(table) = mistakes.document() else { return Err(mistakes.list) };
        let whole = Section::whole(&table);
        whole.only(&["max_items", "max_percent", "floor_items"], &mut mistakes);
        let own = Self::default();
        let max_items = whole.number("max_items", 1..=u32::MAX, &mut mistakes).unwrap_or(own.max_items);
        let caps = Self {
            max_items,
            max_percent: whole.number("max_percent", 1..=100, &mut mistakes).unwrap_or(own.max_percent),
            floor_items: whole
                .number("floor_items", 0..=u32::MAX, &mut mistakes)
                .unwrap_or(own.floor_items.min(max_items)),
        };
        if caps.floor_items > caps.max_items {
            let (floor, most) = (caps.floor_items, caps.max_items);
            let message = format!("`floor_items` is {floor}, more than `max_items`, {most}");
            mistakes.add(whole.at("floor_items"), message);
        }
        if mistakes.list.is_empty() { Ok(caps) } else { Err(mistakes.list) }
    }
}

/// How long the ledger's entries are kept, at least. Nothing deletes them; it is what policies are measured by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerKeep {
    /// Days.
    pub days: u32,
    /// The law, contract or decision that it comes from.
    pub basis: String,
}

impl Default for LedgerKeep {
    fn default() -> Self {
        // Seven years with two leap days.
        Self { days: 2_557, basis: "GDPR Art. 5(2): accountability for what was deleted".to_owned() }
    }
}

impl LedgerKeep {
    /// Reads `ledger.toml`.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, Vec<PolicyError>> {
        let mut mistakes = Mistakes::new(file, text);
        let Some(table) = mistakes.document() else { return Err(mistakes.list) };
        let whole = Section::whole(&table);
        whole.only(&["ledger"], &mut mistakes);
        let section = whole.section("ledger", &mut mistakes);
        if !whole.has("ledger") {
            mistakes.add(0, "[ledger] is missing; write keep_days and basis below it");
        }
        let Some(section) = section else { return Err(mistakes.list) };
        section.only(&["keep_days", "basis"], &mut mistakes);
        if !section.has("keep_days") {
            mistakes.add(section.at, "`keep_days` is missing; write how long entries are kept");
        }
        let days = section.number("keep_days", 1..=DAYS_MAX, &mut mistakes);
        let basis = section.needed_text("basis", "write the law, contract or decision", &mut mistakes);
        match (days, basis) {
            (Some(days), Some(basis)) if mistakes.list.is_empty() => Ok(Self { days, basis }),
            _ => Err(mistakes.list),
        }
    }

    /// Reports every policy that keeps longer than the ledger is kept.
    pub(super) fn check(&self, policies: &[PolicyFile], mistakes: &mut Vec<PolicyError>) {
        for PolicyFile { policy, file, keep_line, .. } in policies {
            let longest = policy.keep.longest_days().saturating_add(policy.grace_days);
            if longest > self.days {
                let days = self.days;
                mistakes.push(PolicyError::Mistake {
                    file: file.clone(),
                    line: *keep_line,
                    message: format!(
                        "it keeps up to {longest} days, the ledger is kept {days}: raise keep_days in ledger.toml"
                    ),
                });
            }
        }
    }
}
