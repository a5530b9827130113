//! Every mistake is refused with its file, its line and what to do about it.

use super::{KEEP, policy, refused, set};
use custody_retention::policy::{CapExceeded, Caps, PolicyError, PolicySet, mistyped_class};

const CLASS: &str = "class = [\"report\"]";

/// One file with one mistake: where it is reported, and what is said of it.
fn check(text: &str, line: usize, said: &str) {
    let report = refused(&[("p.toml", text)]);
    assert!(report.starts_with(&format!("p.toml:{line}: ")), "line {line}: {report}");
    assert!(report.contains(said), "{said}: {report}");
    assert_eq!(report.lines().count(), 1, "{report}");
}

/// The same with a wrong match.
fn check_match(matching: &str, line: usize, said: &str) {
    check(&policy(matching, KEEP), line, said);
}

/// The same with a wrong period.
fn check_keep(keep: &str, line: usize, said: &str) {
    check(&policy(CLASS, keep), line, said);
}

#[test]
fn keys_that_are_unknown_or_mistyped() {
    let good = policy(CLASS, KEEP);
    check(&good.replace("unattended", "unatended"), 4, "did you mean `unattended`?");
    check(
        &good.replace("unattended = true", "colour = 1"),
        4,
        "unknown key `colour`; known here: id, describe",
    );
    check_match("class = [\"report\"]\nenvirnoment = [\"production\"]", 7, "did you mean `environment`?");
    check_match("not.clas = [\"report\"]", 6, "did you mean `class`?");
    check_keep("from = \"ingested\"\ndays = 7\nat_most_day = 9", 10, "did you mean `at_most_days`?");
    check_keep("from = \"ingested\"\ndays = 7\ngrace_days = 9", 10, "unknown key `grace_days`");
}

#[test]
fn what_is_no_toml() {
    check("id = \"p\"\nid = \"p\"\n", 2, "duplicate key");
    check("id = p\n", 1, "");
    check(&policy("class = [\"a\"", KEEP), 7, "");
}

#[test]
fn a_match_of_nothing_or_of_all() {
    check_match("", 5, "an empty match; a policy never matches everything");
    check_match("[match.not]", 6, "an empty match");
    check_match("class = []", 6, "`class` is an empty list");
    check_match("not.environment = []", 6, "`environment` is an empty list");
    check_match("class = [\"report\",\n \"\"]", 7, "`class` lists an empty text");
    check_match("class = [\" \"]", 6, "`class` lists an empty text");
    check_match("class = [\"report\", \"report\"]", 6, "`report` is listed twice");
    check_match("class = \"report\"", 6, "`class` must be a list");
    check_match("class = [1]", 6, "`class` lists texts in quotes only");
    check_match("exposure = [\"raw\"]\nnot.exposure = [\"raw\"]", 7, "matched and excepted");
    check_match("not.exposure = [\"raw\", \"redacted\"]", 6, "nothing is left to match");
    let without = policy(CLASS, KEEP).replace("[match]\nclass = [\"report\"]\n", "");
    check(&without, 1, "[match] is missing");
    let wrong = policy("", KEEP).replace("[match]", "match = 1");
    check(&wrong, 5, "`match` must be a table");
}

#[test]
fn words_that_are_unknown() {
    check_match("kind = [\"artefact\"]", 6, "unknown kind `artefact`; did you mean `artifact`?");
    check_match("kind = [\"table\"]", 6, "a table goes with what it belongs to");
    check_match("exposure = [\"redact\"]", 6, "did you mean `redacted`?");
    check_match("source = [\"email\"]", 6, "unknown source `email`; known: file, fetch, derived");
    check_match("state = [\"load-confirmd\"]", 6, "did you mean `load-confirmed`?");
    check_match("class = [\"Report\"]", 6, "class `Report` must be 1 to 40 of a-z, 0-9 and -");
    check_match("environment = [\"production \"]", 6, "must be 1 to 40 of");
    check_match("owner = [\"j.doe\"]", 6, "an owner is a user ID");
    check_keep("from = \"last_used\"\ndays = 1\nat_most_days = 2", 8, "did you mean `last-used`?");
    check_keep(
        "from = \"event\"\nevent = \"ticket-close\"\ndays = 1\nat_most_days = 2",
        9,
        "`ticket-closed`?",
    );
}

