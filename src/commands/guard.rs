//! `custody guard`: what is about to get into Git, or has got in, is looked at. Shows no value and changes nothing but hooks
//! and the allow-list, where that is asked for.

mod allow;
mod hooks;
mod show;

use super::App;
use crate::cli::{GuardArgs, GuardCommand, ScanFormat};
use crate::exit::Exit;
use crate::files::map_files;
use crate::guard::allow::{AllowList, FILE, day};
use crate::guard::assets::Assets;
use crate::guard::git::{Git, GitError, Named, Objects, Oid, Records};
use crate::guard::look::{EXPIRED, Look};
use crate::guard::policy::{Policy, placeholders};
use crate::guard::{
    Also, Batch, Content, Hit, Note, Origin, Seen, Subject, Tally, What, read_files, read_git,
};
use crate::pipeline::Run;
use crate::store::now_ms;
use anyhow::{Context as _, bail};
use chrono::NaiveDate;
use custody_rules::Limits;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

/// Batches that are read ahead.
const BATCHES_AHEAD: usize = 2;
/// Findings that are kept; of a history that has more, the rest is counted.
const HITS_MAX: usize = 20_000;
/// How Git marks where a message ends, behind its sign for comments.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

/// What is looked at.
enum Scope {
    Staged(Git),
    Range { git: Git, from: Option<String>, tip: Oid },
    Message { git: Option<Git>, file: PathBuf },
    Paths { git: Option<Git>, paths: Vec<PathBuf> },
}

/// Everything that was found.
#[derive(Debug, Default)]
struct Result {
    hits: Vec<Hit>,
    /// Findings beyond those that are kept.
    more: u64,
    notes: Vec<Note>,
    tally: Tally,
    seen: Seen,
    cancelled: bool,
}

pub(super) fn run(app: &App, args: &GuardArgs) -> anyhow::Result<Exit> {
    match &args.command {
        Some(GuardCommand::Install { chain }) => hooks::install(app, *chain),
        Some(GuardCommand::Uninstall) => hooks::uninstall(app),
        Some(GuardCommand::Allow(allow)) => allow::run(app, allow),
        None => look(app, args),
    }
}

fn look(app: &App, args: &GuardArgs) -> anyhow::Result<Exit> {
    let scope = scope(args)?;
    let today = day(now_ms());
    let (batches, taken) = sync_channel(BATCHES_AHEAD);
    // Rules take a second to compile: Git is read meanwhile.
    let (result, read) = std::thread::scope(|threads| {
        // The channel ends with the reader: the sender is its own.
        let seen = &scope;
        // Lists of values may hold below some paths only.
        let by_path = !(args.detect.allow.is_empty() && args.detect.deny.is_empty());
        let reader = threads.spawn(move || read(seen, by_path, &mut |batch| batches.send(batch).is_ok()));
        let result = judge(app, args, (&scope, today), taken);
        let read = reader.join().unwrap_or(Err(GitError::Malformed { command: "itself", what: "a panic" }));
        result.map(|result| (result, read))
    })?;
    let (run, mut result) = result;
    run.progress.finish();
    if result.cancelled || app.cancelled() {
        app.terminal.error("cancelled: nothing can be said of what was not looked at");
        return Ok(Exit::Cancelled);
    }
    notes(&scope, &mut result)?;
    let format = if app.global.json { ScanFormat::Json } else { args.format };
    show::result(&run, &result, format);
    // What was read before is told; that it is not all of it, too.
    read?;
    Ok(exit(app, args, &result))
}

