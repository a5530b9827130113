//! One output after the other is written, read again, repaired at most twice, and moved into the staged
//! tree; the tree becomes OUT in one rename.

use super::names::{Distinct, output_name};
use super::pack::{pack, swap};
use crate::files::map_files;
use crate::pipeline::{Bundle, Content, Item, Run, artifact};
use anyhow::Context as _;
use custody_ingest::STAGING_PREFIX;
use custody_redact::operators::Numbering;
use custody_redact::verify::{Painted, rescan};
use custody_redact::{Artifact, FindingStore, apply, redacted_components};
use custody_rules::manifest::{self, FileEntry, FilledBox, Manifest, Refused, Totals, Verdict};
use custody_rules::{ArtifactKind, Decision, Finding, Reason, Refusal, Region, Sniffed};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// How often an output is widened and written again before it is refused.
const REPAIRS_MAX: u32 = 2;

/// What became of one artifact, for the terminal: named as the user gave it.
#[derive(Debug)]
pub struct Outcome {
    /// The artifact's name as the user gave it.
    pub display: String,
    /// What is in the bundle, or why it is not.
    pub result: Result<FileEntry, Refusal>,
}

/// What a run published.
#[derive(Debug)]
pub struct Published {
    /// One entry an artifact, in path order; then what could not be opened.
    pub outcomes: Vec<Outcome>,
    /// The manifest; `None` when there was nothing to publish.
    pub manifest: Option<Manifest>,
}

/// A written and verified output in the staged tree.
struct Leaf {
    components: Vec<String>,
    archive_depths: Vec<usize>,
    entry: FileEntry,
}

/// Writes and verifies everything, and renames the staged tree to `out`. `keep_words`: what was read from media is
/// still needed afterwards, for a preview.
///
/// # Errors
/// When the staging folder cannot be used or the rename fails. Failures of single files are in the result.
pub fn publish(
    run: &Run,
    bundle: &mut Bundle,
    (out, keep_audio, keep_words): (&Path, bool, bool),
) -> anyhow::Result<Published> {
    let parent = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent)
        .with_context(|| format!("{}: the folder for OUT cannot be made", parent.display()))?;
    let staging = run.cleanup.stage(tempfile::Builder::new().prefix(STAGING_PREFIX).tempdir_in(parent)?);
    let stage = Stage {
        run,
        numbering: &bundle.numbering,
        keep_audio,
        keep_words,
        work: staging.path().join("work"),
        tree: staging.path().join("bundle"),
    };
    fs::create_dir(&stage.work)?;
    fs::create_dir(&stage.tree)?;
    let Bundle { items, refused, .. } = bundle;
    let targets = targets(run, items, stage.numbering);
    let work: Vec<(&mut Item, &Vec<String>)> = items.iter_mut().zip(&targets).collect();
    let results = map_files(work, |at, (item, target)| stage.write(at, item, target));
    let mut leaves = Vec::new();
    let mut outcomes = Vec::new();
    let mut refused_entries = Vec::new();
    for ((item, target), result) in items.iter().zip(targets).zip(results) {
        match &result {
            Ok(entry) => {
                let archive_depths = item.found.archive_depths.clone();
                leaves.push(Leaf { components: target, archive_depths, entry: entry.clone() });
            }
            Err(refusal) => refused_entries.push(refused_entry(target.join("/"), refusal)),
        }
        outcomes.push(Outcome { display: item.found.display.clone(), result });
    }
    for (display, refusal) in refused {
        refused_entries.push(refused_entry(redacted_display(run, stage.numbering, display), refusal));
        outcomes.push(Outcome { display: display.clone(), result: Err(refusal.clone()) });
    }
    if leaves.is_empty() || run.context().check_cancelled().is_err() {
        return Ok(Published { outcomes, manifest: None });
    }
    let files = stage.pack_archives(leaves)?;
    let manifest = manifest(run, (files, refused_entries), keep_audio);
    let text = serde_json::to_string_pretty(&manifest)?;
    fs::write(stage.tree.join(manifest::FILE_NAME), text + "\n")?;
    if run.context().check_cancelled().is_err() {
        return Ok(Published { outcomes, manifest: None });
    }
    fs::rename(&stage.tree, out)
        .with_context(|| format!("{}: the finished bundle cannot be moved there", out.display()))?;
    Ok(Published { outcomes, manifest: Some(manifest) })
}