#[test]
fn classes_and_environments_that_are_typos() {
    for (class, meant) in
        [("reports", "report"), ("rport", "report"), ("screneshot", "screenshot"), ("lob", "log")]
    {
        check_match(&format!("class = [\"{class}\"]"), 6, &format!("did you mean `{meant}`?"));
        assert_eq!(mistyped_class(class), Some(meant));
    }
    check_match(
        "not.environment = [\"prodution\"]",
        6,
        "environment `prodution`: did you mean `production`?",
    );
    for own in ["payroll", "report-2", "log2", "bank-report", "report"] {
        assert_eq!(mistyped_class(own), None);
        set(&[("p.toml", &policy(&format!("class = [\"{own}\"]"), KEEP))]);
    }
    for own in ["production", "production2", "pre-production", "sandbox", "sandbx"] {
        set(&[("p.toml", &policy(&format!("environment = [\"{own}\"]"), KEEP))]);
    }
}

#[test]
fn periods_that_nobody_means() {
    for days in ["0", "36526", "-1", "1.5", "\"7\"", "99999999999999999999", "0x0"] {
        check_keep(&format!("from = \"ingested\"\ndays = {days}"), 9, "whole number from 1 to 36525");
    }
    check_keep("from = \"ingested\"", 7, "`days` is missing");
    check_keep("days = 7", 7, "`from` is missing");
    check_keep("from = \"last-used\"\ndays = 7", 8, "needs `at_most_days`");
    check_keep("from = \"event\"\nevent = \"ticket-closed\"\ndays = 7", 8, "needs `at_most_days`");
    check_keep("from = \"event\"\ndays = 7\nat_most_days = 8", 7, "`event` is missing");
    let keep = "from = \"ingested\"\nevent = \"ticket-closed\"\ndays = 7";
    check_keep(keep, 9, "goes with from = \"event\" only");
    let keep = "from = \"last-used\"\ndays = 7\nat_least_days = 9\nat_most_days = 8";
    check_keep(keep, 10, "`at_least_days` is 9, more than `at_most_days`, 8");
    check_keep("from = \"last-used\"\ndays = 9\nat_most_days = 8", 9, "it would never count");
    check_keep("from = \"ingested\"\ndays = 9\nat_least_days = 10", 9, "write days = 10");
    let good = policy(CLASS, KEEP);
    let (without, _) = good.split_once("[keep]").expect("it is there");
    check(without, 1, "[keep] is missing; say from when");
}

#[test]
fn what_a_policy_has_to_say() {
    let good = policy(CLASS, KEEP);
    check(&good.replace("basis = \"b\"\n", ""), 1, "`basis` is missing; write the law");
    check(&good.replace("\"b\"", "\" \""), 3, "`basis` is empty; write the law");
    check(&good.replace("\"b\"", "\"a\\u0007b\""), 3, "printable characters");
    check(&good.replace("\"d\"", "4"), 2, "`describe` must be a text in quotes");
    check(&good.replace("\"p\"", "\"q\""), 1, "the file is called p.toml");
    check(&good.replace("\"p\"", "\"P\""), 1, "`id` must be 1 to 40 of");
    check(&good.replace("true", "\"yes\""), 4, "`unattended` must be true or false");
    check(&good.replace("true", "true\napprovals = 1"), 4, "cannot wait for approvals");
    check(&good.replace("true", "false\napprovals = 10"), 5, "whole number from 0 to 9");
    check(&good.replace("true", "true\ngrace_days = -1"), 5, "`grace_days` must be a whole number");
}

#[test]
fn all_mistakes_of_all_files_are_told() {
    let wrong = policy("class = []\nkind = [\"x\"]", "from = \"ingested\"\ndays = 0");
    let report = refused(&[("p.toml", &wrong), ("caps.toml", "max_item = 3\n"), ("ledger.toml", "")]);
    for place in ["p.toml:6: ", "p.toml:7: ", "p.toml:10: ", "caps.toml:1: ", "ledger.toml:1: "] {
        assert!(report.contains(place), "{place}: {report}");
    }
    assert_eq!(report.lines().count(), 5, "{report}");
}

#[test]
fn folders_that_are_empty_or_hold_something_else() {
    for files in [&[][..], &[("caps.toml", "")], &[("caps.toml", "max_items = 5"), ("ledger.toml", LEDGER)]] {
        assert_eq!(PolicySet::parse(files), Err(vec![PolicyError::NoPolicy]));
    }
    let good = policy(CLASS, KEEP);
    for name in ["p.tml", "p.toml.bak", "p", ""] {
        assert!(refused(&[("p.toml", &good), (name, "")]).contains("must end in .toml"), "{name}");
    }
    assert!(refused(&[("p.toml", &good), ("p.toml", &good)]).contains("p.toml:1: the file is there twice"));
}

