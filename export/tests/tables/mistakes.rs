//! Queries that cannot be run: what is said of them, and the case of names.

use crate::support::{PLANTED, ask};
use custody_export::tables::{QueryLimits, Tables, TablesError};
use custody_rules::{BatchSource, Refusal, TableSource};
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::SchemaRef;
use std::sync::Arc;

struct Once(RecordBatch);

impl TableSource for Once {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn scan(&self, columns: &[usize]) -> Result<Box<dyn BatchSource>, Refusal> {
        Ok(Box::new(Rest(Some(self.0.project(columns).unwrap()))))
    }
}

struct Rest(Option<RecordBatch>);

impl BatchSource for Rest {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        Ok(self.0.take())
    }
}

/// One table whose columns hold their own name.
fn tables(headings: &[&str]) -> Tables {
    let columns: Vec<(&str, ArrayRef)> = headings
        .iter()
        .map(|heading| (*heading, Arc::new(StringArray::from(vec![*heading])) as ArrayRef))
        .collect();
    let tables = Tables::without_store(QueryLimits::default()).unwrap();
    tables.add_source("workers", Arc::new(Once(RecordBatch::try_from_iter(columns).unwrap())));
    tables
}

fn first(tables: &Tables, sql: &str) -> String {
    let batches = ask(tables, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let batch = batches.iter().find(|batch| batch.num_rows() > 0).expect("a row");
    batch.column(0).as_string::<i32>().value(0).to_owned()
}

#[test]
fn a_name_without_quotes_means_the_column_of_any_case() {
    let tables = tables(&["Salary", "Employee ID", "country", "Name", "NAME"]);
    for (sql, value) in [
        ("SELECT salary FROM workers", "Salary"),
        ("SELECT SALARY FROM workers w WHERE w.Salary = 'Salary'", "Salary"),
        ("SELECT max(salary) FROM workers GROUP BY COUNTRY ORDER BY country", "Salary"),
        ("SELECT \"Employee ID\" FROM workers WHERE salary IS NOT NULL", "Employee ID"),
        ("SELECT s FROM (SELECT salary AS s FROM workers)", "Salary"),
        ("SELECT \"NAME\" FROM workers", "NAME"),
        ("SELECT (SELECT max(Salary) FROM workers) FROM workers", "Salary"),
    ] {
        assert_eq!(first(&tables, sql), value, "{sql}");
    }
}

#[test]
fn what_a_query_names_itself_is_never_taken_for_a_column() {
    let tables = tables(&["Salary", "Name", "country"]);
    // `name` is the alias in the first two, so that the other names' help must not touch it.
    let sql = "SELECT name FROM (SELECT country AS name, \"Name\", Salary FROM workers) WHERE salary <> ''";
    let said = ask(&tables, sql).map(|_| first(&tables, sql));
    assert!(said.as_deref().is_ok_and(|value| value == "country"), "{said:?}");
    let sql =
        "WITH w(salary, x) AS (SELECT country, \"Salary\" FROM workers) SELECT salary FROM w WHERE x <> ''";
    assert_eq!(first(&tables, sql), "country");
}

#[test]
fn names_that_differ_in_case_alone_are_not_guessed() {
    let tables = tables(&["Name", "NAME"]);
    assert!(matches!(ask(&tables, "SELECT name FROM workers"), Err(TablesError::Plan(_))));
}

#[test]
fn mistakes_are_told_without_what_was_typed() {
    let tables = tables(&["Salary", "Employee ID"]);
    for (sql, said) in [
        ("SELECT salry FROM workers".to_owned(), "\"salry\" is no column"),
        ("SELECT salry FROM workers".to_owned(), "\"Employee ID\""),
        (format!("SELECT salary FROM workers WHERE salary = \"{PLANTED}\""), "a name in quotes is no column"),
        ("SELECT salary FROM nobody".to_owned(), "table that is not there"),
        ("SELECT salary FRM workers WHERE".to_owned(), "line 1, column"),
        (format!("SELECT salary\nFROM workers\nWHERE '{PLANTED}' '{PLANTED}'"), "line 3, column"),
        ("SELECT nope(salary) FROM workers".to_owned(), "function that is not there"),
        ("SELECT salary, count(*) FROM workers".to_owned(), "neither grouped by"),
        ("DROP TABLE workers".to_owned(), "only SELECT"),
        (format!("SELECT x FROM (SELECT salary = '{PLANTED}' FROM workers)"), "\"x\" is no column"),
        (format!("SELECT x FROM (SELECT concat(salary, '{PLANTED}') FROM workers)"), "\"x\" is no column"),
    ] {
        let error = ask(&tables, &sql).unwrap_err();
        let words = error.to_string();
        assert!(words.contains(said), "{sql}: {words}");
        assert!(!words.contains("Zebulon") && !format!("{error:?}").contains("Zebulon"), "{sql}: {words}");
    }
}
