//! Roster indexes: any bytes as a file, and a search with what opens. The checksum is keyed, so that foreign bytes
//! rarely get past it; the bytes are also laid over a sound index and opened under its own key.
#![no_main]

use custody_rules::{Roster, RosterBuilder, RosterColumn, RosterScratch, RuleSet};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const KEY: [u8; 32] = [1; 32];

static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::load(&[]).expect("built in"));

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let columns = [("Name", Some(RosterColumn::FullName)), ("Email", Some(RosterColumn::Email))];
    let mut builder = RosterBuilder::new(&columns, &RULES, &KEY, [2; 16]).expect("columns");
    builder.add(&["Jane Ann Doe", "jane.doe@example.org"], &RULES).expect("a row");
    builder.finish().expect("a roster")
});

fuzz_target!(|data: &[u8]| {
    let mut laid_over = SOUND.clone();
    let at = data.first().map_or(0, |&first| usize::from(first) * 8 % laid_over.len());
    laid_over.iter_mut().skip(at).zip(data).for_each(|(byte, new)| *byte = *new);
    for bytes in [data.to_vec(), laid_over] {
        let Ok(roster) = Roster::from_bytes(bytes, &KEY, &RULES) else { continue };
        let (text, mut hits) = ("Jane A. Doe <jane.doe@example.org>", Vec::new());
        roster.find(text, &mut RosterScratch::default(), &mut hits);
        assert!(hits.iter().all(|hit| text.get(hit.start..hit.end).is_some()), "hits lie on borders");
    }
});
