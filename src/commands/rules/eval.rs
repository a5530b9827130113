//! `custody rules eval`: detection measured against labelled cases. Says counts, never a text.

use super::super::App;
use crate::cli::DetectArgs;
use crate::exit::Exit;
use crate::terminal::out;
use anyhow::{Context as _, bail};
use custody_redact::Span;
use custody_rules::eval::{Evaluation, Hit, read_cases};
use custody_rules::{EntityId, Limits};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

pub(super) fn run(
    app: &App,
    (files, min_recall): (&[PathBuf], Option<f64>),
    detect: &DetectArgs,
) -> anyhow::Result<Exit> {
    if min_recall.is_some_and(|least| !(0.0..=1.0).contains(&least)) {
        bail!("--min-recall takes a number from 0 to 1");
    }
    let detection = app.detection(detect, &Limits::default())?;
    let detector = &detection.detector;
    let mut scratch = detector.scratch();
    let mut find = |line: &str, only: Option<&[EntityId]>| {
        let spans = match only {
            Some(only) => detector.text_any_score(line, only, &mut scratch),
            None => detector.text(line, None, &mut scratch),
        };
        spans.into_iter().map(hit).collect()
    };
    let mut evaluation = Evaluation::new(detector.rules());
    for file in files {
        read(file, (&mut evaluation, &mut find))?;
    }
    let report = evaluation.report();
    out(&if app.global.json { report.json().to_string() } else { report.table().trim_end().to_owned() });
    let recall = report.overall.recall();
    Ok(match min_recall {
        Some(least) if recall < least => {
            app.terminal.error(&format!("recall {recall:.4} is under {least}"));
            Exit::Findings
        }
        _ => Exit::Done,
    })
}

type Find<'a> = dyn FnMut(&str, Option<&[EntityId]>) -> Vec<Hit> + 'a;

fn read(file: &Path, (evaluation, find): (&mut Evaluation<'_>, &mut Find<'_>)) -> anyhow::Result<()> {
    let shown = file.display().to_string();
    let reader = open(file).with_context(|| format!("{shown}: cannot be read"))?;
    read_cases(&shown, reader, &mut |case| {
        evaluation.run(&case, find);
    })?;
    Ok(())
}

/// Plain or gzipped, whatever the file is called.
fn open(file: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(file)?);
    let packed = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if packed { Box::new(BufReader::new(MultiGzDecoder::new(reader))) } else { Box::new(reader) })
}

fn hit(span: Span) -> Hit {
    Hit { start: span.start, end: span.end, entity: span.entity, score: span.score }
}
