//! Sandbox first: what goes into production was built somewhere harmless before, with the same template and mapping.

use super::{Kind, in_force};
use crate::exports::file::PlanText;
use custody_retention::catalog::PlanState;
use custody_retention::ledger::Subject;
use custody_retention::store::{PlanFile, Store};

/// Whether a plan of this template's model and this mapping was built in a sandbox.
///
/// # Errors
/// What the store says.
pub fn was_built_in_a_sandbox(store: &Store, wanted: &PlanText) -> anyhow::Result<bool> {
    for (subject, kind) in store.plan_files()? {
        if kind == PlanFile::Export && built_alike(store, &subject, wanted)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn built_alike(store: &Store, subject: &Subject, wanted: &PlanText) -> anyhow::Result<bool> {
    let built = store.catalog().plan(&subject.id)?.is_some_and(|row| row.state == PlanState::Applied);
    if !built {
        return Ok(false);
    }
    // One that was changed or cannot be read proves nothing.
    let Some(plan) = store.read_export(subject).ok().and_then(|text| PlanText::parse(&text).ok()) else {
        return Ok(false);
    };
    let same = plan.kind == wanted.kind
        && plan.template.is_some()
        && plan.template == wanted.template
        && plan.mapping_hash == wanted.mapping_hash;
    Ok(same && in_force(store, &plan.environment).is_ok_and(|found| found.kind == Kind::Sandbox))
}
