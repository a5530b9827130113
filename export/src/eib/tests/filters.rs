//! What analysts and others may write where one expression belongs.

use super::support::{Case, basics, field, table};

const REPORT: &str = "Employee ID|grade|Cost Center\n1|A|x\n2|B|y\n3|-|y";

fn with(filter: &str) -> Case {
    let secret = table("pay\nPlanted");
    let mut case = Case::with(&[("report", table(REPORT)), ("secret", secret)], &basics());
    case.filter = Some(filter.to_owned());
    case
}

#[test]
fn conditions_over_the_reports_columns_are_taken() {
    for (filter, rows) in [
        ("grade = 'A'", 1),
        ("grade in ('A', 'B') and \"Cost Center\" = 'y'", 1),
        ("grade is null or grade like '%A%'", 2),
        ("case when grade = 'A' then true else false end", 1),
        ("coalesce(grade, 'B') = upper('b')", 2),
        ("report.grade = 'B'", 1),
        ("grade = 'A' -- of the first kind", 1),
        ("grade = '--' or grade = 'A'", 1),
        ("grade = ')) or ((1=1'", 0),
        ("true", 3),
    ] {
        assert_eq!(with(filter).rows(0).len(), rows, "{filter}");
    }
}

#[test]
fn everything_else_is_refused_and_not_repeated() {
    for (filter, expected) in [
        ("grade = 'A') or (1 = 1", "not one SQL expression"),
        ("grade = 'A'; drop table report", "not one SQL expression"),
        ("grade = 'A' limit 1", "not one SQL expression"),
        ("grade = 'A' union select 1", "not one SQL expression"),
        ("grade = 'A' order by grade", "not one SQL expression"),
        ("", "not one SQL expression"),
        ("-- nothing", "not one SQL expression"),
        ("grade = 'Planted", "not one SQL expression"),
        ("grade in (select pay from secret)", "holds a query"),
        ("exists (select 1 from secret where pay = 'Planted')", "holds a query"),
        ("grade = (select max(pay) from secret)", "holds a query"),
        ("pay = 'Planted'", "no column \"pay\""),
        ("secret.pay = 'Planted'", "no column \"pay\""),
        ("count(grade) > 1", "looks at other rows"),
        ("count(*) > 1", ""),
        ("max(grade) = 'A'", "looks at other rows"),
        ("row_number() over () < 3", "looks at other rows"),
        ("random() < 0.5", "is not the same every time"),
        ("now() > to_timestamp('2024-01-01')", "is not the same every time"),
        ("current_date > date '2024-01-01'", "is not the same every time"),
        ("grade", "is no condition"),
        ("'Planted'", "is no condition"),
        ("no_such_function(grade) = 'Planted'", "a function is not known"),
        ("grade + date '2024-01-01' = 'Planted'", "types do not fit"),
        ("grade = $1", ""),
        ("*", ""),
    ] {
        let said = with(filter).refused();
        assert!(said.starts_with("--where: ") && said.contains(expected), "{filter}: {said}");
        assert!(!said.contains("Planted"), "{said}");
    }
    let long = format!("grade = '{}'", "x".repeat(40_000));
    assert!(with(&long).refused().contains("longer than"));
    let deep = format!("{}grade = 'A'{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(with(&deep).refused().starts_with("--where: "));
}

#[test]
fn sql_of_fields_is_held_to_the_same() {
    for (sql, expected) in [
        ("(select pay from secret)", "holds a query"),
        ("max(grade)", "looks at other rows"),
        ("grade, grade", "not one SQL expression"),
        ("grade as other", "not one SQL expression"),
        ("uuid()", "is not the same every time"),
        ("make_array(grade)", ""),
    ] {
        let mapping = basics() + &field("Title", &format!("sql = \"{sql}\""));
        let said = Case::new(REPORT, &mapping).refused();
        assert!(said.starts_with("mapping, line 11: ") && said.contains(expected), "{sql}: {said}");
    }
    let mapping = basics() + &field("Title", "sql = \"lpad(grade, 3, '0')\"");
    assert!(Case::new(REPORT, &mapping).rows(0)[0].ends_with("F=00A"));
}

#[test]
fn names_of_tables_are_names() {
    let case = with("true");
    for from in ["secret", "report\" cross join \"secret", "report; drop table report"] {
        let mut request = case.request();
        request.from = from;
        assert!(crate::eib::rows(&request).is_err(), "{from}");
    }
}

#[test]
fn values_that_cannot_be_cast_end_the_plan_without_being_shown() {
    let case = with("cast(grade as int) = 1");
    let said = case.refused();
    assert!(!said.contains('A') || said.starts_with("a value of the table"), "{said}");
}
