//! Whether an artifact is due: a pure function of policy, artifact and time. Deletes nothing.

use crate::Policy;

const DAY_SECONDS: i64 = 86_400;

/// What has to be known of an artifact to say whether it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Its class.
    pub class: &'a str,
    /// When it was made, seconds since the Unix epoch.
    pub created_s: i64,
    /// Whether any hold is on it.
    pub held: bool,
}

/// What the policy says of an artifact now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// A hold is on it: nothing else matters.
    Held,
    /// The policy does not name its class: it stays, and somebody has to look.
    NoRule,
    /// Its period runs until then.
    NotDue {
        /// Seconds since the Unix epoch.
        due_at_s: i64,
    },
    /// Its period ended then.
    Due {
        /// Seconds since the Unix epoch.
        since_s: i64,
    },
}

/// Says whether an artifact is due at `now_s` seconds since the Unix epoch. Holds beat everything; a time of
/// creation in the future counts as written, so that a wrong clock keeps and does not delete.
pub fn due(policy: &Policy, subject: Subject<'_>, now_s: i64) -> Status {
    if subject.held {
        return Status::Held;
    }
    let Some(class) = policy.class(subject.class) else { return Status::NoRule };
    let period_s = i64::from(class.period_days) * DAY_SECONDS;
    let end_s = subject.created_s.saturating_add(period_s);
    // A moment that cannot be counted never comes.
    if end_s <= now_s && end_s < i64::MAX {
        Status::Due { since_s: end_s }
    } else {
        Status::NotDue { due_at_s: end_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_750_000_000;

    fn policy() -> Policy {
        Policy::parse("name = \"p\"\n[[class]]\nname = \"import\"\nperiod_days = 30\nbasis = \"b\"\n")
            .expect("a valid policy")
    }

    fn check(class: &str, age_s: i64, held: bool, expected: Status) {
        let created_s = NOW_S.saturating_sub(age_s);
        assert_eq!(due(&policy(), Subject { class, created_s, held }, NOW_S), expected);
    }

    #[test]
    fn the_last_second_decides() {
        let period_s = 30 * DAY_SECONDS;
        check("import", period_s, false, Status::Due { since_s: NOW_S });
        check("import", period_s - 1, false, Status::NotDue { due_at_s: NOW_S + 1 });
    }

    #[test]
    fn holds_beat_everything() {
        check("import", 9_999 * DAY_SECONDS, true, Status::Held);
        check("unheard-of", 0, true, Status::Held);
    }

    #[test]
    fn unknown_classes_and_impossible_times_are_never_due() {
        check("unheard-of", 9_999 * DAY_SECONDS, false, Status::NoRule);
        check("import", -DAY_SECONDS, false, Status::NotDue { due_at_s: NOW_S + 31 * DAY_SECONDS });
        let subject = Subject { class: "import", created_s: i64::MAX - 1, held: false };
        assert_eq!(due(&policy(), subject, i64::MAX), Status::NotDue { due_at_s: i64::MAX });
    }
}
