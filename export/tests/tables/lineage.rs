//! Where columns come from. The second half asks the engine itself: what changes in an answer when a column's values
//! change comes from that column.

use crate::support::{ask, people, put, store, tables};
use custody_export::tables::{QueryLimits, Tables, TablesError};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use datafusion::arrow::util::display::array_value_to_string;
use proptest::prelude::*;
use std::sync::{Arc, OnceLock};

/// `name: people.row, people.name` a column; `#` where only rows are counted.
fn lineage(tables: &Tables, sql: &str) -> Vec<String> {
    let lineage = tables.lineage(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let columns = lineage.columns.iter().map(|column| {
        let from: Vec<_> = column.from.iter().map(|from| from.column.as_str()).collect();
        if column.counts_only { "#".to_owned() } else { from.join("+") }
    });
    columns.collect()
}

#[test]
fn each_column_comes_from_what_it_is_computed_from() {
    let store = store(20);
    put(&store, 2, &people(5));
    let tables = tables(&store, QueryLimits::default());
    tables.name("others", &crate::support::id(2));
    for (sql, expected) in [
        ("SELECT name, row + 1 AS next FROM people", vec!["name", "row"]),
        ("SELECT 1, 'x', now() FROM people", vec!["", "", ""]),
        ("SELECT p.name AS n FROM people p WHERE p.hired > '2019'", vec!["name"]),
        ("SELECT concat(name, hired) FROM people", vec!["hired+name"]),
        ("SELECT CASE WHEN name = 'x' THEN 1 ELSE row END FROM people", vec!["name+row"]),
        ("SELECT n FROM (SELECT m AS n FROM (SELECT name AS m FROM people))", vec!["name"]),
        ("WITH w AS (SELECT name AS x, hired FROM people) SELECT x FROM w", vec!["name"]),
        ("WITH w(a, b) AS (SELECT name, hired FROM people) SELECT b, a FROM w", vec!["hired", "name"]),
        ("SELECT count(*), count(name), count(DISTINCT name) + 1 FROM people", vec!["#", "#", "#"]),
        ("SELECT hired, count(*) FROM people GROUP BY hired", vec!["hired", "#"]),
        ("SELECT max(name), sum(row) + count(*) FROM people", vec!["name", "row"]),
        ("SELECT count(*) FILTER (WHERE name = 'x') FROM people", vec!["#"]),
        ("SELECT sum(CASE WHEN name = 'x' THEN 1 ELSE 0 END) FROM people", vec!["name"]),
        ("SELECT row_number() OVER (ORDER BY name) FROM people", vec!["#"]),
        ("SELECT lag(name) OVER (ORDER BY row) FROM people", vec!["name"]),
        ("SELECT max(hired) OVER (PARTITION BY name) FROM people", vec!["hired"]),
        ("SELECT DISTINCT name FROM people", vec!["name"]),
        ("SELECT DISTINCT ON (hired) name FROM people ORDER BY hired, row", vec!["name"]),
        ("SELECT name FROM people UNION ALL SELECT hired FROM people", vec!["hired+name"]),
        ("SELECT name FROM people UNION SELECT 'x'", vec!["name"]),
        ("SELECT name FROM people INTERSECT SELECT hired FROM people", vec!["name"]),
        ("SELECT name FROM people EXCEPT SELECT hired FROM people", vec!["name"]),
        ("SELECT o.name, p.row FROM people p JOIN others o ON p.name = o.name", vec!["name", "row"]),
        ("SELECT o.hired FROM people p LEFT JOIN others o USING (row)", vec!["hired"]),
        ("SELECT (SELECT max(name) FROM others) FROM people", vec!["name"]),
        ("SELECT (SELECT count(*) FROM others) FROM people", vec!["#"]),
        (
            "SELECT (SELECT max(concat(o.hired, p.name)) FROM others o WHERE o.row = p.row) FROM people p",
            vec!["hired+name"],
        ),
        ("SELECT x FROM (VALUES (1), (2)) AS t(x)", vec![""]),
        ("SELECT name AS row, row AS name FROM people", vec!["name", "row"]),
        (
            "SELECT hired, row, max(name) FROM people GROUP BY ROLLUP (hired, row)",
            vec!["hired+row", "hired+row", "name"],
        ),
        ("SELECT name IS NULL, length(name), name LIKE 'J%' FROM people", vec!["name", "name", "name"]),
        ("SELECT name FROM people ORDER BY hired LIMIT 3", vec!["name"]),
    ] {
        assert_eq!(lineage(&tables, sql), expected, "{sql}");
    }
}

#[test]
fn what_is_not_understood_comes_from_everything() {
    let tables = tables(&store(20), QueryLimits::default());
    for sql in [
        "SELECT name IN (SELECT hired FROM people) FROM people",
        "SELECT EXISTS (SELECT 1 FROM people o WHERE o.name = p.hired) FROM people p",
        "WITH RECURSIVE r AS (SELECT name AS n, 1 AS i FROM people UNION ALL SELECT n, i + 1 FROM r WHERE i < 3) \
         SELECT n FROM r",
        "EXPLAIN SELECT name FROM people",
    ] {
        let lineage = tables.lineage(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        for column in ["name", "hired", "noise_7"] {
            let from = &lineage.columns.last().unwrap().from;
            assert!(
                from.iter().any(|from| from.table == "people" && from.column == column),
                "{sql}: {from:?}"
            );
        }
    }
    let deep = |unions| {
        let first = "SELECT hired FROM people".to_owned();
        (0..unions).fold(first, |sql, _| format!("{sql} UNION ALL SELECT hired FROM people"))
    };
    assert_eq!(lineage(&tables, &deep(40)), ["hired"]);
    let many = tables.lineage(&deep(200)).unwrap();
    assert_eq!(many.columns[0].from.len(), 11, "every column");
    assert!(matches!(tables.lineage(&deep(201)), Err(TablesError::Plan(_))));
}

#[test]
fn the_columns_that_are_read_are_listed() {
    let store = store(20);
    put(&store, 2, &people(5));
    let tables = tables(&store, QueryLimits::default());
    tables.name("others", &crate::support::id(2));
    for (sql, expected) in [
        ("SELECT name FROM people WHERE hired > '2019' ORDER BY row", "people.hired people.name people.row"),
        ("SELECT count(*) FROM people", ""),
        ("SELECT n FROM (SELECT name AS n, hired FROM people)", "people.name"),
        ("SELECT p.name FROM people p JOIN others o ON p.row = o.row", "others.row people.name people.row"),
        (
            "SELECT name FROM people WHERE row IN (SELECT row FROM others WHERE hired <> '')",
            "others.hired others.row people.name people.row",
        ),
    ] {
        let read = tables.lineage(sql).unwrap().read;
        let read: Vec<_> = read.iter().map(|read| format!("{}.{}", read.table, read.column)).collect();
        assert_eq!(read.join(" "), expected, "{sql}");
    }
    let sql = "SELECT count(*) FROM People WHERE row IN (SELECT row FROM others)";
    assert_eq!(tables.lineage(sql).unwrap().tables, ["others", "people"]);
    for (sql, repeatable) in [
        ("SELECT lpad(upper(name), 9), to_date(hired), row + 1 FROM people", true),
        ("SELECT name FROM people WHERE random() < 0.5", false),
        ("SELECT name, now() FROM people", false),
        ("SELECT name FROM people WHERE row IN (SELECT row FROM others WHERE uuid() <> '')", false),
    ] {
        assert_eq!(tables.lineage(sql).unwrap().repeatable, repeatable, "{sql}");
    }
}

/// Expressions over three columns of text.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => Just("a".to_owned()), 3 => Just("b".to_owned()), 3 => Just("c".to_owned()), 1 => Just("'x'".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("concat({l}, {r})")),
            inner.clone().prop_map(|e| format!("upper({e})")),
            inner.clone().prop_map(|e| format!("CAST(length({e}) AS VARCHAR)")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(i, t, e)| format!("CASE WHEN {i} > 'm' THEN {t} ELSE {e} END")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("coalesce(nullif({l}, 'q'), {r})")),
            (inner.clone(), inner).prop_map(|(l, r)| format!("CAST({l} = {r} AS VARCHAR)")),
        ]
    })
}

