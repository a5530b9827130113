//! Tables beside the store: what is read of them, in which order, and what becomes of their refusals.

use crate::support::{PLANTED, ask, drawn, id, people, put, store};
use custody_export::tables::{QueryLimits, Tables, TablesError};
use custody_rules::{BatchSource, Reason, Refusal, TableSource};
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{SchemaRef, UInt32Type};
use datafusion::object_store::ObjectStore;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What a source does after some batches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Plain,
    Refused,
    Panic,
    /// Never: the first batch again and again.
    Endless,
    /// Hands over other columns than were asked for.
    Other,
}

/// A table in memory that notes what is asked of it.
struct Memory {
    batch: RecordBatch,
    batch_rows: usize,
    end: End,
    scans: Mutex<Vec<Vec<usize>>>,
    handed: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
}

impl Memory {
    fn new(rows: u32, end: End) -> Arc<Self> {
        Arc::new(Self {
            batch: people(rows),
            batch_rows: 1_000,
            end,
            scans: Mutex::default(),
            handed: Arc::default(),
            open: Arc::default(),
        })
    }
}

impl TableSource for Memory {
    fn schema(&self) -> SchemaRef {
        self.batch.schema()
    }

    fn scan(&self, columns: &[usize]) -> Result<Box<dyn BatchSource>, Refusal> {
        self.scans.lock().unwrap().push(columns.to_vec());
        self.open.fetch_add(1, Ordering::SeqCst);
        let wanted: &[usize] = if self.end == End::Other { &[0, 0] } else { columns };
        Ok(Box::new(Scan {
            batch: self.batch.project(wanted).unwrap(),
            batch_rows: self.batch_rows,
            at: 0,
            end: self.end,
            handed: Arc::clone(&self.handed),
            open: Arc::clone(&self.open),
        }))
    }
}

struct Scan {
    batch: RecordBatch,
    batch_rows: usize,
    at: usize,
    end: End,
    handed: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
}

