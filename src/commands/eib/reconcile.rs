//! `custody eib reconcile`: a load of which Workday rejected some transactions is planned again for those alone, so that
//! nothing is loaded twice.

use super::plan::{Wanted, make};
use super::shown::Reading;
use super::{App, find_plan, key};
use crate::exit::Exit;
use crate::exports::load::Load;
use crate::exports::spec::EibSpec;
use crate::store::show::count;
use anyhow::{Context as _, bail};
use custody_export::eib::{RowSource as _, Sent, rejected, rows};
use custody_export::workbook::ROWS_MAX;
use custody_retention::catalog::PlanState;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

pub(super) fn run(app: &App, asked: &str, errors: &Path, output: Option<&Path>) -> anyhow::Result<Exit> {
    let (open, environment) = app.open_tables()?;
    let found = find_plan(&open.store(), asked)?;
    found.check_environment(&environment)?;
    let spec = found.eib()?.clone();
    let row = open.store().catalog().plan(&found.subject.id)?;
    if row.is_none_or(|row| row.state != PlanState::Applied) {
        bail!("the plan was not built: there is nothing that Workday could have rejected");
    }
    let key = key(&open.store());
    let load = Load::new(&open.store(), &spec, key)?;
    let mut sent = BTreeSet::new();
    let mut main_rows = Vec::new();
    let mut blocks = rows(&load.request(&open.tables))?;
    while let Some(block) = blocks.next_block()? {
        for sheet in &block.sheets {
            sent.extend(sheet.transactions.iter().copied());
            if sheet.sheet == 0 {
                main_rows.extend_from_slice(&sheet.transactions);
            }
        }
    }
    drop(blocks);
    if main_rows.len() > ROWS_MAX as usize {
        // Rows of which of the files? Keys tell, rows do not.
        main_rows.clear();
    }
    let file = File::open(errors).with_context(|| errors.display().to_string())?;
    let was = Sent { transactions: &sent, main_rows: &main_rows };
    let rejected = rejected(file, was).with_context(|| errors.display().to_string())?;
    app.terminal.say(&format!(
        "{} of {} rejected: planned again, the others are left out",
        count(rejected.transactions.len() as u64, "transaction", "transactions"),
        sent.len()
    ));
    let spec = EibSpec { only: Some(rejected.transactions), ..spec };
    let reading = Reading { rows: 10, reveal: false };
    make(app, open, &environment, Wanted { spec, reading, output, annotated: None })
}
