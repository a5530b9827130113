//! `custody verify`: an independent second reading of a bundle: hashes, structure, a full rescan, and in
//! words what can no longer be checked.

use super::App;
use crate::bundle::digest;
use crate::cli::VerifyArgs;
use crate::exit::Exit;
use crate::files::map_files;
use crate::pipeline::Run;
use crate::terminal::out;
use anyhow::{Context as _, bail};
use custody_ingest::{Artifact as Found, FileReader, discover};
use custody_redact::detect::ColumnClasses;
use custody_redact::verify::{Painted, rescan};
use custody_redact::{Artifact, FindingStore, TableContext};
use custody_rules::manifest::{self, FileEntry, FilledBox, Manifest};
use custody_rules::{ArtifactKind, Reader, Refusal};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

pub(super) fn run(app: &App, args: &VerifyArgs) -> anyhow::Result<Exit> {
    let folder = &args.bundle;
    let manifest = read_manifest(folder)?;
    let run = app.run(&args.detect, &args.media)?;
    let mut problems: BTreeMap<String, Vec<String>> = BTreeMap::new();
    check_files(folder, &manifest, &mut problems)?;
    let read = rescan_all(&run, (folder, &manifest), &mut problems);
    run.progress.finish();
    if app.cancelled() {
        app.terminal.error("cancelled");
        return Ok(Exit::Cancelled);
    }
    report(app, (&manifest, &run), read, &problems)?;
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Findings })
}

fn read_manifest(folder: &Path) -> anyhow::Result<Manifest> {
    let path = folder.join(manifest::FILE_NAME);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{}: no manifest: is this a bundle?", path.display()))?;
    let manifest: Manifest =
        serde_json::from_str(&text).with_context(|| format!("{}: not a manifest", path.display()))?;
    if manifest.schema != manifest::SCHEMA {
        bail!("{}: schema {} is not known to this version", path.display(), manifest.schema);
    }
    Ok(manifest)
}

/// Every listed file is there with its size and hash; nothing else is.
fn check_files(
    folder: &Path,
    manifest: &Manifest,
    problems: &mut BTreeMap<String, Vec<String>>,
) -> anyhow::Result<()> {
    let mut note =
        |path: &str, problem: &str| problems.entry(path.to_owned()).or_default().push(problem.to_owned());
    let mut listed = BTreeSet::from([manifest::FILE_NAME.to_owned()]);
    for file in &manifest.files {
        listed.insert(file.path.clone());
        if !is_below(folder, &file.path) {
            note(&file.path, "missing, or no file of the bundle");
            continue;
        }
        match digest(&folder.join(&file.path)) {
            Err(_) => note(&file.path, "missing or unreadable"),
            Ok((size, hash)) if size != file.size_bytes || hash != file.blake3 => {
                note(&file.path, "changed since it was redacted");
            }
            Ok(_) => {}
        }
    }
    for path in all_files(folder, folder)? {
        if !listed.contains(&path) {
            note(&path, "not in the manifest: it did not come from this redaction");
        }
    }
    Ok(())
}

/// Whether a listed path is a plain file of the bundle: a manifest may have been edited.
fn is_below(folder: &Path, path: &str) -> bool {
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let file = folder.join(path);
    let inside = || Some(file.canonicalize().ok()?.starts_with(folder.canonicalize().ok()?));
    plain && file.symlink_metadata().is_ok_and(|facts| facts.is_file()) && inside() == Some(true)
}

fn all_files(root: &Path, folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{}: cannot be read", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(all_files(root, &entry.path())?);
        } else {
            files.push(entry.path().strip_prefix(root)?.to_string_lossy().into_owned());
        }
    }
    Ok(files)
}

