//! Texts of a store that people edit or somebody hands in: policies, plans, requests, approvals, descriptions of items. What
//! is taken says the same when it is written again.
#![no_main]

use custody_retention::plan::PlanReader;
use custody_retention::request::Request;
use custody_retention::{ItemMeta, PolicySet};
use libfuzzer_sys::fuzz_target;

const STORE: [u8; 16] = [7; 16];

fuzz_target!(|bytes: &[u8]| {
    if let Ok(mut reader) = PlanReader::new(bytes, blake3::Hasher::new_keyed(&[1; 32])) {
        while let Ok(Some(_)) = reader.next_item() {}
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for files in [&[("a.toml", text)][..], &[("caps.toml", text)], &[("ledger.toml", text)]] {
        match PolicySet::parse(files) {
            Ok(policies) => assert!(!policies.policies().is_empty()),
            Err(mistakes) => assert!(!mistakes.is_empty()),
        }
    }
    if let Ok(request) = Request::parse(text, &STORE) {
        let again = request.to_text().expect("it was one");
        assert_eq!(Request::parse(&again, &STORE).expect("its own text"), request);
    }
    if let Ok(meta) = serde_json::from_str::<ItemMeta>(text) {
        let again = serde_json::to_string(&meta).expect("it was one");
        assert!(serde_json::from_str::<ItemMeta>(&again).is_ok_and(|same| same == meta));
    }
});
