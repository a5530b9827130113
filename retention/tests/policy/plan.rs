//! Plans over a catalog: what is taken, what is kept and why, and what is said of one item.

use super::set;
use super::store::{REPORTS, Store, by, day, id, items, meta, policies};
use custody_retention::plan::{Act, KeptBy, PlanItem, Scope, Taken, verdict};
use custody_retention::policy::CapExceeded;
use custody_retention::{ItemKind, ItemMeta, Rule, Verdict};

const DAY_MS: u64 = 86_400_000;

#[test]
fn what_is_due_is_named_with_its_policy_rule_and_copies() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    let table = ItemMeta { kind: ItemKind::Table, parents: vec![id(1)], ..meta("report") };
    store.insert(2, &table);
    store.insert(3, &meta("report"));
    store.write(|tx| tx.touch(&id(3), day(6)));
    let (planned, plan) = store.plan(day(7));
    let expected = PlanItem {
        act: Act::Purge,
        id: id(1),
        kind: ItemKind::Artifact,
        class: "report".into(),
        environment: "sandbox".into(),
        policy: "reports".into(),
        rule: Rule::Period,
        since_ms: day(7),
        size_bytes: 100,
        copies: 1,
    };
    assert_eq!(items(&plan), [expected]);
    let summary = planned.summary;
    assert_eq!((summary.present, summary.purge), (2, Taken { items: 1, copies: 1, size_bytes: 100 }));
    assert_eq!(
        (summary.kept[0].policy.as_str(), summary.kept[0].by, summary.kept[0].items),
        ("reports", KeptBy::Period, 1)
    );
    assert!(summary.approvals == 0 && summary.mark == Taken::default());
}

#[test]
fn every_reason_to_stay_is_counted() {
    let mut store = Store::new();
    for number in 1..=8 {
        store.insert(number, &meta(if number < 4 { "report" } else { "log" }));
    }
    store.insert(9, &meta("payroll"));
    store.insert(10, &ItemMeta { environment: String::new(), ..meta("") });
    store.write(|tx| {
        tx.hold(&[7; 32], &id(1), day(1), by())?;
        tx.pin(&[8; 32], &id(2), day(1))?;
        tx.touch(&id(3), day(1))?;
        // 4: marked, and in its grace; 5 and 7: no mark yet; 6: no event; 8: its grace is over.
        for (number, closed) in [(4, 1), (5, 1), (7, 4), (8, 1)] {
            tx.event(&id(number), "ticket-closed", day(closed))?;
        }
        tx.mark(&id(4), day(7))?;
        tx.mark(&id(8), day(6)).map(drop)
    });
    let (planned, plan) = store.plan(day(8) + DAY_MS);
    let acts: Vec<_> = items(&plan).into_iter().map(|item| (item.act, item.id)).collect();
    assert_eq!(acts, [(Act::Purge, id(3)), (Act::Mark, id(5)), (Act::Mark, id(7)), (Act::Purge, id(8))]);
    let summary = planned.summary;
    let kept: Vec<_> = summary.kept.iter().map(|kept| (kept.policy.as_str(), kept.by, kept.items)).collect();
    assert_eq!(
        kept,
        [("logs", KeptBy::AtMost, 1), ("logs", KeptBy::Grace, 1), ("reports", KeptBy::Pinned, 1)]
    );
    assert_eq!((summary.present, summary.held, summary.pinned), (10, 1, 1));
    let ungoverned = summary.ungoverned;
    assert_eq!((ungoverned.items, ungoverned.old_items, ungoverned.old_ids), (2, 2, vec![id(9), id(10)]));
    assert_eq!(summary.approvals, 2);
}

#[test]
fn what_no_policy_is_for_raises_its_hand_after_seven_days() {
    let mut store = Store::new();
    store.insert(1, &meta("payroll"));
    // What is held is somebody's already.
    store.insert(2, &meta("payroll"));
    store.write(|tx| tx.hold(&[7; 32], &id(2), day(1), by()).map(drop));
    let old = |now_ms| store.plan(now_ms).0.summary.ungoverned.old_items;
    assert_eq!([old(day(7)), old(day(7) + 1)], [0, 1]);
    let (ungoverned, held) =
        (store.plan(day(8)).0.summary.ungoverned.items, store.plan(day(8)).0.summary.held);
    assert_eq!((ungoverned, held), (1, 1));
}