fn scope(args: &GuardArgs) -> anyhow::Result<Scope> {
    let here = Path::new(".");
    let git_if_there = || match Git::find(here) {
        Ok(git) => Ok(Some(git)),
        Err(GitError::NoRepository | GitError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let asked = &args.scope;
    if let Some(range) = &asked.range {
        let (from, to) = ends(range)?;
        let git = Git::find(here)?;
        let tip = git.commit(&to, "the end of the range")?;
        return Ok(Scope::Range { git, from, tip });
    }
    if let Some(file) = &asked.message {
        return Ok(Scope::Message { git: git_if_there()?, file: file.clone() });
    }
    if asked.paths.is_empty() {
        return Ok(Scope::Staged(Git::find(here)?));
    }
    Ok(Scope::Paths { git: git_if_there()?, paths: asked.paths.clone() })
}

/// `A..B`, `A..`, `..B`, or `B` alone for all of its history.
fn ends(range: &str) -> anyhow::Result<(Option<String>, String)> {
    if range.contains("...") {
        bail!("--range takes A..B: what B has and A has not (not three dots)");
    }
    let or_head = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
    match range.split_once("..") {
        Some((from, to)) => Ok((Some(or_head(from)), or_head(to))),
        None if range.is_empty() => bail!("--range takes A..B"),
        None => Ok((None, range.to_owned())),
    }
}

/// Reads everything, batch by batch.
fn read(
    scope: &Scope,
    by_path: bool,
    take: &mut dyn FnMut(Batch) -> bool,
) -> std::result::Result<(), GitError> {
    match scope {
        Scope::Staged(git) => {
            let names = git.branch()?.into_iter().map(|name| Named { name, tag: None }).collect();
            read_git(git, Records::staged(git)?, &Also { names, by_path }, take)
        }
        Scope::Range { git, from, tip } => {
            let records = Records::range(git, from.as_deref(), *tip)?;
            read_git(git, records, &Also { names: git.names_at(*tip)?, by_path }, take)
        }
        Scope::Message { file, .. } => {
            let mut message = std::fs::read(file)?;
            message.truncate(message_end(&message));
            let subject = Subject { origin: Origin::default(), content: Content::Message(message) };
            take(Batch::of(vec![subject]));
            Ok(())
        }
        Scope::Paths { paths, .. } => {
            read_files(paths, &Limits::default(), take);
            Ok(())
        }
    }
}

/// Where a message ends: above the line with scissors that Git draws over what it shows an editor. Lines that begin with
/// `#` are looked at, since `git commit -m` keeps them.
fn message_end(message: &[u8]) -> usize {
    let mut lines = message.split_inclusive(|byte| *byte == b'\n').peekable();
    let mut end = 0;
    while let Some(line) = lines.next() {
        let mark = line.trim_ascii_end().strip_suffix(SCISSORS);
        // Git says below it what it is for, in the same way; whoever only writes such a line does not.
        if let Some(mark) = mark.filter(|mark| !mark.is_empty())
            && lines.peek().is_some_and(|next| next.starts_with(mark))
        {
            break;
        }
        end += line.len();
    }
    end
}

/// Puts together what decides, and looks at everything that comes.
fn judge(
    app: &App,
    args: &GuardArgs,
    (scope, today): (&Scope, NaiveDate),
    batches: Receiver<Batch>,
) -> anyhow::Result<(Run, Result)> {
    if args.detect.skip_bad_rules {
        bail!("the guard looks with all rules, or not at all: mend the file");
    }
    let run = app.run_with(&args.detect, &args.media, &[placeholders()?])?;
    let (policy, assets) = (Policy::load(run.detection.detector.rules())?, Assets::load()?);
    let allow = allow_list(scope, (&run, today))?;
    let mut result = Result::default();
    expired(&allow, today, &mut result);
    let look = Look::new(&run, (&policy, &assets), &allow, today);
    let mut told = HashSet::new();
    for batch in batches {
        result.seen.add(batch.seen);
        let found = map_files(batch.subjects, |_, subject| look.subject(&subject));
        for mut one in found {
            result.cancelled |= one.cancelled;
            result.tally.add(one.tally);
            result.notes.append(&mut one.notes);
            one.hits.retain(|hit| is_new(hit, &mut told));
            let room = HITS_MAX.saturating_sub(result.hits.len()).min(one.hits.len());
            result.more += (one.hits.len() - room) as u64;
            result.hits.extend(one.hits.drain(..room));
        }
        if result.cancelled || app.cancelled() {
            break;
        }
    }
    result.tally.commits = result.seen.commits;
    Ok((run, result))
}

/// A finding of a blob, whatever its path is: content, rule, line, place, member.
type Told = (blake3::Hash, String, Option<(u64, u64)>, Option<String>, String);

/// Whether a finding was not told yet: a blob is looked at under each of its names, and told where it came in.
fn is_new(hit: &Hit, told: &mut HashSet<Told>) -> bool {
    let (Some(_), Some(content)) = (hit.blob, hit.content) else { return true };
    let member = hit.path.split_once('!').map_or("", |(_, member)| member);
    told.insert((content, hit.rule.clone(), hit.line, hit.place.clone(), member.to_owned()))
}

/// Whether there is a rule of this name.
fn is_rule(run: &Run) -> impl Fn(&str) -> bool + '_ {
    let rules = run.detection.detector.rules();
    move |rule| {
        let kind = rule.strip_prefix("asset-");
        rules.entity_id(rule).is_some()
            || matches!(rule, "unread" | "people")
            || kind.is_some_and(|kind| crate::guard::assets::AssetKind::parse(kind).is_some())
    }
}

/// The allow-list that counts: of the index, of the end of the range, or beside what is looked at.
fn allow_list(scope: &Scope, (run, today): (&Run, NaiveDate)) -> anyhow::Result<AllowList> {
    let text = match scope {
        Scope::Staged(git) | Scope::Message { git: Some(git), .. } => {
            entry_text(git, git.staged_entry(FILE)?)?
        }
        Scope::Range { git, tip, .. } => entry_text(git, git.committed_entry(*tip, FILE)?)?,
        Scope::Message { git: None, .. } => file_text(Path::new(FILE))?,
        Scope::Paths { git, .. } => {
            let top = git.as_ref().and_then(Git::work_tree).unwrap_or(Path::new("."));
            file_text(&top.join(FILE))?
        }
    };
    let Some(text) = text else { return Ok(AllowList::default()) };
    let text = String::from_utf8(text).map_err(|_| anyhow::anyhow!("{FILE}: it is not UTF-8"))?;
    Ok(AllowList::parse(&text, today, &is_rule(run))?)
}

fn entry_text(git: &Git, entry: Option<(u32, Oid)>) -> anyhow::Result<Option<Vec<u8>>> {
    let Some((mode, blob)) = entry else { return Ok(None) };
    if mode & 0o170_000 != 0o100_000 {
        bail!("{FILE} is no regular file: it may not be a link");
    }
    let text = Objects::open(git)?.one(blob)?;
    Ok(Some(text.with_context(|| format!("{FILE}: its content is not here"))?))
}

fn file_text(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Ok(facts) if facts.is_file() => {
            Ok(Some(std::fs::read(path).with_context(|| format!("{FILE}: it cannot be read"))?))
        }
        Ok(_) => bail!("{FILE} is no regular file: it may not be a link"),
        Err(_) => bail!("{FILE}: it cannot be read"),
    }
}

