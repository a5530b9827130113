//! What queries may not do, and what their errors say.

use crate::support::{PLANTED, ask, id, place, store, tables};
use custody_export::tables::{QueryLimits, TablesError};
use datafusion::object_store::ObjectStoreExt;
use futures::executor::block_on;
use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An error whose words hold nothing of the table.
fn silent(error: &TablesError) {
    for words in [error.to_string(), format!("{error:?}")] {
        assert!(!words.contains("Zebulon") && !words.contains("Quartz"), "{words}");
    }
}

#[test]
fn nothing_is_changed_written_or_set_by_a_query() {
    let tables = tables(&store(10), QueryLimits::default());
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv");
    let refused = [
        format!("COPY people TO '{}' STORED AS CSV", out.display()),
        format!("COPY (SELECT name FROM people) TO '{}'", out.display()),
        "CREATE TABLE other AS SELECT * FROM people".to_owned(),
        "CREATE VIEW other AS SELECT * FROM people".to_owned(),
        format!("CREATE EXTERNAL TABLE other STORED AS CSV LOCATION '{}'", out.display()),
        "CREATE EXTERNAL TABLE other STORED AS PARQUET LOCATION 'custody://store/tables/'".to_owned(),
        "INSERT INTO people SELECT * FROM people".to_owned(),
        "DELETE FROM people".to_owned(),
        "UPDATE people SET name = 'x'".to_owned(),
        "DROP TABLE people".to_owned(),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        "PREPARE p AS SELECT 1".to_owned(),
        "CREATE FUNCTION f() RETURNS INT RETURN 1".to_owned(),
        "SHOW TABLES".to_owned(),
        "SELECT 1; SELECT 2".to_owned(),
    ];
    for sql in refused {
        let error = ask(&tables, &sql).unwrap_err();
        assert!(matches!(error, TablesError::Plan(_) | TablesError::Syntax(_)), "{sql}: {error:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(tables.row_count(&id(1)), Ok(10));
}

#[test]
fn no_file_of_the_machine_can_be_read() {
    let tables = tables(&store(10), QueryLimits::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    fs::write(&file, "name\nJane\n").unwrap();
    let path = file.display();
    for from in
        [format!("'{path}'"), format!("\"{path}\""), format!("'file://{path}'"), "'/etc/passwd'".into()]
    {
        assert!(ask(&tables, &format!("SELECT * FROM {from}")).is_err(), "{from}");
    }
    for function in ["read_csv", "read_parquet", "parquet_metadata", "generate_series"] {
        assert!(ask(&tables, &format!("SELECT * FROM {function}('{path}')")).is_err(), "{function}");
    }
}

#[test]
fn a_query_that_needs_too_much_memory_fails_and_leaves_nothing_on_disk() {
    let limits = QueryLimits { memory_mib: 4, ..QueryLimits::default() };
    let tables = tables(&store(60_000), limits);
    let columns: Vec<_> = (0..8).map(|number| format!("noise_{number}")).collect();
    let columns = columns.join(", ");
    let before = fs::read_dir(std::env::temp_dir()).unwrap().count();
    for sql in [
        format!("SELECT {columns} FROM people ORDER BY noise_3"),
        format!("SELECT {columns}, count(*) FROM people GROUP BY {columns}"),
    ] {
        assert_eq!(ask(&tables, &sql).unwrap_err(), TablesError::Memory, "{sql}");
    }
    let spilled = fs::read_dir(std::env::temp_dir()).unwrap().filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("datafusion"))
    });
    assert_eq!(spilled.count(), 0, "of {before} entries");
    assert_eq!(ask(&tables, "SELECT count(*) FROM people").unwrap()[0].num_rows(), 1, "the next one runs");
}

#[test]
fn errors_hold_no_value_of_a_table() {
    let tables = tables(&store(2_000), QueryLimits::default());
    for sql in [
        "SELECT CAST(name AS INT) FROM people",
        "SELECT to_date(name) FROM people",
        "SELECT to_timestamp(name, '%Y') FROM people WHERE row = 7",
        "SELECT arrow_cast(name, 'Date32') FROM people",
        "SELECT 1 / (row - row) FROM people",
    ] {
        let error = ask(&tables, sql).unwrap_err();
        assert_eq!(error, TablesError::Value, "{sql}");
        silent(&error);
    }
}

