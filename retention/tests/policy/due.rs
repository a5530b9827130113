//! When an item is due: the bounds by example, and the laws for every policy and every time.

use super::{policy, set};
use custody_retention::{Guards, Policy, Rule, Times, Verdict, due};
use proptest::prelude::*;

const DAY_MS: u64 = 86_400_000;
const START_MS: u64 = 1_800_000_000_000;
const FREE: Guards = Guards { held: false, pinned: false };
const PINNED: Guards = Guards { held: false, pinned: true };
const HELD: Guards = Guards { held: true, pinned: true };

fn made(keep: &str, grace_days: u32) -> Policy {
    let text =
        policy("class = [\"report\"]", keep).replace("true", &format!("true\ngrace_days = {grace_days}"));
    let longer = "[ledger]\nkeep_days = 36525\nbasis = \"b\"";
    set(&[("p.toml", &text), ("ledger.toml", longer)]).policies()[0].clone()
}

fn day(number: u64) -> u64 {
    START_MS + number * DAY_MS
}

fn times() -> Times {
    Times { ingested_ms: START_MS, last_used_ms: START_MS, ..Times::default() }
}

fn kept(until: u64, rule: Rule) -> Verdict {
    Verdict::Kept { until_ms: day(until), rule }
}

fn purge(since: u64, rule: Rule) -> Verdict {
    Verdict::Purge { since_ms: day(since), rule }
}

#[test]
fn the_last_millisecond_decides() {
    let policy = made("from = \"ingested\"\ndays = 7", 0);
    assert_eq!(due(&policy, &times(), FREE, day(7) - 1), kept(7, Rule::Period));
    assert_eq!(due(&policy, &times(), FREE, day(7)), purge(7, Rule::Period));
    assert_eq!(due(&policy, &times(), HELD, day(9_999)), Verdict::Held);
    assert_eq!(due(&policy, &times(), PINNED, day(7)), purge(7, Rule::Period), "there is no longer maximum");
}

#[test]
fn use_prolongs_up_to_the_maximum() {
    let policy = made("from = \"last-used\"\ndays = 7\nat_most_days = 30", 0);
    let used = |number| Times { last_used_ms: day(number), ..times() };
    assert_eq!(due(&policy, &used(0), FREE, day(7)), purge(7, Rule::Period));
    assert_eq!(due(&policy, &used(20), FREE, day(26)), kept(27, Rule::Period));
    assert_eq!(due(&policy, &used(29), FREE, day(29)), kept(30, Rule::AtMost));
    assert_eq!(due(&policy, &used(29), FREE, day(30)), purge(30, Rule::AtMost));
    assert_eq!(due(&policy, &used(0), PINNED, day(29)), kept(30, Rule::Pinned));
    assert_eq!(due(&policy, &used(0), PINNED, day(30)), purge(30, Rule::AtMost));
}

#[test]
fn the_minimum_beats_the_period() {
    let policy = made("from = \"last-used\"\ndays = 4\nat_least_days = 7\nat_most_days = 15", 0);
    assert_eq!(due(&policy, &times(), FREE, day(5)), kept(7, Rule::AtLeast));
    assert_eq!(due(&policy, &times(), FREE, day(7)), purge(7, Rule::AtLeast));
}

#[test]
fn without_the_event_the_maximum_ends_it() {
    let keep = "from = \"event\"\nevent = \"load-confirmed\"\ndays = 5\nat_most_days = 30";
    let policy = made(keep, 0);
    let loaded = Times { event_ms: Some(day(2)), ..times() };
    assert_eq!(due(&policy, &times(), FREE, day(29)), kept(30, Rule::AtMost));
    assert_eq!(due(&policy, &times(), FREE, day(30)), purge(30, Rule::AtMost));
    assert_eq!(due(&policy, &loaded, FREE, day(6)), kept(7, Rule::Period));
    assert_eq!(due(&policy, &loaded, FREE, day(7)), purge(7, Rule::Period));
}

