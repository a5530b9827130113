//! Tests of the roster: spellings, phones, IDs, useless tables.

use super::*;

fn roster(headings: &[&str], row: &[&str]) -> (RuleSet, Roster) {
    let rules = RuleSet::load(&[]).expect("empty set");
    let id = RosterColumn::Id(rules.built_in_entity("EMPLOYEE_ID"));
    let labels = LabelLexicon::default();
    let columns: Vec<_> = headings
        .iter()
        .map(|h| match *h {
            "id" => Some(id),
            "email" => Some(RosterColumn::Email),
            "phone" => Some(RosterColumn::Phone),
            other => column(other, &labels, &rules),
        })
        .collect();
    let rows = vec![row.iter().map(|v| (*v).to_owned()).collect()];
    let roster = Roster::build(&columns, &rows, &rules).expect("good roster");
    (rules, roster)
}

fn check(headings: &[&str], row: &[&str], text: &str, expected: &[&str]) {
    let (_, roster) = roster(headings, row);
    let mut hits = Vec::new();
    roster.find(text, &mut RosterScratch::default(), &mut hits);
    let mut found: Vec<_> = hits.iter().map(|h| &text[h.start..h.end]).collect();
    found.sort_unstable();
    found.dedup();
    // Overlaps are resolved by the caller; here the longest of each is compared.
    let all = found.clone();
    found.retain(|f| !all.iter().any(|other| other != f && other.contains(f)));
    assert_eq!(found, expected, "{text}");
}

#[test]
fn names_in_every_order_and_without_middle_names() {
    let name = ["Legal Name"];
    for (value, text, expected) in [
        ("Jane Ann Doe", "by jane doe.", "jane doe"),
        ("Jane Ann Doe", "DOE, JANE ANN!", "DOE, JANE ANN"),
        ("Jane Ann Doe", "Jane A. Doe", "Jane A. Doe"),
        ("Doe, Jane", "jane_doe", "jane_doe"),
        ("Zoë van der Ångström (On Leave)", "van der Angstrom, Zoe", "van der Angstrom, Zoe"),
        ("Jean-Paul Martín", "Jean Paul MARTIN", "Jean Paul MARTIN"),
    ] {
        check(&name, &[value], text, &[expected]);
    }
    check(&name, &["Jane Doe"], "Mary-Jane Doering, Jane", &[]);
}

#[test]
fn phones_and_ids_in_any_punctuation() {
    check(&["phone"], &["+1 (555) 010-0123"], "call 555.010.0123 now", &["555.010.0123"]);
    check(
        &["phone"],
        &["+49 30 5550123"],
        "0049-30-5550123 or 030/5550123",
        &["0049-30-5550123", "030/5550123"],
    );
    check(&["id"], &["AB-12 34 56 C"], "x AB123456C ab 12-34-56-c", &["AB123456C", "ab 12-34-56-c"]);
    check(&["id"], &["21072"], "id 210721 (21072)", &["21072"]);
    check(&["email"], &["J.Doe@example.org"], "<j.doe@EXAMPLE.org>", &["j.doe@EXAMPLE.org"]);
}

#[test]
fn legal_and_preferred_names_are_both_the_person() {
    let headings = [
        "Legal First Name",
        "Legal Last Name",
        "Preferred First Name",
        "Preferred Last Name",
        "Manager Last Name",
    ];
    let row = ["Jennifer", "Doe", "Jenny", "Doe", "Roe"];
    check(&headings, &row, "Jennifer Doe or Jenny Doe or Jenny Roe", &["Jennifer Doe", "Jenny Doe"]);
}

#[test]
fn short_national_numbers_are_found_without_their_country() {
    check(
        &["phone"],
        &["+47 22 12 34 56"],
        "call 22 12 34 56 or +47 2212 3456",
        &["+47 2212 3456", "22 12 34 56"],
    );
    check(&["phone"], &["22 12 34 56"], "call +47 22 12 34 56", &["+47 22 12 34 56"]);
    check(
        &["phone"],
        &["030 555012"],
        "+49 30 555012 and 0049 30 555012",
        &["+49 30 555012", "0049 30 555012"],
    );
    check(&["phone"], &["+47 22 12 34 56"], "order 2123456", &[]);
}

