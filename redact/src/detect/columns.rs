//! Classification of columns by content: a column most of whose values are one entity is that entity
//! throughout, also where a single value has no telling shape. Columns of free text are never classified: their
//! cells are searched one by one.

use custody_rules::EntityId;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Values a column needs before its content classifies it.
const VALUES_MIN: u32 = 5;
/// Share of values, in percent, that have to be of one entity.
const SHARE_PERCENT: u64 = 60;
/// Share of values, in percent, above which free text makes a column free text.
const PROSE_PERCENT: u64 = 20;
/// Different values a column needs: one that always says the same has no people in it.
const DISTINCT_MIN: usize = 3;
/// Words a value of free text has at least when most of them are small.
const PROSE_WORDS_MIN: usize = 6;

/// Sheet and column.
type ColumnKey = (u32, u32);

/// What is known of the columns of one artifact.
#[derive(Debug, Default, Clone)]
pub struct ColumnClasses(HashMap<ColumnKey, EntityId>);

impl ColumnClasses {
    /// The entity of all values of a column, if its content says so.
    pub fn get(&self, key: ColumnKey) -> Option<EntityId> {
        self.0.get(&key).copied()
    }
}

/// Counts, column by column, how many values are wholly of one entity.
#[derive(Debug, Default)]
pub struct ColumnStats(HashMap<ColumnKey, Counts>);

#[derive(Debug, Default)]
struct Counts {
    values: u32,
    prose: u32,
    entities: HashMap<EntityId, u32>,
    /// Hashes of the first few different values.
    distinct: HashSet<u64>,
}

impl Counts {
    fn see(&mut self, hash: u64) {
        if self.distinct.len() < DISTINCT_MIN {
            self.distinct.insert(hash);
        }
    }

    fn class(&self) -> Option<EntityId> {
        let share = |count: u32| u64::from(count) * 100 / u64::from(self.values.max(1));
        let (entity, count) = self.entities.iter().max_by_key(|(entity, count)| (**count, **entity))?;
        (self.values >= VALUES_MIN
            && self.distinct.len() >= DISTINCT_MIN
            && share(self.prose) <= PROSE_PERCENT
            && share(*count) >= SHARE_PERCENT)
            .then_some(*entity)
    }
}

impl ColumnStats {
    /// Counts a value; `entity` when all of it is of that entity.
    pub fn count(&mut self, key: ColumnKey, value: &str, entity: Option<EntityId>) {
        let counts = self.0.entry(key).or_default();
        counts.values += 1;
        counts.prose += u32::from(is_prose(value));
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        counts.see(hasher.finish());
        if let Some(entity) = entity {
            *counts.entities.entry(entity).or_default() += 1;
        }
    }

    /// Adds another batch's counts.
    pub fn merge(&mut self, other: Self) {
        for (key, counts) in other.0 {
            let own = self.0.entry(key).or_default();
            own.values += counts.values;
            own.prose += counts.prose;
            counts.distinct.iter().for_each(|&hash| own.see(hash));
            for (entity, count) in counts.entities {
                *own.entities.entry(entity).or_default() += count;
            }
        }
    }

    /// The columns that are of one entity.
    pub fn classes(&self) -> ColumnClasses {
        ColumnClasses(self.0.iter().filter_map(|(key, counts)| Some((*key, counts.class()?))).collect())
    }
}

/// Whether a value is free text, not a field: six words or more, most of them small ones.
pub(super) fn is_prose(value: &str) -> bool {
    let (mut words, mut small) = (0, 0);
    for word in value.split_whitespace() {
        words += 1;
        small += usize::from(word.starts_with(char::is_lowercase));
    }
    words >= PROSE_WORDS_MIN && small * 2 > words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(values: &[(&str, Option<u16>)]) -> Option<EntityId> {
        let mut stats = ColumnStats::default();
        for (value, entity) in values {
            stats.count((0, 1), value, entity.map(EntityId));
        }
        stats.classes().get((0, 1))
    }

    #[test]
    fn most_values_classify_a_column() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        let of = |found: usize| -> Vec<(&str, Option<u16>)> {
            names.iter().enumerate().map(|(at, name)| (*name, (at < found).then_some(3))).collect()
        };
        assert_eq!(class(&of(6)), Some(EntityId(3)));
        assert_eq!(class(&of(5)), None);
        assert_eq!(class(&of(10)[..1]), None, "one value is no column");
    }

    #[test]
    fn mixed_columns_are_of_no_class() {
        let mixed =
            [("a", Some(1)), ("b", Some(2)), ("c", Some(1)), ("d", Some(2)), ("e", Some(1)), ("f", None)];
        assert_eq!(class(&mixed), None);
    }

    #[test]
    fn free_text_is_of_no_class() {
        let note = "she asked for a new chair and has got one";
        let notes =
            [("Jane Doe", Some(1)), (note, None), ("Max Roe", Some(1)), ("Ann Poe", Some(1)), (note, None)];
        assert!(is_prose(note));
        assert_eq!(class(&notes), None);
        for field in ["12 Example Street, Apt. 4, Sampletown, IL 00000", "Doe, Jane van der (21072)", "jdoe"]
        {
            assert!(!is_prose(field), "{field}");
        }
    }

    #[test]
    fn a_constant_is_of_no_class() {
        assert_eq!(class(&[("Austin", Some(1)); 8]), None);
    }

    #[test]
    fn batches_add_up() {
        let (mut first, mut second) = (ColumnStats::default(), ColumnStats::default());
        for (at, value) in ["a", "b", "c", "d", "e", "f"].into_iter().enumerate() {
            let stats = if at % 2 == 0 { &mut first } else { &mut second };
            stats.count((0, 1), value, Some(EntityId(3)));
        }
        first.merge(second);
        assert_eq!(first.classes().get((0, 1)), Some(EntityId(3)));
    }
}