/// A query over `t` with the columns `a`, `b`, `c`, from queries within queries; no condition decides about rows.
fn query() -> impl Strategy<Value = String> {
    let three = || (expression(), expression(), expression());
    let plain = three().prop_map(|(a, b, c)| format!("SELECT k, {a} AS a, {b} AS b, {c} AS c FROM t"));
    plain.prop_recursive(3, 6, 2, move |inner| {
        prop_oneof![
            (inner.clone(), three())
                .prop_map(|(q, (a, b, c))| format!("SELECT k, {a} AS a, {b} AS b, {c} AS c FROM ({q})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l}) UNION ALL ({r})")),
            (inner.clone(), expression(), expression()).prop_map(|(q, a, b)| format!(
                "SELECT k, max({a}) AS a, min({b}) AS b, CAST(count(*) AS VARCHAR) AS c FROM ({q}) GROUP BY k"
            )),
            (inner.clone(), expression()).prop_map(|(q, a)| format!(
                "SELECT k, lag({a}) OVER (ORDER BY k) AS a, first_value(b) OVER (PARTITION BY k ORDER BY k) AS b, \
                 CAST(row_number() OVER (ORDER BY k) AS VARCHAR) AS c FROM ({q})"
            )),
            (inner.clone(), inner.clone(), expression()).prop_map(|(l, r, c)| format!(
                "SELECT k, a, rb AS b, {c} AS c FROM ({l}) JOIN (SELECT k AS rk, b AS rb FROM ({r})) ON k = rk"
            )),
            (inner.clone(), inner).prop_map(|(q, s)| format!(
                "SELECT k, (SELECT max(a) FROM ({s})) AS a, b, (SELECT CAST(count(*) AS VARCHAR) FROM ({s})) AS c FROM ({q})"
            )),
        ]
    })
}

