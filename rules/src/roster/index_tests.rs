//! Tests of the index: whatever is planted is found with its exact span, and bad files are errors.

use super::*;
use proptest::prelude::*;

const KEY: [u8; 32] = [5; 32];

fn rules() -> RuleSet {
    RuleSet::load(&[]).expect("built in")
}

fn people(rules: &RuleSet) -> Vec<u8> {
    let id = RosterColumn::Id(rules.built_in_entity("EMPLOYEE_ID"));
    let columns = [
        ("Employee ID", Some(id)),
        ("First Name", Some(RosterColumn::GivenName)),
        ("Middle Name", Some(RosterColumn::MiddleName)),
        ("Last Name", Some(RosterColumn::FamilyName)),
        ("Email", Some(RosterColumn::Email)),
        ("Phone", Some(RosterColumn::Phone)),
    ];
    let mut builder = RosterBuilder::new(&columns, rules, &KEY, [1; 16]).expect("columns");
    let rows = [
        ["900017", "Jane", "Ann", "Doe", "jane.doe@example.org", "+1 (555) 010-0123"],
        ["21072", "Zoë", "", "van der Ångström", "zoe@example.org", "+49 30 5550123"],
        ["AB123456C", "Gabriel", "José", "Garcia Marquez", "g.garcia@example.org", "030 555 014 77"],
        ["E-77", "Jean-Paul", "", "Barnard-Lopez", "jp+hr@example.org", "206-555-0199"],
        ["900021", "May", "", "Price", "may.price@example.org", "206-555-0142"],
        ["900022", "Seán", "", "O'Brien", "sean@example.org", "206-555-0143"],
    ];
    rows.iter().for_each(|row| builder.add(row, rules).expect("room"));
    builder.finish().expect("a roster")
}

fn roster() -> Roster {
    let rules = rules();
    Roster::from_bytes(people(&rules), &KEY, &rules).expect("sound")
}

fn strong(roster: &Roster, text: &str, ocr: bool) -> Vec<(usize, usize)> {
    let mut hits = Vec::new();
    roster.find_in(text, ocr, &mut RosterScratch::default(), &mut hits);
    hits.iter().filter(|hit| hit.score >= 0.5).map(|hit| (hit.start, hit.end)).collect()
}

/// Everything the people's values may look like.
const SPELLINGS: [&str; 33] = [
    "Jane Doe",
    "JANE DOE",
    "jane doe",
    "Doe, Jane",
    "DOE, JANE ANN",
    "Jane Ann Doe",
    "Jane A. Doe",
    "Doe, Jane A",
    "jane_doe",
    "Jane   Doe",
    "Ann Doe",
    "900017",
    "jane.doe@example.org",
    "JANE.DOE@EXAMPLE.ORG",
    "555.010.0123",
    "+1 555 010 0123",
    "Zoe van der Angstrom",
    "van der Ångström, Zoë",
    "ZOË ÅNGSTRÖM",
    "0049-30-5550123",
    "030/5550123",
    "AB 12 34 56 C",
    "ab-123456-c",
    "Gabriel Garcia",
    "Gabriel Marquez",
    "Garcia Marquez, Gabriel",
    "Gabriel José Garcia Marquez",
    "Jean Barnard",
    "Jean-Paul Barnard-Lopez",
    "LOPEZ Jean-Paul",
    "May Price",
    "Sean O’Brien",
    "OBRIEN, Seán",
];

/// As OCR may read some of them.
const MISREAD: [&str; 7] = [
    "Jane D0e",
    "Jean Bamard",
    "9OOOl7",
    "ZOE ANG5TROM",
    "AB l23456 C",
    "jane.d0e@examp1e.org",
    "Gabrie1 Garcia",
];

#[test]
fn every_spelling_is_found_whole() {
    let roster = roster();
    for value in SPELLINGS {
        let text = format!("worker <{value}> done");
        let found = strong(&roster, &text, false);
        assert!(found.contains(&(8, 8 + value.len())), "{value}: {found:?}");
    }
    for value in SPELLINGS.iter().chain(&MISREAD) {
        let text = format!("worker <{value}> done");
        assert!(strong(&roster, &text, true).contains(&(8, 8 + value.len())), "{value}");
    }
}

