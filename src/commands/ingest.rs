//! `custody ingest`: files into the store, each with a table of what it says. What cannot be read whole is not taken in.

use super::App;
use crate::bundle::check_name;
use crate::cli::IngestArgs;
use crate::exit::Exit;
use crate::files::map_files;
use crate::progress::Progress;
use crate::store::show::{count, short, size};
use crate::store::tables::{FORMAT, Versions, table_name};
use crate::store::templates::{MAPPING, TEMPLATE};
use crate::store::{Opened, bundled::Bundled};
use crate::terminal::out;
use crate::worker::WorkerPool;
use anyhow::{Context as _, bail};
use arrow_array::RecordBatch;
use custody_ingest::report::{Opener, Typing, open_report, write_report};
use custody_ingest::{
    Artifact as Found, FileReader, TableError, TableShape, TableWriter, discover, write_table,
};
use custody_retention::store::{IngestBatch, Ingested, ItemSpec, StoreError, is_word};
use custody_retention::sweep::RecordPlace;
use custody_retention::{ContentId, Exposure, ItemId, ItemKind};
use custody_rules::{ArtifactKind, Limits, MediaEngine as _, Reader as _, Reason, Refusal, Sniffed};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files whose pictures are read at the same time before they are staged.
const GROUP: usize = 64;

/// A file that can be taken in.
struct Ready {
    found: Found,
    sniffed: Sniffed,
    words: Vec<RecordBatch>,
    exposure: Exposure,
}

/// A file that is staged, and what its report tables are called.
struct Taken {
    id: ItemId,
    found: Found,
    tables: Vec<String>,
}

/// How the files of a run ended.
#[derive(Default)]
struct Tally {
    done: u64,
    bytes: u64,
    refused: u64,
}

pub(super) fn run(app: &App, args: &IngestArgs) -> anyhow::Result<Exit> {
    let class = args.class.clone();
    if class.as_deref().is_some_and(|class| !is_word(class)) {
        bail!("--class takes 1 to 40 of a-z, 0-9 and -");
    }
    if class.as_deref().is_some_and(|class| [TEMPLATE, MAPPING].contains(&class)) {
        bail!(
            "templates and mappings are taken in by custody template import, from-wsdl and map: they are checked there"
        );
    }
    let limits = Limits::default();
    let pool = app.pool(&args.lang, &args.media)?;
    // Opened once to know that it can be, and again for every group: who reads recordings keeps nobody out meanwhile.
    let environment = app.environment(&app.open_store()?)?;
    let discovery = discover(&args.paths, &limits, Some(&app.wanted()?.folder));
    if args.name.is_some() && discovery.artifacts.len() != 1 {
        bail!("--name names one file; these are {}", discovery.artifacts.len());
    }
    let bundled = Bundled::find(&args.paths);
    let mut tally = Tally::default();
    for (name, refusal) in &discovery.refused {
        refuse(app, name, refusal, &mut tally);
    }
    if discovery.artifacts.is_empty() && tally.refused == 0 {
        bail!("there is no file in what was given");
    }
    let progress = Progress::new(&app.terminal);
    let job = Job { app, pool, limits, progress, args, environment, bundled: &bundled };
    let mut artifacts = discovery.artifacts;
    while !artifacts.is_empty() && !app.cancelled() {
        let rest = artifacts.split_off(artifacts.len().min(GROUP));
        let group = std::mem::replace(&mut artifacts, rest);
        job.group(group, &mut tally)?;
    }
    job.progress.finish();
    if app.cancelled() {
        app.terminal.error(&format!("cancelled: {} taken in before", count(tally.done, "file", "files")));
        return Ok(Exit::Cancelled);
    }
    let rest = if tally.refused > 0 { format!(", {} refused", tally.refused) } else { String::new() };
    app.terminal.say(&format!(
        "{} in custody, {}{rest}",
        count(tally.done, "file", "files"),
        size(tally.bytes)
    ));
    Ok(match (tally.done, tally.refused) {
        (0, _) => Exit::Usage,
        (_, 0) => Exit::Done,
        _ => Exit::Partly,
    })
}

fn refuse(app: &App, name: &str, refusal: &Refusal, tally: &mut Tally) {
    app.terminal.tagged("refused", &format!("{name}: {} ({})", refusal.detail, refusal.reason.as_str()));
    tally.refused += 1;
}

struct Job<'a> {
    app: &'a App,
    pool: WorkerPool,
    limits: Limits,
    progress: Progress,
    args: &'a IngestArgs,
    environment: String,
    bundled: &'a Bundled,
}