const LEDGER: &str = "[ledger]\nkeep_days = 2557\nbasis = \"b\"\n";

#[test]
fn nothing_outlives_the_ledger() {
    let long = policy(CLASS, "from = \"ingested\"\ndays = 2558");
    let said = "p.toml:7: it keeps up to 2558 days, the ledger is kept 2557: raise keep_days in ledger.toml";
    assert!(refused(&[("p.toml", &long)]).contains(said));
    assert!(refused(&[("p.toml", &long), ("ledger.toml", LEDGER)]).contains(said));
    let most = policy(CLASS, "from = \"last-used\"\ndays = 7\nat_most_days = 2558");
    assert!(refused(&[("p.toml", &most)]).contains(said));
    let longer = LEDGER.replace("2557", "2558");
    assert_eq!(set(&[("p.toml", &long), ("ledger.toml", &longer)]).ledger().days, 2558);
    let grace = long.replace("2558", "2557").replace("true", "true\ngrace_days = 1");
    assert!(refused(&[("p.toml", &grace)]).contains("it keeps up to 2558 days"));
    let report = refused(&[("p.toml", &long), ("ledger.toml", &LEDGER.replace("basis", "bases"))]);
    assert!(report.contains("ledger.toml:3: unknown key `bases`; did you mean `basis`?"), "{report}");
}

#[test]
fn caps_are_on_by_default() {
    let good = policy(CLASS, KEEP);
    let own = |text: &str| *set(&[("p.toml", &good), ("caps.toml", text)]).caps();
    assert_eq!(
        *set(&[("p.toml", &good)]).caps(),
        Caps { max_items: 1_000, max_percent: 25, floor_items: 20 }
    );
    assert_eq!(own("max_percent = 5"), Caps { max_items: 1_000, max_percent: 5, floor_items: 20 });
    assert_eq!(own("max_items = 5"), Caps { max_items: 5, max_percent: 25, floor_items: 5 });
    for (text, said) in [
        ("max_items = 0", "caps.toml:1: `max_items` must be a whole number from 1 to"),
        ("max_percent = 101", "from 1 to 100"),
        ("max_items = 5\nfloor_items = 6", "caps.toml:2: `floor_items` is 6, more than `max_items`, 5"),
        ("enabled = false", "unknown key `enabled`"),
    ] {
        let report = refused(&[("p.toml", &good), ("caps.toml", text)]);
        assert!(report.contains(said), "{report}");
    }
}

#[test]
fn caps_stop_what_is_above_them() {
    let caps = Caps { max_items: 100, max_percent: 25, floor_items: 20 };
    let exceeded = |taken, present| caps.check(taken, present);
    assert_eq!((exceeded(100, 400), exceeded(101, 10_000)), (None, Some(CapExceeded::Items)));
    assert_eq!((exceeded(25, 100), exceeded(26, 100)), (None, Some(CapExceeded::Percent)));
    assert_eq!((exceeded(20, 20), exceeded(21, 21)), (None, Some(CapExceeded::Percent)));
    assert_eq!((exceeded(0, 0), exceeded(u64::MAX, u64::MAX)), (None, Some(CapExceeded::Items)));
}

#[test]
fn the_hashed_text_depends_on_the_meaning_alone() {
    let one = policy("class = [\"b\", \"a\"]", KEEP);
    let bytes = |text: &str| set(&[("p.toml", text), ("caps.toml", "")]).canonical_bytes();
    let same =
        one.replace("[\"b\", \"a\"]", "[\n \"a\", # first\n \"b\" ]").replace("days = 7", "days = 0x7");
    assert_eq!(bytes(&one), bytes(&same));
    assert!(String::from_utf8(bytes(&one)).expect("JSON").starts_with("{\"schema\":\"custody-policies/1\","));
    let changes =
        [("\"a\"", "\"c\""), ("days = 7", "days = 8"), ("true", "false"), ("\"b\"\nun", "\"c\"\nun")];
    for (from, to) in changes {
        assert_ne!(bytes(&one), bytes(&one.replace(from, to)), "{from}");
    }
    let not = policy("not.class = [\"b\", \"a\"]", KEEP);
    assert_ne!(bytes(&one), bytes(&not));
    assert_ne!(bytes(&one), set(&[("p.toml", &one), ("caps.toml", "max_items = 999")]).canonical_bytes());
    let longer = LEDGER.replace("2557", "2558");
    assert_ne!(bytes(&one), set(&[("p.toml", &one), ("ledger.toml", &longer)]).canonical_bytes());
}