#[test]
fn too_little_alone_counts_beside_another_field_of_the_row() {
    let roster = roster();
    for text in
        ["room 21072", "J. Doe", "Doe", "Jane", "we may price it", "may 900021x", "Zoe, then Doe", "30-5550"]
    {
        assert_eq!(strong(&roster, text, false), [], "{text}");
    }
    let both = |text: &str, values: &[&str]| {
        let found = strong(&roster, text, false);
        for value in values {
            let at = text.find(value).expect("it is there");
            assert!(found.contains(&(at, at + value.len())), "{text}: {found:?}");
        }
    };
    both("21072 belongs to Zoë", &["21072", "Zoë"]);
    both("Angstrom has 21072", &["Angstrom", "21072"]);
    both("J. Doe (900017)", &["J. Doe", "900017"]);
    both("id 900021: Price", &["900021", "Price"]);
    assert_eq!(strong(&roster, "room 21072\nZoë", false), [], "values of one line only");
}

proptest! {
    #[test]
    fn a_planted_value_is_found_anywhere(
        picks in proptest::collection::vec((0..SPELLINGS.len(), "[xyz]{0,40}", 0..4usize), 1..40)
    ) {
        let roster = roster();
        let (mut text, mut planted) = (String::new(), Vec::new());
        for (pick, filler, between) in picks {
            text.push_str(&filler);
            text.push_str([" -- ", "\n", "; [", " = \"☃ "][between]);
            planted.push((text.len(), text.len() + SPELLINGS[pick].len()));
            text.push_str(SPELLINGS[pick]);
            text.push_str(" ## ");
        }
        let found = strong(&roster, &text, false);
        for (start, end) in planted {
            prop_assert!(found.iter().any(|f| f.0 <= start && end <= f.1), "{}", &text[start..end]);
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is(text in "[qwxyz0-3 ,.@\n]{0,300}") {
        prop_assert_eq!(strong(&roster(), &text, false), []);
    }

    #[test]
    fn damage_is_an_error(at in any::<proptest::sample::Index>(), bit in 0..8u8, cut in any::<proptest::sample::Index>()) {
        let rules = rules();
        let sound = people(&rules);
        let mut changed = sound.clone();
        changed[at.index(sound.len())] ^= 1 << bit;
        prop_assert!(Roster::from_bytes(changed, &KEY, &rules).is_err());
        prop_assert!(Roster::from_bytes(sound[..cut.index(sound.len())].to_vec(), &KEY, &rules).is_err());
    }
}

#[test]
fn long_texts_are_searched_in_parts_as_if_they_were_one() {
    let roster = roster();
    for unit in ["lorem ipsum dolor ", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "a b\n"] {
        for shift in 0..40 {
            let mut text = unit.repeat(((32 << 10) / unit.len()) - 2);
            text.push_str(&"z".repeat(shift));
            text.push_str(" Jane Ann Doe ");
            let start = text.len() - 13;
            text.push_str(&unit.repeat(3_000));
            let found = strong(&roster, &text, false);
            assert_eq!(
                found.iter().filter(|&&f| f == (start, start + 12)).count(),
                1,
                "{unit} {shift}: {found:?}"
            );
        }
    }
}

#[test]
fn wrong_keys_and_foreign_files_are_told_apart() {
    let rules = rules();
    let open = |bytes: Vec<u8>, key| Roster::from_bytes(bytes, key, &rules).map(|roster| roster.people());
    let sound = people(&rules);
    assert_eq!(open(sound.clone(), &KEY), Ok(6));
    assert_eq!(open(sound.clone(), &[6; 32]), Err(RosterError::WrongKey));
    assert_eq!(open(b"Employee ID,Name".to_vec(), &KEY), Err(RosterError::NotAnIndex));
    let mut newer = sound.clone();
    newer[8] = 2;
    assert_eq!(open(newer, &KEY), Err(RosterError::Version(2)));
    for value in ["jane", "Jane", "doe", "example", "900017", "Employee"] {
        assert!(
            !sound.windows(value.len()).any(|bytes| bytes == value.as_bytes()),
            "{value} stands in the file"
        );
    }
}
