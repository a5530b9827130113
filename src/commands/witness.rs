//! What the stages leave in the ledger where there is a store: which contents were scanned or redacted, or which roster was
//! compiled; by keyed hashes only.

use super::App;
use crate::exit::Exit;
use crate::pipeline::Bundle;
use crate::preview::Previewed;
use crate::store::Opened;
use custody_retention::ledger::{ActKind, Subject, SubjectKind};
use custody_retention::store::{Store, StoreError};
use custody_retention::sweep::RecordPlace;
use custody_retention::{ContentId, ItemId, ItemKind};
use std::fs::File;
use std::path::Path;

/// A run that a store witnesses.
pub(super) struct Witness {
    there: bool,
}

impl Witness {
    /// Looks whether there is a store, and whether it opens: nothing is begun that could not be recorded.
    pub(super) fn begin(app: &App) -> anyhow::Result<Self> {
        Ok(Self { there: app.store_if_there()?.is_some() })
    }

    /// Records what was done, and how it ended: never better than `exit`.
    pub(super) fn bundle(&self, app: &App, kind: ActKind, bundle: &Bundle, exit: Exit) -> Exit {
        if !self.there {
            return exit;
        }
        let recorded = record(app, kind, |opened| {
            let (mut contents, mut used) = (Vec::new(), Vec::new());
            for item in bundle.items.iter().filter(|item| item.state.is_ok()) {
                // What cannot be read any more was refused before.
                if let Ok(file) = item.found.source.open() {
                    let content = opened.store.content_of(file)?;
                    contents.push(Subject { kind: SubjectKind::Content, id: content.0 });
                    used.extend(in_custody(&opened.store, &content)?);
                }
            }
            contents.sort_unstable();
            contents.dedup();
            used.sort_unstable();
            used.dedup();
            if !used.is_empty() {
                // Whoever works with the original needs what is in custody as well.
                let who = opened.who();
                opened.store.used(who, &used)?;
            }
            Ok(contents)
        });
        worse(app, exit, recorded)
    }

    /// Records a compiled roster.
    pub(super) fn roster(&self, app: &App, index: &Path, exit: Exit) -> Exit {
        if !self.there {
            return exit;
        }
        let recorded = record(app, ActKind::Roster, |opened| {
            let file = File::open(index)?;
            Ok(vec![opened.store.ids().subject_of(SubjectKind::Roster, file)?])
        });
        worse(app, exit, recorded)
    }
}

fn record(
    app: &App,
    kind: ActKind,
    subjects: impl FnOnce(&mut Opened) -> anyhow::Result<Vec<Subject>>,
) -> anyhow::Result<()> {
    let Some(mut opened) = app.store_if_there()? else { return Ok(()) };
    let subjects = subjects(&mut opened)?;
    let who = opened.who();
    opened.store.witnessed(kind, who, &subjects)?;
    opened.store.checkpoint()?;
    Ok(())
}

fn worse(app: &App, exit: Exit, recorded: anyhow::Result<()>) -> Exit {
    match recorded {
        Ok(()) => exit,
        Err(error) => {
            super::say_error(app.terminal, &error.context("what was done is not in the ledger"));
            if exit == Exit::Done { Exit::Partly } else { exit }
        }
    }
}

/// Artifacts in custody that have this content.
fn in_custody(store: &Store, content: &ContentId) -> Result<Vec<ItemId>, StoreError> {
    let same = store.catalog().duplicates(content)?;
    Ok(same.iter().filter(|item| item.kind == ItemKind::Artifact).map(|item| item.id).collect())
}

/// Remembers the pictures of a preview with what they show, as far as that is in custody: they are unredacted copies outside
/// of the store, and certificates name them.
pub(super) fn previewed(app: &App, bundle: &Bundle, previewed: &Previewed, dir: &Path) -> anyhow::Result<()> {
    let Some(mut opened) = app.store_if_there()? else { return Ok(()) };
    let mut places = Vec::new();
    for (file, at) in previewed.report.files.iter().zip(&previewed.drawn) {
        let Some(item) = bundle.items.get(*at) else { continue };
        let content = opened.store.content_of(item.found.source.open()?)?;
        for id in in_custody(&opened.store, &content)? {
            for sheet in &file.sheets {
                let path = std::path::absolute(dir.join(sheet))?;
                let content = opened.store.content_of(File::open(&path)?)?;
                let path = path.to_string_lossy().into_owned();
                places.push((id, RecordPlace { path, what: "preview".to_owned(), content }));
            }
        }
    }
    if !places.is_empty() {
        let who = opened.who();
        opened.store.locate(who, &places)?;
        opened.store.checkpoint()?;
    }
    Ok(())
}
