//! `custody guard allow`: one entry more in the allow-list of the work tree, by hash. Nothing of the content is shown.

use super::{App, file_text, is_rule};
use crate::cli::{DetectArgs, GuardAllowArgs};
use crate::exit::Exit;
use crate::guard::allow::{Entry, FILE, day, insert, parse_day};
use crate::guard::git::{Git, GitError, Objects, Oid};
use crate::store::now_ms;
use crate::terminal::out;
use anyhow::{Context as _, bail};
use serde_json::json;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub(super) fn run(app: &App, args: &GuardAllowArgs) -> anyhow::Result<Exit> {
    let git = match Git::find(Path::new(".")) {
        Ok(git) => Some(git),
        Err(GitError::NoRepository | GitError::Missing(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let content = content(git.as_ref(), args)?;
    let run = app.run_with(&DetectArgs::plain(), &crate::cli::MediaArgs { no_sandbox: false }, &[])?;
    let is_rule = is_rule(&run);
    if !is_rule(&args.rule) {
        bail!("--rule is none that there is: an entity, asset-KIND, unread or people, as guard tells it");
    }
    let expires = parse_day(&args.expires).context("--expires takes a day: 2027-05-31")?;
    let today = day(now_ms());
    if expires < today {
        bail!("--expires is a day that is over");
    }
    let top = git.as_ref().and_then(Git::work_tree).map_or_else(PathBuf::new, Path::to_owned);
    let path = top.join(FILE);
    let text = file_text(&path)?.unwrap_or_default();
    let text = String::from_utf8(text).map_err(|_| anyhow::anyhow!("{FILE}: it is not UTF-8"))?;
    let entry = Entry { content, rule: args.rule.clone(), reason: args.reason.clone(), expires, line: 0 };
    let text = insert(&text, &entry, today, &is_rule)?;
    replace(&path, &text)?;
    if app.global.json {
        let row = json!({"schema": 1, "content": content.to_hex().as_str(), "rule": args.rule, "expires": args.expires});
        out(&row.to_string());
    } else {
        out(&format!(
            "{FILE}: {} in {}… until {}; git add {FILE}",
            args.rule,
            &content.to_hex()[..16],
            args.expires
        ));
    }
    Ok(Exit::Done)
}

/// The hash of what is meant.
fn content(git: Option<&Git>, args: &GuardAllowArgs) -> anyhow::Result<blake3::Hash> {
    if let Some(hash) = &args.content {
        return blake3::Hash::from_hex(hash.as_bytes()).ok().context("--content takes 64 hexadecimal digits");
    }
    if let Some(blob) = &args.blob {
        let git = git.ok_or(GitError::NoRepository)?;
        let id =
            Oid::parse(blob.as_bytes()).context("--blob takes a whole ID: 40 or 64 hexadecimal digits")?;
        let bytes = Objects::open(git)?.one(id)?.context("--blob names no object of this repository")?;
        return Ok(blake3::hash(&bytes));
    }
    let path = args.path.as_deref().context("which file?")?;
    if let Some(git) = git
        && let Some(inside) = inside(git, path)
        && let Some((_, blob)) = git.staged_entry(&inside)?
    {
        let bytes = Objects::open(git)?.one(blob)?.context("what is staged is not here")?;
        return Ok(blake3::hash(&bytes));
    }
    on_disk(path)
}

/// The hash of a file as it lies there; of a link, that of its target.
fn on_disk(path: &Path) -> anyhow::Result<blake3::Hash> {
    let facts = path.symlink_metadata().context("the file cannot be read")?;
    if facts.is_symlink() {
        return Ok(blake3::hash(std::fs::read_link(path)?.as_os_str().as_bytes()));
    }
    if !facts.is_file() {
        bail!("name one file: a folder has no content of its own");
    }
    let mut hasher = blake3::Hasher::new();
    std::io::copy(&mut std::fs::File::open(path).context("the file cannot be read")?, &mut hasher)?;
    Ok(hasher.finalize())
}

/// A path from the top of the work tree, as the index has it.
fn inside(git: &Git, path: &Path) -> Option<String> {
    let top = git.work_tree()?.canonicalize().ok()?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The file itself may be a link, or not be there any more.
    let whole = parent.canonicalize().ok()?.join(path.file_name()?);
    whole.strip_prefix(top).ok()?.to_str().map(str::to_owned)
}

/// Writes a file whole or not at all.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file =
        tempfile::NamedTempFile::new_in(folder).with_context(|| format!("{FILE}: it cannot be written"))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    file.persist(path)
        .map_err(|error| error.error)
        .with_context(|| format!("{FILE}: it cannot be written"))?;
    Ok(())
}
