//! A simple model of a store: units, what happened to them, and what three policies make of that. Written from what
//! policies are documented to mean, and not from the code that reads them.

use crate::support::DAY_MS;
use custody_retention::ItemId;
use std::collections::BTreeSet;

/// One policy for each class.
pub(crate) const POLICIES: [(&str, &str); 3] = [
    (
        "reports.toml",
        "id = \"reports\"\ndescribe = \"Reports\"\nbasis = \"b\"\nunattended = true\n[match]\n\
         class = [\"report\"]\n[keep]\nfrom = \"ingested\"\ndays = 7\n",
    ),
    (
        "logs.toml",
        "id = \"logs\"\ndescribe = \"Logs\"\nbasis = \"b\"\nunattended = true\ngrace_days = 2\n[match]\n\
         class = [\"log\"]\n[keep]\nfrom = \"last-used\"\ndays = 3\nat_most_days = 20\n",
    ),
    (
        "workbooks.toml",
        "id = \"workbooks\"\ndescribe = \"Workbooks\"\nbasis = \"b\"\nunattended = true\n[match]\n\
         class = [\"workbook\"]\n[keep]\nfrom = \"event\"\nevent = \"load-confirmed\"\ndays = 2\nat_most_days = 15\n",
    ),
];

/// What is to become of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Gone,
    Held,
    Kept,
    Mark,
    Purge,
}

#[derive(Debug, Clone)]
pub(crate) struct Unit {
    class: usize,
    /// The root first.
    pub(crate) members: Vec<ItemId>,
    ingested_ms: u64,
    pub(crate) used_ms: u64,
    pub(crate) event_ms: Option<u64>,
    pub(crate) marked_ms: Option<u64>,
    restarted_ms: u64,
    pub(crate) holds: BTreeSet<(usize, ItemId)>,
    pub(crate) pins: BTreeSet<usize>,
    pub(crate) purged: bool,
}

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) now_ms: u64,
    pub(crate) units: Vec<Unit>,
}

impl Model {
    pub(crate) fn new(now_ms: u64) -> Self {
        Self { now_ms, units: Vec::new() }
    }

    pub(crate) fn class(number: usize) -> &'static str {
        ["report", "log", "workbook"][number]
    }

    /// Some unit, if there is any.
    pub(crate) fn pick(&self, number: usize) -> Option<usize> {
        (!self.units.is_empty()).then(|| number % self.units.len())
    }

    pub(crate) fn ingested(&mut self, class: usize, members: Vec<ItemId>) {
        self.units.push(Unit {
            class,
            members,
            ingested_ms: self.now_ms,
            used_ms: self.now_ms,
            event_ms: None,
            marked_ms: None,
            restarted_ms: 0,
            holds: BTreeSet::new(),
            pins: BTreeSet::new(),
            purged: false,
        });
    }

    /// A matter's holds on a unit go; how many there were.
    pub(crate) fn released(&mut self, unit: usize, matter: usize) -> usize {
        let now_ms = self.now_ms;
        let unit = &mut self.units[unit];
        let before = unit.holds.len();
        unit.holds.retain(|(of, _)| *of != matter);
        unit.restarted_ms = now_ms;
        unit.marked_ms = None;
        before - unit.holds.len()
    }

    pub(crate) fn fate(&self, unit: usize) -> Fate {
        let unit = &self.units[unit];
        if unit.purged {
            return Fate::Gone;
        }
        if !unit.holds.is_empty() {
            return Fate::Held;
        }
        let begin_ms = unit.ingested_ms.max(unit.restarted_ms);
        let pinned = !unit.pins.is_empty();
        let (period_ms, most_days) = match unit.class {
            0 => (begin_ms + 7 * DAY_MS, None),
            1 => (begin_ms.max(unit.used_ms) + 3 * DAY_MS, Some(20)),
            _ => (unit.event_ms.map_or(u64::MAX, |ms| begin_ms.max(ms) + 2 * DAY_MS), Some(15)),
        };
        let most_ms = most_days.map(|days| begin_ms + days * DAY_MS);
        let end_ms = match most_ms {
            Some(most_ms) if pinned => most_ms,
            Some(most_ms) => most_ms.min(period_ms),
            None => period_ms,
        };
        if self.now_ms < end_ms {
            return Fate::Kept;
        }
        if unit.class != 1 {
            return Fate::Purge;
        }
        match unit.marked_ms.filter(|marked_ms| *marked_ms >= end_ms) {
            None => Fate::Mark,
            Some(marked_ms) if self.now_ms >= marked_ms + 2 * DAY_MS => Fate::Purge,
            Some(_) => Fate::Kept,
        }
    }
}
