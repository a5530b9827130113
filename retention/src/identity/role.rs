//! What a user may do, by the kinds of acts that a store signs. What each command needs besides, is the binary's.

use crate::ledger::ActKind;

/// What somebody is there for. A user has one or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Plans and builds workbooks and extracts.
    Analyst,
    /// Approves what others have planned.
    Reviewer,
    /// Holds, sweeps, erases, rotates keys.
    Custodian,
    /// Reads ledger and certificates.
    Auditor,
    /// Sets users, environments and credentials.
    Administrator,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Analyst, Self::Reviewer, Self::Custodian, Self::Auditor, Self::Administrator];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Analyst => "analyst",
            Self::Reviewer => "reviewer",
            Self::Custodian => "custodian",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Whether an act of this kind is signed by who does it, once a store has users. Purges are not: they stand between
/// intent and outcome of a sweep, which is.
pub fn is_signed(kind: ActKind) -> bool {
    !roles_of(kind).is_empty()
}

/// Roles that may do acts of a signed kind; none for kinds that are not signed.
pub(crate) fn roles_of(kind: ActKind) -> &'static [Role] {
    use Role::{Administrator, Analyst, Custodian, Reviewer};
    match kind {
        ActKind::Plan => &[Analyst, Custodian],
        ActKind::Approve => &[Reviewer, Custodian],
        ActKind::Export => &[Analyst],
        ActKind::Reveal => &[Analyst, Reviewer, Custodian],
        ActKind::Release => &[Reviewer, Custodian],
        ActKind::Unhold | ActKind::Erase | ActKind::Sweep => &[Custodian],
        ActKind::Rotate => &[Custodian, Administrator],
        ActKind::Govern => &[Administrator],
        ActKind::Ingest
        | ActKind::Redact
        | ActKind::Hold
        | ActKind::Purge
        | ActKind::Event
        | ActKind::Recover
        | ActKind::Heartbeat
        | ActKind::Use
        | ActKind::Mark
        | ActKind::Pin
        | ActKind::Unpin
        | ActKind::Scan
        | ActKind::Roster
        | ActKind::Init => &[],
    }
}

/// Those roles in words.
pub(crate) fn roles_in_words(kind: ActKind) -> String {
    roles_of(kind).iter().map(|role| role.name()).collect::<Vec<_>>().join(" or ")
}