pub(crate) fn refused_entry(path: String, refusal: &Refusal) -> Refused {
    Refused { path, reason: refusal.reason, detail: refusal.detail.clone() }
}

/// Redacted and distinct paths of all items, refused ones included.
pub(crate) fn targets(run: &Run, items: &[Item], numbering: &Numbering) -> Vec<Vec<String>> {
    let mut distinct = Distinct::default();
    let target = |item: &Item| {
        let mut path = redacted_components(
            &run.detection.detector,
            numbering,
            &item.found.relative,
            &item.path_findings,
        );
        if let (Ok(content), Some(last)) = (&item.state, path.last_mut()) {
            *last = output_name(last, content.sniffed);
        }
        distinct.make(&item.found.relative, &mut path);
        path
    };
    items.iter().map(target).collect()
}

/// A name the user gave, as a manifest may hold it.
pub(crate) fn redacted_display(run: &Run, numbering: &Numbering, display: &str) -> String {
    let detector = &run.detection.detector;
    let name = Path::new(display).file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let components = [name];
    let found = custody_redact::detect::path_findings(detector, &components, false, &mut detector.lend());
    redacted_components(detector, numbering, &components, &found.findings).join("/")
}

struct Stage<'a> {
    run: &'a Run,
    numbering: &'a Numbering,
    keep_audio: bool,
    keep_words: bool,
    work: PathBuf,
    tree: PathBuf,
}

