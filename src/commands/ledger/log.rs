//! `custody ledger log`: entries for people and programs. IDs only: there is nothing else in them.

use super::super::App;
use super::{ocsf, place};
use crate::cli::LedgerFormat;
use crate::exit::Exit;
use crate::store::show::{rfc3339, time};
use crate::terminal::out;
use anyhow::{Context as _, bail};
use custody_retention::ledger::{Act, ActKind, Entry, Filter, Subject, for_each_matching, verify};
use custody_retention::store::StoreError;
use serde_json::{Value, json};
use std::ops::ControlFlow;

/// Which entries are meant.
pub(super) struct Wanted<'a> {
    pub(super) kind: Option<&'a str>,
    pub(super) item: Option<&'a str>,
    pub(super) last: Option<u64>,
}

pub(super) fn run(app: &App, wanted: &Wanted<'_>, format: Option<LedgerFormat>) -> anyhow::Result<Exit> {
    let Wanted { kind, item, last } = *wanted;
    let format = match (format, app.global.json) {
        (None, true) => LedgerFormat::Json,
        (None, false) => LedgerFormat::Table,
        (Some(LedgerFormat::Table), true) => bail!("--json is --format json"),
        (Some(format), _) => format,
    };
    let (folder, key) = place(app)?;
    let acts = match kind {
        None => Vec::new(),
        Some(name) => {
            let known = ActKind::ALL.iter().find(|kind| kind.name() == name);
            let names = || ActKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
            vec![*known.with_context(|| format!("{name}: acts are {}", names()))?]
        }
    };
    let subjects = match item {
        None => Vec::new(),
        Some(digits) if digits.len() == 64 => {
            vec![
                custody_retention::ItemId::parse(digits)
                    .context("an ID is 64 hexadecimal digits in lower case")?
                    .0,
            ]
        }
        Some(digits) => {
            // Only the catalog knows which ID begins like this.
            let opened = app.open_store()?;
            vec![opened.store.find(digits)?.id.0]
        }
    };
    let indices = match last {
        None => None,
        Some(0) => bail!("-n takes a number from 1"),
        Some(last) if acts.is_empty() && subjects.is_empty() => {
            let size = verify(folder.clone(), &key, &[]).map_err(StoreError::from)?.size;
            Some(size.saturating_sub(last)..size)
        }
        Some(_) => None,
    };
    let keep = last.filter(|_| indices.is_none());
    let filter = Filter { indices, acts, subjects, ..Filter::default() };
    let mut kept = std::collections::VecDeque::new();
    let origin = key.name().to_owned();
    let shown = |index: u64, entry: &Entry| match format {
        LedgerFormat::Table => Some(line(index, entry)),
        LedgerFormat::Json => Some(object(index, entry).to_string()),
        LedgerFormat::Ocsf => ocsf::event(index, entry, &origin).map(|event| event.to_string()),
    };
    let walked = for_each_matching(folder, &filter, |index, entry| {
        match keep {
            None => shown(index, &entry).iter().for_each(|line| out(line)),
            Some(keep) => {
                if kept.len() as u64 == keep {
                    kept.pop_front();
                }
                kept.extend(shown(index, &entry));
            }
        }
        ControlFlow::Continue(())
    });
    kept.iter().for_each(|line| out(line));
    walked.map_err(StoreError::from)?;
    Ok(Exit::Done)
}

fn line(index: u64, entry: &Entry) -> String {
    match entry {
        Entry::Genesis { origin } => format!("{index:>8}  {:<16}  begins     {origin}", ""),
        Entry::Intent(act) => format!(
            "{index:>8}  {}  {:<9}  intent           {}  {}",
            time(act.time_ms),
            act.kind.name(),
            act.user,
            subjects(act)
        ),
        Entry::Outcome { intent, ending, act } => format!(
            "{index:>8}  {}  {:<9}  {:<8} of {intent:<5}  {}  {}",
            time(act.time_ms),
            act.kind.name(),
            ending.name(),
            act.user,
            subjects(act)
        ),
    }
}

/// The first subjects, by some of their digits.
fn subjects(act: &Act) -> String {
    const SHOWN: usize = 4;
    let short = |subject: &Subject| {
        subject.to_string().chars().take(subject.kind.name().len() + 13).collect::<String>()
    };
    let mut shown: Vec<String> = act.subjects.iter().take(SHOWN).map(short).collect();
    if act.subjects.len() > SHOWN {
        shown.push(format!("and {} more", act.subjects.len() - SHOWN));
    }
    shown.join(" ")
}

fn object(index: u64, entry: &Entry) -> Value {
    let act = |form: &str, act: &Act| {
        json!({
            "schema": 1, "entry": index, "form": form, "act": act.kind.name(), "time": rfc3339(act.time_ms),
            "user": act.user.to_string(),
            "subjects": act.subjects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    };
    match entry {
        Entry::Genesis { origin } => {
            json!({"schema": 1, "entry": index, "form": "genesis", "origin": origin})
        }
        Entry::Intent(intent) => act("intent", intent),
        Entry::Outcome { intent, ending, act: done } => {
            let mut object = act("outcome", done);
            object["intent"] = json!(intent);
            object["ending"] = json!(ending.name());
            object
        }
    }
}