#[test]
fn what_was_typed_is_repeated_to_nobody_but_its_writer() {
    let tables = tables(&store(10), QueryLimits::default());
    let typed = [
        format!("SELECT \"{PLANTED}\" FROM people"),
        format!("SELECT * FROM \"{PLANTED}\""),
        format!("SELECT name FROM people WHERE name ='{PLANTED}' '{PLANTED}'"),
        format!("SELECT \"{PLANTED}\"(name) FROM people"),
        format!("SELECT name FROM people '{PLANTED}' \"{PLANTED}\" )"),
    ];
    for sql in typed {
        let error = ask(&tables, &sql).unwrap_err();
        silent(&error);
        let (TablesError::Plan(told) | TablesError::Syntax(told)) = error else { panic!("{sql}: {error:?}") };
        assert!(!told.words().is_empty());
    }
    let TablesError::Plan(told) = ask(&tables, "SELECT nam FROM people").unwrap_err() else { panic!() };
    assert!(told.words().contains("name"), "{}", told.words());
}

#[test]
fn a_store_that_fails_is_an_error_and_no_answer() {
    let store = store(25_000);
    let tables = tables(&store, QueryLimits::default());
    store.fails.store(true, Ordering::Relaxed);
    let nothing = &mut |_: &_| ControlFlow::Continue(());
    for error in [
        ask(&tables, "SELECT count(*) FROM people WHERE name <> ''").map(|_| ()).unwrap_err(),
        tables.info(&id(1)).map(|_| ()).unwrap_err(),
        tables.scan_text(&id(1), &["name"], nothing).map(|_| ()).unwrap_err(),
    ] {
        assert_eq!(error, TablesError::Unreadable);
        silent(&error);
    }
}

#[test]
fn what_was_purged_is_gone_with_the_next_query() {
    let store = store(25_000);
    let tables = tables(&store, QueryLimits::default());
    for sql in ["SELECT count(*) FROM people", "SELECT name FROM people"] {
        assert!(ask(&tables, sql).is_ok());
    }
    block_on(store.inner.delete(&place(1))).unwrap();
    for sql in ["SELECT count(*) FROM people", "SELECT name FROM people", "SELECT max(row) FROM people"] {
        assert_eq!(ask(&tables, sql).unwrap_err(), TablesError::NotFound, "{sql}");
    }
    assert_eq!(tables.info(&id(1)).unwrap_err(), TablesError::NotFound);
}

#[test]
fn an_object_that_is_no_table_is_said_to_be_none() {
    let store = store(10);
    let tables = tables(&store, QueryLimits::default());
    for bytes in [&b""[..], b"PAR1", b"not a table at all", b"PAR1\xff\xff\xff\x7fPAR1"] {
        block_on(store.inner.put(&place(3), bytes.to_vec().into())).unwrap();
        assert_eq!(tables.info(&id(3)).unwrap_err(), TablesError::Malformed, "{bytes:?}");
        let error = ask(&tables, &format!("SELECT 1 FROM t{}", id(3))).unwrap_err();
        assert_eq!(error, TablesError::Malformed, "{bytes:?}");
    }
}

#[test]
fn the_store_is_let_go_of_when_the_tables_are_dropped() {
    for sql in
        ["SELECT name FROM people", "SELECT count(*) FROM people", "SELECT CAST(name AS INT) FROM people"]
    {
        let store = store(60_000);
        let tables = tables(&store, QueryLimits { batch_rows: 100, ..QueryLimits::default() });
        let _ = tables.query(sql, &mut |_| ControlFlow::Break(()));
        drop(tables);
        assert!(Arc::into_inner(store).is_some(), "{sql}");
    }
}

#[test]
fn a_task_is_told_that_queries_block() {
    let tables = tables(&store(10), QueryLimits::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(async { tables.row_count(&id(1)) });
    assert_eq!(error, Err(TablesError::InsideRuntime));
}

#[test]
fn a_cancelled_query_ends_soon() {
    let cancel = Arc::new(AtomicBool::new(false));
    let tables = tables(&store(10), QueryLimits::default()).cancelled_by(Arc::clone(&cancel));
    // A product of eight tables of ten rows: an operator works on it without a pause.
    let from = (0..8).map(|number| format!("people p{number}")).collect::<Vec<_>>().join(" CROSS JOIN ");
    let sql = format!("SELECT max(p0.row + p7.row) FROM {from}");
    let error = std::thread::scope(|scope| {
        let query = scope.spawn(|| ask(&tables, &sql).map(|_| ()));
        std::thread::sleep(std::time::Duration::from_millis(300));
        cancel.store(true, Ordering::Relaxed);
        query.join().unwrap()
    });
    assert_eq!(error, Err(TablesError::Cancelled));
    assert_eq!(tables.row_count(&id(1)), Err(TablesError::Cancelled));
}
