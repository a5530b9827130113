//! What holds for the plan of any catalog: counts balance, nothing that is held or ungoverned is taken, and one item is
//! judged as the plan judges it.

use super::store::{Store, by, day, hasher, id, items, meta, policies};
use custody_retention::plan::{Act, PlanItem, PlanReader, Scope, verdict};
use custody_retention::{ItemId, ItemMeta, Policy, Verdict};
use proptest::prelude::*;

/// What happened to one item.
#[derive(Debug, Clone)]
struct History {
    class: usize,
    ingested: u64,
    used: Option<u64>,
    closed: Option<u64>,
    marked: Option<u64>,
    released: Option<u64>,
    held: bool,
    pinned: bool,
}

fn history() -> impl Strategy<Value = History> {
    let maybe = || prop::option::of(0..60_u64);
    let times = (0..60_u64, maybe(), maybe(), maybe(), prop::option::weighted(0.3, 0..60_u64));
    let guards = (prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    (0..3_usize, times, guards).prop_map(|(class, (ingested, used, closed, marked, released), guards)| {
        let (held, pinned) = guards;
        History { class, ingested, used, closed, marked, released, held, pinned }
    })
}

impl Store {
    fn live(&mut self, number: u8, history: &History) {
        let class = ["report", "log", "payroll"][history.class];
        self.insert(number, &ItemMeta { ingested_ms: day(history.ingested), ..meta(class) });
        self.write(|tx| {
            if let Some(used) = history.used {
                tx.touch(&id(number), day(used))?;
            }
            if let Some(closed) = history.closed {
                tx.event(&id(number), "ticket-closed", day(closed))?;
            }
            if let Some(marked) = history.marked {
                tx.mark(&id(number), day(marked))?;
            }
            if let Some(released) = history.released {
                tx.hold(&[6; 32], &id(number), day(0), by())?;
                tx.release(&[6; 32], &id(number), day(released))?;
            }
            if history.held {
                tx.hold(&[7; 32], &id(number), day(0), by())?;
            }
            if history.pinned {
                tx.pin(&[8; 32], &id(number), day(0))?;
            }
            Ok(())
        });
    }
}

/// What is said of one item is what the plan says.
fn judged_alike(
    store: &Store,
    id: ItemId,
    (now_ms, scope): (u64, Scope),
    items: &[PlanItem<'_>],
) -> Result<(), TestCaseError> {
    let policies = policies();
    let judged = verdict(&store.catalog, &policies, &id, now_ms).expect("a catalog").expect("it is there");
    let planned = items.iter().find(|item| item.id == id);
    let expected = match judged.verdict {
        Verdict::Mark { since_ms, rule } => Some((Act::Mark, since_ms, rule)),
        Verdict::Purge { since_ms, rule } => Some((Act::Purge, since_ms, rule)),
        _ => None,
    };
    let in_scope = scope == Scope::All || judged.policy.is_some_and(Policy::unattended);
    let planned_act = planned.map(|item| (item.act, item.since_ms, item.rule));
    prop_assert_eq!(planned_act, expected.filter(|_| in_scope));
    if let Some(item) = planned {
        prop_assert_eq!(Some(&*item.policy), judged.policy.map(Policy::id));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counts_balance_and_nothing_held_or_ungoverned_is_taken(
        histories in prop::collection::vec(history(), 0..12), now in 0..120_u64, attended: bool
    ) {
        let mut store = Store::new();
        for (number, history) in histories.iter().enumerate() {
            store.live(number as u8, history);
        }
        let scope = if attended { Scope::All } else { Scope::Unattended };
        let (planned, plan) = store.plan_with(&policies(), day(now), scope);
        prop_assert!(planned.summary.balances(), "{:?}", planned.summary);
        prop_assert_eq!(planned.summary.present, histories.len() as u64);
        let read = PlanReader::new(&plan[..], hasher()).expect("a plan").check().expect("as it was made");
        prop_assert_eq!(read, planned);
        for number in 0..histories.len() as u8 {
            judged_alike(&store, id(number), (day(now), scope), &items(&plan))?;
        }
        for item in items(&plan) {
            let history = &histories[usize::from(item.id.0[0])];
            prop_assert!(!history.held && history.class < 2, "{:?}", history);
            prop_assert!(item.since_ms <= day(now) && item.since_ms > day(history.ingested));
            prop_assert!(attended || history.class == 0);
        }
    }
}
