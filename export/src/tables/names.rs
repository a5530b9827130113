//! Which tables a query may name. A table is opened when a query names it, and every time anew: what was purged since is
//! not there.

use super::{TableId, scan, session};
use async_trait::async_trait;
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::object_store::ObjectStore;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Names of tables.
#[derive(Debug)]
pub(super) struct Names {
    store: Arc<dyn ObjectStore>,
    given: RwLock<BTreeMap<String, TableId>>,
}

impl Names {
    pub(super) fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, given: RwLock::default() }
    }

    /// Gives a table a name; SQL compares in lower case.
    pub(super) fn give(&self, name: &str, id: &TableId) {
        let mut given = self.given.write().unwrap_or_else(PoisonError::into_inner);
        given.insert(name.to_lowercase(), id.clone());
    }

    fn id(&self, name: &str) -> Option<TableId> {
        let name = name.to_lowercase();
        let given = self.given.read().unwrap_or_else(PoisonError::into_inner);
        given.get(&name).cloned().or_else(|| TableId::parse(name.strip_prefix('t').unwrap_or(&name)))
    }
}

#[async_trait]
impl SchemaProvider for Names {
    fn table_names(&self) -> Vec<String> {
        self.given.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let Some(id) = self.id(name) else { return Ok(None) };
        let schema = scan::schema(&self.store, &id).await.map_err(parquet)?;
        session::provider(&id, schema).map(Some)
    }

    fn table_exist(&self, name: &str) -> bool {
        self.id(name).is_some()
    }
}

fn parquet(error: datafusion::parquet::errors::ParquetError) -> DataFusionError {
    DataFusionError::ParquetError(Box::new(error))
}
