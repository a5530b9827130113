//! How long a policy keeps: from when, how many days, and the bounds that nothing moves. The sums are in
//! [`crate::due`].

use super::read::{Mistakes, Section};
use super::words::{EVENTS, unknown};

/// Longest period that is taken for meant: a hundred years.
pub(super) const DAYS_MAX: u32 = 36_525;

/// What a period is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// When the item was ingested.
    Ingested,
    /// When it was used last.
    LastUsed,
    /// When something happened to it: one of [`super::EVENTS`].
    Event(&'static str),
}

impl From {
    const NAMES: [&'static str; 3] = ["ingested", "last-used", "event"];

    /// The word for it in policies and plans.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingested => Self::NAMES[0],
            Self::LastUsed => Self::NAMES[1],
            Self::Event(_) => Self::NAMES[2],
        }
    }

    /// The event that it is counted from.
    pub fn event(self) -> Option<&'static str> {
        match self {
            Self::Event(name) => Some(name),
            Self::Ingested | Self::LastUsed => None,
        }
    }
}

/// How long an item is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// What the period is counted from.
    pub from: From,
    /// The period, at least 1.
    pub days: u32,
    /// Never purged before it is as old as that, counted from the ingest.
    pub at_least_days: Option<u32>,
    /// Purged when it is as old as that, counted from the ingest, whatever happened to it.
    pub at_most_days: Option<u32>,
}

impl Keep {
    /// The longest that it can keep, counted from the ingest.
    pub fn longest_days(&self) -> u32 {
        self.at_most_days.unwrap_or(self.days).max(self.at_least_days.unwrap_or(0))
    }

    /// So many per cent of the period, rounded up to whole days; never less than what is kept at least.
    pub(super) fn shortened(&self, percent: u32) -> Self {
        let least = self.at_least_days.unwrap_or(1);
        let part = |days: u32| {
            let part = (u64::from(days) * u64::from(percent)).div_ceil(100);
            u32::try_from(part).unwrap_or(days).clamp(1, days).max(least.min(days))
        };
        Self { days: part(self.days), at_most_days: self.at_most_days.map(part), ..*self }
    }

    /// Reads `[keep]`.
    pub(super) fn read(section: Section<'_>, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        section.only(&["from", "event", "days", "at_least_days", "at_most_days"], mistakes);
        let from = read_from(section, mistakes);
        if !section.has("days") {
            mistakes.add(section.at, "`days` is missing in [keep]; write how long items are kept");
        }
        let days = section.number("days", 1..=DAYS_MAX, mistakes);
        let at_least_days = section.number("at_least_days", 1..=DAYS_MAX, mistakes);
        let at_most_days = section.number("at_most_days", 1..=DAYS_MAX, mistakes);
        let keep = Self { from: from?, days: days?, at_least_days, at_most_days };
        keep.check(section, mistakes);
        Some(keep)
    }

    fn check(&self, section: Section<'_>, mistakes: &mut Mistakes<'_>) {
        let Self { days, at_least_days, at_most_days, .. } = *self;
        if self.from != From::Ingested && !section.has("at_most_days") {
            let name = self.from.name();
            let message =
                format!("from = \"{name}\" needs `at_most_days`: it may never happen, or never end");
            mistakes.add(section.at("from"), message);
        }
        if let (Some(least), Some(most)) = (at_least_days, at_most_days)
            && least > most
        {
            let message = format!("`at_least_days` is {least}, more than `at_most_days`, {most}");
            mistakes.add(section.at("at_least_days"), message);
        }
        if let Some(most) = at_most_days
            && days > most
        {
            let message = format!("`days` is {days}, more than `at_most_days`, {most}: it would never count");
            mistakes.add(section.at("days"), message);
        }
        if let Some(least) = at_least_days
            && self.from == From::Ingested
            && days < least
        {
            let message =
                format!("`days` is {days}, less than `at_least_days`, {least}: write days = {least}");
            mistakes.add(section.at("days"), message);
        }
    }
}

fn read_from(section: Section<'_>, mistakes: &mut Mistakes<'_>) -> Option<From> {
    let advice = "write \"ingested\", \"last-used\" or \"event\"";
    let word = section.needed_text("from", advice, mistakes)?;
    if word != "event" && section.has("event") {
        mistakes.add(section.at("event"), "`event` goes with from = \"event\" only");
    }
    match word.as_str() {
        "ingested" => Some(From::Ingested),
        "last-used" => Some(From::LastUsed),
        "event" => {
            let name = section.needed_text("event", "name what the period begins with", mistakes)?;
            let known = EVENTS.into_iter().find(|known| *known == name);
            if known.is_none() {
                mistakes.add(section.at("event"), unknown("event", &name, &EVENTS));
            }
            known.map(From::Event)
        }
        _ => {
            mistakes.add(section.at("from"), unknown("start of a period", &word, &From::NAMES));
            None
        }
    }
}
