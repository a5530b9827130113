//! The words that policies are written in: what can be matched, and what each of it can be. No set, no policy.

use crate::ItemKind;
use crate::catalog::STATE_INGESTED;
use crate::ledger::UserId;

/// Events that a period can be counted from. After one, the state of an item has its name.
pub const EVENTS: [&str; 4] = ["load-confirmed", "ticket-closed", "case-closed", "employment-ended"];

/// Classes that the shipped policies know. Others are words of the organisation's own.
pub const CLASSES: [&str; 10] = [
    "report",
    "screenshot",
    "recording",
    "log",
    "workbook",
    "plan",
    "extract",
    "sweep-record",
    "template",
    "mapping",
];

/// The environment whose items are kept shorter.
pub const PRODUCTION: &str = "production";

/// How an item came to be here.
pub const SOURCES: [&str; 3] = ["file", "fetch", "derived"];

const ROOT_KINDS: [&str; 5] = ["artifact", "plan", "workbook", "extract", "sweep-record"];
const EXPOSURES: [&str; 2] = ["raw", "redacted"];
const STATES: [&str; 5] = [STATE_INGESTED, EVENTS[0], EVENTS[1], EVENTS[2], EVENTS[3]];
const NAME_BYTES_MAX: usize = 40;

/// What of an item a policy can look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dimension {
    Kind,
    Class,
    Environment,
    Owner,
    Source,
    State,
    Exposure,
}

impl Dimension {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Self; 7] =
        [Self::Kind, Self::Class, Self::Environment, Self::Owner, Self::Source, Self::State, Self::Exposure];

    /// Its key in a policy.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Class => "class",
            Self::Environment => "environment",
            Self::Owner => "owner",
            Self::Source => "source",
            Self::State => "state",
            Self::Exposure => "exposure",
        }
    }

    /// All that it can be, where that is known.
    pub(super) fn universe(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Kind => Some(&ROOT_KINDS),
            Self::Source => Some(&SOURCES),
            Self::State => Some(&STATES),
            Self::Exposure => Some(&EXPOSURES),
            Self::Class | Self::Environment | Self::Owner => None,
        }
    }

    /// What is wrong with a word of it.
    pub(super) fn check(self, word: &str) -> Result<(), String> {
        let name = self.name();
        if let Some(known) = self.universe() {
            return match known.contains(&word) {
                true => Ok(()),
                false if self == Self::Kind && ItemKind::parse(word).is_some() => {
                    Err(format!("a {word} goes with what it belongs to; name one of {}", known.join(", ")))
                }
                false => Err(unknown(name, word, known)),
            };
        }
        match self {
            Self::Owner if UserId::parse(word).is_none() => {
                Err("an owner is a user ID: u- and 32 hexadecimal digits".to_owned())
            }
            Self::Class | Self::Environment if !is_name(word) => {
                Err(format!("{name} `{word}` must be 1 to {NAME_BYTES_MAX} of a-z, 0-9 and -"))
            }
            Self::Class => not_mistyped(name, word, &CLASSES),
            Self::Environment => not_mistyped(name, word, &[PRODUCTION]),
            _ => Ok(()),
        }
    }
}

/// Whether a text is a name: of a policy, a class or an environment.
pub(super) fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

/// Says that a word is not one of the known ones, and which was meant.
pub(super) fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(meant) => format!("unknown {what} `{word}`; did you mean `{meant}`?"),
        None => format!("unknown {what} `{word}`; known: {}", known.join(", ")),
    }
}

/// The product's class that a class of somebody's own is so close to that it must be a typo: one letter more, less or
/// other, or two exchanged. No policy can name such a class; nothing should be ingested under it.
pub fn mistyped_class(class: &str) -> Option<&'static str> {
    mistyped(class, &CLASSES)
}

fn mistyped<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let letters = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    known.iter().copied().find(|known| letters && strsim::osa_distance(word, known) == 1)
}

fn not_mistyped(name: &str, word: &str, known: &[&str]) -> Result<(), String> {
    match mistyped(word, known) {
        None => Ok(()),
        Some(meant) => {
            Err(format!("{name} `{word}`: did you mean `{meant}`? One of your own needs a name less like it"))
        }
    }
}

/// The known word that a mistyped one is close to.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let spelled = word.to_lowercase().replace(['_', ' '], "-");
    let distance = |other: &str| strsim::osa_distance(&spelled, &other.replace('_', "-"));
    let best = known.iter().min_by_key(|other| distance(other))?;
    (distance(best) <= 1 + best.len() / 5).then_some(*best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Exposure;

    #[test]
    fn words_are_those_of_items() {
        let roots: Vec<_> =
            ItemKind::ALL.iter().filter(|kind| !kind.is_copy()).map(|kind| kind.name()).collect();
        assert_eq!(roots, ROOT_KINDS);
        assert_eq!([Exposure::Raw.name(), Exposure::Redacted.name()], EXPOSURES);
        for (number, dimension) in Dimension::ALL.into_iter().enumerate() {
            assert_eq!(dimension as usize, number);
        }
    }

    #[test]
    fn a_typo_finds_the_word_and_nonsense_does_not() {
        for (word, expected) in [
            ("load-confirmd", Some("load-confirmed")),
            ("load_confirmed", Some("load-confirmed")),
            ("Ticket-Closed", Some("ticket-closed")),
            ("closed", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &EVENTS), expected, "{word}");
        }
    }
}
