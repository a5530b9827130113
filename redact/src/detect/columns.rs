//! Classification of columns by content: a column most of whose values are one entity is that entity
//! throughout, also where a single value has no telling shape.

use custody_rules::EntityId;
use std::collections::HashMap;

/// Values a column needs before its content classifies it.
const VALUES_MIN: u32 = 5;
/// Share of values, in percent, that have to be of one entity.
const SHARE_PERCENT: u64 = 60;

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
pub struct ColumnStats(HashMap<ColumnKey, (u32, HashMap<EntityId, u32>)>);

impl ColumnStats {
    /// Counts a value; `entity` when all of it is of that entity.
    pub fn count(&mut self, key: ColumnKey, entity: Option<EntityId>) {
        let (values, entities) = self.0.entry(key).or_default();
        *values += 1;
        if let Some(entity) = entity {
            *entities.entry(entity).or_default() += 1;
        }
    }

    /// Adds another batch's counts.
    pub fn merge(&mut self, other: Self) {
        for (key, (values, entities)) in other.0 {
            let own = self.0.entry(key).or_default();
            own.0 += values;
            for (entity, count) in entities {
                *own.1.entry(entity).or_default() += count;
            }
        }
    }

    /// The columns that are of one entity.
    pub fn classes(&self) -> ColumnClasses {
        let classify = |(values, entities): &(u32, HashMap<EntityId, u32>)| {
            let (entity, count) = entities.iter().max_by_key(|(entity, count)| (**count, **entity))?;
            (*values >= VALUES_MIN && u64::from(*count) * 100 >= u64::from(*values) * SHARE_PERCENT)
                .then_some(*entity)
        };
        ColumnClasses(self.0.iter().filter_map(|(key, stats)| Some((*key, classify(stats)?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_values_classify_a_column() {
        let mut stats = ColumnStats::default();
        for at in 0..10 {
            stats.count((0, 1), (at < 6).then_some(EntityId(3)));
            stats.count((0, 2), (at < 5).then_some(EntityId(3)));
        }
        stats.count((0, 3), Some(EntityId(3)));
        let classes = stats.classes();
        assert_eq!(classes.get((0, 1)), Some(EntityId(3)));
        assert_eq!(classes.get((0, 2)), None);
        assert_eq!(classes.get((0, 3)), None, "one value is no column");
    }
}