#[test]
fn a_released_hold_begins_the_period_anew() {
    let policy = made("from = \"last-used\"\ndays = 7\nat_most_days = 30", 0);
    let released = Times { restarted_ms: Some(day(700)), ..times() };
    assert_eq!(due(&policy, &released, FREE, day(700)), kept(707, Rule::Period));
    let event = made("from = \"event\"\nevent = \"case-closed\"\ndays = 5\nat_most_days = 30", 0);
    let closed = Times { event_ms: Some(day(3)), ..released };
    assert_eq!(due(&event, &closed, FREE, day(700)), kept(705, Rule::Period));
    let used = Times { last_used_ms: day(729), ..released };
    assert_eq!(due(&policy, &used, FREE, day(729)), kept(730, Rule::AtMost));
}

#[test]
fn grace_is_counted_from_a_mark_of_this_end() {
    let policy = made("from = \"last-used\"\ndays = 7\nat_most_days = 30", 3);
    let marked = |number| Times { marked_ms: Some(day(number)), ..times() };
    let mark = |since| Verdict::Mark { since_ms: day(since), rule: Rule::Period };
    assert_eq!(due(&policy, &times(), FREE, day(7)), mark(7));
    assert_eq!(due(&policy, &times(), FREE, day(29)), mark(7), "nothing goes without a mark");
    assert_eq!(due(&policy, &marked(8), FREE, day(11) - 1), Verdict::InGrace { until_ms: day(11) });
    assert_eq!(due(&policy, &marked(8), FREE, day(11)), purge(7, Rule::Period));
    // Used in the grace: the mark is void, even when the new end is there.
    let used = Times { last_used_ms: day(9), ..marked(8) };
    assert_eq!(due(&policy, &used, FREE, day(15)), kept(16, Rule::Period));
    assert_eq!(due(&policy, &used, FREE, day(16)), mark(16));
    let held = Guards { held: true, ..FREE };
    assert_eq!(due(&policy, &marked(8), held, day(11)), Verdict::Held);
}

#[test]
fn times_that_cannot_be_keep() {
    let policy = made("from = \"ingested\"\ndays = 7", 1);
    let future = Times { ingested_ms: day(100), ..times() };
    assert_eq!(due(&policy, &future, FREE, day(50)), kept(107, Rule::Period));
    for ingested_ms in [u64::MAX, u64::MAX - 1] {
        let times = Times { ingested_ms, ..times() };
        let forever = Verdict::Kept { until_ms: u64::MAX, rule: Rule::Period };
        assert_eq!(due(&policy, &times, FREE, u64::MAX), forever);
    }
    let marked = Times { marked_ms: Some(u64::MAX), ..times() };
    assert_eq!(due(&policy, &marked, FREE, u64::MAX), Verdict::InGrace { until_ms: u64::MAX });
}

#[test]
fn rules_have_names() {
    for rule in Rule::ALL {
        assert_eq!(Rule::parse(rule.name()), Some(rule));
    }
    assert_eq!(Rule::parse("Period"), None);
}

/// How far a verdict is from keeping.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Held | Verdict::Ungoverned | Verdict::Kept { .. } => 0,
        Verdict::Mark { .. } => 1,
        Verdict::InGrace { .. } => 2,
        Verdict::Purge { .. } => 3,
    }
}

/// A policy of any form, with its minimum and maximum in days.
fn any_policy() -> impl Strategy<Value = (Policy, u64, Option<u64>)> {
    let bounds = (1..60_u32, 0..60_u32, 0..60_u32, 0..4_u32, 0..4_u8);
    bounds.prop_map(|(days, least, more, grace_days, form)| {
        let most = days.max(least) + more;
        let least_line = if least > 0 { format!("at_least_days = {least}\n") } else { String::new() };
        let keep = match form {
            0 => return (made(&format!("from = \"ingested\"\ndays = {days}"), grace_days), 0, None),
            1 => format!("from = \"last-used\"\ndays = {days}\n{least_line}at_most_days = {most}"),
            2 => format!(
                "from = \"event\"\nevent = \"ticket-closed\"\ndays = {days}\n{least_line}at_most_days = {most}"
            ),
            _ => {
                let days = days.max(least);
                format!("from = \"ingested\"\ndays = {days}\n{least_line}at_most_days = {most}")
            }
        };
        (made(&keep, grace_days), u64::from(least), Some(u64::from(most)))
    })
}

