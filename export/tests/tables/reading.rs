//! What is read of a table, and reading without SQL.

use crate::support::{PLANTED, ask, id, store, tables};
use custody_export::tables::{QueryLimits, TableId, TablesError};
use datafusion::arrow::array::AsArray;
use datafusion::object_store::ObjectStoreExt;
use futures::executor::block_on;
use std::ops::ControlFlow;

#[test]
fn a_table_says_what_it_is() {
    let store = store(25_000);
    let tables = tables(&store, QueryLimits::default());
    let info = tables.info(&id(1)).unwrap();
    assert_eq!((info.rows, info.row_groups), (25_000, 3));
    assert_eq!((info.shape.as_deref(), info.shape_version), (Some("cells"), None));
    assert_eq!(info.size_bytes, block_on(store.inner.head(&crate::support::place(1))).unwrap().size);
    assert_eq!(tables.schema(&id(1)).unwrap().field(1).name(), "name");
    assert_eq!(tables.row_count(&id(1)), Ok(25_000));
    assert!(store.taken() < info.size_bytes / 2, "only the footer is read");
}

#[test]
fn a_scan_hands_the_columns_over_and_reads_no_others() {
    let store = store(25_000);
    let tables = tables(&store, QueryLimits { batch_rows: 4_000, ..QueryLimits::default() });
    let size = tables.info(&id(1)).unwrap().size_bytes;
    store.taken();
    let (mut planted, mut batches) = (0, 0);
    let rows = tables.scan_text(&id(1), &["name"], &mut |batch| {
        assert!(batch.num_rows() <= 4_000 && batch.num_columns() == 1);
        planted += batch.column(0).as_string::<i32>().iter().filter(|name| *name == Some(PLANTED)).count();
        batches += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((rows, planted), (Ok(25_000), 25));
    assert!(batches >= 7);
    let taken = store.taken();
    assert!(taken < size / 5, "{taken} of {size} bytes for one column of eleven");
}

#[test]
fn a_scan_ends_when_its_reader_has_enough_and_knows_its_columns() {
    let tables = tables(&store(25_000), QueryLimits { batch_rows: 1_000, ..QueryLimits::default() });
    let rows = tables.scan_text(&id(1), &["hired", "name"], &mut |_| ControlFlow::Break(()));
    assert_eq!(rows, Ok(1_000));
    let nothing = &mut |_: &_| ControlFlow::Continue(());
    assert_eq!(tables.scan_text(&id(1), &["nam"], nothing), Err(TablesError::NoColumn));
    assert_eq!(tables.scan_text(&id(2), &["name"], nothing), Err(TablesError::NotFound));
    assert!(TableId::parse("../../etc/passwd").is_none());
}

#[test]
fn a_query_reads_the_columns_it_names_and_the_row_groups_it_needs() {
    let store = store(60_000);
    let tables = tables(&store, QueryLimits::default());
    let size = tables.info(&id(1)).unwrap().size_bytes;
    let cost = |sql: &str| {
        store.taken();
        ask(&tables, sql).unwrap();
        store.taken()
    };
    let one = cost("SELECT count(*) FROM people WHERE noise_0 > '8'");
    let all = cost("SELECT * FROM people");
    let narrow = cost("SELECT noise_0 FROM people WHERE row BETWEEN 31000 AND 31005");
    println!("{size} bytes: one column {one}, all {all}, one row group of six {narrow}");
    assert!(all > size * 8 / 10, "{all} of {size}");
    assert!(one < all / 5, "{one} of {all} for one column of eleven");
    assert!(narrow < one / 2, "{narrow} of {one} for one row group of six");
}
