//! Which policy governs what, and that two that can meet in one item are refused: told from their text alone, and
//! checked here against every item there can be.

use super::{KEEP, policy, refused, set};
use custody_retention::policy::{Facet, PolicySet};
use proptest::prelude::*;

const ITEM: Facet<'_> = Facet {
    kind: "artifact",
    class: "report",
    environment: "sandbox",
    owner: "u-00000000000000000000000000000001",
    source: "file",
    state: "ingested",
    exposure: "raw",
};

#[test]
fn a_list_takes_its_words_and_an_exception_the_others() {
    let only = set(&[("p.toml", &policy("class = [\"report\"]", KEEP))]);
    let except = set(&[("p.toml", &policy("not.class = [\"report\"]", KEEP))]);
    let other = Facet { class: "log", ..ITEM };
    assert_eq!((only.govern(&ITEM).is_some(), only.govern(&other).is_some()), (true, false));
    assert_eq!((except.govern(&ITEM).is_some(), except.govern(&other).is_some()), (false, true));
}

#[test]
fn what_is_missing_never_matches() {
    for (key, word) in [
        ("kind", "artifact"),
        ("class", "report"),
        ("environment", "sandbox"),
        ("owner", "u-00000000000000000000000000000001"),
        ("source", "file"),
        ("state", "ingested"),
        ("exposure", "raw"),
    ] {
        let other = match key {
            "kind" => "plan",
            "owner" => "u-00000000000000000000000000000002",
            "source" => "fetch",
            "state" => "ticket-closed",
            "exposure" => "redacted",
            _ => "other",
        };
        for matching in [format!("{key} = [\"{word}\"]"), format!("not.{key} = [\"{other}\"]")] {
            let set = set(&[("p.toml", &policy(&matching, KEEP))]);
            assert!(set.govern(&ITEM).is_some(), "{matching}");
            for missing in ["", " ", "\t"] {
                let mut item = ITEM;
                let field = match key {
                    "kind" => &mut item.kind,
                    "class" => &mut item.class,
                    "environment" => &mut item.environment,
                    "owner" => &mut item.owner,
                    "source" => &mut item.source,
                    "state" => &mut item.state,
                    _ => &mut item.exposure,
                };
                *field = missing;
                assert!(set.govern(&item).is_none(), "{matching}: {missing:?}");
            }
        }
    }
}

#[test]
fn copies_and_unknown_kinds_are_governed_by_none() {
    let set = set(&[("p.toml", &policy("class = [\"report\"]", KEEP))]);
    for kind in ["table", "location", "", "future", "Artifact"] {
        assert!(set.govern(&Facet { kind, ..ITEM }).is_none(), "{kind}");
    }
    // A word that a later version may know is none of those that were left after an exception.
    let except = super::set(&[("p.toml", &policy("not.exposure = [\"redacted\"]", KEEP))]);
    assert!(except.govern(&ITEM).is_some());
    assert!(except.govern(&Facet { exposure: "half-redacted", ..ITEM }).is_none());
}

/// Two files that can meet: what is said at the second.
fn pair(one: &str, other: &str, other_days: u32) -> String {
    let keep = KEEP.replace('7', &other_days.to_string());
    let (one, other) = (policy(one, KEEP), policy(other, &keep));
    let (one, other) = (one.replace("\"p\"", "\"one\""), other.replace("\"p\"", "\"other\""));
    refused(&[("other.toml", &other), ("one.toml", &one)])
}

#[test]
fn two_for_the_same_item_are_refused_with_an_example() {
    let report = pair("class = [\"report\"]", "not.environment = [\"production\"]", 8);
    assert_eq!(
        report,
        "other.toml:5: disagrees with `one` (one.toml) about class report: let them exclude each other, as with not.environment\n"
    );
    let report = pair("class = [\"log\"]\nexposure = [\"raw\"]", "class = [\"log\", \"report\"]", 7);
    assert!(
        report.contains("says the same twice as `one` (one.toml) for class log, exposure raw"),
        "{report}"
    );
    assert!(pair("not.class = [\"a\"]", "not.class = [\"b\"]", 8).contains("about any item"));
}

const WORDS: [(&str, [&str; 2]); 3] = [
    ("kind", ["artifact", "plan"]),
    ("exposure", ["raw", "redacted"]),
    ("environment", ["sandbox", "production"]),
];

/// A match over three dimensions; each is not looked at, listed or excepted.
fn matching() -> impl Strategy<Value = String> {
    let words = prop_oneof![Just(vec![0]), Just(vec![1]), Just(vec![0, 1])];
    prop::collection::vec((0..3_u8, words), 3).prop_filter_map("something is left to match", |choices| {
        let mut lines = Vec::new();
        for ((form, chosen), (key, words)) in choices.into_iter().zip(WORDS) {
            let list: Vec<_> = chosen.iter().map(|&at| format!("{:?}", words[at])).collect();
            let list = list.join(", ");
            match form {
                0 => {}
                1 => lines.push(format!("{key} = [{list}]")),
                _ if key == "exposure" && chosen.len() == 2 => return None,
                _ => lines.push(format!("not.{key} = [{list}]")),
            }
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    })
}

proptest! {
    #[test]
    fn refused_if_and_only_if_some_item_has_two(one in matching(), other in matching()) {
        let keep = KEEP.replace('7', "8");
        let other = policy(&other, &keep).replace("\"p\"", "\"q\"");
        let one = policy(&one, KEEP);
        let alone = [set(&[("p.toml", &one)]), set(&[("q.toml", &other)])];
        let mut meet = false;
        for kind in ["artifact", "plan", "workbook", "extract", "sweep-record"] {
            for exposure in ["raw", "redacted"] {
                for environment in ["sandbox", "production", "some-other"] {
                    let item = Facet { kind, exposure, environment, ..ITEM };
                    meet |= alone.iter().all(|set| set.govern(&item).is_some());
                }
            }
        }
        prop_assert_eq!(PolicySet::parse(&[("p.toml", &one), ("q.toml", &other)]).is_err(), meet);
    }

    /// Whatever is put in: an answer, and none that depends on the order of the files.
    #[test]
    fn the_order_of_files_does_not_matter(one in matching(), other in matching()) {
        let one = policy(&one, KEEP);
        let other = policy(&other, KEEP).replace("\"p\"", "\"q\"");
        let there = PolicySet::parse(&[("p.toml", &one), ("q.toml", &other)]);
        let back = PolicySet::parse(&[("q.toml", &other), ("p.toml", &one)]);
        prop_assert_eq!(there, back);
    }

    #[test]
    fn no_text_makes_it_fail_otherwise(text in "(?s).{0,80}", cut in 0..200_usize) {
        let good = policy("class = [\"report\"]", KEEP);
        let at = cut.min(good.len());
        let mixed = format!("{}{text}{}", &good[..at], &good[at..]);
        for text in [text.as_str(), mixed.as_str(), &good[..at]] {
            if let Err(mistakes) = PolicySet::parse(&[("p.toml", text)]) {
                prop_assert!(!mistakes.is_empty());
            }
        }
    }
}
