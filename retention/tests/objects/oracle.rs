//! Answers compared with those of `object_store`'s own store in memory, for the same bytes at the same places.

use crate::support::{CHUNK, Shelf, content, id, on_runtime, store, wait};
use custody_retention::object_store::{StoreObjects, table_path};
use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use proptest::prelude::*;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Both stores with the same tables; sizes around the chunks' borders.
fn twins() -> (Arc<Shelf>, StoreObjects, InMemory) {
    let (shelf, ours) = store();
    let theirs = InMemory::new();
    let chunk = CHUNK as usize;
    for (number, size) in (0..).zip([0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk + 17]) {
        shelf.put(id(number), content(size));
        wait(theirs.put(&table_path(&id(number)), content(size).into())).unwrap();
    }
    (shelf, ours, theirs)
}

/// What a request gives, in a form that two stores can be compared by.
#[derive(Debug, PartialEq)]
enum Answer {
    Bytes { range: Range<u64>, size: u64, bytes: Vec<u8> },
    NotFound,
    Precondition,
    NotModified,
    Other,
}

fn answer(store: &dyn ObjectStore, place: &Path, options: GetOptions) -> Answer {
    on_runtime(async {
        let head = options.head;
        let failed = |error: Error| match error {
            Error::NotFound { .. } => Answer::NotFound,
            Error::Precondition { .. } => Answer::Precondition,
            Error::NotModified { .. } => Answer::NotModified,
            _ => Answer::Other,
        };
        let result = match store.get_opts(place, options).await {
            Ok(result) => result,
            Err(error) => return failed(error),
        };
        let (range, size) = (result.range.clone(), result.meta.size);
        match result.bytes().await {
            Ok(bytes) => Answer::Bytes { range, size, bytes: if head { Vec::new() } else { bytes.to_vec() } },
            Err(error) => failed(error),
        }
    })
}

fn range() -> impl Strategy<Value = GetRange> {
    let offset = prop_oneof![
        0_u64..300_000,
        (0_u64..5, 0_u64..3).prop_map(|(chunk, by)| (chunk * CHUNK + by).saturating_sub(1)),
        Just(u64::MAX),
    ];
    prop_oneof![
        (offset.clone(), offset.clone()).prop_map(|(start, end)| GetRange::Bounded(start..end)),
        offset.clone().prop_map(GetRange::Offset),
        offset.prop_map(GetRange::Suffix),
    ]
}

fn ranges() -> impl Strategy<Value = Vec<Range<u64>>> {
    let one = (0_u64..3 * CHUNK + 17, 1_u64..2 * CHUNK).prop_map(|(start, length)| start..start + length);
    prop::collection::vec(one, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn requests_are_answered_as_another_store_does(
        number in 0_u64..7,
        range in prop::option::of(range()),
        head: bool,
        matches in prop::option::of(any::<bool>()),
        matches_not in prop::option::of(any::<bool>()),
    ) {
        let (_, ours, theirs) = twins();
        let place = table_path(&id(number));
        let answers = [&ours as &dyn ObjectStore, &theirs].map(|store| {
            let own = wait(store.head(&place)).ok().and_then(|meta| meta.e_tag).unwrap_or_default();
            let tag = |own_one: bool| if own_one { own.clone() } else { "another".to_owned() };
            let options = GetOptions {
                range: range.clone(),
                head,
                if_match: matches.map(tag),
                if_none_match: matches_not.map(tag),
                ..GetOptions::default()
            };
            answer(store, &place, options)
        });
        prop_assert_eq!(&answers[0], &answers[1]);
    }

    #[test]
    fn many_ranges_at_once_are_those_ranges(ranges in ranges()) {
        let (shelf, ours, theirs) = twins();
        let place = table_path(&id(5));
        let before = shelf.opened.load(Ordering::Relaxed);
        let found = wait(ours.get_ranges(&place, &ranges)).unwrap();
        prop_assert_eq!(found, wait(theirs.get_ranges(&place, &ranges)).unwrap());
        prop_assert!(shelf.opened.load(Ordering::Relaxed) <= before + 1, "opened more than once");
    }

    #[test]
    fn lists_are_those_of_another_store(prefix in 0_usize..6, offset in 0_usize..6) {
        let (_, ours, theirs) = twins();
        let prefix = place(prefix);
        let offset = place(offset).unwrap_or_default();
        let [our_list, their_list] = [&ours as &dyn ObjectStore, &theirs].map(|store| {
            let list = |stream| -> Vec<(Path, u64)> {
                let metas: Vec<object_store::ObjectMeta> = wait(TryStreamExt::try_collect(stream)).unwrap();
                metas.into_iter().map(|meta| (meta.location, meta.size)).collect()
            };
            let folder = wait(store.list_with_delimiter(prefix.as_ref())).unwrap();
            let objects: Vec<_> = folder.objects.into_iter().map(|meta| (meta.location, meta.size)).collect();
            (
                list(store.list(prefix.as_ref())),
                list(store.list_with_offset(prefix.as_ref(), &offset)),
                objects,
                folder.common_prefixes,
            )
        });
        prop_assert_eq!(our_list, their_list);
    }
}

/// A place for a list to begin at.
fn place(number: usize) -> Option<Path> {
    match number {
        0 => None,
        1 => Some(Path::from("tables")),
        2 => Some(Path::from("table")),
        3 => Some(table_path(&id(3))),
        4 => Some(Path::from("tables/ffff")),
        _ => Some(Path::from("other/place")),
    }
}

#[test]
fn a_long_list_is_made_of_short_pages() {
    let (shelf, ours) = store();
    for number in 0..2_500 {
        shelf.put(id(number), Vec::new());
    }
    let metas: Vec<_> = on_runtime(ours.list(None).try_collect()).unwrap();
    assert_eq!(metas.len(), 2_500);
    assert!(metas.is_sorted_by(|a, b| a.location < b.location));
    assert!(shelf.longest_page.load(Ordering::Relaxed) <= 1_000);
}

#[test]
fn one_column_of_a_table_costs_its_own_bytes_and_no_more_than_a_chunk_between() {
    let (shelf, ours) = store();
    shelf.put(id(0), content(64 * CHUNK as usize));
    let ranges = [0..100, 40 * CHUNK..41 * CHUNK, 2 * CHUNK..2 * CHUNK + 10, 50..200];
    let found = wait(ours.get_ranges(&table_path(&id(0)), &ranges)).unwrap();
    assert_eq!(found.iter().map(|bytes| bytes.len() as u64).sum::<u64>(), 100 + CHUNK + 10 + 150);
    assert!(shelf.bytes_read.load(Ordering::Relaxed) <= 200 + CHUNK + 10 + CHUNK);
}
