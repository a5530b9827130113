//! The store as commands use it: where it is, with which key, who acts and when. What a store is, is `retention`'s.

pub mod bundled;
pub mod classes;
pub mod confirm;
pub mod credentials;
mod holder;
pub mod masks;
mod place;
pub mod policies;
pub mod query;
pub mod remember;
pub mod search;
pub mod seen;
pub mod show;
pub mod tables;
pub mod templates;

use crate::exit::Exit;
use crate::terminal::Terminal;
use anyhow::{Context as _, bail};
use custody_export::tables::TablesError;
use custody_retention::disk::StoreLock;
use custody_retention::keys::Rotation;
use custody_retention::ledger::UserId;
pub use custody_retention::store::Who;
use custody_retention::store::{OpenReport, Store, StoreError};
use std::path::{Path, PathBuf};

pub use holder::{checked_key_path, holder, new_holder};
pub use place::{EnvironmentSource, store_folder};

/// What a command says of the store it works on: options and environment.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The store's folder.
    pub folder: PathBuf,
    /// Whether somebody named it.
    pub named: bool,
    /// Account of who acts.
    pub account: String,
    /// Whether anything may be asked.
    pub may_ask: bool,
    /// Whether a clock that jumped ahead is to be believed.
    pub accept_clock: bool,
}

/// A store that this process has for itself.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Who acts.
    pub user: UserId,
    /// Keeps others out.
    pub lock: StoreLock,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Opened {
    /// Who acts now.
    pub fn who(&self) -> Who {
        Who { user: self.user, time_ms: now_ms() }
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z.
#[allow(clippy::disallowed_methods, reason = "this is where the clock comes from")]
pub fn now_ms() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 is refused as one that jumped.
    now.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}

/// Opens the store for this process alone and says what opening it found.
///
/// # Errors
/// What is wrong with key, store or clock; a [`StoreError`] stands in the chain.
pub fn open(wanted: &Wanted, terminal: Terminal) -> anyhow::Result<Opened> {
    let folder = &wanted.folder;
    let config = custody_retention::store::StorePlace::real(folder)
        .and_then(|place| place.config())
        .with_context(|| shown(folder))?;
    let holder = holder(&config, wanted.may_ask)?;
    let opened = Store::open(folder, &*holder, now_ms(), wanted.accept_clock);
    let (lock, mut store, report) = opened.with_context(|| shown(folder))?;
    say_report(&report, terminal);
    if store.is_unsigned() {
        // What recovery wrote is covered, whatever the command does then.
        store.checkpoint()?;
    }
    let user = store.ids().user(&wanted.account);
    Ok(Opened { store, user, lock })
}

fn shown(folder: &Path) -> String {
    folder.display().to_string()
}

pub(crate) fn say_report(report: &OpenReport, terminal: Terminal) {
    if let Some(tail) = &report.torn_tail {
        terminal.tagged(
            "warning",
            &format!(
                "the ledger ended in {} bytes that a crash left half written: set aside in ledger/quarantine, and recorded",
                tail.size_bytes
            ),
        );
    }
    match report.rotation {
        Some(Rotation::Finished) => {
            terminal.tagged("warning", "a key rotation was interrupted: it is finished");
        }
        Some(_) => terminal
            .tagged("warning", "a key rotation was interrupted before it took effect: the old key stays"),
        None => {}
    }
    if report.finished + report.undone > 0 {
        terminal.tagged(
            "warning",
            &format!(
                "an earlier run was interrupted: {} acts finished, {} ended as not done",
                report.finished, report.undone
            ),
        );
    }
}

/// How a command ends with an error: 4 for the store itself, 1 for what was refused, 130 when cancelled, 2 for the rest.
pub fn exit_of(error: &anyhow::Error) -> Exit {
    match error.chain().find_map(|cause| cause.downcast_ref::<StoreError>()) {
        Some(error) if error.is_damage() => return Exit::Internal,
        Some(error) if error.is_refusal() => return Exit::Findings,
        _ => {}
    }
    // A table is read through the engine, which has its own words for what the store says.
    match error.chain().find_map(|cause| cause.downcast_ref::<TablesError>()) {
        Some(TablesError::Unreadable | TablesError::Malformed) => Exit::Internal,
        Some(TablesError::Cancelled) => Exit::Cancelled,
        _ => Exit::Usage,
    }
}

/// The account that runs this process, by its number: names are the directory's, and can be changed.
pub fn own_account() -> String {
    format!("uid-{}", rustix::process::geteuid().as_raw())
}

/// Checks an account's name.
///
/// # Errors
/// When it is empty or too long.
pub fn checked_account(name: &str) -> anyhow::Result<String> {
    let name = name.trim();
    if name.is_empty() || name.len() > 200 || name.contains(char::is_control) {
        bail!("--as takes the name of an account");
    }
    Ok(name.to_owned())
}
