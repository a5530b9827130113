//! Which items are meant: by ID, or by what they are.

use crate::cli::QueryArgs;
use anyhow::{Context as _, bail};
use custody_retention::catalog::{Filter, ItemRow, Life};
use custody_retention::store::{Store, StoreError};
use custody_retention::{Exposure, ItemKind};

/// Conditions that all have to hold; each is a list of words of which one has to be the item's.
#[derive(Debug, Clone, Default)]
pub struct Query {
    conditions: Vec<(Key, Vec<String>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Kind,
    Class,
    Environment,
    Owner,
    Source,
    State,
    Exposure,
}

const KEYS: [(&str, Key); 8] = [
    ("kind", Key::Kind),
    ("class", Key::Class),
    ("env", Key::Environment),
    ("environment", Key::Environment),
    ("owner", Key::Owner),
    ("source", Key::Source),
    ("state", Key::State),
    ("exposure", Key::Exposure),
];

impl Query {
    /// Reads conditions.
    ///
    /// # Errors
    /// What is wrong with one: a misspelt key or word never matches everything, nor nothing.
    pub fn parse(args: &QueryArgs, store: &Store) -> anyhow::Result<Self> {
        let mut conditions = Vec::new();
        for text in args.conditions.iter().flat_map(|text| text.split_whitespace()) {
            let (name, words) =
                text.split_once('=').with_context(|| format!("{text}: a condition is KEY=VALUE"))?;
            let key = KEYS.iter().find(|(known, _)| *known == name).map(|(_, key)| *key);
            let key = key.with_context(|| {
                let names: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
                format!("{name}: conditions are on {}", names.join(", "))
            })?;
            let words: Vec<String> =
                words.split(',').map(|word| checked(key, word, store)).collect::<Result<_, _>>()?;
            conditions.push((key, words));
        }
        Ok(Self { conditions })
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether an item is meant.
    pub fn has(&self, item: &ItemRow) -> bool {
        self.conditions.iter().all(|(key, words)| {
            let value = match key {
                Key::Kind => item.kind.name(),
                Key::Class => &item.class,
                Key::Environment => &item.environment,
                Key::Owner => &item.owner,
                Key::Source => &item.source,
                Key::State => &item.state,
                Key::Exposure => item.exposure.name(),
            };
            words.iter().any(|word| word == value)
        })
    }

    /// Calls `each` with every item that is meant and there.
    ///
    /// # Errors
    /// What the catalog says, or `each`.
    pub fn each(
        &self,
        store: &Store,
        purged: bool,
        mut each: impl FnMut(ItemRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let life = if purged { None } else { Some(Life::Present) };
        let filter = Filter { life, ..Filter::default() };
        store.catalog().list(&filter, |item| if self.has(&item) { each(item) } else { Ok(()) })
    }
}

fn checked(key: Key, word: &str, store: &Store) -> anyhow::Result<String> {
    if word.is_empty() {
        bail!("a condition without a value would match nothing, or everything: say which");
    }
    match key {
        Key::Kind if ItemKind::parse(word).is_none() => {
            let names: Vec<&str> = ItemKind::ALL.iter().map(|kind| kind.name()).collect();
            bail!("{word}: kinds are {}", names.join(", "))
        }
        Key::Exposure if ![Exposure::Raw.name(), Exposure::Redacted.name()].contains(&word) => {
            bail!("{word}: an item is raw or redacted")
        }
        // An account's name is as good as its ID.
        Key::Owner if !word.starts_with("u-") => Ok(store.ids().user(word).to_string()),
        _ => Ok(word.to_owned()),
    }
}

/// Items by IDs, or by a query; one of the two has to say something.
///
/// # Errors
/// For an ID that is none, and for a query that matches nothing.
pub fn items(store: &Store, ids: &[String], query: &QueryArgs) -> anyhow::Result<Vec<ItemRow>> {
    let query = Query::parse(query, store)?;
    let mut found: Vec<ItemRow> = ids.iter().map(|id| store.find(id)).collect::<Result<_, _>>()?;
    if ids.is_empty() == query.is_empty() {
        bail!("say which items: --ids ID… or --query KEY=VALUE");
    }
    if !query.is_empty() {
        query.each(store, false, |item| {
            if !item.kind.is_copy() {
                found.push(item);
            }
            Ok(())
        })?;
        if found.is_empty() {
            bail!("the query matches no item");
        }
    }
    Ok(found)
}
