//! `custody redact`: files in, a verified bundle out; or text through a pipe.

use super::witness::Witness;
use super::{App, folders, preview};
use crate::bundle::{Outcome, Published, publish};
use crate::cli::RedactArgs;
use crate::exit::Exit;
use crate::terminal::out;
use anyhow::bail;
use custody_redact::stream;
use custody_retention::ledger::ActKind;
use custody_rules::{Limits, Reason, Refusal};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

pub(super) fn run(app: &App, args: &RedactArgs) -> anyhow::Result<Exit> {
    let dash = Path::new("-");
    if args.paths.iter().any(|p| p == dash) {
        if args.paths.len() > 1 || args.out.is_some() || args.preview.is_some() {
            bail!(
                "- takes standard input to standard output: no other path, no -o and no --preview beside it"
            );
        }
        return pipe(app, args);
    }
    if args.line_buffered {
        bail!("--line-buffered is for standard input (-) alone");
    }
    let preview = args.preview.as_deref().map(|dir| folders::checked(dir, "DIR", &args.paths)).transpose()?;
    let Some(wanted) = &args.out else {
        let Some(dir) = preview else { bail!("-o OUT is missing: the folder the bundle is written to") };
        return preview_alone(app, args, &dir);
    };
    let out = folders::checked(wanted, "OUT", &args.paths)?;
    if let Some(dir) = &preview {
        folders::apart(&out, dir)?;
    }
    let witness = Witness::begin(app)?;
    let mut run = app.run(&args.detect, &args.media)?;
    app.say_without_roster(&run.detection);
    let mut bundle = match run.detect(&args.paths, Some(&out)) {
        Ok(bundle) => bundle,
        Err(refusal) => return Ok(cancelled(app, &refusal)),
    };
    let published = match publish(&run, &mut bundle, (&out, args.keep_audio, preview.is_some())) {
        Ok(published) => published,
        Err(error) => return Ok(app.failed(&error)),
    };
    run.progress.finish();
    if app.cancelled() && published.manifest.is_none() {
        return Ok(cancelled(app, &Refusal::new(Reason::Cancelled, "nothing was written")));
    }
    report(app, &published, wanted)?;
    // Drawn last, so that it shows what the second reading added as well. It does not change how the run ended.
    if let Some(dir) = &preview
        && let Err(error) = preview::run(app, &run, &mut bundle, dir)
    {
        app.failed(&error);
    }
    Ok(witness.bundle(app, ActKind::Redact, &bundle, exit(&published.outcomes)))
}

/// Detects, draws, and writes nothing else.
fn preview_alone(app: &App, args: &RedactArgs, dir: &Path) -> anyhow::Result<Exit> {
    let mut run = app.run(&args.detect, &args.media)?;
    app.say_without_roster(&run.detection);
    let mut bundle = match run.detect(&args.paths, Some(dir)) {
        Ok(bundle) => bundle,
        Err(refusal) => return Ok(cancelled(app, &refusal)),
    };
    run.progress.finish();
    let refused = super::scan::refuse_lines(app, &bundle);
    let previewed = match preview::run(app, &run, &mut bundle, dir) {
        Ok(previewed) => previewed,
        Err(_) if app.cancelled() => {
            return Ok(cancelled(app, &Refusal::new(Reason::Cancelled, "nothing was written")));
        }
        Err(error) => return Ok(app.failed(&error)),
    };
    app.terminal.say("nothing was redacted: -o OUT does that");
    let Some(previewed) = previewed else { return Ok(Exit::Usage) };
    if app.global.json {
        out(&serde_json::to_string(&previewed.report)?);
    }
    Ok(match (previewed.report.files.len(), refused + previewed.failed.len()) {
        (0, _) => Exit::Usage,
        (_, 0) => Exit::Done,
        _ => Exit::Partly,
    })
}

fn cancelled(app: &App, refusal: &Refusal) -> Exit {
    app.terminal.error(&format!("cancelled: {}", refusal.detail));
    Exit::Cancelled
}

fn pipe(app: &App, args: &RedactArgs) -> anyhow::Result<Exit> {
    let mut detection = app.detection(&args.detect, &Limits::default())?;
    app.say_without_roster(&detection);
    let mut output = Counted { inner: std::io::stdout().lock(), bytes: 0 };
    let input = (std::io::stdin().lock(), args.line_buffered);
    match stream(&mut detection.detector, input, &mut output) {
        Ok(summary) => {
            let found: u64 = summary.redacted.values().sum();
            app.terminal
                .say(&format!("{found} findings redacted in {} bytes; nothing was verified", summary.bytes));
            Ok(Exit::Done)
        }
        Err(refusal) => {
            app.terminal.tagged("error", &format!("standard input: {}", refusal.detail));
            Ok(if output.bytes > 0 { Exit::Partly } else { Exit::Usage })
        }
    }
}

/// Standard output, and how much went there.
struct Counted<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

fn report(app: &App, published: &Published, wanted: &Path) -> anyhow::Result<()> {
    for outcome in &published.outcomes {
        match &outcome.result {
            Ok(entry) => app.terminal.say(&format!("{}: {}", outcome.display, counts(&entry.redacted))),
            Err(refusal) => app.terminal.tagged(
                "refused",
                &format!("{}: {} ({})", outcome.display, refusal.detail, refusal.reason.as_str()),
            ),
        }
    }
    let done = published.outcomes.iter().filter(|o| o.result.is_ok()).count();
    let refused = published.outcomes.len() - done;
    match &published.manifest {
        Some(manifest) => {
            let found: u64 = manifest.totals.redacted.values().sum();
            let rest = if refused > 0 { format!(", {refused} refused") } else { String::new() };
            app.terminal.say(&format!(
                "{done} files redacted and verified{rest}, {found} findings: {}",
                wanted.display()
            ));
            if app.global.json {
                out(&serde_json::to_string(manifest)?);
            }
        }
        None if published.outcomes.is_empty() => {
            app.terminal.tagged("error", "there is no file in what was given");
        }
        None => app.terminal.tagged("error", "nothing could be processed: nothing was written"),
    }
    Ok(())
}

fn counts(redacted: &BTreeMap<String, u64>) -> String {
    if redacted.is_empty() {
        return "nothing found".to_owned();
    }
    redacted.iter().map(|(entity, count)| format!("{count} {entity}")).collect::<Vec<_>>().join(", ")
}

fn exit(outcomes: &[Outcome]) -> Exit {
    let refusals: Vec<&Refusal> = outcomes.iter().filter_map(|o| o.result.as_ref().err()).collect();
    if refusals.iter().any(|r| r.reason == Reason::VerifyFailed) {
        Exit::Findings
    } else if refusals.len() == outcomes.len() {
        Exit::Usage
    } else if refusals.is_empty() {
        Exit::Done
    } else {
        Exit::Partly
    }
}
