//! From a report to an answer: read, written as a table into an encrypted blob on a real disk, asked by SQL. What lies
//! on the disk shows no value, and what was changed there is an error and never another answer.

use crate::support::people::{Person, people, roster_csv};
use crate::support::seed::Seed;
use arrow_array::cast::AsArray;
use custody_export::tables::{QueryLimits, TableId, Tables, TablesError};
use custody_ingest::{FileReader, TableShape, TableSummary, write_table};
use custody_retention::ItemId;
use custody_retention::blob::{BlobReader, BlobWriter, DataKey};
use custody_retention::disk::{Disk, RealDisk};
use custody_retention::object_store::{
    ObjectInfo, Objects, ObjectsError, OpenObject, RandomRead, StoreObjects,
};
use custody_rules::{ArtifactKind, Limits, Reader};
use std::fs;
use std::io::{self, Seek, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const STORE: &str = "store";
const BLOB: &str = "table.blob";
const ID: ItemId = ItemId([0xa5; 32]);
const KEY: [u8; 32] = [7; 32];

/// A folder with one table in it.
#[derive(Debug)]
struct Kept {
    folder: tempfile::TempDir,
    disk: RealDisk,
    bytes_read: Arc<AtomicU64>,
}

/// A blob's content; counts what is read of it.
#[derive(Debug)]
struct Counted(BlobReader, Arc<AtomicU64>);

impl RandomRead for Counted {
    fn size_bytes(&self) -> u64 {
        self.0.size_bytes()
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.1.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.0.read_at(bytes, offset)
    }
}

impl Objects for Kept {
    fn open(&self, id: &ItemId) -> Result<OpenObject, ObjectsError> {
        if *id != ID {
            return Err(ObjectsError::NotFound);
        }
        let blob =
            BlobReader::open(&self.disk, BLOB, &DataKey::new(KEY)).map_err(|_| ObjectsError::Damaged)?;
        Ok(OpenObject { bytes: Arc::new(Counted(blob, Arc::clone(&self.bytes_read))), made_ms: 0 })
    }

    fn page(&self, _: Option<&ItemId>, _: usize) -> Result<Vec<ObjectInfo>, ObjectsError> {
        Ok(Vec::new())
    }
}

impl Kept {
    fn blob(&self) -> PathBuf {
        self.folder.path().join(STORE).join(BLOB)
    }
}

/// Keeps a report as a table.
fn keep(report: &str) -> (Arc<Kept>, TableSummary) {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(report.as_bytes()).and_then(|()| file.rewind()).expect("it can be written");
    let limits = Limits::default();
    let sniffed = FileReader.sniff(&file, &limits).expect("a report");
    assert_eq!(sniffed.kind, ArtifactKind::Csv);
    let shape = TableShape::of(sniffed.kind).expect("reports have a shape");
    let mut source = FileReader.open(file, sniffed, &limits).expect("a report");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = RealDisk::create(&folder.path().join(STORE)).expect("a folder of one's own");
    let mut blob = BlobWriter::create(&disk, BLOB, &DataKey::new(KEY)).expect("a new blob");
    let summary = write_table(source.as_mut(), shape, &mut blob).expect("a table");
    blob.finish(b"{}").expect("a whole blob");
    disk.sync_folder("").expect("a synced folder");
    (Arc::new(Kept { folder, disk, bytes_read: Arc::default() }), summary)
}

fn tables(kept: &Arc<Kept>) -> Tables {
    let objects = Arc::clone(kept) as Arc<dyn Objects>;
    let tables = Tables::new(Arc::new(StoreObjects::new(objects)), QueryLimits::default()).expect("threads");
    tables.name("report", &table());
    tables
}

fn table() -> TableId {
    TableId::parse(&ID.to_string()).expect("an item's ID is a table's")
}

/// The first column of an answer, as text.
fn ask(tables: &Tables, sql: &str) -> Result<Vec<String>, TablesError> {
    let mut found = Vec::new();
    tables.query(sql, &mut |batch| {
        found.extend(batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn staff(count: usize) -> Vec<Person> {
    people(&Seed::new(5), count)
}

const COUNT: &str = "SELECT CAST(count(*) AS VARCHAR) FROM report";

#[test]
fn a_report_is_kept_encrypted_and_asked_by_sql() {
    let people = staff(500);
    let report = roster_csv(&people);
    let (kept, summary) = keep(&report);
    let tables = tables(&kept);

    let info = tables.info(&table()).expect("a table");
    assert_eq!((info.shape.as_deref(), info.rows), (Some("cells"), summary.rows));
    assert_eq!(ask(&tables, COUNT), Ok(vec![summary.rows.to_string()]));
    let one = &people[321];
    let sql = format!(
        "SELECT b.text FROM report a JOIN report b ON a.row = b.row \
         WHERE a.text = '{}' AND a.kind = 0 AND b.column = a.column",
        one.employee_id
    );
    assert_eq!(ask(&tables, &sql), Ok(vec![one.employee_id.clone()]));

    let stored = fs::read(kept.blob()).expect("the blob");
    for person in &people {
        for value in [&person.employee_id, &person.email, &person.iban] {
            assert!(report.contains(value.as_str()));
            assert!(!stored.windows(value.len()).any(|part| part == value.as_bytes()), "plaintext at rest");
        }
    }
    assert!(!stored.windows(4).any(|part| part == b"PAR1"), "not even what it is");
}

#[test]
fn a_changed_byte_is_an_error_and_never_another_answer() {
    let (kept, _) = keep(&roster_csv(&staff(12_000)));
    let right = {
        let tables = tables(&kept);
        let texts = ask(&tables, "SELECT text FROM report ORDER BY row, column").expect("an answer");
        (ask(&tables, COUNT).expect("an answer"), texts)
    };
    let whole = fs::read(kept.blob()).expect("the blob");
    let mut unseen = 0;
    for at in (0..whole.len()).step_by(whole.len() / 20).chain([whole.len() - 1]) {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(kept.blob(), &changed).expect("the blob can be written");
        let tables = tables(&kept);
        for (sql, right) in [(COUNT, &right.0), ("SELECT text FROM report ORDER BY row, column", &right.1)] {
            match ask(&tables, sql) {
                Ok(answer) if &answer == right => unseen += 1,
                answer => assert_eq!(answer, Err(TablesError::Unreadable), "byte {at}"),
            }
        }
    }
    // Two answers a place: one needs the last chunks only, the other one all of them.
    assert!((1..=21).contains(&unseen), "{unseen} answers did not need the changed byte");
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        fs::write(kept.blob(), &whole[..length]).expect("the blob can be written");
        assert_eq!(ask(&tables(&kept), COUNT), Err(TablesError::Unreadable), "{length} bytes are left");
    }
}

#[test]
fn one_column_costs_a_part_of_the_table() {
    let (kept, summary) = keep(&roster_csv(&staff(20_000)));
    let tables = tables(&kept);
    let size = tables.info(&table()).expect("a table").size_bytes;
    let cost = |columns: &[&str]| {
        kept.bytes_read.store(0, Ordering::Relaxed);
        let rows = tables.scan_text(&table(), columns, &mut |_| ControlFlow::Continue(()));
        assert_eq!(rows, Ok(summary.rows));
        kept.bytes_read.load(Ordering::Relaxed)
    };
    let (one, all) = (cost(&["row"]), cost(&["row", "column", "heading", "start", "end", "text"]));
    println!("{size} bytes: one column {one}, the others {all}");
    assert!(one * 4 < all, "{one} of {all} bytes for one column");
}

#[test]
fn a_store_without_the_table_says_so() {
    let (kept, _) = keep(&roster_csv(&staff(20)));
    let tables = tables(&kept);
    let other = TableId::parse(&"0".repeat(64)).expect("an ID");
    assert_eq!(tables.info(&other), Err(TablesError::NotFound));
    fs::rename(kept.blob(), kept.folder.path().join("elsewhere")).expect("it can be moved");
    assert_eq!(ask(&tables, COUNT), Err(TablesError::Unreadable));
}
