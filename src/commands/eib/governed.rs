//! What an environment asks of a plan, of whoever approves it, and of whoever builds it.

use super::{App, FoundPlan};
use crate::environment::{Environment, Kind, Load, in_force, was_built_in_a_sandbox};
use crate::exports::bounds::check_answer;
use crate::exports::file::PlanText;
use crate::exports::spec::{EibSpec, Spec};
use crate::store::Who;
use crate::store::tables::StoreTables;
use anyhow::bail;
use custody_retention::ledger::{ActKind, Entry, Filter, LedgerFolder, for_each_matching};
use custody_retention::store::{Store, StoreError};
use std::collections::BTreeSet;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The environment of a plan, which lets it through as it is now.
pub(in crate::commands) fn checked(
    open: &StoreTables,
    plan: &FoundPlan,
    who: Who,
) -> anyhow::Result<Environment> {
    let text = &plan.text;
    let environment = in_force(&open.store(), &text.environment)?;
    environment.check_hours(who.time_ms)?;
    match &plan.spec {
        Spec::Eib(spec) => {
            let rows = text.sheets.iter().map(|sheet| sheet.rows).fold(text.transactions, u64::max);
            let template = text.template.as_deref().map(|fingerprint| (text.target.as_str(), fingerprint));
            environment.check_load(&Load { rows, columns: text.columns, template })?;
            sandbox_first(&open.store(), spec, text)?;
        }
        Spec::Extract(spec) => check_answer(&environment, &open.tables, (&spec.sql, text.rows_in))?,
    }
    Ok(environment)
}

/// Accounts that own or took in what a plan was made from: their approval does not count where others have to approve.
pub(in crate::commands) fn owners(store: &Store, plan: &FoundPlan) -> anyhow::Result<BTreeSet<String>> {
    let mut owners = BTreeSet::new();
    for table in plan.spec.tables() {
        if let Some(row) = store.catalog().item(&table.artifact)? {
            owners.insert(row.owner);
        }
    }
    // An owner can be named by whoever takes something in; who that was, the ledger says.
    let subjects = plan.spec.tables().iter().map(|table| table.artifact.0).collect();
    let taken_in = Filter { acts: vec![ActKind::Ingest], subjects, ..Filter::default() };
    for_each_matching(LedgerFolder::on(Arc::clone(store.disk()), "ledger"), &taken_in, |_, entry| {
        if let Entry::Intent(act) | Entry::Outcome { act, .. } = entry {
            owners.insert(act.user.to_string());
        }
        ControlFlow::Continue(())
    })
    .map_err(StoreError::from)?;
    Ok(owners)
}

/// Sandbox first: a plan for production needs one of the same template and mapping that was built in a sandbox, or a
/// reason.
pub(super) fn sandbox_first(store: &Store, spec: &EibSpec, text: &PlanText) -> anyhow::Result<()> {
    if in_force(store, &text.environment)?.kind != Kind::Production
        || spec.no_sandbox_reason.is_some()
        || was_built_in_a_sandbox(store, text)?
    {
        return Ok(());
    }
    bail!(StoreError::Refused(
        "nothing of this template and mapping was built in a sandbox of this store: try it there first, or say \
         --no-sandbox-run --reason TEXT"
            .to_owned()
    ))
}

/// Production is written to by whoever types its name.
pub(super) fn named(app: &App, environment: &Environment, typed: Option<&str>) -> anyhow::Result<()> {
    if environment.kind != Kind::Production {
        return match typed {
            Some(typed) if typed != environment.name => mistyped(environment),
            _ => Ok(()),
        };
    }
    if let Some(typed) = typed {
        return if typed == environment.name { Ok(()) } else { mistyped(environment) };
    }
    let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
    if app.global.no_input || !stdin.is_terminal() {
        bail!(StoreError::Refused(format!(
            "this is for {}: where nobody can type its name, --confirm takes it",
            environment.name
        )));
    }
    write!(stderr, "this is for {}: type its name: ", environment.name)?;
    stderr.flush()?;
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    if line.trim() == environment.name { Ok(()) } else { mistyped(environment) }
}

fn mistyped(environment: &Environment) -> anyhow::Result<()> {
    bail!(StoreError::Refused(format!("the plan is for {}: that is not what was typed", environment.name)))
}
