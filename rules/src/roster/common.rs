//! Ordinary words that are names as well: two of them together, in lower case, say nothing of a person.

use std::collections::HashSet;
use std::sync::OnceLock;

/// Words of programs and prose, folded, that are given names or surnames too; sorted.
const COMMON: &str = "
    ace april art august baker banks base bell best bill black blue bond book booth branch bridge brooks brown bush
    butler carol case cash chance chase christian church clay cliff close cloud cole cook cross curry dale day dean
    drew dear dell down drake drive early earl east english event faith fall farmer field fields fish fisher fletcher
    flood flowers ford forest foster fox frank french gates gene general glass golden good grace grant gray green
    guy hall hand harmony harper head heather heath holiday home hood hope house hunt hunter iris ivory jack jewel
    job jordan joy judge june justice kay key keys kind king knight lake lamb land lane law lee little long lord love
    low lynch major man march mark marks mason master may melody mercy miles mills miner min moody moon moore more
    morning nation new noble norm north olive page paige paris park parks patience pat pearl penny perry piper pope
    porter post potter potts power powers price prince ray read rich rise river rivers robin rock rod roman root rose
    rows rule run rush ruth sage sale sales sand sands savage sharp shell short silver small smart smith snow sparks
    spring star stark steel stone story street strong summer summers swift sun tag tanner taylor temple thorn tiger
    tim tower town trace trip trinity true turner under van violet walker wall walls ward waters way web weaver wells
    west wheeler white will wills win winter wise wolf wood woods work worth young";

/// Whether a folded word is an ordinary one.
pub(super) fn is_common(word: &str) -> bool {
    static WORDS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| COMMON.split_ascii_whitespace().collect()).contains(word)
}

/// Words before a surname that are part of it, folded.
const PARTICLES: [&str; 34] = [
    "af", "al", "ap", "av", "bin", "bint", "da", "das", "de", "dei", "del", "della", "den", "der", "di",
    "do", "dos", "du", "el", "ibn", "la", "las", "le", "los", "ten", "ter", "van", "vande", "vander", "vom",
    "von", "zu", "zum", "zur",
];

/// Whether a folded word is a particle of surnames: never enough to tell a person.
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_words_and_particles_are_known() {
        assert!(["may", "long", "price", "will"].iter().all(|word| is_common(word)));
        assert!(!is_common("garcia") && is_particle("van") && !is_particle("jane"));
    }
}
