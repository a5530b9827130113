//! Whether an item is due: a pure function of its policy, its times and now. Deletes nothing.
//!
//! Times are milliseconds since 1970-01-01T00:00:00Z. What cannot be counted never comes: a wrong time keeps.

use crate::policy::{From, Policy};
use serde::{Deserialize, Serialize};

const DAY_MS: u64 = 86_400_000;
/// A moment that never comes.
const NEVER_MS: u64 = u64::MAX;

/// When what happened to an item, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Its ingest.
    pub ingested_ms: u64,
    /// Its last use; its ingest, if nobody used it.
    pub last_used_ms: u64,
    /// The last event of the kind that its policy counts from.
    pub event_ms: Option<u64>,
    /// When a sweep said that it will go.
    pub marked_ms: Option<u64>,
    /// When the last hold on it was released: its period begins anew then.
    pub restarted_ms: Option<u64>,
}

/// What keeps an item whatever its times are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Guards {
    /// A hold is on it, or on one of its copies.
    pub held: bool,
    /// An open plan, review or run needs it: it stays until its maximum.
    pub pinned: bool,
}

/// Which bound of a policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Its period.
    Period,
    /// The age that it reaches in any case.
    AtLeast,
    /// The age that it never outlives.
    AtMost,
    /// The age that it never outlives, since something needs it until then.
    Pinned,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 4] = [Self::Period, Self::AtLeast, Self::AtMost, Self::Pinned];

    /// The word for it in plans and certificates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Period => "period",
            Self::AtLeast => "at-least",
            Self::AtMost => "at-most",
            Self::Pinned => "pinned",
        }
    }

    /// The rule of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// What is to become of an item now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A hold is on it: nothing else matters.
    Held,
    /// No policy is for it: it stays, and somebody has to look. Said by who asks for its policy, never by [`due`].
    Ungoverned,
    /// It stays.
    Kept {
        /// Until then, if nothing more happens to it; `u64::MAX`: for ever.
        until_ms: u64,
        /// What keeps it.
        rule: Rule,
    },
    /// Its time ended, and it is to be marked: people have the grace to object.
    Mark {
        /// When its time ended.
        since_ms: u64,
        /// What ended it.
        rule: Rule,
    },
    /// It is marked, and stays until the grace ends.
    InGrace {
        /// When the grace ends.
        until_ms: u64,
    },
    /// It is to be purged.
    Purge {
        /// When its time ended, before any grace.
        since_ms: u64,
        /// What ended it.
        rule: Rule,
    },
}

/// Says what is to become of an item under its policy at `now_ms`. Holds beat everything; the maximum beats pins, use
/// and events; the minimum beats the period. A mark counts only if it was made after the item's time had ended, so
/// that whatever prolongs the time makes the mark void.
pub fn due(policy: &Policy, times: &Times, guards: Guards, now_ms: u64) -> Verdict {
    if guards.held {
        return Verdict::Held;
    }
    let (end_ms, rule) = end(policy, times, guards.pinned);
    if now_ms < end_ms || end_ms == NEVER_MS {
        return Verdict::Kept { until_ms: end_ms, rule };
    }
    // What ended is no longer kept by a pin: it reached its maximum.
    let rule = if rule == Rule::Pinned { Rule::AtMost } else { rule };
    if policy.grace_days() == 0 {
        return Verdict::Purge { since_ms: end_ms, rule };
    }
    let Some(marked_ms) = times.marked_ms.filter(|marked_ms| *marked_ms >= end_ms) else {
        return Verdict::Mark { since_ms: end_ms, rule };
    };
    let until_ms = later(marked_ms, policy.grace_days());
    if now_ms < until_ms || until_ms == NEVER_MS {
        return Verdict::InGrace { until_ms };
    }
    Verdict::Purge { since_ms: end_ms, rule }
}

/// When an item's time ends, and what ends it.
fn end(policy: &Policy, times: &Times, pinned: bool) -> (u64, Rule) {
    let keep = policy.keep();
    // A released hold begins all of it anew: what was held for years is not purged the night after.
    let begin_ms = times.ingested_ms.max(times.restarted_ms.unwrap_or(0));
    let from_ms = match keep.from {
        From::Ingested => begin_ms,
        From::LastUsed => begin_ms.max(times.last_used_ms),
        From::Event(_) => times.event_ms.map_or(NEVER_MS, |event_ms| begin_ms.max(event_ms)),
    };
    let most_ms = keep.at_most_days.map(|days| later(begin_ms, days));
    let least_ms = keep.at_least_days.map_or(0, |days| later(begin_ms, days));
    let mut end = (later(from_ms, keep.days), Rule::Period);
    if least_ms > end.0 {
        end = (least_ms, Rule::AtLeast);
    }
    match most_ms {
        Some(most_ms) if most_ms < end.0 => (most_ms, Rule::AtMost),
        Some(most_ms) if pinned && most_ms > end.0 => (most_ms, Rule::Pinned),
        _ => end,
    }
}

fn later(from_ms: u64, days: u32) -> u64 {
    from_ms.saturating_add(u64::from(days) * DAY_MS)
}