/// Entries that are over are findings: what they let through is to be looked at again.
fn expired(allow: &AllowList, today: NaiveDate, result: &mut Result) {
    let hits = allow.expired(today).map(|entry| Hit {
        what: What::Expired,
        rule: EXPIRED.to_owned(),
        commit: None,
        blob: None,
        path: FILE.to_owned(),
        content: Some(entry.content),
        recognizer: None,
        score: None,
        line: Some((entry.line as u64, 1)),
        place: None,
        detail: format!("the entry for {} was over on {}", entry.rule, entry.expires),
    });
    result.hits.extend(hits);
}

/// What there is to know beside findings.
fn notes(scope: &Scope, result: &mut Result) -> std::result::Result<(), GitError> {
    let mut note = |path: Option<&str>, text: String| {
        result.notes.push(Note { path: path.map(str::to_owned), text });
    };
    if result.seen.allow_list {
        note(Some(FILE), "the allow-list itself is changed here: read what it lets through".to_owned());
    }
    if let Scope::Range { git, .. } = scope
        && git.is_shallow()?
    {
        let text =
            "a shallow clone: of its oldest commits everything counts as new, and what is older is not here";
        note(None, text.to_owned());
    }
    if result.more > 0 {
        note(None, format!("{} findings more are not shown", result.more));
    }
    Ok(())
}

fn exit(app: &App, args: &GuardArgs, result: &Result) -> Exit {
    let Tally { files, bytes, commits, allowed } = result.tally;
    let Seen { gone, mode_only, again, .. } = result.seen;
    let found = result.hits.len() as u64 + result.more;
    let commits = if commits > 0 { format!("{commits} commits, ") } else { String::new() };
    app.terminal.say(&format!(
        "guard: {commits}{files} files, {bytes} bytes looked at: {found} findings, {allowed} allowed"
    ));
    if found > 0 {
        return Exit::Findings;
    }
    let seen = files + gone + mode_only + again + result.tally.commits;
    if seen > 0 && (bytes > 0 || files == 0) {
        if files == 0 {
            app.terminal.say("guard: no content is new here: entries are gone or have other permissions");
        }
        return Exit::Done;
    }
    if result.tally.bytes > 0 && args.scope.message.is_some() {
        return Exit::Done;
    }
    let text = "nothing to look at: not one byte (is anything staged, or in the range?)";
    if args.allow_empty {
        app.terminal.say(&format!("guard: {text}"));
        return Exit::Done;
    }
    app.terminal.error(&format!("guard: {text}: --allow-empty if that is right"));
    Exit::Usage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_git_has_drawn_its_scissors() {
        let line = |mark: &str| format!("{mark} ------------------------ >8 ------------------------\n");
        let end = |text: &str| message_end(text.as_bytes());
        let above = "fix\n# kept\n";
        for mark in ["#", ";", "//"] {
            assert_eq!(
                end(&format!("{above}{}{mark} Do not\ndiff --git\n", line(mark))),
                above.len(),
                "{mark}"
            );
        }
        for whole in [
            above.to_owned(),
            format!("{above}{}AKIA\n", line("#")),
            format!("{above}{}", line("#")),
            format!("{above}{}x\n", line("")),
            format!("{above}> {}x\n", line("#")),
        ] {
            assert_eq!(end(&whole), whole.len(), "{whole}");
        }
    }
}
