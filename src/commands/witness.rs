//! What the stages leave in the ledger where there is a store: which contents were scanned or redacted, or which roster was
//! compiled; by keyed hashes only.

use super::App;
use crate::exit::Exit;
use crate::pipeline::Bundle;
use custody_retention::ledger::{ActKind, Subject, SubjectKind};

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
            let mut contents = Vec::new();
            for item in bundle.items.iter().filter(|item| item.state.is_ok()) {
                // What cannot be read any more was refused before.
                if let Ok(file) = item.found.source.open() {
                    let content = opened.store.content_of(file)?;
                    contents.push(Subject { kind: SubjectKind::Content, id: content.0 });
                }
            }
            contents.sort_unstable();
            contents.dedup();
            Ok(contents)
        });
        worse(app, exit, recorded)
    }

    /// Records a compiled roster.
    pub(super) fn roster(&self, app: &App, index: &std::path::Path, exit: Exit) -> Exit {
        if !self.there {
            return exit;
        }
        let recorded = record(app, ActKind::Roster, |opened| {
            let file = std::fs::File::open(index)?;
            Ok(vec![opened.store.ids().subject_of(SubjectKind::Roster, file)?])
        });
        worse(app, exit, recorded)
    }
}

fn record(
    app: &App,
    kind: ActKind,
    subjects: impl FnOnce(&crate::store::Opened) -> anyhow::Result<Vec<Subject>>,
) -> anyhow::Result<()> {
    let Some(mut opened) = app.store_if_there()? else { return Ok(()) };
    let subjects = subjects(&opened)?;
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
