//! Pages written as text: a column is eight pixels wide, a line sixteen high, a line of dots skips a few.

mod recordings;

use super::*;
use crate::detect::samples::shipped;
use custody_rules::WordsBuilder;
use std::sync::LazyLock;

static DETECTOR: LazyLock<Detector> = LazyLock::new(shipped);

/// The words of a page; `Name~20` was read with a confidence of 20.
fn words(page: &'static str) -> Vec<WordRow<'static>> {
    let mut words = Vec::new();
    for (line, text) in (0..).zip(page.lines()) {
        let mut column = 0;
        for word in text.split(' ') {
            let (shown, confidence) = word.split_once('~').map_or((word, 90.0), |(shown, confidence)| {
                (shown, confidence.parse().expect("a confidence"))
            });
            let width = word.chars().count() as u32;
            if !shown.is_empty() && !shown.starts_with("...") {
                let (left, top) = (column * 8, line * 16);
                words.push(WordRow {
                    confidence,
                    left,
                    top,
                    width: width * 8,
                    height: 11,
                    text: shown,
                    ..WordRow::default()
                });
            }
            column += width + 1;
        }
    }
    words
}

/// The page with its findings as `[ENTITY]`, word by word.
fn redacted(page: &'static str, pass: Pass<'_>) -> String {
    let words = words(page);
    let mut builder = WordsBuilder::default();
    words.iter().for_each(|word| builder.push(*word));
    let found = word_findings(&DETECTOR, (&[builder.finish()], pass), None, &mut DETECTOR.lend());
    let shown = words.iter().map(|word| {
        let own = region(word);
        let covers = |finding: &&Finding| match finding.place {
            Place::Region(r) => union(&r, &own) == r,
            _ => false,
        };
        let entity = found.iter().find(covers).map(|f| DETECTOR.rules().entity_name(f.entity).to_owned());
        (word.top, entity.map_or_else(|| word.text.to_owned(), |entity| format!("[{entity}]")))
    });
    let mut out = String::new();
    let mut before = None;
    for (top, text) in shown {
        out.push_str(before.map_or("", |before| if before == top { " " } else { "\n" }));
        out.push_str(&text);
        before = Some(top);
    }
    out
}

fn check(page: &'static str, expected: &str) {
    assert_eq!(redacted(page, Pass::First), expected, "{page}");
}

#[test]
fn values_beside_and_under_their_labels_go_whatever_they_are() {
    check("Legal Name        Qqzt Wrrp", "Legal Name [PERSON] [PERSON]");
    check("Legal Name\nQqzt Wrrp", "Legal Name\n[PERSON] [PERSON]");
    check("Cost Center       Qqzt Wrrp", "Cost Center Qqzt Wrrp");
    check("Total Base Pay        72,400.00 EUR", "Total Base Pay [COMPENSATION] [COMPENSATION]");
    check(
        "Home Address        Zyxstraat 14\n                    Qqdorp 1011\n\n\n\nCost Center       4410",
        "Home Address [STREET_ADDRESS] [STREET_ADDRESS]\n[STREET_ADDRESS] [STREET_ADDRESS]\nCost Center 4410",
    );
    check(
        "Date of Birth      1984-03-12        Legal Name      Qqzt Wrrp",
        "Date of Birth [DATE_OF_BIRTH] Legal Name [PERSON] [PERSON]",
    );
}

#[test]
fn labels_are_known_in_german_french_and_spanish() {
    check("Nachname        Qqzt\nKostenstelle    4410 Lohn", "Nachname [PERSON]\nKostenstelle 4410 Lohn");
    check("Geburtsdatum     12.03.1984", "Geburtsdatum [DATE_OF_BIRTH]");
    check("Nom de famille       Qqzt\nPoste     Comptable", "Nom de famille [PERSON]\nPoste Comptable");
    check("Date de naissance     12/03/1984", "Date de naissance [DATE_OF_BIRTH]");
    check("Apellidos       Qqzt Wrrp\nPuesto       Contable", "Apellidos [PERSON] [PERSON]\nPuesto Contable");
    check("Fecha de nacimiento     12/03/1984", "Fecha de nacimiento [DATE_OF_BIRTH]");
    // As an engine reads them that knows English only.
    check("Prénöm       Qqzt\nUbicacién       Lima", "Prénöm [PERSON]\nUbicacién Lima");
    check("Jahresgehalt        62.400 EUR", "Jahresgehalt [COMPENSATION] [COMPENSATION]");
}

#[test]
fn columns_go_under_their_headings_in_every_language() {
    check(
        "Mitarbeiter      Kostenstelle     Jahresgehalt\nQqzt Wrrp        4410 Lohn        62.400\nVvbt Xxrr        4420 Lohn        71.300",
        "Mitarbeiter Kostenstelle Jahresgehalt\n[PERSON] [PERSON] 4410 Lohn [COMPENSATION]\n[PERSON] [PERSON] 4420 Lohn [COMPENSATION]",
    );
}

#[test]
fn a_crumb_behind_a_list_of_people_is_one_of_them() {
    check("Workers > Qqzta Wrrpa > Compensation", "Workers > [PERSON] [PERSON] > Compensation");
    check("Personen › Qqzta Wrrpa › Vergütung", "Personen › [PERSON] [PERSON] › Vergütung");
    check("Reports > Headcount > Compensation", "Reports > Headcount > Compensation");
    check("Workers > Compensation", "Workers > Compensation");
}

#[test]
fn chips_of_one_field_go_together() {
    check(
        "Manager         Qqzta Wrrpa ×   Vvbta Xxrra ×   Zztta Yyvva ×",
        "Manager [PERSON] [PERSON] [PERSON] [PERSON] [PERSON] [PERSON] [PERSON] [PERSON] [PERSON]",
    );
    check(
        "Manager        Qqzta Wrrpa              Location        Plant North",
        "Manager [PERSON] [PERSON] Location Plant North",
    );
}

#[test]
fn initials_beside_their_name_go_with_it() {
    check("Worker:  QW  Qqzta Wrrpa", "Worker: [PERSON] [PERSON] [PERSON]");
    check(
        "Workers › Qqzta Wrrpa › Compensation\nQW:",
        "Workers › [PERSON] [PERSON] › Compensation\n[PERSON]",
    );
    check("HR  Worker:  Qqzta Wrrpa", "HR Worker: [PERSON] [PERSON]");
}

#[test]
fn what_was_seen_but_not_read_is_covered_in_every_shipped_profile() {
    check("Status  Qqzt~20  done", "Status [UNREAD_REGION] done");
    check("Status  ||~20  done", "Status || done");
    assert_eq!(redacted("Status  Qqzt~20  done", Pass::Again(&[])), "Status Qqzt done");
    let unread = DETECTOR.rules().entity_id("UNREAD_REGION").expect("it is built in");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/profiles");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("profiles") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a profile");
        let profile =
            custody_rules::Profile::parse("p.toml", &text, DETECTOR.rules()).expect("a good profile");
        let name = DETECTOR.rules().entity_name(unread);
        assert_ne!(profile.operator(name), custody_rules::Operator::Keep, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 4);
}

