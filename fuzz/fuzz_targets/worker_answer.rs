//! What a worker says: tags, lengths, words as Arrow, answers as JSON.
#![no_main]

use custody_rules::MediaSummary;
use libfuzzer_sys::fuzz_target;
use std::sync::Once;

#[allow(dead_code, reason = "the parent's side is fuzzed, the rest of the seam is not built here")]
#[path = "../../src/worker/answer.rs"]
mod answer;

use answer::{Said, check_words, plain, take_message};

/// Arrow panics on some damaged buffers, and the parser catches that: the fuzzer's hook must not end it first.
/// What the parser lets through still ends the run.
static QUIET: Once = Once::new();

fuzz_target!(|data: &[u8]| {
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| ())));
    let summary = MediaSummary { width: 1920, height: 1080, frames: 1, duration_ms: 0, format: "png".to_owned() };
    let mut buffer = data.to_vec();
    while let Ok(Some(said)) = take_message(&mut buffer) {
        match said {
            Said::Words(words, _) => drop(check_words(&words, &summary)),
            Said::Answer(custody_rules::JobAnswer::Refused(refusal)) => {
                let detail = plain(refusal).detail;
                assert!(detail.len() <= 300 && !detail.contains('\n'), "an answer speaks in one line");
            }
            Said::Answer(_) => {}
        }
    }
});