impl Job<'_> {
    /// Reads media side by side, then takes the whole group in with few syncs.
    fn group(&self, group: Vec<Found>, tally: &mut Tally) -> anyhow::Result<()> {
        let read = map_files(group, |_, found| {
            let ready = self.read(&found);
            (found, ready)
        });
        let mut opened = self.app.open_store()?;
        let who = opened.who();
        let owner = self.args.owner.as_deref().map(|account| opened.store.ids().user(account));
        let mut versions = Versions::of(&opened.store)?;
        let mut batch = opened.store.begin_ingest(who)?;
        let mut names = Vec::new();
        for (found, ready) in read {
            if self.app.cancelled() {
                break;
            }
            let staged = ready.and_then(|(sniffed, words, exposure)| {
                let ready = Ready { found: found.clone(), sniffed, words, exposure };
                self.stage(&mut batch, &ready, owner, &mut versions)
            });
            match staged {
                Ok(Staged::Whole(id, tables)) => names.push(Taken { id, found, tables }),
                Ok(Staged::Broken(error)) => return Err(error.into()),
                Err(refusal) => refuse(self.app, &found.display, &refusal, tally),
            }
        }
        let done = batch.commit()?;
        Self::locate(&mut opened, &names)?;
        opened.store.checkpoint()?;
        for done in done {
            let Some(taken) = names.iter().find(|taken| taken.id == done.id) else { continue };
            tally.done += 1;
            tally.bytes += done.size_bytes;
            self.say(taken, &done);
        }
        Ok(())
    }

    /// Of what came out of an archive, the archive is the copy outside of the store.
    fn locate(opened: &mut Opened, taken: &[Taken]) -> anyhow::Result<()> {
        let mut contents: BTreeMap<PathBuf, ContentId> = BTreeMap::new();
        let mut places = Vec::new();
        for Taken { id, found, .. } in taken.iter().filter(|taken| taken.found.source.is_member()) {
            let Some(path) = found.source.path() else { continue };
            let content = match contents.get(&path) {
                Some(content) => *content,
                None => opened.store.content_of(File::open(&path)?)?,
            };
            contents.insert(path.clone(), content);
            let path = path.to_string_lossy().into_owned();
            places.push((*id, RecordPlace { path, what: "archive".to_owned(), content }));
        }
        let who = opened.who();
        if !places.is_empty() {
            opened.store.locate(who, &places)?;
        }
        Ok(())
    }

    fn read(&self, found: &Found) -> Result<(Sniffed, Vec<RecordBatch>, Exposure), Refusal> {
        let file = found.source.open()?;
        let sniffed = FileReader.sniff(&file, &self.limits)?;
        check_name(found.relative.last().map_or("", String::as_str), sniffed)?;
        self.progress.expect(sniffed.kind, 1);
        let words = if sniffed.kind.is_media() {
            self.pool.read(&file, sniffed.kind, &self.limits)?.1
        } else {
            Vec::new()
        };
        self.progress.step(sniffed.kind);
        let exposure = if self.bundled.has(found)? { Exposure::Redacted } else { Exposure::Raw };
        Ok((sniffed, words, exposure))
    }

    fn stage(
        &self,
        batch: &mut IngestBatch<'_>,
        ready: &Ready,
        owner: Option<custody_retention::ledger::UserId>,
        versions: &mut Versions,
    ) -> Result<Staged, Refusal> {
        let Ready { found, sniffed, exposure, .. } = ready;
        let name = self.args.name.clone().unwrap_or_else(|| found.relative.join("/"));
        let file = || found.source.path().filter(|_| !found.source.is_member());
        let origin = file().map(|path| path.to_string_lossy().into_owned());
        let spec = ItemSpec {
            kind: ItemKind::Artifact,
            format: sniffed.format.to_owned(),
            class: self.args.class.clone().unwrap_or_else(|| class_of(sniffed.kind).to_owned()),
            environment: self.environment.clone(),
            source: "file".to_owned(),
            exposure: *exposure,
            owner,
            parents: Vec::new(),
            name,
            origin,
        };
        let mut file = found.source.open()?;
        let id = match batch.stage(spec.clone(), &mut file) {
            Ok(id) => id,
            Err(error) => return unreadable(error),
        };
        let Some(shape) = TableShape::of(sniffed.kind) else { return Ok(Staged::Whole(id, Vec::new())) };
        let spec = ItemSpec {
            kind: ItemKind::Table,
            format: "parquet".to_owned(),
            source: "derived".to_owned(),
            parents: vec![id],
            origin: None,
            ..spec
        };
        let open = || found.source.open();
        match batch.stage_with(spec.clone(), |out| {
            reading(&open, (*sniffed, &ready.words), &self.limits, (shape, out))
        }) {
            Ok(_) => {}
            Err(Failed::Refused(refusal)) => {
                batch.unstage(&id);
                return Err(refusal);
            }
            Err(Failed::Store(error)) => return Ok(Staged::Broken(error)),
        }
        match self.report_tables(batch, ready, &spec, versions) {
            Ok(tables) => Ok(Staged::Whole(id, tables)),
            Err(Failed::Store(error)) => Ok(Staged::Broken(error)),
            // It is in custody all the same: it can be searched, redacted and purged, and not asked by SQL.
            Err(Failed::Refused(refusal)) => {
                self.app
                    .terminal
                    .tagged("note", &format!("{}: no table for queries: {}", found.display, refusal.detail));
                Ok(Staged::Whole(id, Vec::new()))
            }
        }
    }

    /// Stages the tables that a report holds, all of them or none, and says what they are called.
    fn report_tables(
        &self,
        batch: &mut IngestBatch<'_>,
        ready: &Ready,
        like: &ItemSpec,
        versions: &mut Versions,
    ) -> Result<Vec<String>, Failed> {
        let kind = ready.sniffed.kind;
        if !matches!(
            kind,
            ArtifactKind::Csv | ArtifactKind::Json | ArtifactKind::Xml | ArtifactKind::Workbook
        ) {
            return Ok(Vec::new());
        }
        let source = ready.found.source.clone();
        let open: Opener = Arc::new(move || source.open());
        let tables =
            open_report(open, ready.sniffed, &self.limits, Typing::Whole).map_err(Failed::Refused)?;
        let file = Path::new(&like.name);
        let report = match &self.args.name {
            Some(name) => name.clone(),
            None => file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        let (mut names, mut staged) = (Vec::new(), Vec::new());
        for table in &tables {
            let done = table_name(&report, &table.name).map_err(Failed::Refused).and_then(|name| {
                let name = versions.next(&name);
                let spec = ItemSpec { format: FORMAT.to_owned(), name: name.clone(), ..like.clone() };
                let id =
                    batch.stage_with(spec, |out| write_report(table, out).map(drop).map_err(Failed::from))?;
                Ok((id, name))
            });
            match done {
                Ok((id, name)) => {
                    names.push(name);
                    staged.push(id);
                }
                Err(failed) => {
                    staged.iter().for_each(|id| batch.unstage(id));
                    return Err(failed);
                }
            }
        }
        Ok(names)
    }

    fn say(&self, taken: &Taken, done: &Ingested) {
        let name = &taken.found.display;
        if self.app.global.json {
            let object = json!({
                "schema": 1, "id": done.id, "content": done.content, "size_bytes": done.size_bytes,
                "duplicates": done.duplicates, "tables": taken.tables,
            });
            out(&object.to_string());
            return;
        }
        let again = match done.duplicates.as_slice() {
            [] => String::new(),
            [first, ..] => format!(" (the same content is here already: {})", short(first)),
        };
        let tables = match taken.tables.as_slice() {
            [] => String::new(),
            names => format!(", in SQL {}", names.join(", ")),
        };
        self.app.terminal.say(&format!("{}  {name}{tables}{again}", short(&done.id)));
    }
}

