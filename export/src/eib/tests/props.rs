//! Laws: what is made is made again, nothing is lost or doubled, keys tie rows together, and the short way gives what the
//! long one gives.

use super::support::{Case, KEY, basics, field, typed};
use crate::eib::{Digester, RowSource, rows};
use datafusion::arrow::array::{Array, ArrayRef, StringArray};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows of employee, title, plan, share, tags, grade.
type Report = Vec<[Option<String>; 6]>;

fn report() -> impl Strategy<Value = Report> {
    let some = |options: &'static [&'static str]| {
        prop::option::weighted(0.7, prop::sample::select(options)).prop_map(|text| text.map(str::to_owned))
    };
    let row = (
        some(&["1", "2", "3", "4"]),
        some(&["t", "=x", "Müller"]),
        some(&["P1", "P2"]),
        some(&["1", "2", "3"]),
        some(&["a", "a; b", "c; a; b", " ; "]),
        some(&["G1", "G2"]),
    );
    prop::collection::vec(row.prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f]), 0..40)
}

fn case(report: &Report, key: bool, split: bool) -> Case {
    let names = ["Employee ID", "Title", "Plan", "Share", "Tags", "Grade"];
    let columns = names.iter().enumerate().map(|(at, name)| {
        let cells: StringArray = report.iter().map(|row| row[at].as_deref()).collect();
        ((*name).to_owned(), Arc::new(cells) as ArrayRef)
    });
    let batch = typed(columns.collect());
    let split = if split { "\nsplit = \"; \"" } else { "" };
    let mapping = basics()
        + &field("Title", "column = \"Title\"")
        + &field("Plan", "column = \"Plan\"")
        + &field("Share", "column = \"Share\"")
        + &field("Tag", &format!("column = \"Tags\"{split}"))
        + &field("Grade", "sheet = \"Propose Pay\"\ncolumn = \"Grade\"");
    let key = if key { "key = [\"Employee ID\"]\n" } else { "" };
    Case::with(&[("report", batch)], &format!("{key}{mapping}"))
}

/// Cells by transaction and by column of the main sheet.
fn cells(case: &Case, sheet: usize) -> BTreeMap<(u64, usize), Vec<String>> {
    let mut found: BTreeMap<(u64, usize), Vec<String>> = BTreeMap::new();
    let mut source = rows(&case.request()).expect("rows");
    while let Some(block) = source.next_block().expect("a block") {
        for block in block.sheets.iter().filter(|block| block.sheet == sheet) {
            for (at, array) in block.columns.iter().zip(block.rows.columns()) {
                let texts = array.as_any().downcast_ref::<StringArray>().expect("texts");
                for row in (0..texts.len()).filter(|&row| texts.is_valid(row)) {
                    found
                        .entry((block.transactions[row], *at))
                        .or_default()
                        .push(texts.value(row).to_owned());
                }
            }
        }
    }
    found
}

fn digest(case: &Case) -> String {
    let mut digester = Digester::new(&KEY, &case.template);
    let mut source = rows(&case.request()).expect("rows");
    while let Some(block) = source.next_block().expect("a block") {
        digester.update(&block);
    }
    digester.finish().cells
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_same_request_gives_the_same_cells(report in report(), key: bool, split: bool) {
        let one = case(&report, key, split);
        prop_assert_eq!(digest(&one), digest(&one));
        prop_assert_eq!(digest(&case(&report, key, split)), one.plan().cells_digest);
    }

    /// Without a key, every row is a transaction, and each of its values is written once.
    #[test]
    fn every_value_is_written_once(report in report()) {
        let case = case(&report, false, false);
        let (main, sub) = (cells(&case, 0), cells(&case, 1));
        for (row, texts) in report.iter().enumerate() {
            let number = row as u64 + 1;
            let written = |of: &BTreeMap<(u64, usize), Vec<String>>, at| of.get(&(number, at)).cloned().unwrap_or_default();
            for (field, at) in [(0, 1), (1, 4), (2, 9), (3, 11), (4, 6)] {
                let expected: Vec<String> = texts[field].clone().into_iter().collect();
                prop_assert_eq!(written(&main, at), expected);
            }
            let expected: Vec<String> = texts[5].clone().into_iter().collect();
            prop_assert_eq!(written(&sub, 1), expected);
            prop_assert_eq!(written(&main, 0), vec![number.to_string()]);
        }
    }

    /// A row a transaction: the short way and the long one agree.
    #[test]
    fn both_ways_give_the_same(report in report()) {
        let short = case(&report, false, false);
        let long = case(&report, false, true);
        let mut whole = report.clone();
        // Where nothing is split, splitting changes nothing.
        whole.iter_mut().for_each(|row| row[4] = row[4].take().filter(|text| !text.contains(';')));
        let (short_whole, long_whole) = (case(&whole, false, false), case(&whole, false, true));
        prop_assert_eq!(digest(&short_whole), digest(&long_whole));
        prop_assert_eq!(short_whole.codes(), long_whole.codes());
        prop_assert_eq!(short.plan().transactions, long.plan().transactions);
    }

    /// With a key: a transaction a key, all its values in it, every row with its keys.
    #[test]
    fn keys_tie_rows_together(report in report()) {
        let case = case(&report, true, true);
        let keys: BTreeSet<&String> = report.iter().filter_map(|row| row[0].as_ref()).collect();
        let blank = report.iter().filter(|row| row[0].is_none()).count();
        let planned = case.plan();
        prop_assert_eq!(planned.transactions, (keys.len() + blank) as u64);
        prop_assert_eq!(planned.rows_in, report.len() as u64);
        let (main, sub) = (cells(&case, 0), cells(&case, 1));
        for (nth, key) in keys.iter().enumerate() {
            let number = nth as u64 + 1;
            let own = || report.iter().filter(|row| row[0].as_ref() == Some(*key));
            prop_assert_eq!(&main[&(number, 1)], &vec![(*key).clone()]);
            for (field, at) in [(2, 9), (4, 6)] {
                let expected: BTreeSet<String> = own()
                    .filter_map(|row| row[field].clone())
                    .flat_map(|text| text.split("; ").map(|piece| piece.trim().to_owned()).collect::<Vec<_>>())
                    .filter(|piece| !piece.is_empty() && piece != ";")
                    .collect();
                let written = main.get(&(number, at)).cloned().unwrap_or_default();
                let written: BTreeSet<String> = written.into_iter().filter(|piece| piece != ";").collect();
                prop_assert_eq!(written, expected);
            }
            let grades = own().filter(|row| row[5].is_some()).count();
            prop_assert_eq!(sub.contains_key(&(number, 0)), grades > 0);
        }
        for cells in main.iter().filter(|((_, at), _)| *at == 0) {
            prop_assert!(cells.1.iter().all(|text| text == &cells.0.0.to_string()));
        }
        let (_, findings) = case.planned().expect("a plan");
        prop_assert!(findings.iter().all(|finding| finding.code != crate::eib::Code::ChildWithoutKey));
    }
}
