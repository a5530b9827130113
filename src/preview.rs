//! Previews: pictures of what is found, for the person who asked to see it, unredacted, in a folder of their own
//! that nobody else may read. Drawn by workers; staged beside the folder and moved there in one rename.

mod png;
mod report;

pub use report::{FILE_NAME, FileReport, MarkReport, Report, SCHEMA};

use crate::bundle::{redacted_display, refused_entry, targets};
use crate::files::map_files;
use crate::pipeline::{Bundle, Content, Item, Run};
use anyhow::Context as _;
use custody_ingest::STAGING_PREFIX;
use custody_redact::preview::{marks, sheets};
use custody_rules::{Drawing, Finding, MediaEngine, Reason, Refusal, SHEETS_MAX};
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What only its owner may read.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// What a preview holds.
#[derive(Debug)]
pub struct Previewed {
    /// What is in `preview.json`.
    pub report: Report,
    /// For each of the report's files, the place of its artifact in the bundle.
    pub drawn: Vec<usize>,
    /// What was read, but could not be drawn: named as the user gave it.
    pub failed: Vec<(String, Refusal)>,
}

/// Draws every picture and recording of the bundle into `dir`; `None` where there is none to be drawn.
///
/// # Errors
/// When the folder cannot be made, or the run was cancelled: then nothing of it is left. Failures of single files
/// are in the result.
pub fn draw(run: &Run, bundle: &mut Bundle, dir: &Path) -> anyhow::Result<Option<Previewed>> {
    let is_media = |item: &Item| item.state.as_ref().is_ok_and(|content| content.sniffed.kind.is_media());
    if !bundle.items.iter().any(is_media) {
        return Ok(None);
    }
    let parent = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent)
        .with_context(|| format!("{}: the folder for the preview cannot be made", parent.display()))?;
    let mut staging = tempfile::Builder::new();
    staging.prefix(STAGING_PREFIX).permissions(Permissions::from_mode(FOLDER_MODE));
    let staging = run.cleanup.stage(staging.tempdir_in(parent)?);
    let stage = Stage { run, work: staging.path().join("work"), tree: staging.path().join("preview") };
    make_folder(&stage.work)?;
    make_folder(&stage.tree)?;
    let targets = targets(run, &bundle.items, &bundle.numbering);
    let items: Vec<(&mut Item, &Vec<String>)> = bundle.items.iter_mut().zip(&targets).collect();
    let drawn = map_files(items, |at, (item, target)| stage.file(at, item, target));
    let mut report = Report {
        schema: SCHEMA,
        tool: concat!("custody ", env!("CARGO_PKG_VERSION")).to_owned(),
        profile: run.detection.detector.profile.name.clone(),
        files: Vec::new(),
        refused: Vec::new(),
    };
    let (mut failed, mut places) = (Vec::new(), Vec::new());
    for (at, ((item, target), drawn)) in bundle.items.iter().zip(&targets).zip(drawn).enumerate() {
        match drawn {
            Ok(file) => {
                places.extend(file.is_some().then_some(at));
                report.files.extend(file);
            }
            Err(refusal) => {
                report.refused.push(refused_entry(target.join("/"), &refusal));
                // What could not even be read is said by the command itself.
                failed.extend(item.state.is_ok().then(|| (item.found.display.clone(), refusal)));
            }
        }
    }
    let refused = bundle.refused.iter();
    report.refused.extend(
        refused.map(|(display, refusal)| {
            refused_entry(redacted_display(run, &bundle.numbering, display), refusal)
        }),
    );
    run.context().check_cancelled()?;
    if !report.files.is_empty() {
        stage.publish(&report, dir)?;
    }
    Ok(Some(Previewed { report, drawn: places, failed }))
}

struct Stage<'a> {
    run: &'a Run,
    work: PathBuf,
    tree: PathBuf,
}

impl Stage<'_> {
    /// Draws one artifact; `None` where it has no pixels.
    fn file(&self, at: usize, item: &mut Item, target: &[String]) -> Result<Option<FileReport>, Refusal> {
        let content = item.state.as_mut().map_err(|refusal| refusal.clone())?;
        let kind = content.sniffed.kind;
        if !kind.is_media() {
            return Ok(None);
        }
        let findings: Result<Vec<Finding>, _> = content.store.rows().and_then(Iterator::collect);
        let findings = findings.map_err(|_| unwritable("the findings table cannot be read back"))?;
        let detector = &self.run.detection.detector;
        let place = (kind, content.page, content.words.as_slice());
        let marks = marks(&findings, detector.rules(), place, detector.ids().unread_region);
        let drawn = self.sheets((at, &marks), content, &|| item.found.source.open())?;
        let paths = self.keep(&drawn, target)?;
        Ok(Some(FileReport {
            path: target.join("/"),
            kind,
            width: content.page.0,
            height: content.page.1,
            frames: content.frames,
            duration_ms: content.duration_ms,
            sheets: paths,
            marks: marks.iter().map(MarkReport::from).collect(),
        }))
    }

    /// Draws the sheets, a few at a time, and checks each.
    fn sheets(
        &self,
        (at, marks): (usize, &[custody_rules::Mark]),
        content: &Content,
        open: &dyn Fn() -> Result<File, Refusal>,
    ) -> Result<Vec<PathBuf>, Refusal> {
        let (kind, limits) = (content.sniffed.kind, &self.run.limits);
        let mut drawn = Vec::new();
        for some in sheets(marks, kind, (content.frames, content.duration_ms > 0)).chunks(SHEETS_MAX) {
            let paths: Vec<PathBuf> =
                (0..some.len()).map(|n| self.work.join(format!("{at}-{}", drawn.len() + n))).collect();
            let outputs = paths.iter().map(|path| make_file(path)).collect::<Result<Vec<File>, Refusal>>()?;
            let drawing = Drawing { marks: marks.to_vec(), sheets: some.to_vec() };
            self.run.pool.preview((&open()?, &outputs), kind, &drawing, limits)?;
            outputs.iter().try_for_each(png::check)?;
            drawn.extend(paths);
        }
        Ok(drawn)
    }

    /// Moves sheets to where they belong; their paths, with `/`.
    fn keep(&self, drawn: &[PathBuf], target: &[String]) -> Result<Vec<String>, Refusal> {
        let mut paths = Vec::new();
        for (number, sheet) in (1..).zip(drawn) {
            let ending =
                if drawn.len() == 1 { ".preview.png".to_owned() } else { format!(".preview-{number}.png") };
            let path = target.join("/") + &ending;
            let full = self.tree.join(&path);
            let moved = full.parent().map_or(Ok(()), make_folder).and_then(|()| fs::rename(sheet, &full));
            moved.map_err(|_| unwritable("it cannot be moved into place"))?;
            paths.push(path);
        }
        Ok(paths)
    }

    fn publish(&self, report: &Report, dir: &Path) -> anyhow::Result<()> {
        let shown = dir.display();
        let mut file = make_file(&self.tree.join(FILE_NAME))?;
        file.write_all((serde_json::to_string_pretty(report)? + "\n").as_bytes())
            .with_context(|| format!("{shown}: {FILE_NAME} cannot be written"))?;
        fs::rename(&self.tree, dir)
            .with_context(|| format!("{shown}: the finished preview cannot be moved there"))
    }
}

fn make_folder(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

fn make_file(path: &Path) -> Result<File, Refusal> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true).mode(FILE_MODE);
    options.open(path).map_err(|_| unwritable("its file cannot be made"))
}

fn unwritable(what: &str) -> Refusal {
    Refusal::new(Reason::Unwritable, format!("the preview: {what}"))
}
