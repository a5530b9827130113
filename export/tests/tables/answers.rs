//! What queries answer.

use crate::support::{PLANTED, ask, drawn, id, people, put, store, tables};
use custody_export::tables::{QueryLimits, TablesError};
use std::ops::ControlFlow;

#[test]
fn rows_are_counted_filtered_and_projected() {
    let tables = tables(&store(25_000), QueryLimits::default());
    let count = drawn(&tables, "SELECT count(*) AS n FROM people");
    assert_eq!(count, ["+-------+", "| n     |", "+-------+", "| 25000 |", "+-------+"]);
    let sql = format!("SELECT row FROM people WHERE name = '{PLANTED}' AND row > 23000 ORDER BY row");
    let found = drawn(&tables, &sql);
    assert_eq!(found, ["+-------+", "| row   |", "+-------+", "| 23007 |", "| 24007 |", "+-------+"]);
}

#[test]
fn the_functions_that_fill_a_workbook_are_there() {
    let tables = tables(&store(10), QueryLimits::default());
    let sql = "SELECT lpad(CAST(row AS VARCHAR), 6, '0') AS id, to_date(hired) + INTERVAL '1' DAY AS start, \
               CASE WHEN row = 7 THEN 'yes' ELSE 'no' END AS flag, \
               regexp_replace(name, '[0-9]+', '#') AS kind, substr(upper(hired), 1, 4) AS year, \
               to_char(to_date(hired), '%d.%m.%Y') AS day, coalesce(nullif(trim(' '), ''), 'none') AS blank \
               FROM people WHERE row = 3";
    assert_eq!(
        drawn(&tables, sql)[3],
        "| 000003 | 2019-04-05 | no   | Person # | 2019 | 04.04.2019 | none  |"
    );
}

#[test]
fn tables_are_joined_grouped_and_ranked() {
    let store = store(100);
    put(&store, 2, &people(10));
    let tables = tables(&store, QueryLimits::default());
    tables.name("others", &id(2));
    let sql = "SELECT o.name, count(*) AS n, row_number() OVER (ORDER BY o.name) AS rank \
               FROM people p JOIN others o ON p.name = o.name GROUP BY o.name ORDER BY o.name LIMIT 1";
    assert_eq!(drawn(&tables, sql)[3], "| Person 0 | 2 | 1    |");
}

#[test]
fn a_table_is_named_by_its_id_as_well() {
    let tables = tables(&store(10), QueryLimits::default());
    for name in [format!("t{}", id(1)), format!("\"{}\"", id(1)), format!("custody.store.t{}", id(1))] {
        assert_eq!(drawn(&tables, &format!("SELECT count(*) AS n FROM {name}"))[3], "| 10 |");
    }
    assert_eq!(ask(&tables, &format!("SELECT 1 FROM t{}", id(9))).unwrap_err(), TablesError::NotFound);
}

#[test]
fn a_query_ends_when_its_reader_has_enough() {
    let tables = tables(&store(25_000), QueryLimits { batch_rows: 1_000, ..QueryLimits::default() });
    let mut batches = 0;
    let schema = tables.query("SELECT name FROM people", &mut |_| {
        batches += 1;
        if batches == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(batches, 3);
    assert_eq!(schema.unwrap().field(0).name(), "name");
}

#[test]
fn the_answer_does_not_depend_on_threads() {
    let store = store(25_000);
    let sql = "SELECT name, count(*) AS n, min(row) AS first FROM people GROUP BY name ORDER BY name";
    let answers = [1, 2, 7]
        .map(|threads| drawn(&tables(&store, QueryLimits { threads, ..QueryLimits::default() }), sql));
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}