/// Writes a reading as a table: of media the words that were read, of the rest what the file says.
pub(super) fn reading(
    open: &dyn Fn() -> Result<File, Refusal>,
    (sniffed, words): (Sniffed, &[RecordBatch]),
    limits: &Limits,
    (shape, out): (TableShape, &mut (dyn Write + Send)),
) -> Result<(), Failed> {
    if shape == TableShape::Words {
        let mut writer = TableWriter::new(shape, out)?;
        for batch in words {
            writer.write(batch)?;
        }
        writer.finish()?;
        return Ok(());
    }
    let file = open().map_err(TableError::from)?;
    let mut source = FileReader.open(file, sniffed, limits).map_err(TableError::from)?;
    write_table(source.as_mut(), shape, out)?;
    Ok(())
}

/// What became of one file's staging: the store itself may have failed, which ends the run.
enum Staged {
    Whole(ItemId, Vec<String>),
    Broken(StoreError),
}

/// A store's error about the source is the file's; every other one is the store's.
fn unreadable(error: StoreError) -> Result<Staged, Refusal> {
    match error {
        StoreError::Io { what: "reading what is to be ingested", .. } => {
            Err(Refusal::new(Reason::Unreadable, "it cannot be read to its end"))
        }
        other => Ok(Staged::Broken(other)),
    }
}

/// Why a table could not be staged.
pub(super) enum Failed {
    /// The file.
    Refused(Refusal),
    /// The store.
    Store(StoreError),
}

impl From<TableError> for Failed {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Refused(refusal) => Self::Refused(refusal),
            TableError::Unwritable(kind) => Self::Store(StoreError::Io { what: "writing a table", kind }),
            _ => Self::Store(StoreError::Contradiction("a reading does not fit its table")),
        }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The class that policies know a kind of file by.
fn class_of(kind: ArtifactKind) -> &'static str {
    match kind {
        ArtifactKind::Image => "screenshot",
        ArtifactKind::Video => "recording",
        ArtifactKind::Text => "log",
        _ => "report",
    }
}

/// The environment that an ingest is for.
impl App {
    pub(super) fn environment(&self, opened: &Opened) -> anyhow::Result<String> {
        let own = crate::environment::stored_own(&opened.store)?;
        let own = own.or_else(|| opened.store.config().environment.clone());
        let source = crate::store::EnvironmentSource { asked: self.global.env.clone(), own };
        let name = source.name().context("an artifact belongs to an environment")?;
        // What is not known is not an environment: a name that was mistyped would be governed by nothing.
        let environment = crate::environment::in_force(&opened.store, &name)?;
        if self.global.env.is_none() && environment.kind == crate::environment::Kind::Production {
            anyhow::bail!("{name} is production, which is named every time: --env {name}");
        }
        Ok(environment.name)
    }
}