impl Stage<'_> {
    fn write(&self, at: usize, item: &mut Item, target: &[String]) -> Result<FileEntry, Refusal> {
        let content = item.state.as_mut().map_err(|refusal| refusal.clone())?;
        let kind = content.sniffed.kind;
        let open = || item.found.source.open();
        let (path, verdict, counts) = self.verified((at, &item.found.relative), content, &open)?;
        let target_path = target.iter().fold(self.tree.clone(), |path, part| path.join(part));
        let moved = target_path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::rename(&path, &target_path));
        moved.map_err(|e| {
            Refusal::new(Reason::Unwritable, format!("the output cannot be moved into place: {}", e.kind()))
        })?;
        let (size_bytes, blake3) = digest(&target_path)?;
        self.run.progress.step(kind);
        let [redacted, kept] = counts;
        let Painted { texts, unread } = self.painted(content)?;
        let filled = |regions: Vec<Region>| regions.into_iter().map(FilledBox).collect();
        // Words of every picture and recording at once would be much of the memory.
        if !self.keep_words {
            content.words = Vec::new();
        }
        Ok(FileEntry {
            path: String::new(),
            kind,
            size_bytes,
            blake3,
            redacted,
            kept,
            verdict,
            boxes: filled(texts),
            unread_boxes: filled(unread),
            members: Vec::new(),
        })
    }

    /// Applies, reads again, repairs: until nothing is left or too much is.
    fn verified(
        &self,
        (at, relative): (usize, &[String]),
        content: &mut Content,
        open: &(dyn Fn() -> Result<File, Refusal> + Sync),
    ) -> Result<(PathBuf, Verdict, [BTreeMap<String, u64>; 2]), Refusal> {
        let context = self.run.context_at(relative);
        let mut counts = self.count(&mut content.store)?;
        let mut path = self.work.join(format!("{at}-0"));
        self.write_to(&path, content, open)?;
        let mut repairs = 0;
        loop {
            let reading = {
                let painted = self.painted(content)?;
                let opened = path.clone();
                let reopen = move || File::open(&opened).map_err(|e| Refusal::from_io(&e));
                let output = Artifact {
                    open: &reopen,
                    sniffed: written(content.sniffed),
                    words: &content.words,
                    page: content.page,
                };
                rescan(&context, &output, (&content.classes, &painted), content.store.fresh())
            };
            let reading = reading.map_err(|refusal| {
                if refusal.reason == Reason::Cancelled { refusal } else { unverified(&refusal.to_string()) }
            })?;
            if let Some(failure) = reading.failures.first() {
                return Err(unverified(failure));
            }
            if reading.leftover.is_empty() {
                let verdict = Verdict { result: "verified".to_owned(), checks: reading.checks, repairs };
                return Ok((path, verdict, counts));
            }
            if repairs == REPAIRS_MAX {
                let rules = self.run.detection.detector.rules();
                let entities: BTreeSet<&str> =
                    reading.leftover.iter().map(|finding| rules.entity_name(finding.entity)).collect();
                let entities = entities.into_iter().collect::<Vec<_>>().join(", ");
                let count = reading.leftover.len();
                return Err(unverified(&format!(
                    "{count} findings ({entities}) are still there after {REPAIRS_MAX} repairs"
                )));
            }
            repairs += 1;
            for finding in &reading.leftover {
                self.tally(&mut counts, finding);
            }
            path = self.repair(&path, (at, repairs), (content, open), reading.leftover)?;
        }
    }

    /// Media are painted anew from the original with the boxes of both readings; text is edited once more.
    fn repair(
        &self,
        path: &Path,
        (at, round): (usize, u32),
        (content, open): (&mut Content, &(dyn Fn() -> Result<File, Refusal> + Sync)),
        leftover: Vec<Finding>,
    ) -> Result<PathBuf, Refusal> {
        let next = self.work.join(format!("{at}-{round}"));
        if content.sniffed.kind.is_media() {
            content.store.extend(leftover).map_err(|_| unverified("the findings table cannot be written"))?;
            self.write_to(&next, content, open)?;
            return Ok(next);
        }
        let mut store = content.store.fresh();
        store.extend(leftover).map_err(|_| unverified("the findings table cannot be written"))?;
        let before = path.to_owned();
        let reopen = move || File::open(&before).map_err(|e| Refusal::from_io(&e));
        let output = Artifact { open: &reopen, sniffed: written(content.sniffed), words: &[], page: (0, 0) };
        let file = create(&next)?;
        apply(&self.run.context(), &output, (&mut store, self.numbering), (&file, false))?;
        Ok(next)
    }

    fn write_to(
        &self,
        path: &Path,
        content: &mut Content,
        open: &(dyn Fn() -> Result<File, Refusal> + Sync),
    ) -> Result<(), Refusal> {
        let file = create(path)?;
        let fresh = content.store.fresh();
        let mut store = std::mem::replace(&mut content.store, fresh);
        let result = apply(
            &self.run.context(),
            &artifact(content, open),
            (&mut store, self.numbering),
            (&file, self.keep_audio),
        );
        content.store = store;
        result
    }

    fn painted(&self, content: &mut Content) -> Result<Painted, Refusal> {
        if !content.sniffed.kind.is_media() {
            return Ok(Painted::default());
        }
        let findings: Result<Vec<Finding>, _> = content.store.rows().and_then(Iterator::collect);
        let unread = self.run.detection.detector.ids().unread_region;
        let place = (content.page, content.words.as_slice());
        Ok(Painted::of(&findings.map_err(|_| lost_table())?, place, unread))
    }

    fn count(&self, store: &mut FindingStore) -> Result<[BTreeMap<String, u64>; 2], Refusal> {
        let mut counts = [BTreeMap::new(), BTreeMap::new()];
        for finding in store.rows().map_err(|_| lost_table())? {
            self.tally(&mut counts, &finding.map_err(|_| lost_table())?);
        }
        Ok(counts)
    }

    fn tally(&self, counts: &mut [BTreeMap<String, u64>; 2], finding: &Finding) {
        let name = self.run.detection.detector.rules().entity_name(finding.entity);
        let side = usize::from(finding.decision == Decision::Keep);
        *counts[side].entry(name.to_owned()).or_default() += 1;
    }

    /// Packs archives from the innermost out; what remains are the files of the bundle, in path order.
    fn pack_archives(&self, mut leaves: Vec<Leaf>) -> anyhow::Result<Vec<FileEntry>> {
        let mut packed = 0;
        while let Some(depth) = leaves.iter().filter_map(|l| l.archive_depths.last()).max().copied() {
            let (inside, rest): (Vec<Leaf>, Vec<Leaf>) =
                leaves.into_iter().partition(|l| l.archive_depths.last() == Some(&depth));
            leaves = rest;
            let mut groups: BTreeMap<Vec<String>, Vec<Leaf>> = BTreeMap::new();
            for leaf in inside {
                groups.entry(leaf.components[..=depth].to_vec()).or_default().push(leaf);
            }
            for (components, members) in groups {
                packed += 1;
                leaves.push(self.pack_one(components, members, packed)?);
            }
        }
        leaves.sort_by(|a, b| a.components.cmp(&b.components));
        Ok(leaves.into_iter().map(|l| FileEntry { path: l.components.join("/"), ..l.entry }).collect())
    }

    fn pack_one(
        &self,
        components: Vec<String>,
        mut members: Vec<Leaf>,
        number: usize,
    ) -> anyhow::Result<Leaf> {
        let folder = components.iter().fold(self.tree.clone(), |path, part| path.join(part));
        let mut archive_depths = members.first().map(|m| m.archive_depths.clone()).unwrap_or_default();
        archive_depths.pop();
        members.sort_by(|a, b| a.components.cmp(&b.components));
        for member in &mut members {
            member.entry.path = member.components[components.len()..].join("/");
        }
        let named: Vec<(String, &FileEntry)> =
            members.iter().map(|m| (m.entry.path.clone(), &m.entry)).collect();
        let target = self.work.join(format!("zip-{number}"));
        pack(&folder, &named, &target)?;
        swap(&folder, &target, &self.work.join(format!("aside-{number}")))?;
        let (size_bytes, blake3) = digest(&folder)?;
        let mut entry = FileEntry {
            path: String::new(),
            kind: ArtifactKind::Archive,
            size_bytes,
            blake3,
            redacted: BTreeMap::new(),
            kept: BTreeMap::new(),
            verdict: Verdict {
                result: "verified".to_owned(),
                checks: vec!["members unpacked and compared".to_owned()],
                repairs: 0,
            },
            boxes: Vec::new(),
            unread_boxes: Vec::new(),
            members: Vec::new(),
        };
        for member in members {
            add(&mut entry.redacted, &member.entry.redacted);
            add(&mut entry.kept, &member.entry.kept);
            entry.members.push(member.entry);
        }
        Ok(Leaf { components, archive_depths, entry })
    }
}

