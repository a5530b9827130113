//! How much a run of words looks like a name by itself, and how much more by what stands around it.

use super::evidence::Evidence;
use super::table::Class;
use super::words::{Shape, Word};

/// What the words of a segment are.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Traits {
    /// Full words: no initials, no particles.
    pub(super) full: usize,
    /// Initials.
    pub(super) initials: usize,
    /// Of the full words: strong names.
    pub(super) strong: usize,
    /// Of the full words: in no list at all.
    pub(super) unknown: usize,
    /// The first full word.
    pub(super) first: Class,
    /// The last full word.
    pub(super) last: Class,
    /// All full words are in capitals.
    pub(super) capitals: bool,
    /// It has letters that are not ASCII.
    pub(super) foreign: bool,
    /// One word in capitals and one that is not: `DOE Jane`.
    pub(super) mixed: bool,
}

impl Traits {
    pub(super) fn of(text: &str, words: &[Word]) -> Self {
        let mut traits = Self::default();
        let mut uppers = 0;
        for (at, word) in words.iter().enumerate() {
            traits.foreign |= !text[word.start..word.end].is_ascii();
            match word.shape {
                // `Anne-Lotte`, `Mayo-Walters`: one name.
                Shape::Capital | Shape::Upper if at > 0 && text.as_bytes()[word.start - 1] == b'-' => {
                    if traits.full == 1 {
                        traits.first.0 &= word.class.0 | !Class::FAMILY;
                    }
                    traits.last = word.class;
                    uppers += usize::from(word.shape == Shape::Upper && traits.full == uppers + 1);
                }
                Shape::Initial => traits.initials += 1,
                Shape::Capital | Shape::Upper => {
                    if traits.full == 0 {
                        traits.first = word.class;
                    }
                    traits.last = word.class;
                    traits.full += 1;
                    uppers += usize::from(word.shape == Shape::Upper);
                    traits.strong += usize::from(word.class.strong());
                    traits.unknown += usize::from(word.class.unknown());
                }
                Shape::Lower | Shape::Code => {}
            }
        }
        traits.capitals = uppers == traits.full && traits.full > 0;
        traits.mixed = uppers > 0 && !traits.capitals;
        traits
    }

    /// The score of the words alone.
    pub(super) fn base(self) -> f32 {
        let base = match self.full {
            0 => return 0.0,
            1 => self.one(),
            2 => self.two(),
            _ => self.more(),
        };
        // Words in capitals are headings and codes, if they are not names for certain.
        let known = self.unknown == 0 && self.strong > 0;
        if self.capitals && self.full > 1 && !known || self.mixed && self.unknown > 0 {
            base - 0.3
        } else if self.capitals {
            base - 0.1
        } else {
            base
        }
    }

    fn one(self) -> f32 {
        let class = self.first;
        let alone = if class.strong() && class.any(Class::GIVEN) {
            0.45
        } else if class.strong() {
            0.38
        } else if class.listed() {
            0.25
        } else {
            0.1 + if self.foreign { 0.08 } else { 0.0 }
        };
        let initial = if class.strong() { 0.2 } else { 0.1 };
        if self.initials > 0 { alone + initial } else { alone }
    }

    fn two(self) -> f32 {
        let (first, last) = (self.first, self.last);
        let given_family = first.any(Class::GIVEN) && last.any(Class::FAMILY);
        let family_given = first.any(Class::FAMILY) && last.any(Class::GIVEN);
        let initial = if self.initials > 0 { 0.1 } else { 0.0 };
        let base = match (first.strong(), last.strong()) {
            (true, true) if given_family => 0.85,
            (true, true) if family_given => 0.7,
            (true, true) if first.any(Class::GIVEN) => 0.65,
            (true, true) => 0.55,
            (true, false) if given_family => 0.7,
            (false, true) if given_family => 0.65,
            (true, false) if last.unknown() && first.any(Class::GIVEN) => 0.65,
            (true, false) if last.unknown() => 0.4,
            (false, true) if first.unknown() => 0.55,
            (true, false) | (false, true) => 0.5,
            _ if given_family => 0.42,
            _ if first.listed() || last.listed() => 0.35,
            _ => 0.25 + if self.foreign { 0.08 } else { 0.0 },
        };
        base + initial
    }

