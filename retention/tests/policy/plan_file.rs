//! A plan's file: its form, and that one that was changed is none.

use super::set;
use super::store::{REPORTS, STORE, Store, day, hasher, id, meta, policies};
use custody_retention::ItemId;
use custody_retention::catalog::NewItem;
use custody_retention::plan::{Head, PlanError, PlanReader, PlanWriter, Scope, evaluate};

#[test]
fn a_plan_is_text_with_ids_and_no_names() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    let (planned, plan) = store.plan(day(7));
    let text = String::from_utf8(plan).expect("text");
    let policies = blake3::hash(&policies().canonical_bytes()).to_hex();
    let created = day(7);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        format!(
            "{{\"schema\":\"custody-retention-plan/1\",\"created_ms\":{created},\"store\":\"{STORE}\",\
             \"policies\":\"{policies}\",\"ledger_size\":0,\"scope\":\"all\"}}"
        )
    );
    assert_eq!(
        lines[1],
        format!(
            "{{\"act\":\"purge\",\"id\":\"{}\",\"kind\":\"artifact\",\"class\":\"report\",\
             \"environment\":\"sandbox\",\"policy\":\"reports\",\"rule\":\"period\",\"since_ms\":{created},\
             \"size_bytes\":100,\"copies\":0}}",
            id(1)
        )
    );
    assert_eq!(lines[3], format!("{{\"hash\":\"{}\"}}", blake3::Hash::from_bytes(planned.hash).to_hex()));
    assert_eq!(lines.len(), 4);
    assert!(!text.contains("Jane") && !text.contains("import"));
}

#[test]
fn the_hash_is_of_this_plan_of_this_store() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    let (planned, plan) = store.plan(day(7));
    let read = PlanReader::new(&plan[..], hasher()).expect("a plan").check().expect("as it was made");
    assert_eq!(read, planned);
    assert_eq!(store.plan(day(7)), (planned.clone(), plan.clone()), "the same again");
    assert_ne!(store.plan(day(7) + 1).0.hash, planned.hash);
    let other = set(&[("reports.toml", REPORTS)]);
    assert_ne!(store.plan_with(&other, day(7), Scope::All).0.hash, planned.hash);
    let foreign = PlanReader::new(&plan[..], blake3::Hasher::new_keyed(&[8; 32])).expect("a plan");
    assert!(matches!(foreign.check(), Err(PlanError::Hash)));
}

/// Whether a text is taken for a plan.
fn is_plan(text: &[u8]) -> bool {
    PlanReader::new(text, hasher()).and_then(PlanReader::check).is_ok()
}

#[test]
fn a_changed_plan_is_none_at_every_bit_and_every_length() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    store.insert(2, &meta("payroll"));
    let (_, plan) = store.plan(day(40));
    assert!(is_plan(&plan));
    for at in 0..plan.len() {
        assert!(!is_plan(&plan[..at]), "cut at {at}");
        for bit in 0..8 {
            let mut changed = plan.clone();
            changed[at] ^= 1 << bit;
            assert!(!is_plan(&changed), "byte {at}, bit {bit}");
        }
    }
    assert!(!is_plan(&[&plan[..], b"\n"].concat()));
    assert!(!is_plan(&[&plan[..], &plan[..]].concat()));
}

#[test]
fn lines_that_are_taken_out_or_put_in_are_found() {
    let mut store = Store::new();
    for number in 1..=3 {
        store.insert(number, &meta("report"));
    }
    let (_, plan) = store.plan(day(7));
    let text = String::from_utf8(plan).expect("text");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let without: String =
            lines.iter().enumerate().filter(|(line, _)| *line != at).map(|(_, text)| *text).collect();
        assert!(!is_plan(without.as_bytes()), "without line {at}");
        let twice: String =
            lines.iter().enumerate().map(|(line, text)| text.repeat(1 + usize::from(line == at))).collect();
        assert!(!is_plan(twice.as_bytes()), "line {at} twice");
    }
    let error = PlanReader::new(&b"{\"schema\":\"Jane Doe\"}\n"[..], hasher()).expect_err("no plan");
    assert_eq!(error.to_string(), "line 1 of the plan: it is not a plan's first line; make a new plan");
}

#[test]
fn an_output_that_fails_makes_no_plan() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let store = Store::new();
    let head = Head { now_ms: day(7), store: STORE, policies: [0; 32], scope: Scope::All };
    let error = evaluate(&store.catalog, &policies(), &head, PlanWriter::new(&mut Full, hasher()));
    assert!(matches!(error, Err(PlanError::Io { kind: std::io::ErrorKind::StorageFull, .. })));
}

/// The lines with a hash that fits them.
fn hashed(lines: &str) -> Vec<u8> {
    let hash = hasher().update(lines.as_bytes()).finalize().to_hex();
    format!("{lines}{{\"hash\":\"{hash}\"}}\n").into_bytes()
}

#[test]
fn counts_that_do_not_add_up_and_other_versions_are_refused_whatever_their_hash() {
    let mut store = Store::new();
    store.insert(1, &meta("report"));
    store.insert(2, &meta("log"));
    let (_, plan) = store.plan(day(7));
    let text = String::from_utf8(plan.clone()).expect("text");
    let (lines, _) = text.split_once("{\"hash\"").expect("the last line");
    assert_eq!(hashed(lines), plan);
    for (from, to, said) in [
        ("\"present\":2", "\"present\":3", "line 4 of the plan: its counts do not add up"),
        ("\"purge\":{\"items\":1", "\"purge\":{\"items\":2", "its counts do not add up"),
        ("\"exceeded\":null", "\"exceeded\":\"max-items\"", "its counts do not add up"),
        ("\"copies\":0}\n", "\"copies\":1}\n", "its counts do not add up"),
        ("\"old_items\":0", "\"old_items\":1", "its counts do not add up"),
        ("\"act\":\"purge\"", "\"act\":\"keep\"", "line 2 of the plan: it is not an item of a plan"),
        ("retention-plan/1", "retention-plan/2", "line 1 of the plan: it is a plan of another version"),
        ("\"held\":0", "\"held\":0,\"more\":0", "line 3 of the plan: it is not a plan's summary"),
    ] {
        assert!(lines.contains(from), "{from}");
        let changed = hashed(&lines.replacen(from, to, 1));
        let error = PlanReader::new(&changed[..], hasher()).and_then(PlanReader::check).expect_err("changed");
        assert!(error.to_string().contains(said), "{to}: {error}");
    }
}

#[test]
fn a_thousand_of_those_that_no_policy_is_for_are_named() {
    let mut store = Store::new();
    store.write(|tx| {
        (0..1_001_u64).try_for_each(|number| {
            let id = ItemId(*blake3::hash(&number.to_le_bytes()).as_bytes());
            let item = NewItem { id, slot: number, meta: &meta("payroll"), sealed: &[], stored_bytes: 1 };
            tx.insert_item(&item).map(drop)
        })
    });
    let (planned, plan) = store.plan(day(8));
    let ungoverned = &planned.summary.ungoverned;
    assert_eq!((ungoverned.items, ungoverned.old_items, ungoverned.old_ids.len()), (1_001, 1_001, 1_000));
    assert!(is_plan(&plan));
}