#[test]
fn leaving_unread_words_open_is_a_choice_of_the_profile() {
    let mut detector = shipped();
    let profile = "name = \"open\"\ndescription = \"test\"\nthreshold = 0.5\ndefault = \"replace\"\n[operators]\nUNREAD_REGION = \"keep\"\n";
    detector.profile =
        custody_rules::Profile::parse("open.toml", profile, detector.rules()).expect("a good profile");
    let mut builder = WordsBuilder::default();
    words("Status  Qqzt~20  done").iter().for_each(|word| builder.push(*word));
    let found = word_findings(&detector, (&[builder.finish()], Pass::First), None, &mut detector.lend());
    let decisions: Vec<_> = found.iter().map(|finding| finding.decision).collect();
    assert_eq!(decisions, [custody_rules::Decision::Keep]);
}

#[test]
fn consoles_lose_quotes_and_colons() {
    check("“LegalName” “Qqzta,", "“LegalName” [PERSON]");
    check("{ “client _secret” “Vyq2n8LkTz41xW”", "{ “client _secret” [API_KEY]");
}

#[test]
fn a_ruling_read_as_a_dash_divides_no_row() {
    let word = |text: &'static str, (left, top): (u32, u32), (width, height): (u32, u32)| WordRow {
        confidence: 93.0,
        text,
        left,
        top,
        width,
        height,
        ..WordRow::default()
    };
    let words = [
        word("Home", (720, 217), (42, 12)),
        word("Address", (765, 216), (57, 13)),
        word("48OldMill", (713, 232), (83, 18)),
        word("Lane,97024", (797, 232), (91, 20)),
        word("Fairview", (891, 237), (57, 13)),
        word("—", (904, 232), (18, 3)),
    ];
    let rows = rows(&words, &[0, 1, 2, 3, 4, 5]);
    let texts: Vec<Vec<&str>> =
        rows.iter().map(|row| row.segments.iter().map(|s| s.text.as_str()).collect()).collect();
    assert_eq!(texts, [vec!["Home Address"], vec!["48OldMill Lane,97024 Fairview -"]]);
}

#[test]
fn what_follows_a_name_and_is_garbled_belongs_to_it() {
    check("opened profile of Minh Chau Nguy[jn~70 from", "opened profile of [PERSON] [PERSON] [PERSON] from");
    check("Worker: Maria Example status=active", "Worker: [PERSON] [PERSON] status=active");
}

#[test]
fn lines_of_a_console_are_read_as_lines() {
    check(
        "Filled “Legal Name” with “Qqzta Wrrpa” on “Hire Employee”",
        "Filled “Legal Name” with [PERSON] [PERSON] on “Hire Employee”",
    );
}

#[test]
fn a_lost_colon_reaches_further_than_a_space() {
    check(
        "- config {“client _secret”   “Yu2y67QZtqSGh42kgh”~76   “scope”~65   “system”}~77",
        "- config {“client _secret” [API_KEY] “scope” “system”}",
    );
    check("“Employee” “durationMs” :2014,", "“Employee” “durationMs” :2014,");
    check("{“client _secret”   “Yu2y67QZtqSGh42kgh”", "{“client _secret” [API_KEY]");
}

#[test]
fn what_is_redacted_at_one_place_is_not_kept_at_another() {
    let mark = |keep, score, group| Mark {
        group,
        entity: EntityId(0),
        recognizer: RecognizerId(0),
        score,
        identity: 0,
        keep,
    };
    assert!(mark(false, 0.5, 2).is_better(&mark(true, 0.9, 1)));
    assert!(!mark(true, 0.9, 1).is_better(&mark(false, 0.5, 2)));
    assert!(mark(true, 0.9, 2).is_better(&mark(true, 0.8, 1)));
    assert!(mark(false, 0.9, 1).is_better(&mark(false, 0.9, 2)));
}
