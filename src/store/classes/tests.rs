//! What is masked, and under which name.

use super::*;
use arrow_array::{ArrayRef, Date32Array, Decimal128Array, Int64Array, StringArray};
use std::sync::{Arc, OnceLock};

fn classifier() -> &'static Classifier {
    static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();
    CLASSIFIER.get_or_init(|| Classifier::new().expect("the shipped rules"))
}

fn texts_of(value: impl Fn(usize) -> String) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..40).map(value)))
}

/// `PERSON`, `…` for what is masked without a name, `-` for what is shown.
fn class(heading: &str, values: ArrayRef) -> String {
    let batch = RecordBatch::try_from_iter([(heading, values)]).expect("one column");
    let classes = classifier().classes(&batch, &[]).expect("texts");
    match &classes[..] {
        [class] if class.sensitive => class.entity.clone().unwrap_or_else(|| "…".to_owned()),
        [class] => {
            assert_eq!((&class.entity, class.mark()), (&None, None));
            "-".to_owned()
        }
        _ => panic!("one column has one class"),
    }
}

#[test]
fn headings_say_what_values_are() {
    for (heading, value, expected) in [
        ("Legal Name", "Planted Person", "PERSON"),
        ("Employee ID", "21072", "EMPLOYEE_ID"),
        ("Manager", "Planted Person (21072)", "PERSON"),
        ("Compensation Grade", "M3", "COMPENSATION"),
        ("Gender", "Female", "GENDER"),
        ("Date of Birth", "1980-01-02", "DATE_OF_BIRTH"),
        ("Email - Primary Work", "planted.person@corp.example", "EMAIL_ADDRESS"),
    ] {
        assert_eq!(class(heading, texts_of(|_| value.to_owned())), expected, "{heading}");
    }
}

#[test]
fn values_say_what_they_are_under_any_heading() {
    assert_eq!(class("Location", texts_of(|n| format!("person{n}@corp.example"))), "EMAIL_ADDRESS");
    // A few among many are enough to mask, and too few for a name.
    let few = texts_of(|n| if n % 8 == 0 { format!("person{n}@corp.example") } else { "Berlin".to_owned() });
    assert_eq!(class("Location", few), "…");
}

#[test]
fn what_organisations_are_made_of_is_harmless() {
    for heading in [
        "Cost Center",
        "Primary Cost Center - ID",
        "Company",
        "Job Profile",
        "Currency",
        "Country",
        "Worker Type",
    ] {
        assert_eq!(class(heading, texts_of(|n| format!("41{:03}", n % 7))), "-", "{heading}");
    }
    assert_eq!(class("FTE", Arc::new(Int64Array::from(vec![1; 40]))), "-");
    assert_eq!(class("Remote Work Agreed", Arc::new(BooleanArray::from(vec![true; 40]))), "-");
    let days: ArrayRef = Arc::new(Date32Array::from(vec![20_000; 40]));
    assert_eq!(class("Hire Date", Arc::clone(&days)), "-");
    assert_eq!(class("Compensation Effective Date", Arc::clone(&days)), "-");
    assert_eq!(class("Sick Leave Start Date", Arc::clone(&days)), "…");
    assert_eq!(class("Milestone", days), "…");
}

#[test]
fn what_is_not_known_is_masked() {
    for heading in ["Notes", "Comment", "Custom Field 7", "Supervisory Organization", "Name 2"] {
        assert_ne!(class(heading, texts_of(|n| format!("value {n}"))), "-", "{heading}");
    }
    assert_eq!(class("Custom Number", Arc::new(Int64Array::from(vec![7; 40]))), "…");
    let pay = Decimal128Array::from(vec![7_300_000; 40]).with_precision_and_scale(38, 2).expect("it fits");
    assert_eq!(class("Annual Salary", Arc::new(pay)), "COMPENSATION");
    let none: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>; 40]));
    assert_eq!(class("Legal Name", Arc::clone(&none)), "PERSON", "also without a value");
    assert_eq!(class("Notes", none), "…");
}

#[test]
fn who_is_meant_is_told_from_what_is_shared() {
    let identifies = |heading: &str, value: &str| {
        let batch =
            RecordBatch::try_from_iter([(heading, texts_of(|_| value.to_owned()))]).expect("one column");
        classifier().classes(&batch, &[]).expect("texts")[0].identifies
    };
    assert!(identifies("Employee ID", "21072"));
    assert!(identifies("Legal Name", "Planted Person"));
    assert!(!identifies("Gender", "Female"));
    assert!(!identifies("Company", "41000"));
}

#[test]
fn tables_of_places_show_places_and_no_text() {
    let batch = RecordBatch::new_empty(CELLS.clone());
    let classes = classifier().classes(&batch, &[]).expect("texts");
    let shown: Vec<&str> =
        classes.iter().filter(|class| !class.sensitive).map(|class| class.column.as_str()).collect();
    assert_eq!(shown, ["sheet", "row", "column", "kind", "syntax", "start", "end"]);
}

/// Yes or no under a heading that asks something special says as much as a word would.
#[test]
fn yes_and_no_are_masked_where_the_question_is_special() {
    let flags = || -> ArrayRef { Arc::new(BooleanArray::from(vec![true; 40])) };
    for heading in ["Disability", "Has Disability", "Union Member", "Is Veteran", "On Leave"] {
        assert_ne!(class(heading, flags()), "-", "{heading}");
    }
    for heading in ["Is Manager", "Active", "Exempt"] {
        assert_eq!(class(heading, flags()), "-", "{heading}");
    }
}
