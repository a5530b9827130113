//! Which tables a query may name. A table is opened when a query names it, and every time anew: what was purged since is
//! not there.

use super::source::SourceTable;
use super::{TableId, scan, session};
use async_trait::async_trait;
use custody_rules::TableSource;
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::object_store::ObjectStore;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// What a name stands for.
#[derive(Clone)]
enum Named {
    /// A table of the store.
    Stored(TableId),
    /// A table beside it.
    Source(Arc<dyn TableSource>),
}

/// Names of tables.
pub(super) struct Names {
    store: Arc<dyn ObjectStore>,
    given: RwLock<BTreeMap<String, Named>>,
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

impl Names {
    pub(super) fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, given: RwLock::default() }
    }

    /// Gives a table a name; SQL compares in lower case.
    pub(super) fn give(&self, name: &str, id: &TableId) {
        self.insert(name, Named::Stored(id.clone()));
    }

    /// Gives a source a name.
    pub(super) fn give_source(&self, name: &str, source: Arc<dyn TableSource>) {
        self.insert(name, Named::Source(source));
    }

    fn insert(&self, name: &str, named: Named) {
        let mut given = self.given.write().unwrap_or_else(PoisonError::into_inner);
        given.insert(name.to_lowercase(), named);
    }

    fn named(&self, name: &str) -> Option<Named> {
        let name = name.to_lowercase();
        let given = self.given.read().unwrap_or_else(PoisonError::into_inner);
        given
            .get(&name)
            .cloned()
            .or_else(|| TableId::parse(name.strip_prefix('t').unwrap_or(&name)).map(Named::Stored))
    }
}

#[async_trait]
impl SchemaProvider for Names {
    fn table_names(&self) -> Vec<String> {
        self.given.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        match self.named(name) {
            None => Ok(None),
            Some(Named::Source(source)) => Ok(Some(Arc::new(SourceTable::new(source)))),
            Some(Named::Stored(id)) => {
                let schema = scan::schema(&self.store, &id).await.map_err(parquet)?;
                session::provider(&id, schema).map(Some)
            }
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        self.named(name).is_some()
    }
}

fn parquet(error: datafusion::parquet::errors::ParquetError) -> DataFusionError {
    DataFusionError::ParquetError(Box::new(error))
}
