//! A table of a store with many row groups, read by several threads: its order is the file's, every time.

use super::support::{KEY, basics, field, template};
use crate::eib::{Allow, Mapping, Request, plan};
use crate::tables::{QueryLimits, TableId, Tables};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::object_store::memory::InMemory;
use datafusion::object_store::path::Path;
use datafusion::object_store::{ObjectStore, ObjectStoreExt};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use futures::executor::block_on;
use std::sync::Arc;

const ROWS: usize = 60_000;

fn store() -> Arc<InMemory> {
    let ids: StringArray = (0..ROWS).map(|row| Some(format!("E{:05}", row * 7_919 % ROWS))).collect();
    let teams: StringArray = (0..ROWS).map(|row| Some(format!("T{}", row % 977))).collect();
    let schema = Schema::new(vec![
        Field::new("Employee ID", DataType::Utf8, true),
        Field::new("Team", DataType::Utf8, true),
    ]);
    let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(teams)];
    let batch = RecordBatch::try_new(Arc::new(schema), columns).expect("the test's own columns");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(1_500)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("a table");
    writer.write(&batch).expect("a table");
    writer.close().expect("a table");
    let store = Arc::new(InMemory::new());
    let path = Path::from(format!("tables/{}.parquet", "ab".repeat(32)));
    block_on(store.put(&path, bytes.into())).expect("it is kept");
    store
}

#[test]
fn threads_do_not_change_what_is_written() {
    let store = store();
    for key in ["", "key = [\"Team\"]\n"] {
        let worker = field("Tag", "column = \"Employee ID\"") + &field("Title", "column = \"Team\"");
        let text = format!("operation = \"Change Thing\"\n{key}{worker}{}", basics());
        let mut mapping = Mapping::parse(&text).expect("a mapping");
        if !key.is_empty() {
            mapping.fields.retain(|field| field.address.label != "Worker");
        }
        let mut found = Vec::new();
        for threads in [1, 2, 2, 4] {
            let limits = QueryLimits { memory_mib: 256, threads, batch_rows: 8_192 };
            let tables = Tables::new(Arc::clone(&store) as Arc<dyn ObjectStore>, limits).expect("threads");
            tables.name("report", &TableId::parse(&"ab".repeat(32)).expect("an ID"));
            let request = Request {
                template: &template(),
                fingerprint: "f",
                mapping: &mapping,
                tables: &tables,
                from: "report",
                filter: Some("\"Team\" <> 'T5'"),
                limit: None,
                allow: &Allow::default(),
                key: &KEY,
                only: None,
            };
            let planned = plan(&request, &mut |_| {}, 3).expect("a plan");
            let shown: Vec<_> = planned.preview.rows.iter().map(|row| row.cells[0].new.clone()).collect();
            found.push((planned.cells_digest, planned.transactions, shown));
        }
        assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "{key}");
        let (_, transactions, shown) = &found[0];
        if key.is_empty() {
            assert_eq!(shown[0].as_deref(), Some("E00000"));
            assert_eq!(shown[1].as_deref(), Some("E07919"));
        } else {
            assert_eq!(*transactions, 976);
        }
    }
}
