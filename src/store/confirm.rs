//! What is confirmed is what was previewed: a person types the first digits of the plan's hash, or gives them.

use anyhow::bail;
use custody_retention::ItemId;
use custody_retention::ledger::Subject;
use std::io::{BufRead, IsTerminal, Write};

/// Digits that have to be given at least.
const DIGITS: usize = 8;

/// Whether a plan is confirmed: by `yes`, or by whoever sits at the terminal.
///
/// # Errors
/// For digits that are too few or another plan's, and when nobody can be asked.
pub fn confirmed(may_ask: bool, yes: Option<&str>, plan: &Subject, what: &str) -> anyhow::Result<bool> {
    let hash = ItemId(plan.id).to_string();
    let matches = |given: &str| given.len() >= DIGITS && hash.starts_with(given);
    if let Some(given) = yes {
        if !matches(given) {
            bail!("--yes takes the first {DIGITS} digits or more of the plan's hash, {}…", &hash[..DIGITS]);
        }
        return Ok(true);
    }
    let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
    if !may_ask || !stdin.is_terminal() {
        bail!("to {what}, confirm with --yes {}", &hash[..DIGITS]);
    }
    write!(stderr, "to {what}, type the first {DIGITS} digits of the plan's hash ({}): ", &hash[..DIGITS])?;
    stderr.flush()?;
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    Ok(matches(line.trim()))
}
