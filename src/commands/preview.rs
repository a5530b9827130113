//! What `redact` and `scan` say of a preview. It is drawn in [`crate::preview`].

use super::{App, witness};
use crate::pipeline::{Bundle, Run};
use crate::preview::{Previewed, draw};
use std::path::Path;

/// Draws the preview into `dir` and says what came of it; `None` where there was nothing to draw.
pub(super) fn run(
    app: &App,
    run: &Run,
    bundle: &mut Bundle,
    dir: &Path,
) -> anyhow::Result<Option<Previewed>> {
    let Some(previewed) = draw(run, bundle, dir)? else {
        app.terminal.tagged("warning", "no picture or recording could be read: no preview was written");
        return Ok(None);
    };
    for (display, refusal) in &previewed.failed {
        app.terminal.tagged(
            "warning",
            &format!("{display}: no preview: {} ({})", refusal.detail, refusal.reason.as_str()),
        );
    }
    if previewed.report.files.is_empty() {
        app.terminal.tagged("warning", "no preview was written");
        return Ok(Some(previewed));
    }
    witness::previewed(app, bundle, &previewed, dir)?;
    let sheets: usize = previewed.report.files.iter().map(|file| file.sheets.len()).sum();
    app.terminal.tagged(
        "warning",
        &format!(
            "{}: {sheets} pictures of {} files, UNREDACTED: for your eyes only, delete the folder when you are done",
            dir.display(),
            previewed.report.files.len()
        ),
    );
    Ok(Some(previewed))
}
