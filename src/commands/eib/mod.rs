//! `custody eib`: plan, show, build, reconcile.

mod build;
mod governed;
mod plan;
mod reconcile;
mod shown;

use super::App;
use crate::cli::EibCommand;
use crate::environment::in_force;
use crate::exit::Exit;
use crate::exports::file::PlanText;
use crate::exports::hashes::cell_key;
use crate::exports::spec::{EibSpec, Spec};
use crate::store::show::short;
use crate::store::tables::StoreTables;
use crate::store::templates;
use anyhow::{Context as _, bail};
use custody_export::tables::QueryLimits;
use custody_retention::ItemId;
use custody_retention::catalog::PlanState;
use custody_retention::ledger::Subject;
use custody_retention::store::{PlanFile, Store, StoreError};
use std::path::Path;
use std::sync::Arc;

pub(super) use build::{Target, carry_out};
pub(super) use governed::{checked, owners};
pub(super) use plan::{keep_spec, write_new};
pub(super) use shown::{Reading, Shown, record_reveal, show_records};

pub(super) fn run(app: &App, command: &EibCommand) -> anyhow::Result<Exit> {
    match command {
        EibCommand::Plan(args) => plan::run(app, args),
        EibCommand::Show { plan, rows, reveal } => shown::run(app, plan, (*rows, *reveal)),
        EibCommand::Build { plan, output, confirm } => build::run(app, plan, (output, confirm.as_deref())),
        EibCommand::Drop { plan } => drop_plan(app, plan),
        EibCommand::Reconcile { plan, errors, output } => {
            reconcile::run(app, plan, errors, output.as_deref())
        }
    }
}

impl App {
    /// The store's tables, those of the environment that is meant.
    pub(super) fn open_tables(&self) -> anyhow::Result<(StoreTables, String)> {
        let opened = self.open_store()?;
        let environment = self.environment(&opened)?;
        in_force(&opened.store, &environment)?.check_user(&self.wanted()?.account)?;
        let limits = QueryLimits { threads: self.threads(), ..QueryLimits::default() };
        let tables = StoreTables::open(opened, Some(&environment), (limits, Arc::clone(&self.cancel)))?;
        Ok((tables, environment))
    }
}

/// Gives a plan up, of a workbook or of an extract.
fn drop_plan(app: &App, asked: &str) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let found = find_plan(&opened.store, asked)?;
    in_force(&opened.store, &found.text.environment)?.check_user(&app.wanted()?.account)?;
    let row = opened.store.catalog().plan(&found.subject.id)?;
    if row.is_none_or(|row| row.state != PlanState::Open) {
        bail!("the plan was built or given up before");
    }
    let pinned: Vec<ItemId> = found.spec.tables().iter().map(|table| table.artifact).collect();
    let who = opened.who();
    opened.store.drop_export(who, found.subject, &pinned)?;
    opened.store.checkpoint()?;
    app.terminal.say(&format!("given up: {}", short(&ItemId(found.subject.id))));
    Ok(Exit::Done)
}

/// A plan that was found, with what was asked for.
pub(super) struct FoundPlan {
    pub(super) subject: Subject,
    pub(super) text: PlanText,
    pub(super) spec: Spec,
}

/// Finds a plan of a workbook or an extract, by the first digits of its hash or by its file.
pub(super) fn find_plan(store: &Store, asked: &str) -> anyhow::Result<FoundPlan> {
    let subject = if Path::new(asked).extension().is_some_and(|ending| ending == "json") {
        let text = std::fs::read_to_string(asked).with_context(|| asked.to_owned())?;
        let subject = store.export_subject(&text);
        // The file is a copy: what counts is the one in the store, and it has to be the same.
        store.read_export(&subject).map_err(|error| match error {
            StoreError::Refused(_) => {
                StoreError::Refused(format!("{asked}: it is not a plan of this store, or it was changed"))
            }
            other => other,
        })?;
        subject
    } else {
        match store.find_plan(asked)? {
            (subject, PlanFile::Export) => subject,
            (_, PlanFile::Retention) => bail!("that is a retention plan: custody retention sweep --apply"),
            (_, PlanFile::Request) => {
                bail!("that is a request: custody purge, erase and hold release carry out their own")
            }
        }
    };
    read_plan(store, subject)
}

/// Reads a plan and its spec from the store.
pub(super) fn read_plan(store: &Store, subject: Subject) -> anyhow::Result<FoundPlan> {
    let text = PlanText::parse(&store.read_export(&subject)?)?;
    let bytes =
        templates::bytes(store, &text.spec).map_err(|error| match error.downcast_ref::<StoreError>() {
            Some(StoreError::NoItem(_) | StoreError::Purged(_)) => {
                let why = "what the plan was asked with is not in the store any more: make a new plan";
                StoreError::Refused(why.to_owned()).into()
            }
            _ => error,
        })?;
    let spec: Spec = serde_json::from_slice(&bytes).context("a plan's spec")?;
    if spec.kind() != text.kind {
        bail!(StoreError::Contradiction("a plan and its spec differ"));
    }
    Ok(FoundPlan { subject, text, spec })
}

impl FoundPlan {
    /// What was asked for, of a workbook.
    pub(super) fn eib(&self) -> anyhow::Result<&EibSpec> {
        match &self.spec {
            Spec::Eib(spec) => Ok(spec),
            Spec::Extract(_) => bail!("that is the plan of an extract: custody export --apply"),
        }
    }

    /// Refuses another environment than the plan's.
    pub(super) fn check_environment(&self, environment: &str) -> anyhow::Result<()> {
        if self.text.environment != environment {
            bail!(StoreError::Refused(format!(
                "the plan was made for {}: it cannot be used for {environment}",
                self.text.environment
            )));
        }
        Ok(())
    }
}

/// The key of cells' hashes.
pub(super) fn key(store: &Store) -> [u8; 32] {
    cell_key(store.ids())
}
