//! `custody approve`: one verb for plans and requests of every kind. Who made a plan cannot approve it.

use super::App;
use super::eib;
use super::retention::show_plan;
use crate::cli::ApproveArgs;
use crate::environment::in_force;
use crate::exit::Exit;
use crate::exports::load::check_fresh;
use crate::exports::spec::Spec;
use crate::store::show::{count, item_json, short, size, table, time};
use crate::store::{Who, confirm, now_ms};
use crate::terminal::{out, printable};
use custody_retention::ItemId;
use custody_retention::request::{Request, RequestKind};
use custody_retention::store::{PlanFile, Store};
use custody_rules::approval::Approved;
use serde_json::json;
use std::io::IsTerminal as _;

pub(super) fn run(app: &App, args: &ApproveArgs) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    if std::path::Path::new(&args.plan).extension().is_some_and(|ending| ending == "json")
        || opened.store.find_plan(&args.plan)?.1 == PlanFile::Export
    {
        drop(opened);
        return export(app, args);
    }
    let (plan, kind) = opened.store.find_plan(&args.plan)?;
    let what = if kind == PlanFile::Retention {
        let planned = opened.store.read_plan(&plan, |_| ())?;
        show_plan(app, &opened, &plan, &planned)?;
        if args.cap_exception { Approved::CapException } else { Approved::Purge }
    } else {
        if args.cap_exception {
            anyhow::bail!("--cap-exception is for retention plans");
        }
        let request = opened.store.read_request(&plan)?;
        show_request(app, &opened.store, &request)?;
        match request.kind {
            RequestKind::HoldRelease => Approved::HoldRelease,
            RequestKind::Erase => Approved::Erase,
            RequestKind::Purge => {
                anyhow::bail!("a purge by ID is confirmed by who asks for it: it needs no approval")
            }
        }
    };
    if !confirm::confirmed(
        app.wanted()?.may_ask,
        args.yes.as_deref(),
        &plan,
        &format!("approve it ({})", what.name()),
    )? {
        app.terminal.say("nothing was approved");
        return Ok(Exit::Cancelled);
    }
    let who = opened.who();
    let approval = opened.store.approve(who, plan, what)?;
    opened.store.checkpoint()?;
    if app.global.json {
        let object = json!({
            "schema": 1, "plan": ItemId(plan.id), "approval": ItemId(approval.id), "what": what.name(),
        });
        out(&object.to_string());
    }
    app.terminal.say(&format!(
        "approved ({}), for 7 days and for once: {}",
        what.name(),
        short(&ItemId(plan.id))
    ));
    Ok(Exit::Done)
}

/// Approves the plan of a workbook or an extract. Whoever approves sees every record as it is, current and new, on a
/// terminal and in memory only; the ledger records how many, and a keyed hash of what was shown.
fn export(app: &App, args: &ApproveArgs) -> anyhow::Result<Exit> {
    if args.cap_exception {
        anyhow::bail!("--cap-exception is for retention plans");
    }
    let (open, environment) = app.open_tables()?;
    let found = eib::find_plan(&open.store(), &args.plan)?;
    found.check_environment(&environment)?;
    let (_, approver) = in_force(&open.store(), &environment)?.approvals_needed();
    if !std::io::stdout().is_terminal() && !args.show {
        anyhow::bail!(
            "approving means seeing every record as it is: on a terminal, or with --show, which writes all values to \
             standard output"
        );
    }
    // Who may not approve sees nothing; who sees is in the ledger first, whatever they answer then.
    let who = Who { user: open.user(), time_ms: now_ms() };
    eib::checked(&open, &found, who)?;
    let owners = eib::owners(&open.store(), &found)?;
    open.store().may_approve_export(who, &found.subject, (approver, &owners))?;
    check_fresh(&open, found.spec.tables())?;
    eib::record_reveal(&open, found.spec.tables())?;
    let records = match &found.spec {
        Spec::Eib(spec) => eib::show_records(app, &open, (&found, spec))?,
        Spec::Extract(spec) => super::export::show_records(&open, (&found, spec))?,
    };
    let mut opened = open.close()?;
    opened.store.shown(who, found.subject, &records.hash)?;
    opened.store.checkpoint()?;
    if !confirm::confirmed(
        app.wanted()?.may_ask,
        args.yes.as_deref(),
        &found.subject,
        &format!("approve it ({})", Approved::Export.name()),
    )? {
        app.terminal.say("nothing was approved");
        return Ok(Exit::Cancelled);
    }
    let who = opened.who();
    in_force(&opened.store, &environment)?.check_hours(who.time_ms)?;
    let approval = opened.store.approve_as(who, found.subject, Approved::Export, approver)?;
    opened.store.checkpoint()?;
    if app.global.json {
        let object = json!({
            "schema": 1, "plan": ItemId(found.subject.id), "approval": ItemId(approval.id),
            "what": Approved::Export.name(), "records": records.count,
        });
        out(&object.to_string());
    }
    app.terminal.say(&format!(
        "approved (export), for 7 days and for once: {}, {} seen as they are",
        short(&ItemId(found.subject.id)),
        count(records.count, "record", "records"),
    ));
    Ok(Exit::Done)
}

/// What a request names, item by item. Names are shown: who approves has to know what it is.
pub(super) fn show_request(app: &App, store: &Store, request: &Request) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    let mut bytes = 0;
    for item in &request.items {
        let Some(row) = store.catalog().item(&item.id)? else { continue };
        if app.global.json {
            out(&item_json(&row).to_string());
            continue;
        }
        let name = if row.is_purged() { "purged".to_owned() } else { printable(&store.name_of(&row)?.0) };
        bytes += row.size_bytes;
        rows.push(vec![
            short(&row.id),
            row.kind.name().to_owned(),
            row.format.clone(),
            row.class.clone(),
            row.environment.clone(),
            size(row.size_bytes),
            time(row.ingested_ms),
            if row.held { "held" } else { "" }.to_owned(),
            name,
        ]);
    }
    if !app.global.json {
        let headings = ["ID", "KIND", "FORMAT", "CLASS", "ENVIRONMENT", "SIZE", "INGESTED", "", "NAME"];
        table(&headings, &rows, &[5]).iter().for_each(|line| out(line));
        app.terminal.say(&format!(
            "{}: {}, {}",
            request.kind.name(),
            count(rows.len() as u64, "item", "items"),
            size(bytes)
        ));
    }
    Ok(())
}
