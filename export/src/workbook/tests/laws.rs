//! What holds for all texts, all transactions and all damage.

use super::support::{cells, names, package, rows, write_all};
use crate::eib::Block;
use crate::workbook::{Limits, Settings, Source, WriteError};
use proptest::collection::vec;
use proptest::prelude::*;

/// Texts that a cell can hold, many of them of signs that something means.
fn text() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        "_x",
        "_X005F_",
        "0041_",
        "&",
        "<",
        "]]>",
        " ",
        "\n",
        "\t",
        "'",
        "=",
        "{empty}",
        "é",
        "\u{1f600}",
    ]);
    let any = any::<char>().prop_filter("a cell can hold it", |c| {
        (*c >= ' ' || matches!(c, '\n' | '\t')) && !matches!(c, '\u{fffe}' | '\u{ffff}')
    });
    vec(prop_oneof![sign.prop_map(str::to_owned), any.prop_map(String::from)], 1..12)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_text_is_read_as_it_was_planned(texts in vec(text(), 1..20)) {
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (_, files) = write_all(Source::Fill(&package()), &Settings::default(), Limits::default(), vec![names(1, &all)])
            .expect("files");
        let cells = cells(&files[0], "Put Something");
        for (row, text) in (6..).zip(&texts) {
            prop_assert_eq!(cells.get(&format!("D{row}")), Some(text));
        }
    }

    #[test]
    fn no_transaction_is_parted_and_no_row_is_lost(sizes in vec((0_usize..4, 0_usize..4), 1..25), cut in 1_usize..25, rows_max in 2_u32..9) {
        let sizes: Vec<_> = sizes.into_iter().map(|(a, b)| if a + b == 0 { (1, 0) } else { (a, b) }).collect();
        let block = |first: usize, sizes: &[(usize, usize)]| {
            let sheet = |at: usize, size: &dyn Fn(&(usize, usize)) -> usize| {
                let numbers: Vec<u64> =
                    sizes.iter().enumerate().flat_map(|(n, own)| vec![(first + n + 1) as u64; size(own)]).collect();
                let texts: Vec<String> = numbers.iter().map(u64::to_string).collect();
                let texts: Vec<_> = texts.iter().map(|own| vec![Some(own.as_str()), None, None, None, None, None]).collect();
                let mut sheet = rows(at, 1, &texts);
                sheet.transactions = numbers;
                sheet
            };
            Block { sheets: vec![sheet(0, &|own| own.0), sheet(1, &|own| own.1)] }
        };
        let cut = cut.min(sizes.len());
        let blocks = vec![block(0, &sizes[..cut]), block(cut, &sizes[cut..])];
        let limits = Limits { rows_max, ..Limits::default() };
        let result = write_all(Source::Fill(&package()), &Settings::default(), limits, blocks);
        let too_long = sizes.iter().any(|(a, b)| *a.max(b) > rows_max as usize);
        if too_long {
            let named = matches!(result, Err(WriteError::Transaction { .. }));
            prop_assert!(named);
            return Ok(());
        }
        let (written, files) = result.expect("files");
        let (mut keys, mut next) = ([Vec::new(), Vec::new()], 1);
        for (file, bytes) in written.files.iter().zip(&files) {
            prop_assert_eq!(file.first_transaction, next);
            next = file.last_transaction + 1;
            for (at, name) in ["Put Something", "Put Pay"].into_iter().enumerate() {
                let cells = cells(bytes, name);
                let own: Vec<u64> = (6..)
                    .map_while(|row| cells.get(&format!("B{row}")))
                    .map(|key| key.parse().expect("a number"))
                    .collect();
                prop_assert_eq!(own.len() as u64, file.rows_by_sheet[at]);
                prop_assert!(own.len() <= rows_max as usize);
                prop_assert!(own.iter().all(|key| (file.first_transaction..next).contains(key)));
                keys[at].extend(own);
            }
        }
        let planned = |size: &dyn Fn(&(usize, usize)) -> usize| {
            (1_u64..).zip(&sizes).flat_map(|(n, own)| vec![n; size(own)]).collect::<Vec<u64>>()
        };
        prop_assert_eq!(&keys[0], &planned(&|own| own.0));
        prop_assert_eq!(&keys[1], &planned(&|own| own.1));
    }

    #[test]
    fn damaged_packages_are_refused_or_read_without_harm(places in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), end in any::<prop::sample::Index>()) {
        let mut bytes = package();
        for (place, value) in places {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if end.index(4) == 0 {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Ok((written, files)) =
            write_all(Source::Fill(&bytes), &Settings::default(), Limits::default(), vec![names(1, &["Ann"])])
        {
            prop_assert_eq!(written.cells(), 5);
            let cells = cells(&files[0], "Put Something");
            prop_assert_eq!(cells.get("D6").map(String::as_str), Some("Ann"));
        }
    }
}
