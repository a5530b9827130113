//! What Workday rejected, as a CSV file or a workbook: read or refused, and what is read was sent.
#![no_main]

use custody_fuzz::file;
use custody_fuzz::reconcile::{Sent, rejected};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;

fuzz_target!(|data: &[u8]| {
    let transactions: BTreeSet<u64> = (1..=40).collect();
    let main_rows: Vec<u64> = (1..=40).collect();
    let sent = Sent { transactions: &transactions, main_rows: &main_rows };
    if let Ok(found) = rejected(file(data), sent) {
        assert!(!found.transactions.is_empty());
        assert!(found.transactions.is_subset(&transactions));
        assert!(found.messages.keys().all(|number| found.transactions.contains(number)));
    }
});
