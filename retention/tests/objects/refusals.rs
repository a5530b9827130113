//! What is refused, what is damaged and what is gone: an error in every case, and no word of a value or a path in it.

use crate::support::{CHUNK, content, id, on_runtime, store, wait};
use custody_retention::object_store::{StoreObjects, table_path};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error, GetOptions, ObjectStore, ObjectStoreExt};
use std::io::ErrorKind;

fn is_refused<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::NotSupported { .. }))
}

/// Everything that an error says, to its root.
fn said(error: &Error) -> String {
    let errors = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    errors.map(|error| format!("{error} {error:?}\n")).collect()
}

#[test]
fn nothing_is_written_copied_renamed_or_deleted_through_it() {
    let (shelf, ours) = store();
    shelf.put(id(1), content(10));
    let (here, there) = (table_path(&id(1)), table_path(&id(2)));
    for place in [&here, &there, &Path::from("other")] {
        assert!(is_refused(&wait(ours.put(place, "x".into()))));
        assert!(is_refused(&wait(ours.put_multipart(place))));
        assert!(is_refused(&wait(ours.delete(place))));
        assert!(is_refused(&wait(ours.copy(&here, place))));
        assert!(is_refused(&wait(ours.copy_if_not_exists(&here, place))));
        assert!(is_refused(&wait(ours.rename(&here, place))));
        assert!(is_refused(&wait(ours.rename_if_not_exists(&here, place))));
    }
    assert_eq!(wait(async { ours.get(&here).await.unwrap().bytes().await }).unwrap(), content(10));
    assert!(said(&wait(ours.delete(&here)).unwrap_err()).contains("one door"));
}

#[test]
fn only_the_exact_place_of_a_table_is_an_object() {
    let (shelf, ours) = store();
    shelf.put(id(1), content(10));
    let digits = id(1).to_string();
    let upper = digits.to_uppercase();
    let others = [
        digits.clone(),
        format!("{digits}.parquet"),
        format!("tables/{digits}"),
        format!("tables/{digits}.parquet.parquet"),
        format!("tables/{upper}.parquet"),
        format!("tables/{}.parquet", &digits[1..]),
        format!("tables/x/{digits}.parquet"),
        format!("tables2/{digits}.parquet"),
        "tables".to_owned(),
        String::new(),
    ];
    for other in others {
        let found = wait(ours.head(&Path::from(other.as_str())));
        assert!(matches!(found, Err(Error::NotFound { .. })), "{other}");
    }
    assert_eq!(wait(ours.head(&table_path(&id(1)))).unwrap().size, 10);
}

#[test]
fn damage_is_an_error_and_never_bytes() {
    let (shelf, ours) = store();
    shelf.put(id(1), content(4 * CHUNK as usize));
    *shelf.damaged_from.lock().unwrap() = Some(2 * CHUNK + 5);
    let place = table_path(&id(1));
    assert!(wait(ours.get_range(&place, 0..2 * CHUNK)).is_ok(), "what lies before it is whole");
    let error = wait(ours.get_range(&place, 0..2 * CHUNK + 1)).unwrap_err();
    assert!(said(&error).contains("damaged") && !said(&error).to_lowercase().contains("planted"));
    let error = wait(ours.get_ranges(&place, &[0..10, 3 * CHUNK..3 * CHUNK + 1])).unwrap_err();
    assert!(said(&error).contains("damaged") && !said(&error).to_lowercase().contains("planted"));
    let pieces = on_runtime(async {
        let stream = ours.get_opts(&place, GetOptions::default()).await.unwrap().into_stream();
        stream.collect::<Vec<_>>().await
    });
    assert!(pieces.last().is_some_and(Result::is_err), "a stream ends with the damage");
    assert_eq!(pieces.iter().filter(|piece| piece.is_err()).count(), 1);
}

#[test]
fn what_was_purged_is_not_there_for_the_next_request() {
    let (shelf, ours) = store();
    shelf.put(id(1), content(100));
    let place = table_path(&id(1));
    assert!(wait(ours.get_range(&place, 0..10)).is_ok());
    shelf.purge(&id(1));
    assert!(matches!(wait(ours.get_range(&place, 0..10)), Err(Error::NotFound { .. })));
    assert!(matches!(wait(ours.get_ranges(&place, &[0..1, 5..6])), Err(Error::NotFound { .. })));
    assert!(wait(ours.list(None).try_collect::<Vec<_>>()).unwrap().is_empty());
}

#[test]
fn a_list_that_fails_is_no_short_list() {
    let (shelf, ours) = store();
    shelf.put(id(1), content(1));
    for kind in [ErrorKind::PermissionDenied, ErrorKind::InvalidData, ErrorKind::Other] {
        *shelf.list_fails.lock().unwrap() = Some(kind);
        let error = wait(ours.list(None).try_collect::<Vec<_>>()).unwrap_err();
        assert!(!said(&error).to_lowercase().contains("planted"), "{kind}");
        assert!(wait(ours.list_with_delimiter(None)).is_err());
        assert!(wait(ours.list_with_delimiter(Some(&Path::from("tables")))).is_err());
    }
}

#[test]
fn another_version_is_refused_and_the_store_can_be_shared() {
    let (shelf, ours) = store();
    shelf.put(id(1), content(1));
    let options = GetOptions { version: Some("1".to_owned()), ..GetOptions::default() };
    assert!(is_refused(&wait(ours.get_opts(&table_path(&id(1)), options))));
    let shared: StoreObjects = ours.clone();
    assert_eq!(shared.to_string(), "custody");
}
