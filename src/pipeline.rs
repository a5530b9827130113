//! The stages over a whole bundle: discover, read, survey, find, number. What is written and verified
//! afterwards is in [`crate::bundle`].

use crate::cleanup::Cleanup;
use crate::config::Detection;
use crate::files::map_files;
use crate::progress::Progress;
use crate::worker::WorkerPool;
use arrow_array::RecordBatch;
use custody_ingest::{Artifact as Found, Discovery, FileReader, discover};
use custody_redact::detect::{ColumnClasses, path_findings};
use custody_redact::operators::Numbering;
use custody_redact::{Artifact, Context, FindingStore, TableContext, find, survey};
use custody_rules::{
    ArtifactKind, Finding, Limits, MediaSummary, Reader, Reason, Refusal, Sniffed, ValueIndexBuilder,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Steps a progress bar counts for one artifact: survey, find, write and verify.
pub const STEPS: u64 = 3;

/// One artifact on its way through the stages.
#[derive(Debug)]
pub struct Item {
    /// Where it came from.
    pub found: Found,
    /// Findings in its path.
    pub path_findings: Vec<Finding>,
    /// What is known of its content, or why it is refused.
    pub state: Result<Content, Refusal>,
}

/// What is known of an artifact's content.
#[derive(Debug)]
pub struct Content {
    /// What it is.
    pub sniffed: Sniffed,
    /// Words of media.
    pub words: Vec<RecordBatch>,
    /// Width and height of media.
    pub page: (u32, u32),
    /// Pages of a picture, frames of a recording; 0 otherwise.
    pub frames: u32,
    /// 0 but for recordings.
    pub duration_ms: u64,
    /// Columns classified by content.
    pub classes: ColumnClasses,
    /// Its findings.
    pub store: FindingStore,
}

/// Everything a run needs besides its artifacts.
#[derive(Debug)]
pub struct Run {
    /// What is found.
    pub detection: Detection,
    /// Workers for media.
    pub pool: WorkerPool,
    /// What is too large.
    pub limits: Limits,
    /// Set when the run is to stop.
    pub cancel: Arc<AtomicBool>,
    /// Bars.
    pub progress: Progress,
    /// What is removed when the process ends early.
    pub cleanup: Cleanup,
}

/// Artifacts in path order, and what could not even be opened.
#[derive(Debug)]
pub struct Bundle {
    /// Artifacts, ordered by path.
    pub items: Vec<Item>,
    /// Names as the user gave them, with the reason.
    pub refused: Vec<(String, Refusal)>,
    /// Numbers of all identities.
    pub numbering: Numbering,
}

impl Run {
    /// The context of stages over the artifact at this relative path.
    pub fn context_at(&self, path: &[String]) -> Context<'_> {
        let scope = self.detection.detector.lists.scope(&path.join("/"));
        Context { scope, ..self.context() }
    }

    /// The context of stages over no artifact in particular.
    pub fn context(&self) -> Context<'_> {
        Context {
            detector: &self.detection.detector,
            reader: &FileReader,
            media: &self.pool,
            limits: &self.limits,
            cancel: &self.cancel,
            scope: custody_rules::ListScope::default(),
            progress: &|_| (),
        }
    }

    /// Runs all stages up to the numbered findings tables.
    ///
    /// # Errors
    /// [`Reason::Cancelled`] when the run was cancelled; everything else is listed per artifact.
    pub fn detect(&mut self, paths: &[PathBuf], exclude: Option<&Path>) -> Result<Bundle, Refusal> {
        let discovery = discover(paths, &self.limits, exclude);
        self.detect_in(discovery)
    }

    /// The same over artifacts that were found otherwise.
    ///
    /// # Errors
    /// As [`Run::detect`].
    pub fn detect_in(&mut self, discovery: Discovery) -> Result<Bundle, Refusal> {
        let surveyed = map_files(discovery.artifacts, |at, found| self.survey_one(at, found));
        self.context().check_cancelled()?;
        let mut values = self.detection.detector.value_builder();
        let mut items = Vec::with_capacity(surveyed.len());
        for (item, own) in surveyed {
            if let Some(own) = own {
                values.merge(own);
            }
            items.push(item);
        }
        self.detection.detector.values = values.build();
        map_files(items.iter_mut().collect(), |_, item| self.find_one(item));
        self.context().check_cancelled()?;
        let mut numbering = Numbering::default();
        for item in &mut items {
            item.path_findings.iter().for_each(|finding| numbering.assign(finding));
            number(item, &mut numbering);
        }
        Ok(Bundle { items, refused: discovery.refused, numbering })
    }

    fn survey_one(&self, at: usize, found: Found) -> (Item, Option<ValueIndexBuilder>) {
        let detector = &self.detection.detector;
        let mut item = Item {
            found,
            path_findings: Vec::new(),
            state: Err(Refusal::new(Reason::Cancelled, "the run was cancelled")),
        };
        let paths = path_findings(
            detector,
            &item.found.relative,
            true,
            &mut self.context_at(&item.found.relative).lend(),
        );
        let mut values = paths.values;
        item.state = self.read_one(at, &item.found).and_then(|mut content| {
            let learned = survey(
                &self.context_at(&item.found.relative),
                &artifact(&content, &|| item.found.source.open()),
            )?;
            content.classes = learned.classes;
            if let Some(values) = &mut values {
                values.merge(learned.values);
            }
            self.progress.step(content.sniffed.kind);
            Ok(content)
        });
        (item, values)
    }

    fn read_one(&self, at: usize, found: &Found) -> Result<Content, Refusal> {
        self.context().check_cancelled()?;
        let file = found.source.open()?;
        let sniffed = FileReader.sniff(&file, &self.limits)?;
        crate::bundle::check_name(found.relative.last().map_or("", String::as_str), sniffed)?;
        self.progress.expect(sniffed.kind, STEPS);
        let (summary, words) = if sniffed.kind.is_media() {
            use custody_rules::MediaEngine;
            self.pool.read(&file, sniffed.kind, &self.limits)?
        } else {
            (MediaSummary::default(), Vec::new())
        };
        let detector = &self.detection.detector;
        let table = TableContext::new(detector.rules(), detector.key, at as u32, &found.relative.join("/"));
        Ok(Content {
            sniffed,
            words,
            page: (summary.width, summary.height),
            frames: summary.frames,
            duration_ms: summary.duration_ms,
            classes: ColumnClasses::default(),
            store: FindingStore::new(table),
        })
    }

    fn find_one(&self, item: &mut Item) {
        let detector = &self.detection.detector;
        item.path_findings = path_findings(
            detector,
            &item.found.relative,
            false,
            &mut self.context_at(&item.found.relative).lend(),
        )
        .findings;
        let Item { found, state, .. } = item;
        let Ok(content) = state else { return };
        let mut store = content.store.fresh();
        let result = find(
            &self.context_at(&found.relative),
            &artifact(content, &|| found.source.open()),
            &content.classes,
            &mut store,
        );
        self.progress.step(content.sniffed.kind);
        match result {
            Ok(()) => content.store = store,
            Err(refusal) => *state = Err(refusal),
        }
    }
}

/// The artifact as the stages see it.
pub fn artifact<'a>(
    content: &'a Content,
    open: &'a (dyn Fn() -> Result<std::fs::File, Refusal> + Sync),
) -> Artifact<'a> {
    Artifact { open, sniffed: content.sniffed, words: &content.words, page: content.page }
}

fn number(item: &mut Item, numbering: &mut Numbering) {
    let Ok(content) = &mut item.state else { return };
    let table_lost = || {
        Refusal::new(
            Reason::Unwritable,
            "the findings table cannot be read back: is the temporary folder full?",
        )
    };
    let failed = match content.store.rows() {
        Ok(mut rows) => rows.try_for_each(|row| row.map(|finding| numbering.assign(&finding))).is_err(),
        Err(_) => true,
    };
    if failed {
        item.state = Err(table_lost());
    }
}

/// Whether a kind has lines that can be counted for people.
pub fn has_lines(kind: ArtifactKind) -> bool {
    matches!(kind, ArtifactKind::Text | ArtifactKind::Csv | ArtifactKind::Json | ArtifactKind::Xml)
}