    fn more(self) -> f32 {
        if self.strong == self.full {
            return 0.85;
        }
        if self.full > 4 {
            return 0.3;
        }
        match self.strong {
            0 => 0.25,
            1 if self.first.strong() && self.first.any(Class::GIVEN) => 0.6,
            1 if self.last.strong() => 0.5,
            1 => 0.45,
            _ => 0.7,
        }
    }
}

/// The score in the end, from 0 to 0.95.
pub(super) fn weigh(traits: Traits, seen: Evidence) -> f32 {
    let base = traits.base();
    let single = traits.full == 1 && traits.initials == 0;
    let listed = traits.first.listed() || traits.last.listed();
    let strong = traits.strong > 0;
    let shouted = traits.capitals && !listed;
    let mut score = base + context(traits, seen, single);
    let mut at_least = |seen: bool, value: f32| {
        if seen {
            score = score.max(value);
        }
    };
    at_least(seen.title, if single && shouted { 0.45 } else { 0.75 });
    at_least(seen.title || seen.introduced, base + 0.15);
    at_least(seen.introduced, if shouted { 0.4 } else { 0.65 });
    at_least(seen.keyed && !shouted && (!single || strong), 0.65);
    at_least(seen.kin, if shouted { 0.4 } else { 0.55 });
    at_least(seen.greeting && seen.closed, if listed { 0.75 } else { 0.6 });
    at_least(seen.greeting && strong, 0.6);
    at_least(seen.closing && seen.closed, if listed || !single { 0.65 } else { 0.5 });
    at_least(seen.mail, 0.9);
    at_least(seen.number && !single, if listed { 0.75 } else { 0.6 });
    at_least((seen.deed || seen.verb) && seen.pronoun && !shouted, 0.5);
    at_least(seen.pair && listed && !shouted, 0.5);
    at_least((seen.speech || seen.human || seen.announced) && !shouted, 0.5);
    at_least(seen.work && !traits.capitals && seen.article, 0.5);
    at_least(seen.addressed && !shouted, 0.5);
    score = (score - penalty(seen, single, strong)).min(0.95);
    if seen.organisation && !seen.title {
        score -= if single || traits.strong < 2 { 0.35 } else { 0.15 };
    }
    // `a Ttk Checkbox`, `the Rados Block`: words that nobody knows, and something of that kind.
    if seen.thing && !single && traits.strong == 0 && traits.initials == 0 {
        score -= 0.25;
    }
    // A surname alone that names a law.
    if seen.eponym && single && !seen.title && !traits.first.any(Class::GIVEN) {
        score -= 0.35;
    }
    score.max(0.0)
}

/// What sentences around a name add.
fn context(traits: Traits, seen: Evidence, single: bool) -> f32 {
    let strong = traits.strong > 0;
    let listed = traits.first.listed() || traits.last.listed();
    // Words nobody knows need more than a sentence.
    let scale = if !single || listed { 1.0 } else { 0.75 };
    let mut most: f32 = 0.0;
    let mut add = |seen: bool, value: f32| {
        if seen {
            most = most.max(value);
        }
    };
    add(seen.role, 0.3);
    add(seen.agent, 0.35);
    add(seen.deed, 0.25);
    add(seen.verb, 0.2);
    add(seen.object, 0.2);
    add(seen.speech, 0.45);
    add(seen.possessive, 0.2);
    add(seen.link, if single { 0.13 } else { 0.25 });
    add(seen.list && strong, 0.13);
    add(seen.sentence && strong && traits.first.any(Class::GIVEN), 0.1);
    add(seen.turn && listed && !traits.capitals, 0.25);
    add(seen.line && !single, if seen.block { 0.27 } else { 0.15 });
    let pronoun = if seen.pronoun && (seen.verb || seen.deed || seen.object) { 0.1 } else { 0.0 };
    (most + pronoun) * scale
}

fn penalty(seen: Evidence, single: bool, strong: bool) -> f32 {
    let mut penalty: f32 = 0.0;
    let told = seen.title || seen.introduced || seen.greeting || seen.possessive || seen.deed;
    if seen.heading && !told && !(strong && seen.verb) {
        penalty += if single { 0.2 } else { 0.1 };
    }
    if seen.place && single && !seen.possessive {
        penalty += if strong { 0.12 } else { 0.25 };
    }
    if seen.counted && single {
        penalty += 0.2;
    }
    if seen.article && single && !seen.work {
        penalty += 0.15;
    }
    penalty
}
