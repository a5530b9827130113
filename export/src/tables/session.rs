//! A DataFusion session that sees the tables of one store and nothing else of the machine: no other object store is
//! known (DataFusion's own would read any file), nothing can be made from SQL, nothing is spilled to disk.

use super::names::Names;
use super::scan::FOOTER_BYTES;
use super::{QueryLimits, TableId, TablesError};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, TableProvider};
use datafusion::common::DataFusionError;
use datafusion::common::config::TableParquetOptions;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::SessionStateDefaults;
use datafusion::execution::cache::cache_manager::CacheManagerConfig;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::object_store::ObjectStoreRegistry;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::object_store::ObjectStore;
use datafusion::prelude::{SessionConfig, SessionContext};
use std::sync::Arc;
use url::Url;

/// What the store is called among DataFusion's object stores.
const STORE_URL: &str = "custody://store/";
/// Catalog and schema that the tables stand in.
const PLACE: [&str; 2] = ["custody", "store"];
/// Bytes of footers that are kept between queries.
const FOOTER_CACHE_BYTES: usize = 8 << 20;

/// The one store; every other address is unknown.
#[derive(Debug)]
struct OneStore(Arc<dyn ObjectStore>);

impl ObjectStoreRegistry for OneStore {
    fn register_store(&self, _: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        // Not taken: handed back as if it had been replaced at once.
        Some(store)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>, DataFusionError> {
        if url.scheme() == "custody" && url.host_str() == Some("store") {
            return Ok(Arc::clone(&self.0));
        }
        Err(DataFusionError::Plan("queries see the tables of the store only".to_owned()))
    }
}

pub(super) fn context(
    store: Arc<dyn ObjectStore>,
    names: Arc<Names>,
    limits: QueryLimits,
) -> Result<SessionContext, TablesError> {
    let failed = |error: DataFusionError| TablesError::of(&error);
    // Lists and statistics are not kept: a table that was purged is gone with the next query.
    let caches = CacheManagerConfig::default()
        .with_list_files_cache_limit(0)
        .with_file_statistics_cache_limit(0)
        .with_metadata_cache_limit(FOOTER_CACHE_BYTES);
    let runtime = RuntimeEnvBuilder::new()
        .with_object_store_registry(Arc::new(OneStore(store)))
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(limits.memory_mib << 20)))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
        .with_cache_manager(caches)
        .build_arc()
        .map_err(failed)?;
    let state = SessionStateBuilder::new()
        .with_config(config(limits))
        .with_runtime_env(runtime)
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(SessionStateDefaults::default_scalar_functions())
        .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
        .with_window_functions(SessionStateDefaults::default_window_functions())
        .build();
    let context = SessionContext::new_with_state(state);
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema(PLACE[1], names).map_err(failed)?;
    context.register_catalog(PLACE[0], Arc::new(catalog));
    Ok(context)
}

fn config(limits: QueryLimits) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(PLACE[0], PLACE[1])
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false)
        .with_target_partitions(limits.threads.max(1))
        .with_batch_size(limits.batch_rows.max(1));
    config.options_mut().sql_parser.map_string_types_to_utf8view = false;
    config
}

/// A table as DataFusion reads it.
pub(super) fn provider(id: &TableId, schema: SchemaRef) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let url = ListingTableUrl::parse(format!("{STORE_URL}{}", id.path()))?;
    let mut reading = TableParquetOptions::default();
    // A filter is looked at first, and of the other columns only the pages are read that it leaves.
    reading.global.pushdown_filters = true;
    // Columns have the types of the stages' own schemas.
    reading.global.schema_force_view_types = false;
    reading.global.metadata_size_hint = Some(FOOTER_BYTES);
    let format = ParquetFormat::default().with_options(reading);
    let options = ListingOptions::new(Arc::new(format)).with_file_extension(".parquet");
    let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(schema);
    Ok(Arc::new(ListingTable::try_new(config)?))
}
