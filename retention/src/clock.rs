//! Whether the machine's clock can be believed. A clock that jumped would end every period at once, or never. Asks
//! nobody for the time.

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;
/// 2020-01-01T00:00:00Z: before there was anything to keep.
const EARLIEST_MS: u64 = 1_577_836_800_000;
/// So much a clock is set back by those who keep it right.
const BACK_MS_MAX: u64 = 5 * MINUTE_MS;
/// So long a store may lie unused.
const AHEAD_MS_MAX: u64 = 400 * DAY_MS;

/// Says why a time is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// It is before 2020.
    #[error("the clock shows a time before 2020: set it")]
    Unset,
    /// It is before what the store has seen.
    #[error("the clock went back by {back_ms} ms since the store was used last: set it right")]
    Back {
        /// By how much, in milliseconds.
        back_ms: u64,
    },
    /// It is more than 400 days after what the store has seen.
    #[error("the clock is {ahead_days} days after the store's last use: set it right, or accept the time")]
    Ahead {
        /// By how much.
        ahead_days: u64,
    },
}

/// Checks a time against the last one that the store has seen and the newest of the ledger; all in milliseconds since
/// 1970-01-01T00:00:00Z, and 0 where there is none. Gives the time to remember: it never goes back.
///
/// # Errors
/// A [`ClockError`]; nothing may be purged at such a time. [`ClockError::Ahead`] alone can be accepted by a person.
pub fn check(now_ms: u64, last_seen_ms: u64, newest_ledger_ms: u64) -> Result<u64, ClockError> {
    if now_ms < EARLIEST_MS {
        return Err(ClockError::Unset);
    }
    let known_ms = last_seen_ms.max(newest_ledger_ms);
    let back_ms = known_ms.saturating_sub(now_ms);
    if back_ms > BACK_MS_MAX {
        return Err(ClockError::Back { back_ms });
    }
    let ahead_ms = now_ms.saturating_sub(known_ms);
    if known_ms > 0 && ahead_ms > AHEAD_MS_MAX {
        return Err(ClockError::Ahead { ahead_days: ahead_ms / DAY_MS });
    }
    Ok(now_ms.max(known_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_800_000_000_000;

    #[test]
    fn a_clock_that_is_right_is_believed() {
        assert_eq!(check(NOW_MS, NOW_MS - 1, 0), Ok(NOW_MS));
        assert_eq!(check(NOW_MS, 0, 0), Ok(NOW_MS), "a new store has seen nothing");
        assert_eq!(check(NOW_MS, NOW_MS - AHEAD_MS_MAX, 0), Ok(NOW_MS));
        assert_eq!(check(NOW_MS - BACK_MS_MAX, NOW_MS, 0), Ok(NOW_MS), "what is remembered never goes back");
    }

    #[test]
    fn a_clock_that_jumped_is_not() {
        let back = Err(ClockError::Back { back_ms: BACK_MS_MAX + 1 });
        assert_eq!(check(NOW_MS - BACK_MS_MAX - 1, NOW_MS, 0), back);
        assert_eq!(check(NOW_MS - BACK_MS_MAX - 1, 0, NOW_MS), back, "the ledger remembers too");
        let ahead = Err(ClockError::Ahead { ahead_days: 400 });
        assert_eq!(check(NOW_MS + AHEAD_MS_MAX + 1, NOW_MS, NOW_MS - DAY_MS), ahead);
        assert_eq!(check(EARLIEST_MS - 1, 0, 0), Err(ClockError::Unset));
        assert_eq!(check(0, 0, 0), Err(ClockError::Unset));
        assert!(check(u64::MAX, NOW_MS, NOW_MS).is_err());
    }
}
