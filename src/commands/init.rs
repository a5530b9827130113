//! `custody init`: a store of one's own, with a key that lies elsewhere.

use super::App;
use crate::cli::{InitArgs, KeyChoice};
use crate::exit::Exit;
use crate::store::{checked_key_path, new_holder, now_ms};
use crate::terminal::out;
use anyhow::{Context as _, bail};
use custody_retention::disk::RealDisk;
use custody_retention::keys::Which;
use custody_retention::store::{Init, KeySource, Store, StoreError, StorePlace, is_word, new_id};
use serde_json::json;
use std::sync::Arc;

pub(super) fn run(app: &App, args: &InitArgs) -> anyhow::Result<Exit> {
    let wanted = app.wanted()?;
    let folder = &wanted.folder;
    let shown = || folder.display().to_string();
    let environment = app.global.env.clone();
    if environment.as_deref().is_some_and(|name| !is_word(name)) {
        bail!("--env takes 1 to 40 of a-z, 0-9 and -: sandbox, preview, production, a tenant's name");
    }
    if folder.join("store.toml").exists() {
        return Err(StoreError::Exists).with_context(shown);
    }
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{}: the folder is not empty: a store has one of its own", folder.display());
    }
    let parent = folder.parent().context("the store needs a folder to lie in")?;
    std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    let folder = parent.canonicalize()?.join(folder.file_name().context("the store needs a name")?);
    let source = match &args.key {
        KeyChoice::Keyring => KeySource::Keyring,
        KeyChoice::Passphrase => KeySource::Passphrase,
        KeyChoice::File(path) => {
            let path = checked_key_path(path, &folder)?;
            if path.exists() {
                bail!("{}: there is a file already: every store has a key of its own", path.display());
            }
            KeySource::File(path.to_str().context("the key file's path is not UTF-8")?.to_owned())
        }
    };
    let id = new_id()?;
    let holder = new_holder(&source, &id, wanted.may_ask)?;
    let disk = RealDisk::create(&folder).map_err(StoreError::from).with_context(shown)?;
    let key = holder.make(Which::Current).map_err(StoreError::from)?;
    let place = StorePlace { disk: Arc::new(disk), folder: folder.clone() };
    let init = Init {
        id,
        source: source.clone(),
        key: &key,
        environment: environment.clone(),
        policies: crate::embedded::POLICIES,
        account: &wanted.account,
        time_ms: now_ms(),
    };
    Store::init(&place, &init).with_context(shown)?;
    let verifier = place.config()?.verifier.to_string();
    if app.global.json {
        out(&json!({"schema": 1, "store": folder, "environment": environment, "verifier": verifier})
            .to_string());
        return Ok(Exit::Done);
    }
    app.terminal
        .say(&format!("{}: a new store; its policies are in policies/, to be edited", folder.display()));
    match &source {
        KeySource::File(path) => app.terminal.say(&format!(
            "{path}: its key. Whoever has this file can read the store; without it nobody can: keep a copy elsewhere"
        )),
        KeySource::Passphrase => app.terminal.say("without its passphrase nobody can read the store"),
        KeySource::Keyring => app.terminal.say("its key is in the keyring of this user"),
    }
    app.terminal.say("the ledger's verifier key, to be remembered elsewhere:");
    out(&verifier);
    if environment.is_none() {
        app.terminal.say("it has no environment of its own: every ingest has to say --env NAME");
    }
    Ok(Exit::Done)
}