fn rescan_all(
    run: &Run,
    (folder, manifest): (&Path, &Manifest),
    problems: &mut BTreeMap<String, Vec<String>>,
) -> usize {
    let discovery = discover(&[PathBuf::from(folder)], &run.limits, None);
    let artifacts: Vec<Found> =
        discovery.artifacts.into_iter().filter(|a| a.relative != [manifest::FILE_NAME]).collect();
    let results =
        map_files(artifacts, |_, found| (found.relative.join("/"), rescan_one(run, &found, manifest)));
    let read = results.len();
    for (path, result) in results {
        let found = result.unwrap_or_else(|refusal| vec![format!("cannot be read again: {refusal}")]);
        if !found.is_empty() {
            problems.entry(path).or_default().extend(found);
        }
    }
    for (name, refusal) in discovery.refused {
        problems.entry(name).or_default().push(format!("cannot be read again: {refusal}"));
    }
    read
}

fn rescan_one(run: &Run, found: &Found, manifest: &Manifest) -> Result<Vec<String>, Refusal> {
    let file = found.source.open()?;
    let mut sniffed = FileReader.sniff(&file, &run.limits)?;
    let mut problems = Vec::new();
    let path = found.relative.join("/");
    let listed = entry(&manifest.files, &path);
    match listed {
        Some(entry) if compatible(entry.kind, sniffed.kind) => sniffed.kind = entry.kind,
        Some(entry) => {
            problems.push(format!("is {}, the manifest says {}", sniffed.kind.as_str(), entry.kind.as_str()));
        }
        None => problems.push("not in the manifest".to_owned()),
    }
    let detector = &run.detection.detector;
    let store = FindingStore::new(TableContext::new(detector.rules(), detector.key, 0, &path));
    let open = || found.source.open();
    let output = Artifact { open: &open, sniffed, words: &[], page: (0, 0) };
    let regions = |boxes: &[FilledBox]| boxes.iter().map(|filled| filled.0).collect();
    let painted = listed.map_or_else(Painted::default, |entry| Painted {
        texts: regions(&entry.boxes),
        unread: regions(&entry.unread_boxes),
    });
    let reading =
        rescan(&run.context_at(&found.relative), &output, (&ColumnClasses::default(), &painted), store)?;
    problems.extend(reading.failures);
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &reading.leftover {
        *left.entry(detector.rules().entity_name(finding.entity)).or_default() += 1;
    }
    problems.extend(left.into_iter().map(|(entity, count)| format!("{count} {entity} still there")));
    Ok(problems)
}

/// A redacted CSV of two rows may look like plain text; the manifest knows better.
fn compatible(listed: ArtifactKind, found: ArtifactKind) -> bool {
    let text = |kind| {
        matches!(kind, ArtifactKind::Text | ArtifactKind::Csv | ArtifactKind::Json | ArtifactKind::Xml)
    };
    listed == found || (text(listed) && text(found))
}

fn entry<'a>(files: &'a [FileEntry], path: &str) -> Option<&'a FileEntry> {
    files.iter().find_map(|file| {
        if file.path == path {
            return Some(file);
        }
        let rest = path.strip_prefix(file.path.as_str())?.strip_prefix('/')?;
        entry(&file.members, rest)
    })
}

fn report(
    app: &App,
    (manifest, run): (&Manifest, &Run),
    read: usize,
    problems: &BTreeMap<String, Vec<String>>,
) -> anyhow::Result<()> {
    let mut unchecked = vec!["values known only while the bundle was made: they are never stored"];
    if manifest.roster_people.is_some() && run.detection.roster_people.is_none() {
        unchecked.push("the roster: the bundle was made with one, give it again with --roster");
    }
    if manifest.audio_kept {
        unchecked.push("audio: it was kept unread");
    }
    if app.global.json {
        let report = json!({"schema": 1, "verified": problems.is_empty(), "files": read, "problems": problems, "unchecked": unchecked});
        out(&serde_json::to_string(&report)?);
        return Ok(());
    }
    for (path, list) in problems {
        list.iter().for_each(|problem| app.terminal.tagged("error", &format!("{path}: {problem}")));
    }
    unchecked.iter().for_each(|what| app.terminal.say(&format!("not checked: {what}")));
    let verdict = if problems.is_empty() { "verified" } else { "NOT verified" };
    out(&format!("{read} files read again: {verdict}"));
    Ok(())
}
