//! Making and opening the catalog's file. What is not exactly a catalog of this version is refused before SQLite
//! could write to it.

use super::digest;
use super::error::CatalogError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

const SCHEMA: &str = include_str!("schema.sql");
/// `CUST`: marks the file as a catalog, <https://sqlite.org/pragma.html#pragma_application_id>.
const APPLICATION: u32 = 0x4355_5354;
/// Version of the tables.
const VERSION: u32 = 2;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements that stay compiled.
const STATEMENTS: usize = 64;

/// How a catalog is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// For writing, after all of it has been read.
    Checked,
    /// For writing.
    Unchecked,
    /// For reading.
    Read,
}

/// Makes a catalog with nothing in it.
pub(super) fn create(path: &Path) -> Result<Connection, CatalogError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => CatalogError::Exists,
        kind => CatalogError::Io { doing: "making the catalog", kind },
    })?;
    let connection = connect(path, Mode::Unchecked)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let marks = format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};");
    let transaction = connection.unchecked_transaction()?;
    connection.execute_batch(&marks)?;
    make_tables(&connection)?;
    digest::begin(&connection)?;
    transaction.commit()?;
    // Into the file itself, where the next opening looks for its marks.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let folder = path.parent().ok_or(CatalogError::Invalid { what: "path" })?;
    let folder = File::open(folder).map_err(CatalogError::io("opening the catalog's folder"))?;
    folder.sync_all().map_err(CatalogError::io("making the catalog durable"))?;
    Ok(connection)
}

/// Makes a catalog in a temporary database, <https://sqlite.org/inmemorydb.html#temp_db>.
pub(super) fn temporary() -> Result<Connection, CatalogError> {
    let connection = Connection::open("")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    digest::register(&connection)?;
    make_tables(&connection)?;
    Ok(connection)
}

/// Opens a catalog that is whole.
pub(super) fn open(path: &Path, mode: Mode) -> Result<Connection, CatalogError> {
    check_marks(path)?;
    let connection = connect(path, mode)?;
    // A file that is refused is left as it is: not even its WAL is written back.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    check_tables(&connection)?;
    if mode == Mode::Checked {
        check(&connection)?;
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

fn connect(path: &Path, mode: Mode) -> Result<Connection, CatalogError> {
    let access = match mode {
        Mode::Checked | Mode::Unchecked => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Mode::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let flags = access
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(unlinked(path)?, flags)?;
    digest::register(&connection)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    // Otherwise a statement is compiled anew for every value that is bound to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "query_only", mode == Mode::Read)?;
    Ok(connection)
}

/// The path with no link in its folders: SQLite then refuses a link in place of the file itself.
fn unlinked(path: &Path) -> Result<PathBuf, CatalogError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(CatalogError::Invalid { what: "path" });
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let folder = fs::canonicalize(folder).map_err(CatalogError::io("finding the catalog's folder"))?;
    Ok(folder.join(name))
}

/// Looks at the database's header, <https://sqlite.org/fileformat2.html#the_database_header>, without SQLite.
fn check_marks(path: &Path) -> Result<(), CatalogError> {
    let known = fs::symlink_metadata(path).map_err(CatalogError::io("opening the catalog"))?;
    if !known.file_type().is_file() {
        return Err(CatalogError::Unreadable { why: "it is no file" });
    }
    let mut header = [0; 100];
    let mut file = File::open(path).map_err(CatalogError::io("opening the catalog"))?;
    file.read_exact(&mut header).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => CatalogError::Unreadable { why: "it is too short" },
        kind => CatalogError::Io { doing: "reading the catalog", kind },
    })?;
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if header[..16] != *b"SQLite format 3\0" || number(68) != APPLICATION {
        return Err(CatalogError::Unreadable { why: "it is no catalog" });
    }
    if number(60) != VERSION {
        return Err(CatalogError::Unreadable {
            why: "it is of another version: custody doctor --rebuild makes it anew",
        });
    }
    Ok(())
}

fn make_tables(connection: &Connection) -> Result<(), CatalogError> {
    connection.execute_batch(SCHEMA)?;
    connection.execute_batch(&digest::tables(connection)?)?;
    Ok(())
}

/// What SQLite says of a database's tables: type, name, and the text they were made from.
type Tables = Vec<(String, String, Option<String>)>;

fn tables(connection: &Connection) -> rusqlite::Result<Tables> {
    let mut query = connection.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

/// The tables are these and no others, by the text they were made from.
fn check_tables(connection: &Connection) -> Result<(), CatalogError> {
    static EXPECTED: OnceLock<Tables> = OnceLock::new();
    let found = tables(connection)?;
    let expected = match EXPECTED.get() {
        Some(expected) => expected,
        None => {
            let memory = Connection::open_in_memory()?;
            make_tables(&memory)?;
            let made = tables(&memory)?;
            EXPECTED.get_or_init(|| made)
        }
    };
    (found == *expected)
        .then_some(())
        .ok_or(CatalogError::Unreadable { why: "its tables are not a catalog's" })
}

/// Reads every page, every row and every index.
pub(super) fn check(connection: &Connection) -> Result<(), CatalogError> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    // An index that has lost an entry finds no hold where there is one.
    let holds: String = connection.query_row("PRAGMA integrity_check('hold')", [], |row| row.get(0))?;
    let mut foreign = connection.prepare("PRAGMA foreign_key_check")?;
    if found != "ok" || holds != "ok" || foreign.query([])?.next()?.is_some() {
        return Err(CatalogError::Unreadable { why: "it is damaged" });
    }
    digest::check(connection)
}
