//! Replace: numbers that follow path order and place, so that they do not depend on threads.

use custody_rules::{EntityId, Finding};
use std::collections::HashMap;

/// Numbers of identities, entity by entity, from 1.
#[derive(Debug, Default, Clone)]
pub struct Numbering {
    numbers: HashMap<(EntityId, u128), u32>,
    last: HashMap<EntityId, u32>,
}

impl Numbering {
    /// Gives a finding's identity the next number of its entity, unless it has one. To be called in path
    /// order and, within a file, in order of place.
    pub fn assign(&mut self, finding: &Finding) {
        let last = self.last.entry(finding.entity).or_default();
        self.numbers.entry((finding.entity, finding.identity)).or_insert_with(|| {
            *last += 1;
            *last
        });
    }

    /// The number of an identity; 0 when none was assigned.
    pub fn get(&self, entity: EntityId, identity: u128) -> u32 {
        self.numbers.get(&(entity, identity)).copied().unwrap_or(0)
    }
}

/// `<PERSON_1>`.
pub(super) fn token(entity: &str, number: u32) -> String {
    format!("<{entity}_{number}>")
}