/// What an artifact is after it was written: workbooks of every format are written as XLSX.
fn written(sniffed: Sniffed) -> Sniffed {
    match sniffed.kind {
        ArtifactKind::Workbook => Sniffed { format: "xlsx", ..sniffed },
        _ => sniffed,
    }
}

fn unverified(detail: &str) -> Refusal {
    Refusal::new(
        Reason::VerifyFailed,
        format!("its redacted output did not pass the second reading: {detail}"),
    )
}

fn lost_table() -> Refusal {
    unverified("the findings table cannot be read: is the temporary folder full?")
}

fn create(path: &Path) -> Result<File, Refusal> {
    let opened = File::options().read(true).write(true).create_new(true).open(path);
    opened.map_err(|e| Refusal::new(Reason::Unwritable, format!("the output cannot be made: {}", e.kind())))
}

/// Size and BLAKE3 of a file, hex.
pub(crate) fn digest(path: &Path) -> Result<(u64, String), Refusal> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path)?;
    let size = std::io::copy(&mut file, &mut hasher)?;
    Ok((size, hasher.finalize().to_hex().to_string()))
}

fn add(sums: &mut BTreeMap<String, u64>, more: &BTreeMap<String, u64>) {
    for (entity, count) in more {
        *sums.entry(entity.clone()).or_default() += count;
    }
}

fn manifest(run: &Run, (files, mut refused): (Vec<FileEntry>, Vec<Refused>), audio_kept: bool) -> Manifest {
    let detection = &run.detection;
    let mut totals = Totals { files: files.len() as u64, refused: refused.len() as u64, ..Totals::default() };
    for file in &files {
        add(&mut totals.redacted, &file.redacted);
        add(&mut totals.kept, &file.kept);
    }
    refused.sort_by(|a, b| a.path.cmp(&b.path));
    Manifest {
        schema: manifest::SCHEMA,
        tool: concat!("custody ", env!("CARGO_PKG_VERSION")).to_owned(),
        status: if refused.is_empty() { "complete" } else { "partial" }.to_owned(),
        profile: detection.detector.profile.name.clone(),
        rules_blake3: detection.rules_blake3.clone(),
        allow_blake3: detection.lists_blake3[0].clone(),
        deny_blake3: detection.lists_blake3[1].clone(),
        skipped_rules: detection.skipped_rules.clone(),
        roster_people: detection.roster_people,
        audio_kept,
        no_sandbox: run.pool.no_sandbox(),
        files,
        refused,
        totals,
    }
}
