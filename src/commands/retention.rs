//! `custody retention`: what is due and why, its purge, and whether somebody has to look.

mod status;

use super::App;
use crate::cli::{DetectArgs, MediaArgs, RetentionCommand};
use crate::exit::Exit;
use crate::pipeline::Run;
use crate::store::show::{count, rfc3339, short, size, table};
use crate::store::{Opened, confirm, now_ms, policies, remember, seen};
use crate::terminal::out;
use custody_retention::ItemId;
use custody_retention::ledger::Subject;
use custody_retention::plan::{Planned, Scope};
use custody_retention::store::{PlanFile, Store, StoreError};
use custody_retention::sweep::{RecordPlace, SweepReport, Sweeper};
use serde_json::json;
use std::path::Path;

pub(super) fn run(app: &App, command: &RetentionCommand) -> anyhow::Result<Exit> {
    match command {
        RetentionCommand::Plan { unattended } => plan(app, *unattended),
        RetentionCommand::Sweep { apply, yes, remember, roster, .. } => {
            let after = After { remember: remember.as_deref(), roster: roster.as_deref() };
            match apply {
                Some(digits) => sweep(app, digits, yes.as_deref(), &after),
                None => auto(app, &after),
            }
        }
        RetentionCommand::Status => status::run(app),
    }
}

/// What a sweep needs besides its plan.
pub(super) struct After<'a> {
    /// Where its checkpoint is remembered.
    pub(super) remember: Option<&'a str>,
    /// Whose names are hidden in its record.
    pub(super) roster: Option<&'a Path>,
}

impl After<'_> {
    /// The rules that hide names in paths.
    pub(super) fn rules(&self, app: &App) -> anyhow::Result<Run> {
        let detect = DetectArgs { roster: self.roster.map(Path::to_owned), ..DetectArgs::plain() };
        app.run(&detect, &MediaArgs { no_sandbox: false })
    }
}

fn plan(app: &App, unattended: bool) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let policies = policies::load(&opened.store)?;
    let scope = if unattended { Scope::Unattended } else { Scope::All };
    let who = opened.who();
    let (subject, planned) = opened.store.plan(who, &policies, scope)?;
    opened.store.checkpoint()?;
    if app.global.json {
        let object = json!({
            "schema": 1,
            "plan": ItemId(subject.id),
            "created": rfc3339(planned.header.created_ms),
            "file": app.wanted()?.folder.join("plans").join(format!("{}.plan", ItemId(subject.id))),
            "summary": planned.summary,
        });
        out(&object.to_string());
        return Ok(Exit::Done);
    }
    show_plan(app, &opened, &subject, &planned)?;
    let digits = short(&ItemId(subject.id));
    let todo = planned.summary.purge.items + planned.summary.mark.items;
    if todo == 0 {
        app.terminal.say("nothing is due");
    } else {
        app.terminal
            .say(&format!("nothing was changed; to carry it out: custody retention sweep --apply {digits}"));
    }
    Ok(Exit::Done)
}

/// What goes, by policy and rule, and what stays and why.
pub(super) fn show_plan(
    app: &App,
    opened: &Opened,
    subject: &Subject,
    planned: &Planned,
) -> anyhow::Result<()> {
    if app.global.json {
        return Ok(());
    }
    use std::collections::BTreeMap;
    let mut groups: BTreeMap<(String, &str, &str), (u64, u64, u64)> = BTreeMap::new();
    opened.store.read_plan(subject, |item| {
        let act = match item.act {
            custody_retention::plan::Act::Mark => "mark",
            custody_retention::plan::Act::Purge => "purge",
        };
        let group = groups.entry((item.policy.into_owned(), item.rule.name(), act)).or_default();
        group.0 += 1;
        group.1 += item.copies;
        group.2 += item.size_bytes;
    })?;
    let summary = &planned.summary;
    out(&format!("plan {}", ItemId(subject.id)));
    if !groups.is_empty() {
        let rows: Vec<Vec<String>> = groups
            .into_iter()
            .map(|((policy, rule, act), (items, copies, bytes))| {
                let row = [
                    act.to_owned(),
                    items.to_string(),
                    copies.to_string(),
                    size(bytes),
                    policy,
                    rule.to_owned(),
                ];
                row.to_vec()
            })
            .collect();
        table(&["DO", "ITEMS", "COPIES", "SIZE", "POLICY", "RULE"], &rows, &[1, 2, 3])
            .iter()
            .for_each(|line| out(line));
    }
    for kept in &summary.kept {
        out(&format!("keep  {:>5}  {} ({})", kept.items, kept.policy, kept.by.name()));
    }
    if summary.held > 0 {
        out(&format!("keep  {:>5}  held", summary.held));
    }
    if summary.ungoverned.items > 0 {
        out(&format!(
            "keep  {:>5}  no policy governs them, {} for more than 7 days",
            summary.ungoverned.items, summary.ungoverned.old_items
        ));
    }
    if let Some(exceeded) = summary.caps.exceeded {
        out(&format!(
            "over the caps ({}): it has to be let through by custody approve --cap-exception",
            exceeded.name()
        ));
    }
    if summary.approvals > 0 {
        out(&format!("needs {}", count(u64::from(summary.approvals), "approval", "approvals")));
    }
    Ok(())
}

