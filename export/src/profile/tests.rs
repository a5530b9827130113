//! What a profile says, and what it never says.

use super::*;
use datafusion::arrow::array::{BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray};
use proptest::prelude::*;
use std::sync::Arc;

fn profile(columns: Vec<(&str, ArrayRef)>, batch_rows: usize) -> Profile {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, values)| (name, values, true)),
    )
    .expect("the test's own data");
    let mut profiler = Profiler::new(&batch.schema());
    for start in (0..batch.num_rows()).step_by(batch_rows) {
        let rows = batch_rows.min(batch.num_rows() - start);
        profiler.push(&batch.slice(start, rows)).expect("its columns");
    }
    profiler.finish()
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[test]
fn shapes_hide_letters_and_digits() {
    for (text, shape) in [
        ("W1042", "A9999"),
        ("Jane Doe", "Aaaa Aaa"),
        ("2026-01-31", "9999-99-99"),
        ("jane.doe@example.com", "aaaa.aaa@aaaaaaa.aaa"),
        ("Müller-Lüdenscheidt", "Aaaaaa-Aaaaaaaaa…"),
        ("O'Neil", "A'Aaaa"),
        ("123456789012", "99999999…"),
        ("محمد", "aaaa"),
        ("田中", "aa"),
        ("٣٤", "99"),
        ("a\u{a0}b\t€", "a·a··"),
        ("--", "·"),
        ("{empty}", "{aaaaa}"),
        ("😀", "·"),
        ("***", "·"),
        ("", ""),
    ] {
        assert_eq!(shape_of(text), shape, "{text}");
    }
    assert!(shape_of(&"ab ".repeat(500)).chars().count() <= 41);
}

proptest! {
    /// Whatever stands in a value: its shape is the same when every letter and digit is another one.
    #[test]
    fn a_shape_depends_on_no_letter_and_no_digit(text in "\\PC{0,60}") {
        let other: String = text.chars().map(|sign| match sign {
            '0'..='8' => '9', '9' => '0', 'a'..='y' => 'z', 'z' => 'a', 'A'..='Y' => 'Z', 'Z' => 'A',
            sign => sign,
        }).collect();
        prop_assert_eq!(shape_of(&text), shape_of(&other));
    }

    #[test]
    fn a_shape_of_signs_alone_says_none_of_them(text in "[-_.,;:!?#*+/() €·…]{1,30}") {
        prop_assert_eq!(shape_of(&text), "·");
    }

    /// Against plain counting.
    #[test]
    fn counts_are_exact(values in prop::collection::vec(prop::option::of(0_i64..40), 0..200), batch_rows in 1_usize..50) {
        let made = profile(vec![("n", Arc::new(Int64Array::from(values.clone())))], batch_rows);
        let there: Vec<i64> = values.iter().flatten().copied().collect();
        let different: std::collections::BTreeSet<i64> = there.iter().copied().collect();
        let column = &made.columns[0];
        prop_assert_eq!(made.rows, values.len() as u64);
        prop_assert_eq!(column.nulls, (values.len() - there.len()) as u64);
        prop_assert_eq!(column.distinct, Distinct { count: different.len() as u64, exact: true });
        prop_assert_eq!(column.unique, Some(different.len() == there.len()));
    }
}

#[test]
fn types_gaps_keys_and_constants_are_told() {
    let made = profile(
        vec![
            ("ID", texts(&[Some("W1"), Some("W2"), Some("W3"), Some("W44")])),
            ("Note", texts(&[None, None, None, None])),
            ("Country", texts(&[Some("DE"), Some("DE"), Some("DE"), Some("DE")])),
            ("Born", Arc::new(Date32Array::from(vec![Some(1), None, Some(1), Some(3)]))),
            (
                "Pay",
                Arc::new(
                    Decimal128Array::from(vec![Some(123_450), Some(99), None, Some(99)])
                        .with_precision_and_scale(38, 2)
                        .expect("it fits"),
                ),
            ),
            ("Remote", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, None]))),
        ],
        3,
    );
    let said: Vec<String> = made
        .columns
        .iter()
        .map(|c| {
            let shape = c.shape.as_deref().unwrap_or("none");
            let (key, constant) = (c.is_key(), c.is_constant());
            format!("{} {} {} {} {shape}/{} {key} {constant}", c.name, c.kind, c.nulls, c.distinct, c.shapes)
        })
        .collect();
    assert_eq!(
        said,
        [
            "ID text 0 4 A9/2 true false",
            "Note text 4 0 none/0 false true",
            "Country text 0 1 AA/1 false true",
            "Born date 1 2 9999-99-99/1 false false",
            "Pay decimal(2) 1 2 9.99/2 false false",
            "Remote yes/no 2 2 yes/no/1 false false",
        ]
    );
}

#[test]
fn a_profile_holds_no_value() {
    let made = profile(vec![("Name", texts(&[Some("Zebulon Quartz"), Some("W1042"), Some("***")]))], 2);
    let text = format!("{made:?} {}", serde_json::to_string(&made).expect("plain data"));
    for value in ["Zebulon", "Quartz", "1042", "***"] {
        assert!(!text.contains(value), "{text}");
    }
}

#[test]
fn many_values_are_estimated_and_a_key_is_still_known() {
    let rows = 300_000_i64;
    let key: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
    let halves: ArrayRef = Arc::new(Int64Array::from_iter_values((0..rows).map(|row| row / 2)));
    let made = profile(vec![("key", key), ("halves", halves)], 8_192);
    let [key, halves] = &made.columns[..] else { panic!("two columns") };
    assert_eq!((key.distinct.count, key.distinct.exact, key.unique), (300_000, true, Some(true)));
    assert_eq!((halves.distinct.exact, halves.unique), (false, Some(false)));
    let error = halves.distinct.count as f64 / 150_000.0 - 1.0;
    assert!(error.abs() < 0.06, "{error}");
    assert!(halves.distinct.to_string().starts_with('≈'));
}

#[test]
fn many_shapes_are_not_all_remembered() {
    let texts: Vec<String> = (0..3_000_u32)
        .map(|n| (0..12).map(|bit| if n >> bit & 1 == 1 { 'a' } else { '9' }).collect())
        .collect();
    let values: ArrayRef = Arc::new(StringArray::from(texts));
    let made = profile(vec![("x", values)], 500);
    assert_eq!((made.columns[0].shapes, made.columns[0].all_shapes), (1_024, false));
}
