//! The counts at the end of a plan. Every unit that is there is in exactly one of them, and they add up.

use super::{Act, UNGOVERNED_LISTED_MAX};
use crate::policy::{CapExceeded, Caps, Policy, PolicySet};
use crate::{ItemId, Rule};
use serde::{Deserialize, Serialize};

/// Last line but one of a plan file: what it takes, and what is kept and why. Counts are of units: an item with its
/// copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// All that are there.
    pub present: u64,
    /// Those to be purged.
    pub purge: Taken,
    /// Those to be marked.
    pub mark: Taken,
    /// Those that are kept by a policy; reasons without items are left out.
    pub kept: Vec<Kept>,
    /// Those that a hold is on.
    pub held: u64,
    /// Those that no policy is for.
    pub ungoverned: Ungoverned,
    /// How many are pinned, whatever becomes of them; they are counted above too.
    pub pinned: u64,
    /// Approvals that the plan needs: the most that one of its policies asks for.
    pub approvals: u32,
    /// Whether it is within the caps.
    pub caps: CapsVerdict,
}

/// What a plan takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Items, without copies.
    pub items: u64,
    /// Copies that go with them.
    pub copies: u64,
    /// Bytes of the items' contents.
    pub size_bytes: u64,
}

/// Why an item is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptBy {
    /// Its period runs.
    Period,
    /// It has not reached the age that it reaches in any case.
    AtLeast,
    /// It has not reached the age that it never outlives.
    AtMost,
    /// Something needs it.
    Pinned,
    /// It is marked, and the grace runs.
    Grace,
    /// It is due, and its policy is not applied while nobody watches.
    Attended,
}

impl KeptBy {
    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Period => "its period runs",
            Self::AtLeast => "not old enough yet",
            Self::AtMost => "its maximum is not reached",
            Self::Pinned => "something open needs it",
            Self::Grace => "marked, its grace runs",
            Self::Attended => "due, but not unattended",
        }
    }

    const ALL: [Self; 6] =
        [Self::Period, Self::AtLeast, Self::AtMost, Self::Pinned, Self::Grace, Self::Attended];
}

impl From<Rule> for KeptBy {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Period => Self::Period,
            Rule::AtLeast => Self::AtLeast,
            Rule::AtMost => Self::AtMost,
            Rule::Pinned => Self::Pinned,
        }
    }
}

/// How many items a policy keeps for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The policy.
    pub policy: String,
    /// The reason.
    pub by: KeptBy,
    /// Items.
    pub items: u64,
}

/// Items that no policy is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ungoverned {
    /// All of them.
    pub items: u64,
    /// Those that are older than [`super::UNGOVERNED_DAYS`]: somebody has to look.
    pub old_items: u64,
    /// The first of the old ones, at most [`super::UNGOVERNED_LISTED_MAX`].
    pub old_ids: Vec<ItemId>,
}

/// Whether a plan is within the caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapsVerdict {
    /// The caps.
    pub caps: Caps,
    /// Which one it exceeds; the whole plan needs an exception then.
    pub exceeded: Option<CapExceeded>,
}

impl Summary {
    /// Whether every unit is counted once, and the caps say what follows from the counts.
    pub fn balances(&self) -> bool {
        let kept = self.kept.iter().map(|kept| u128::from(kept.items)).sum::<u128>();
        let others = [self.purge.items, self.mark.items, self.held, self.ungoverned.items];
        let all = others.into_iter().map(u128::from).sum::<u128>() + kept;
        let listed = self.ungoverned.old_ids.len() as u64;
        all == u128::from(self.present)
            && self.caps.exceeded == self.caps.caps.check(self.purge.items, self.present)
            && listed == self.ungoverned.old_items.min(UNGOVERNED_LISTED_MAX as u64)
    }
}

/// Counts while a plan is made.
pub(super) struct Tally<'p> {
    policies: &'p [Policy],
    kept: Vec<[u64; KeptBy::ALL.len()]>,
    summary: Summary,
}

impl<'p> Tally<'p> {
    /// Nothing yet.
    pub(super) fn new(set: &'p PolicySet) -> Self {
        let summary = Summary {
            present: 0,
            purge: Taken::default(),
            mark: Taken::default(),
            kept: Vec::new(),
            held: 0,
            ungoverned: Ungoverned::default(),
            pinned: 0,
            approvals: 0,
            caps: CapsVerdict { caps: *set.caps(), exceeded: None },
        };
        Self { policies: set.policies(), kept: vec![[0; KeptBy::ALL.len()]; set.policies().len()], summary }
    }

    /// Counts a unit; one of the calls below says what becomes of it.
    pub(super) fn present(&mut self, pinned: bool) {
        self.summary.present += 1;
        self.summary.pinned += u64::from(pinned);
    }

    pub(super) fn held(&mut self) {
        self.summary.held += 1;
    }

    pub(super) fn ungoverned(&mut self, id: ItemId, old: bool) {
        let ungoverned = &mut self.summary.ungoverned;
        ungoverned.items += 1;
        if old {
            ungoverned.old_items += 1;
            if ungoverned.old_ids.len() < UNGOVERNED_LISTED_MAX {
                ungoverned.old_ids.push(id);
            }
        }
    }

    /// The policy by its place in the set.
    pub(super) fn kept(&mut self, policy: usize, by: KeptBy) {
        self.kept[policy][by as usize] += 1;
    }

    /// An item with the number of its copies.
    pub(super) fn taken(&mut self, act: Act, policy: &Policy, (size_bytes, copies): (u64, u64)) {
        let taken = match act {
            Act::Mark => &mut self.summary.mark,
            Act::Purge => &mut self.summary.purge,
        };
        taken.items += 1;
        taken.copies += copies;
        taken.size_bytes = taken.size_bytes.saturating_add(size_bytes);
        if act == Act::Purge {
            self.summary.approvals = self.summary.approvals.max(policy.approvals());
        }
    }

    /// The counts, and what the caps say of them.
    pub(super) fn summary(self) -> Summary {
        let mut summary = self.summary;
        summary.caps.exceeded = summary.caps.caps.check(summary.purge.items, summary.present);
        for (policy, counts) in self.policies.iter().zip(self.kept) {
            for (by, items) in KeptBy::ALL.into_iter().zip(counts).filter(|(_, items)| *items > 0) {
                summary.kept.push(Kept { policy: policy.id().to_owned(), by, items });
            }
        }
        summary
    }
}
