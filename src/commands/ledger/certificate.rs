//! `custody ledger certificate`: what was disposed of, why, how, and how to check it; as JSON, as a page to print, and signed.

use super::super::App;
use crate::exit::Exit;
use crate::store::now_ms;
use crate::store::show::count;
use crate::terminal::out;
use anyhow::{Context as _, bail};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

pub(super) fn run(app: &App, digits: &str, folder: &Path) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let sweep = opened.store.find_sweep(digits)?;
    let who = opened.who();
    let checkpoint = opened.store.heartbeat(who)?;
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let paths = ["certificate.json", "certificate.html", "certificate.sig"].map(|name| folder.join(name));
    if let Some(path) = paths.iter().find(|path| path.exists()) {
        bail!("{}: there is a certificate already: name another folder", path.display());
    }
    let make = |path: &Path| -> anyhow::Result<BufWriter<tempfile::NamedTempFile>> {
        let staged = tempfile::NamedTempFile::new_in(folder).with_context(|| path.display().to_string())?;
        Ok(BufWriter::new(staged))
    };
    let (mut json_file, mut html_file) = (make(&paths[0])?, make(&paths[1])?);
    let store = &opened.store;
    let written = store.certify(sweep, (&checkpoint, now_ms()), (&mut json_file, &mut html_file))?;
    let signature = store.sign_certificate(&written)?;
    for (file, path) in [(json_file, &paths[0]), (html_file, &paths[1])] {
        let staged = file.into_inner().context("the certificate cannot be written")?;
        staged.as_file().sync_all()?;
        staged.persist_noclobber(path).with_context(|| path.display().to_string())?;
    }
    let mut signed = File::create_new(&paths[2]).with_context(|| paths[2].display().to_string())?;
    signed.write_all(signature.as_bytes())?;
    let totals = &written.totals;
    if app.global.json {
        out(&json!({"schema": 1, "folder": folder, "totals": totals}).to_string());
    }
    app.terminal.say(&format!(
        "{}: {} purged, {} kept, {} outside of the store of which {} may still be there",
        folder.display(),
        count(totals.items, "item", "items"),
        totals.exceptions,
        count(totals.remaining, "file", "files"),
        totals.still_there
    ));
    Ok(Exit::Done)
}
