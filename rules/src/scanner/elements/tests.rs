//! Elements of arrays, one by one and together; buffers that are no array.

use super::super::samples::{scanner, text};
use super::*;
use arrow_array::{LargeStringArray, StringArray};
use proptest::prelude::*;

type Found = Vec<(usize, Candidate)>;

/// Every element scanned alone.
fn alone(elements: &[Option<String>], label: Option<&str>) -> Found {
    let (mut scratch, mut all) = (scanner().scratch(), Vec::new());
    for (element, text) in elements.iter().enumerate() {
        let mut out = Vec::new();
        scanner().scan(text.as_deref().unwrap_or(""), label, &mut scratch, &mut out);
        all.extend(out.into_iter().map(|candidate| (element, candidate)));
    }
    all
}

fn array<O: OffsetSizeTrait>(array: &GenericStringArray<O>, label: Option<&str>) -> Found {
    let mut out = Vec::new();
    scanner().scan_array(array, label, &mut scanner().scratch(), &mut out).expect("an array");
    out
}

fn values<O: OffsetSizeTrait>(values: &[u8], offsets: &[O]) -> Result<Found, ElementsError> {
    let mut out = Vec::new();
    let done = scanner().scan_values((values, offsets), None, &mut scanner().scratch(), &mut out);
    if done.is_err() {
        assert!(out.is_empty());
    }
    done.map(|()| out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_array_gives_what_its_elements_give(
        elements in proptest::collection::vec(proptest::option::weighted(0.9, text()), 0..8),
        label in proptest::sample::select(&[None, Some("Employee ID"), Some("Legal Name"), Some("Notes")][..]),
        skipped in 0_usize..8,
    ) {
        let expected = alone(&elements, label);
        let (small, large) = (StringArray::from(elements.clone()), LargeStringArray::from(elements.clone()));
        prop_assert_eq!(&array(&small, label), &expected);
        prop_assert_eq!(&array(&large, label), &expected);
        let skipped = skipped.min(elements.len());
        let slice = small.slice(skipped, elements.len() - skipped);
        prop_assert_eq!(array(&slice, label), alone(&elements[skipped..], label));
        let plain: Vec<_> = elements.iter().map(|text| Some(text.clone().unwrap_or_default())).collect();
        let (small, large) = (StringArray::from(plain.clone()), LargeStringArray::from(plain.clone()));
        prop_assert_eq!(values(small.value_data(), small.value_offsets()), Ok(alone(&plain, None)));
        prop_assert_eq!(values(large.value_data(), large.value_offsets()), Ok(alone(&plain, None)));
    }
}

#[test]
fn an_element_is_a_text_of_its_own() {
    let text = "Employee ID: 21072jane.doe@example.orgssn=078-05-1120";
    let found = values(text.as_bytes(), &[0_i32, 18, 38, 53]).expect("an array");
    let spans: Vec<_> =
        found.iter().map(|(element, c)| (*element, &text[[0, 18, 38][*element]..][c.start..c.end])).collect();
    for expected in [(0, "21072"), (1, "jane.doe@example.org"), (2, "078-05-1120")] {
        assert!(spans.contains(&expected), "{spans:?}");
    }
}

#[test]
fn nulls_have_no_candidates_whatever_lies_under_them() {
    let full = StringArray::from(vec!["ssn=078-05-1120", "ssn=078-05-1120"]);
    let nulls = arrow_buffer::NullBuffer::from(vec![true, false]);
    let half = StringArray::new(full.offsets().clone(), full.values().clone(), Some(nulls));
    assert!(array(&full, None).iter().any(|(element, _)| *element == 1));
    let found = array(&half, None);
    assert!(!found.is_empty() && found.iter().all(|(element, _)| *element == 0));
}

#[test]
fn buffers_that_are_no_array_are_refused() {
    let text = "aé".as_bytes();
    assert_eq!(values::<i32>(text, &[]), Ok(Vec::new()));
    assert_eq!(values(text, &[3_i32]), Ok(Vec::new()));
    assert_eq!(values(text, &[4_i64]), Err(ElementsError::Offset(0)));
    assert_eq!(values(text, &[0_i32, 1, 4]), Err(ElementsError::Offset(1)));
    assert_eq!(values(text, &[0_i64, 3, 1]), Err(ElementsError::Offset(1)));
    assert_eq!(values(text, &[-1_i32, 1]), Err(ElementsError::Offset(0)));
    assert_eq!(values(text, &[0_i32, 1, 2, 3]), Err(ElementsError::Border(1)));
    assert_eq!(values(text, &[2_i32, 3]), Err(ElementsError::Utf8(2)));
    assert_eq!(values(b"ab\xff", &[1_i64, 3]), Err(ElementsError::Utf8(2)));
    assert_eq!(values(b"ab\xff", &[0_i64, 2]), Ok(Vec::new()));
}
