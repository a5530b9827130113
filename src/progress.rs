//! Progress bars, one a kind of artifact, on a terminal only. They count; they name no file.

use crate::terminal::Terminal;
use custody_rules::ArtifactKind;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The bars of one run.
#[derive(Debug)]
pub struct Progress {
    multi: MultiProgress,
    bars: Mutex<BTreeMap<ArtifactKind, ProgressBar>>,
}

impl Progress {
    /// Bars on standard error, or none.
    pub fn new(terminal: &Terminal) -> Self {
        let target =
            if terminal.bars() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { multi: MultiProgress::with_draw_target(target), bars: Mutex::default() }
    }

    /// Says that another artifact of this kind takes so many steps.
    pub fn expect(&self, kind: ArtifactKind, steps: u64) {
        if let Ok(mut bars) = self.bars.lock() {
            bars.entry(kind).or_insert_with(|| self.multi.add(bar(kind))).inc_length(steps);
        }
    }

    /// Says that a step of an artifact of this kind is done.
    pub fn step(&self, kind: ArtifactKind) {
        if let Ok(bars) = self.bars.lock()
            && let Some(bar) = bars.get(&kind)
        {
            bar.inc(1);
        }
    }

    /// Clears all bars.
    pub fn finish(&self) {
        let _ = self.multi.clear();
    }
}

fn bar(kind: ArtifactKind) -> ProgressBar {
    let label = match kind {
        ArtifactKind::Text => "logs and text",
        ArtifactKind::Csv | ArtifactKind::Workbook => "reports",
        ArtifactKind::Json | ArtifactKind::Xml => "documents",
        ArtifactKind::Image => "pictures",
        ArtifactKind::Video => "recordings",
        _ => "archives",
    };
    let style = ProgressStyle::with_template("{prefix:>14} {bar:30} {pos}/{len} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(0).with_style(style).with_prefix(label);
    bar.enable_steady_tick(std::time::Duration::from_millis(250));
    bar
}