fn any_times() -> impl Strategy<Value = Times> {
    let moment = (0..200 * 24_u64).prop_map(|hour| START_MS + hour * 3_600_000);
    let moment = prop_oneof![8 => moment, 1 => Just(0), 1 => Just(u64::MAX)];
    let maybe = prop::option::of(moment.clone());
    (moment.clone(), moment, maybe.clone(), maybe.clone(), maybe).prop_map(
        |(ingested_ms, last_used_ms, event_ms, marked_ms, restarted_ms)| Times {
            ingested_ms,
            last_used_ms,
            event_ms,
            marked_ms,
            restarted_ms,
        },
    )
}

fn any_now() -> impl Strategy<Value = u64> {
    prop_oneof![9 => (0..400 * 24_u64).prop_map(|hour| START_MS + hour * 3_600_000), 1 => Just(u64::MAX)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn holds_win((policy, ..) in any_policy(), times in any_times(), pinned: bool, now_ms in any_now()) {
        prop_assert_eq!(due(&policy, &times, Guards { held: true, pinned }, now_ms), Verdict::Held);
    }

    #[test]
    fn never_due_before_the_minimum(
        (policy, least, _) in any_policy(), times in any_times(), pinned: bool, now_ms in any_now()
    ) {
        let guards = Guards { held: false, pinned };
        if now_ms < times.ingested_ms.saturating_add(least * DAY_MS) {
            prop_assert_eq!(rank(due(&policy, &times, guards, now_ms)), 0);
        }
    }

    #[test]
    fn always_due_at_the_maximum(
        (policy, _, most) in any_policy(), times in any_times(), pinned: bool, now_ms in any_now()
    ) {
        let begin_ms = times.ingested_ms.max(times.restarted_ms.unwrap_or(0));
        if let Some(end_ms) = most.and_then(|most| begin_ms.checked_add(most * DAY_MS))
            && now_ms >= end_ms
        {
            let verdict = due(&policy, &times, Guards { held: false, pinned }, now_ms);
            prop_assert!(rank(verdict) > 0, "{:?}", verdict);
            if policy.grace_days() == 0 {
                prop_assert_eq!(rank(verdict), 3);
            }
        }
    }

    #[test]
    fn what_is_due_stays_due(
        (policy, ..) in any_policy(), times in any_times(), pinned: bool, one in any_now(), other in any_now()
    ) {
        let at = |now_ms| rank(due(&policy, &times, Guards { held: false, pinned }, now_ms));
        prop_assert!(at(one.min(other)) <= at(one.max(other)));
    }

    #[test]
    fn guards_use_and_release_only_prolong(
        (policy, ..) in any_policy(), times in any_times(), now_ms in any_now(), later_ms in any_now()
    ) {
        let free = rank(due(&policy, &times, FREE, now_ms));
        prop_assert!(rank(due(&policy, &times, PINNED, now_ms)) <= free);
        let used = Times { last_used_ms: times.last_used_ms.max(later_ms), ..times };
        prop_assert!(rank(due(&policy, &used, FREE, now_ms)) <= free);
        let released = Times { restarted_ms: Some(times.restarted_ms.unwrap_or(0).max(later_ms)), ..times };
        prop_assert!(rank(due(&policy, &released, FREE, now_ms)) <= free);
    }

    #[test]
    fn kept_until_is_when_it_is_due(
        (policy, ..) in any_policy(), times in any_times(), pinned: bool, now_ms in any_now()
    ) {
        let at = |now_ms| due(&policy, &times, Guards { held: false, pinned }, now_ms);
        if let Verdict::Kept { until_ms, .. } = at(now_ms) {
            prop_assert!(until_ms > now_ms || until_ms == u64::MAX);
            prop_assert_eq!(rank(at(until_ms - 1)), 0);
            prop_assert!(until_ms == u64::MAX || rank(at(until_ms)) > 0);
        }
    }
}