/// Three rows in which one column is as it is, or another.
fn world(changed: Option<usize>) -> Tables {
    let words = [["alpha", "zeta", "q"], ["beta", "m", "omega"], ["n", "q", "delta"]];
    let other = [["zulu", "b", "nu"], ["q", "x", "mike"], ["kilo", "tango", "q"]];
    let column = |at: usize| {
        let values = if changed == Some(at) { other[at] } else { words[at] };
        Arc::new(StringArray::from(values.to_vec())) as ArrayRef
    };
    let keys = Arc::new(UInt32Array::from(vec![1, 2, 3])) as ArrayRef;
    let batch =
        RecordBatch::try_from_iter([("k", keys), ("a", column(0)), ("b", column(1)), ("c", column(2))])
            .unwrap();
    let store = Arc::new(crate::support::Counting::default());
    put(&store, 1, &batch);
    let tables = tables(&store, QueryLimits { threads: 1, ..QueryLimits::default() });
    tables.name("t", &crate::support::id(1));
    tables
}

/// The columns of an answer, each as a bag of texts.
fn bags(tables: &Tables, sql: &str) -> Option<Vec<Vec<String>>> {
    let batches = ask(tables, sql).ok()?;
    let mut bags: Vec<Vec<String>> = Vec::new();
    for batch in batches {
        bags.resize(batch.num_columns(), Vec::new());
        for (bag, values) in bags.iter_mut().zip(batch.columns()) {
            bag.extend((0..batch.num_rows()).map(|row| array_value_to_string(values, row).unwrap()));
        }
    }
    bags.iter_mut().for_each(|bag| bag.sort());
    Some(bags)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn what_changes_with_a_column_comes_from_it(sql in query()) {
        static WORLDS: OnceLock<[Tables; 4]> = OnceLock::new();
        let [plain, others @ ..] = WORLDS.get_or_init(|| [None, Some(0), Some(1), Some(2)].map(world));
        // Some names are ambiguous by chance.
        if let (Ok(lineage), Some(before)) = (plain.lineage(&sql), bags(plain, &sql)) {
            for (name, other) in ["a", "b", "c"].into_iter().zip(others) {
                let after = bags(other, &sql).expect("it ran before");
                for (column, output) in lineage.columns.iter().enumerate() {
                    let from: Vec<_> = output.from.iter().map(|from| from.column.as_str()).collect();
                    prop_assert!(
                        before[column] == after[column] || from.contains(&name),
                        "{} of {sql} changes with {name} and comes from {from:?}", output.name
                    );
                }
            }
        }
    }
}