#[test]
fn useless_rosters_are_refused() {
    let rules = RuleSet::load(&[]).expect("empty set");
    let build = |columns: &[Option<RosterColumn>], rows: &[&[&str]]| {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|r| r.iter().map(|v| (*v).to_owned()).collect()).collect();
        Roster::build(columns, &rows, &rules).map(|r| r.people())
    };
    let name = Some(RosterColumn::FullName);
    assert_eq!(build(&[None], &[&["x"]]), Err(RosterError::NoColumn));
    assert_eq!(build(&[name], &[]), Err(RosterError::NoRows));
    assert_eq!(build(&[name, name], &[&["", "Jane Doe"]]), Err(RosterError::EmptyColumn(1)));
    assert_eq!(build(&[name], &[&["J"], &["Max Roe"]]), Err(RosterError::OneLetterNames(50)));
    // Three of ten are too many, two are not.
    let mut rows: Vec<&[&str]> = vec![&["J"], &["K"], &["L"]];
    rows.resize(10, &["Max Roe"]);
    assert_eq!(build(&[name], &rows), Err(RosterError::OneLetterNames(30)));
    rows[0] = &["Jane Doe"];
    assert_eq!(build(&[name], &rows), Ok(10));
}

#[test]
fn a_time_in_milliseconds_is_no_phone() {
    let phone = ["+1 (555) 010-0123"];
    check(&["phone"], &phone, "at 1715550100123 and 5550100123", &["5550100123"]);
    check(&["phone"], &phone, "dial 15550100123 now", &["15550100123"]);
    check(&["phone"], &phone, "dial 0015550100123 now", &["0015550100123"]);
}

#[test]
fn a_bracket_belongs_to_a_phone_that_closes_it() {
    let phone = ["+1 (555) 010-0123"];
    check(&["phone"], &phone, "call (555) 010-0123 now", &["(555) 010-0123"]);
    check(&["phone"], &phone, "he (555.010.0123) said", &["555.010.0123"]);
    check(&["phone"], &phone, "he (+1 555.010.0123) said", &["+1 555.010.0123"]);
    check(&["phone"], &phone, "at (+1) 555.010.0123", &["(+1) 555.010.0123"]);
}

#[test]
fn addresses_are_found_in_links() {
    let email = ["jane.doe@example.org"];
    for text in ["/u/jane.doe%40example.org", "?q=jane.doe%40EXAMPLE.org&x=%40", "jane.doe%40example.org"] {
        let expected =
            if text.contains("EXAMPLE") { "jane.doe%40EXAMPLE.org" } else { "jane.doe%40example.org" };
        check(&["email"], &email, text, &[expected]);
    }
    check(&["email"], &email, "jane.doe%41example.org jane.doe%4 example.org %40", &[]);
}

#[test]
fn two_ordinary_words_in_a_sentence_are_no_sure_name() {
    let (_, roster) = roster(&["First Name", "Last Name", "id"], &["Will", "Price", "900017"]);
    let surest = |text: &str| {
        let mut hits = Vec::new();
        roster.find(text, &mut RosterScratch::default(), &mut hits);
        hits.iter().filter(|hit| hit.start == text.find("Will").unwrap_or(0)).fold(0.0, |s, h| h.score.max(s))
    };
    for text in ["Will Price go up?", "We ask: how Will Price Changes work", "the Will Price table"] {
        assert!(surest(text) < 0.5, "{text}");
    }
    for text in [
        "Legal Name: Will Price of Berlin",
        "approved by Will Price yesterday",
        "worker Will Price has left",
        "name=\"Will Price (he)\"",
        "Mr. Will Price",
        "Will Price (900017) is here",
        "900017 is the Will Price file",
        "Will Price",
    ] {
        assert!(surest(text) >= 0.5, "{text}");
    }
}