#[test]
fn a_mark_needs_no_approval() {
    let mut store = Store::new();
    store.insert(1, &meta("log"));
    let summary = store.plan(day(30)).0.summary;
    assert_eq!((summary.mark.items, summary.purge.items, summary.approvals), (1, 0, 0));
    store.write(|tx| tx.mark(&id(1), day(30)).map(drop));
    let summary = store.plan(day(33)).0.summary;
    assert_eq!((summary.mark.items, summary.purge.items, summary.approvals), (0, 1, 2));
}

#[test]
fn with_nobody_watching_attended_policies_wait() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    store.insert(2, &meta("log"));
    let (planned, plan) = store.plan_with(&policies(), day(40), Scope::Unattended);
    assert_eq!(items(&plan).into_iter().map(|item| item.id).collect::<Vec<_>>(), [id(1)]);
    let kept = &planned.summary.kept[0];
    assert_eq!((kept.policy.as_str(), kept.by, kept.items), ("logs", KeptBy::Attended, 1));
    assert_eq!((planned.header.scope, planned.summary.approvals), (Scope::Unattended, 0));
}

#[test]
fn caps_count_what_is_purged() {
    let mut store = Store::new();
    for number in 1..=30 {
        store.insert(number, &meta("report"));
    }
    let exceeded = |caps: &str| {
        let set = set(&[("reports.toml", REPORTS), ("caps.toml", caps)]);
        store.plan_with(&set, day(7), Scope::All).0.summary.caps.exceeded
    };
    assert_eq!(exceeded(""), Some(CapExceeded::Percent), "30 of 30, above the floor of 20");
    assert_eq!(exceeded("floor_items = 30"), None);
    assert_eq!(exceeded("max_percent = 100"), None);
    assert_eq!(exceeded("max_items = 29"), Some(CapExceeded::Items));
    assert_eq!(store.plan(day(6)).0.summary.caps.exceeded, None);
}

#[test]
fn a_released_hold_is_seen() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    store.write(|tx| {
        tx.hold(&[7; 32], &id(1), day(1), by())?;
        tx.release(&[7; 32], &id(1), day(40)).map(drop)
    });
    let purged = |now_ms| store.plan(now_ms).0.summary.purge.items;
    assert_eq!([purged(day(47) - 1), purged(day(47))], [0, 1]);
}

#[test]
fn a_copy_is_judged_as_its_unit() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    store.insert(2, &ItemMeta { kind: ItemKind::Table, parents: vec![id(1)], ..meta("payroll") });
    store.insert(3, &meta("payroll"));
    let policies = policies();
    let judge = |store: &Store, number| {
        verdict(&store.catalog, &policies, &id(number), day(7))
            .expect("a catalog")
            .map(|judged| (judged.root, judged.policy.map(|policy| policy.id().to_owned()), judged.verdict))
    };
    let purge = Verdict::Purge { since_ms: day(7), rule: Rule::Period };
    let due = Some((id(1), Some("reports".to_owned()), purge));
    assert_eq!((judge(&store, 1), judge(&store, 2)), (due.clone(), due));
    assert_eq!(judge(&store, 3), Some((id(3), None, Verdict::Ungoverned)));
    assert_eq!(judge(&store, 4), None);
    store.write(|tx| tx.hold(&[7; 32], &id(2), day(1), by()).map(drop));
    assert_eq!(judge(&store, 1).map(|(_, _, verdict)| verdict), Some(Verdict::Held));
    store.write(|tx| {
        tx.release(&[7; 32], &id(2), day(1))?;
        tx.purged(&id(1), day(2)).map(drop)
    });
    assert_eq!((judge(&store, 1), judge(&store, 2)), (None, None));
}
