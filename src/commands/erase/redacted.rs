//! Redacted versions of what an erasure purges: made and verified as for a bundle, from plaintext that is in memory only, and
//! taken in beside the originals before those go.

use super::super::App;
use super::super::ingest::{Failed, reading};
use crate::bundle::publish;
use crate::cleanup::memory_folder;
use crate::cli::{DetectArgs, MediaArgs};
use crate::pipeline::Run;
use crate::store::Opened;
use crate::store::search::plaintext;
use crate::store::show::{count, short};
use anyhow::{Context as _, anyhow, bail};
use custody_ingest::{Artifact as Found, Discovery, FileReader, Source, TableShape};
use custody_retention::catalog::ItemRow;
use custody_retention::ledger::UserId;
use custody_retention::request::Request;
use custody_retention::store::ItemSpec;
use custody_retention::{Exposure, ItemKind};
use custody_rules::{MediaEngine as _, Reader as _, Refusal};
use std::fs::File;
use std::path::Path;

/// Makes and keeps them all; nothing is purged when one cannot be made.
pub(super) fn keep(app: &App, opened: &mut Opened, subject: &Path, request: &Request) -> anyhow::Result<()> {
    let detect = DetectArgs { roster: Some(subject.to_owned()), ..DetectArgs::plain() };
    let mut run = app.run(&detect, &MediaArgs { no_sandbox: false })?;
    let mut kept = 0;
    for item in &request.items {
        let Some(row) = opened.store.catalog().item(&item.id)? else { continue };
        if row.is_purged() || row.kind != ItemKind::Artifact || row.exposure == Exposure::Redacted {
            continue;
        }
        one(app, &mut run, opened, &row).with_context(|| {
            format!("{}: no redacted version could be made; nothing was purged", short(&row.id))
        })?;
        kept += 1;
    }
    run.progress.finish();
    opened.store.checkpoint()?;
    app.terminal.say(&format!("{} kept", count(kept, "redacted version", "redacted versions")));
    Ok(())
}

fn one(app: &App, run: &mut Run, opened: &mut Opened, row: &ItemRow) -> anyhow::Result<()> {
    let content = plaintext(&opened.store, &row.id)?;
    let name = short(&row.id);
    let found = Found {
        relative: vec![name.clone()],
        archive_depths: Vec::new(),
        display: name,
        source: Source::memory(content).map_err(|refusal| anyhow!("{refusal}"))?,
    };
    let discovery = Discovery { artifacts: vec![found], refused: Vec::new() };
    let folder = app.cleanup.stage(memory_folder()?);
    let out = folder.path().join("out");
    let mut bundle = run.detect_in(discovery).map_err(|refusal| anyhow!("{refusal}"))?;
    let published = publish(run, &mut bundle, (&out, false, false))?;
    let outcome = published.outcomes.into_iter().next().context("there was nothing to redact")?;
    outcome.result.map_err(|refusal| anyhow!("{refusal}"))?;
    let manifest = published.manifest.context("nothing was written")?;
    let redacted = out.join(&manifest.files.first().context("nothing was written")?.path);
    let open = || -> Result<File, Refusal> { Ok(File::open(&redacted)?) };
    let refused = |refusal: Refusal| anyhow!("{refusal}");
    let file = open().map_err(refused)?;
    let sniffed = FileReader.sniff(&file, &run.limits).map_err(refused)?;
    let words = if sniffed.kind.is_media() {
        run.pool.read(&file, sniffed.kind, &run.limits).map_err(refused)?.1
    } else {
        Vec::new()
    };
    let spec = ItemSpec {
        kind: ItemKind::Artifact,
        format: sniffed.format.to_owned(),
        class: row.class.clone(),
        environment: row.environment.clone(),
        source: "derived".to_owned(),
        exposure: Exposure::Redacted,
        owner: UserId::parse(&row.owner),
        parents: vec![row.id],
        // Its own name could be the person's.
        name: format!("redacted.{}", sniffed.format),
        origin: None,
    };
    let who = opened.who();
    let mut batch = opened.store.begin_ingest(who)?;
    let id = batch.stage(spec.clone(), &mut File::open(&redacted)?)?;
    let shape = TableShape::of(sniffed.kind).context("it has no reading")?;
    let table = ItemSpec { kind: ItemKind::Table, format: "parquet".to_owned(), parents: vec![id], ..spec };
    match batch.stage_with(table, |out| reading(&open, (sniffed, &words), &run.limits, (shape, out))) {
        Ok(_) => {}
        Err(Failed::Refused(refusal)) => bail!("{refusal}"),
        Err(Failed::Store(error)) => return Err(error.into()),
    }
    batch.commit()?;
    Ok(())
}
