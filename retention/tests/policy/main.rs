//! Policies and what follows from them, from outside: what is refused and how, what governs what, when what is due, plans.

mod due;
mod folder;
mod meeting;
mod plan;
mod plan_file;
mod plan_laws;
mod refusals;
mod shipped;
mod store;

use custody_retention::policy::PolicySet;

/// A policy file with these tables, and an id that fits the name `p.toml`.
fn policy(matching: &str, keep: &str) -> String {
    format!(
        "id = \"p\"\ndescribe = \"d\"\nbasis = \"b\"\nunattended = true\n[match]\n{matching}\n[keep]\n{keep}\n"
    )
}

/// What keeps for some days from the ingest.
const KEEP: &str = "from = \"ingested\"\ndays = 7";

/// The set of these files.
fn set(files: &[(&str, &str)]) -> PolicySet {
    PolicySet::parse(files).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// All that is said of wrong files, a line each.
fn refused(files: &[(&str, &str)]) -> String {
    let mistakes = PolicySet::parse(files).expect_err("it has a mistake");
    mistakes.iter().map(|mistake| format!("{mistake}\n")).collect()
}
