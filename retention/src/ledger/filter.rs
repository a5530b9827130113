//! Which entries somebody asks for: by their place, and by what their acts say. It reads nothing itself.

use super::entry::{Act, ActKind, Entry};
use super::ids::UserId;
use std::ops::Range;

/// Entries that meet every condition. The default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Indices, the end excluded; `None` is all.
    pub indices: Option<Range<u64>>,
    /// Acts of one of these kinds; empty is all.
    pub acts: Vec<ActKind>,
    /// Acts on one of these subjects, by ID and whatever their kind; empty is all.
    pub subjects: Vec<[u8; 32]>,
    /// Acts by one of these users; empty is all.
    pub users: Vec<UserId>,
    /// Acts not before this time, in milliseconds since 1970-01-01T00:00:00Z.
    pub since_ms: Option<u64>,
    /// Acts before this time.
    pub until_ms: Option<u64>,
}

impl Filter {
    /// Whether an entry is asked for. The first entry of a ledger has no act: any condition but that of the index
    /// leaves it out.
    pub fn matches(&self, index: u64, entry: &Entry) -> bool {
        if self.indices.as_ref().is_some_and(|range| !range.contains(&index)) {
            return false;
        }
        match entry {
            Entry::Genesis { .. } => self == &Self { indices: self.indices.clone(), ..Self::default() },
            Entry::Intent(act) | Entry::Outcome { act, .. } => self.takes(act),
        }
    }

    fn takes(&self, act: &Act) -> bool {
        let subject = || act.subjects.iter().any(|subject| self.subjects.contains(&subject.id));
        (self.acts.is_empty() || self.acts.contains(&act.kind))
            && (self.users.is_empty() || self.users.contains(&act.user))
            && (self.subjects.is_empty() || subject())
            && self.since_ms.is_none_or(|since| act.time_ms >= since)
            && self.until_ms.is_none_or(|until| act.time_ms < until)
    }
}