fn sweep(app: &App, digits: &str, yes: Option<&str>, after: &After<'_>) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let (subject, kind) = opened.store.find_plan(digits)?;
    match kind {
        PlanFile::Retention => {}
        PlanFile::Request => anyhow::bail!(
            "that is a request, not a retention plan: custody purge, erase and hold release carry out their own"
        ),
        PlanFile::Export => anyhow::bail!("that is the plan of a workbook or an extract: custody eib build"),
    }
    let planned = opened.store.read_plan(&subject, |_| ())?;
    show_plan(app, &opened, &subject, &planned)?;
    if !confirm::confirmed(app.wanted()?.may_ask, yes, &subject, "purge what the plan says")? {
        app.terminal.say("nothing was changed");
        return Ok(Exit::Cancelled);
    }
    carry_out(app, &mut opened, &subject, after)
}

fn auto(app: &App, after: &After<'_>) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let policies = policies::load(&opened.store)?;
    let who = opened.who();
    let (subject, planned) = opened.store.plan(who, &policies, Scope::Unattended)?;
    app.terminal.say(&format!(
        "plan {}: {} to purge, {} to mark, {} held, {} without a policy",
        short(&ItemId(subject.id)),
        planned.summary.purge.items,
        planned.summary.mark.items,
        planned.summary.held,
        planned.summary.ungoverned.items
    ));
    carry_out(app, &mut opened, &subject, after)
}

fn carry_out(app: &App, opened: &mut Opened, subject: &Subject, after: &After<'_>) -> anyhow::Result<Exit> {
    let policies = policies::load(&opened.store)?;
    let rules = after.rules(app)?;
    let mut between = |_: &mut _, _: &SweepReport| Ok::<bool, StoreError>(!app.cancelled());
    let mut look = |store: &Store, place: &RecordPlace| seen::look(&rules, store, place);
    let mut sweeper = Sweeper {
        user: opened.user,
        clock_ms: &mut now_ms,
        policies: Some(&policies),
        look: &mut look,
        between: &mut between,
    };
    let report = match opened.store.apply(subject, &policies, &mut sweeper) {
        Ok(report) => report,
        Err(error) => {
            if !error.is_damage() {
                opened.store.checkpoint()?;
            }
            return Err(error.into());
        }
    };
    finish(app, opened, &report, after.remember)
}

/// Says what a sweep did, signs a checkpoint and remembers it.
pub(super) fn finish(
    app: &App,
    opened: &mut Opened,
    report: &SweepReport,
    place: Option<&str>,
) -> anyhow::Result<Exit> {
    let checkpoint = opened.store.checkpoint()?;
    let mut unknown = 0_u64;
    opened.store.check_names(&mut |oddity| {
        unknown += 1;
        app.terminal.tagged("warning", &format!("{oddity}: left alone"));
    })?;
    let sweep = ItemId(report.sweep.id);
    if app.global.json {
        let object = json!({
            "schema": 1, "sweep": sweep, "purged": report.purged, "items": report.items,
            "stored_bytes": report.stored_bytes, "marked": report.marked, "held": report.held,
            "not_due": report.not_due, "already_gone": report.already_gone, "odd": report.odd, "stopped": report.stopped,
            "unknown_files": unknown,
        });
        out(&object.to_string());
    }
    say_report(app, report);
    if let Some(place) = place
        && let Err(error) = remember::remember(&opened.store, &checkpoint, place, &[])
    {
        // The sweep is done; that nobody outside remembers it is for somebody to look at.
        super::say_error(app.terminal, &error);
        return Ok(Exit::Partly);
    }
    Ok(if report.stopped {
        Exit::Cancelled
    } else if report.is_whole() {
        Exit::Done
    } else {
        Exit::Partly
    })
}

fn say_report(app: &App, report: &SweepReport) {
    for id in &report.odd {
        app.terminal.tagged(
            "warning",
            &format!("{id}: its blob is not the file that was written: left alone; custody doctor says more"),
        );
    }
    let mut parts = vec![format!(
        "{} purged ({} with copies, {})",
        report.purged,
        report.items,
        size(report.stored_bytes)
    )];
    for (number, what) in [
        (report.marked, "marked"),
        (report.held, "held"),
        (report.not_due, "not due any more"),
        (report.already_gone, "gone before"),
        (report.odd.len() as u64, "left alone"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    app.terminal.say(&format!("sweep {}: {}", short(&ItemId(report.sweep.id)), parts.join(", ")));
    if report.purged > 0 {
        app.terminal.say(&format!(
            "its certificate: custody ledger certificate {} -o DIR; until custody keys rotate has run, an old copy of the key file \
             still opens what was purged",
            short(&ItemId(report.sweep.id))
        ));
    }
}