impl BatchSource for Scan {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        let left = self.batch.num_rows() - self.at;
        match self.end {
            End::Refused if left == 0 => return Err(Refusal::new(Reason::Malformed, "row 7 has no end")),
            End::Panic if left == 0 => panic!("{PLANTED}"),
            End::Endless => self.at = 0,
            _ if left == 0 => return Ok(None),
            _ => {}
        }
        self.handed.fetch_add(1, Ordering::SeqCst);
        let batch = self.batch.slice(self.at, self.batch_rows.min(self.batch.num_rows() - self.at));
        self.at += batch.num_rows();
        Ok(Some(batch))
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn beside(source: &Arc<Memory>, threads: usize) -> Tables {
    let tables = Tables::without_store(QueryLimits { threads, ..QueryLimits::default() }).unwrap();
    tables.add_source("Report", Arc::clone(source) as Arc<dyn TableSource>);
    tables
}

fn rows_of(tables: &Tables, sql: &str) -> Vec<u32> {
    let rows = tables.query_stream(sql).unwrap().map(Result::unwrap);
    rows.flat_map(|batch| batch.column(0).as_primitive::<UInt32Type>().values().to_vec()).collect()
}

#[test]
fn a_file_is_a_table_like_any_other() {
    let source = Memory::new(2_500, End::Plain);
    let tables = beside(&source, 2);
    assert_eq!(drawn(&tables, "SELECT count(*) AS n FROM report")[3], "| 2500 |");
    assert_eq!(tables.columns("report").unwrap(), source.batch.schema());
    assert_eq!(tables.columns("other"), Err(TablesError::NotFound));
    let sql = "SELECT row FROM report WHERE name = 'Person 3' ORDER BY row LIMIT 1";
    assert_eq!(drawn(&tables, sql)[3], "| 3   |");
}

#[test]
fn only_the_columns_that_a_query_needs_are_read() {
    let source = Memory::new(2_500, End::Plain);
    let tables = beside(&source, 2);
    for (sql, columns) in [
        ("SELECT name FROM report", vec![1]),
        ("SELECT hired FROM report WHERE row > 7", vec![0, 2]),
        ("SELECT noise_3, noise_1 FROM report", vec![4, 6]),
        ("SELECT count(*) FROM report", vec![0]),
        ("SELECT upper(name) FROM (SELECT * FROM report) WHERE noise_7 <> ''", vec![1, 10]),
    ] {
        ask(&tables, sql).unwrap();
        let mut read = source.scans.lock().unwrap().pop().unwrap();
        read.sort_unstable();
        assert_eq!(read, columns, "{sql}");
    }
}

#[test]
fn rows_that_are_filtered_come_in_the_order_of_the_table() {
    let store = store(60_000);
    put(&store, 2, &people(60_000));
    for threads in [1, 2, 4] {
        let limits = QueryLimits { threads, batch_rows: 512, ..QueryLimits::default() };
        let stored = Tables::new(Arc::clone(&store) as Arc<dyn ObjectStore>, limits).unwrap();
        stored.name("people", &id(2));
        let source = Memory::new(60_000, End::Plain);
        let from_file = Tables::without_store(limits).unwrap();
        from_file.add_source("people", source);
        for sql in [
            "SELECT row FROM people WHERE row % 3 <> 1",
            "SELECT row, upper(name) FROM people WHERE hired > '2019-03'",
            "SELECT row FROM (SELECT row, lpad(name, 30) AS n FROM people) WHERE n LIKE '%7' OR row % 7 = 0",
            "SELECT row, CASE WHEN name = 'Person 1' THEN 'x' ELSE hired END FROM people",
        ] {
            let rows = rows_of(&stored, sql);
            assert!(rows.len() > 5_000 && rows.is_sorted(), "{sql} on {threads} threads");
            assert_eq!(rows, rows_of(&from_file, sql), "{sql} on {threads} threads");
        }
    }
}

#[test]
fn a_refusal_is_told_and_a_panic_is_not_the_end_of_the_table() {
    let tables = beside(&Memory::new(2_500, End::Refused), 2);
    let refused = TablesError::Refused(Refusal::new(Reason::Malformed, "row 7 has no end"));
    for sql in ["SELECT count(*) FROM report", "SELECT name FROM report", "SELECT max(name) FROM report"] {
        assert_eq!(ask(&tables, sql).unwrap_err(), refused, "{sql}");
    }
    assert!(refused.to_string().contains("row 7 has no end"));
    let tables = beside(&Memory::new(2_500, End::Panic), 2);
    let error = ask(&tables, "SELECT name FROM report").unwrap_err();
    assert_eq!(error, TablesError::Failed);
    let tables = beside(&Memory::new(2_500, End::Other), 2);
    let error = ask(&tables, "SELECT name FROM report").unwrap_err();
    assert!(matches!(error, TablesError::Refused(_)), "{error:?}");
}

#[test]
fn after_an_error_come_no_rows() {
    let tables = beside(&Memory::new(2_500, End::Refused), 2);
    let mut rows = tables.query_stream("SELECT name FROM report").unwrap();
    assert_eq!(rows.schema().field(0).name(), "name");
    let error = rows.by_ref().find_map(Result::err);
    assert!(matches!(error, Some(TablesError::Refused(_))));
    assert!(rows.next().is_none());
}

#[test]
fn a_reader_that_stops_is_not_read_for() {
    let source = Memory::new(10_000, End::Endless);
    let tables = beside(&source, 2);
    let mut rows = tables.query_stream("SELECT name FROM report").unwrap();
    assert!(rows.next().is_some());
    drop(rows);
    wait(|| source.open.load(Ordering::SeqCst) == 0);
    let handed = source.handed.load(Ordering::SeqCst);
    assert!(handed < 40, "{handed} batches were read for one");
    let limited = ask(&tables, "SELECT name FROM report LIMIT 5").unwrap();
    assert_eq!(limited.iter().map(RecordBatch::num_rows).sum::<usize>(), 5);
    wait(|| source.open.load(Ordering::SeqCst) == 0);
}

#[test]
fn a_query_over_a_file_can_be_cancelled() {
    let source = Memory::new(1_000, End::Endless);
    let cancel = Arc::new(AtomicBool::new(false));
    let tables = beside(&source, 2).cancelled_by(Arc::clone(&cancel));
    let error = std::thread::scope(|scope| {
        let query = scope.spawn(|| ask(&tables, "SELECT count(*) FROM report WHERE name <> ''").map(|_| ()));
        std::thread::sleep(std::time::Duration::from_millis(300));
        cancel.store(true, Ordering::Relaxed);
        query.join().unwrap()
    });
    assert_eq!(error, Err(TablesError::Cancelled));
    wait(|| source.open.load(Ordering::SeqCst) == 0);
}

#[test]
fn many_files_in_one_query_wait_for_no_thread() {
    let tables = Tables::without_store(QueryLimits { threads: 1, ..QueryLimits::default() }).unwrap();
    for number in 0..12 {
        tables.add_source(&format!("r{number}"), Memory::new(5_000, End::Plain));
    }
    let joins: String = (1..12).map(|at| format!(" JOIN r{at} ON r0.row = r{at}.row")).collect();
    let sql = format!("SELECT count(*) AS n FROM r0{joins}");
    assert_eq!(drawn(&tables, &sql)[3], "| 5000 |");
    let union: Vec<_> = (0..12).map(|at| format!("SELECT row FROM r{at}")).collect();
    let mut rows = 0;
    let answered = tables.query(&union.join(" UNION ALL "), &mut |batch| {
        rows += batch.num_rows();
        ControlFlow::Continue(())
    });
    assert!(answered.is_ok());
    assert_eq!(rows, 60_000);
}

#[test]
fn rows_outlive_the_tables_they_came_from() {
    let source = Memory::new(5_000, End::Plain);
    let tables = beside(&source, 2);
    let rows = tables.query_stream("SELECT row FROM report").unwrap();
    drop(tables);
    assert_eq!(rows.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 5_000);
}

fn wait(done: impl Fn() -> bool) {
    let tries = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        done()
    });
    assert!(tries, "it goes on");
}
