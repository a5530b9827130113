//! What an allow-list may say, and how entries get into one.

use super::*;
use proptest::prelude::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day")
}

fn is_rule(rule: &str) -> bool {
    matches!(rule, "US_SSN" | "PERSON" | "unread") || rule.starts_with("asset-")
}

fn parse(text: &str) -> Result<AllowList, AllowError> {
    AllowList::parse(text, today(), &is_rule)
}

fn entry(content: &[u8], rule: &str, expires: &str) -> Entry {
    Entry {
        content: blake3::hash(content),
        rule: rule.to_owned(),
        reason: "made up for the tests".to_owned(),
        expires: parse_day(expires).expect("a day"),
        line: 0,
    }
}

#[test]
fn an_entry_allows_one_rule_in_one_content_until_its_day_is_over() {
    let text = insert("", &entry(b"a", "US_SSN", "2026-12-31"), today(), &is_rule).expect("a file");
    let list = parse(&text).expect("sound");
    let on = |day: &str| parse_day(day).expect("a day");
    assert!(list.permits(&blake3::hash(b"a"), "US_SSN", on("2026-12-31")));
    assert!(!list.permits(&blake3::hash(b"a"), "US_SSN", on("2027-01-01")));
    assert!(!list.permits(&blake3::hash(b"a"), "PERSON", on("2026-12-31")), "another rule");
    assert!(!list.permits(&blake3::hash(b"b"), "US_SSN", on("2026-12-31")), "another content");
    assert_eq!((list.expired(on("2026-12-31")).count(), list.expired(on("2027-01-01")).count()), (0, 1));
}

#[test]
fn mistakes_are_named_with_their_line() {
    let good = format!(
        "[[allow]]\ncontent = \"{}\"\nrule = \"US_SSN\"\nreason = \"made up, see docs\"\nexpires = 2027-01-31\n",
        "ab".repeat(32)
    );
    assert_eq!(parse(&good).expect("sound").len(), 1);
    for (bad, line, word) in [
        (good.replace("rule", "regel"), 3, "key that there is not"),
        (good.replace("reason = \"made up, see docs\"\n", ""), 1, "reason"),
        (good.replace("expires = 2027-01-31\n", ""), 1, "expires"),
        (good.replace("made up, see docs", "ok"), 1, "reason"),
        (good.replace("US_SSN", "US_SSNN"), 1, "rule"),
        (good.replace("ab", "AB"), 1, "content"),
        (good.replace("ababab", "ab"), 1, "content"),
        (good.replace("2027-01-31", "2029-01-31"), 1, "366 days"),
        (good.replace("2027-01-31", "2027-01-31T10:00:00Z"), 1, "a day"),
        (good.replace("2027-01-31", "\"2027-01-31\""), 5, "invalid type"),
        (format!("{good}\n{good}"), 7, "same content and rule"),
        (format!("{good}\n{}", good.replace("ab", "aa")), 7, "sorted"),
        (format!("[assets]\nfilm = \"allow\"\n{good}"), 2, "kind"),
        (format!("[assets]\npicture = \"perhaps\"\n{good}"), 2, "takes"),
        (good.replace("[[allow]]", "[[allow]"), 1, "no TOML"),
    ] {
        let error = parse(&bad).expect_err(&bad);
        assert!(error.line == line || bad.contains("expires = \""), "{error}\n{bad}");
        assert!(error.message.contains(word), "{error}\n{bad}");
        assert!(!error.message.contains("made up"), "{error}");
    }
}

#[test]
fn repositories_decide_of_kinds_of_files() {
    let list =
        parse("[assets]\npicture = 1000\nworkbook = \"allow\"\ndatabase = \"refuse\"\n").expect("sound");
    assert_eq!(list.asset(AssetKind::Picture), Some(Verdict::Look { bytes_max: 1_000 }));
    assert_eq!(list.asset(AssetKind::Workbook), Some(Verdict::Look { bytes_max: u64::MAX }));
    assert_eq!(list.asset(AssetKind::Database), Some(Verdict::Refuse));
    assert_eq!(list.asset(AssetKind::Font), None);
}

#[test]
fn comments_stay_and_an_entry_is_written_once() {
    let first = insert("", &entry(b"a", "US_SSN", "2026-12-31"), today(), &is_rule).expect("a file");
    let commented = first.replace("[[allow]]", "# of the samples\n[[allow]]");
    let other = entry(b"b", "PERSON", "2027-01-31");
    let both = insert(&commented, &other, today(), &is_rule).expect("two");
    assert!(both.contains("# of the samples"), "{both}");
    let error = insert(&both, &other, today(), &is_rule).expect_err("twice");
    assert!(error.message.contains("have an entry") && error.line > 1, "{error}");
}

proptest! {
    #[test]
    fn entries_in_any_order_give_a_sorted_list_with_all_of_them(
        contents in proptest::collection::btree_set(any::<[u8; 4]>(), 1..12),
        seed in any::<u64>(),
        reason in "[ -~äöü\"\\\\]{8,40}",
    ) {
        prop_assume!(reason.trim().chars().count() >= 8);
        let mut entries: Vec<Entry> = contents.iter().map(|c| entry(c, "US_SSN", "2026-12-31")).collect();
        entries.iter_mut().for_each(|entry| entry.reason.clone_from(&reason));
        let turns = (seed % entries.len() as u64) as usize;
        entries.rotate_left(turns);
        let mut text = String::new();
        for entry in &entries {
            text = insert(&text, entry, today(), &is_rule).expect("it goes in");
        }
        let list = parse(&text).expect("sound");
        prop_assert_eq!(list.len(), entries.len());
        for entry in &entries {
            prop_assert!(list.permits(&entry.content, "US_SSN", today()));
        }
    }

    #[test]
    fn no_text_breaks_it(text in "(\\[\\[allow\\]\\]|content|rule|=|\"|\n|[a-z0-9 .-]){0,60}") {
        let _ = parse(&text);
    }
}
