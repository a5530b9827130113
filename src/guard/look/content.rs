//! A file's content: kind, members of archives, findings with their places. Foreign bytes are read by the stages' readers,
//! media by workers.

use super::joins::{self, Joined};
use super::place::{Lines, other};
use super::{Found, Look, PEOPLE, Spot, hit, names, notebook};
use crate::guard::assets::{AssetKind, classify};
use crate::guard::policy::Weight;
use crate::guard::subject::Origin;
use crate::guard::{Hit, What};
use custody_ingest::{Artifact as Part, FileReader, Given, Source, discover_given, sniff_code, sniff_lines};
use custody_redact::detect::ColumnClasses;
use custody_redact::{Artifact, FindingStore, TableContext, find, survey};
use custody_rules::{
    ArtifactKind, Decision, Finding, MediaEngine, MediaSummary, Place, Reader, Reason, Refusal, Sniffed,
};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek};

/// Bytes of a file in which its kind is looked for.
const HEAD_BYTES: u64 = 4_096;
/// Bytes of a text whose lines are looked at together.
const TEXT_BYTES_MAX: u64 = 16 << 20;
/// Notebooks in each other that are taken apart.
const NOTEBOOKS_MAX: u8 = 2;
/// What a file that is looked into is called among its members.
const SELF: &str = "blob";
/// Findings of one rule in one file that are told one by one.
const SAME_RULE_MAX: usize = 20;

/// What was read of a text or a picture.
struct Reading {
    sniffed: Sniffed,
    findings: Vec<Finding>,
}

impl Look<'_> {
    /// Looks at a file: as a whole, and at all that is packed into it.
    pub(super) fn file(
        &self,
        source: &Source,
        parts: &[String],
        (shown, origin): (String, &Origin),
        found: &mut Found,
    ) {
        let size_bytes = source.size_bytes();
        found.tally.files += 1;
        found.tally.bytes += size_bytes;
        let name = parts.last().cloned().unwrap_or_default();
        let content = match fingerprint(source) {
            Ok(content) => content,
            Err(refusal) => {
                let content = super::unread_hash(origin);
                return self.unread(&Spot::new(origin, &shown, content), &refusal, found);
            }
        };
        let spot = Spot { name, ..Spot::new(origin, &shown, content) };
        if size_bytes > 0 {
            self.content(source, &spot, found);
        }
    }

    /// Looks at a content: as a whole, and at all that is packed into it.
    fn content(&self, source: &Source, spot: &Spot<'_>, found: &mut Found) {
        let given =
            Given { relative: vec![SELF.to_owned()], display: SELF.to_owned(), source: source.clone() };
        let discovery = discover_given(given, &self.run.limits);
        let packed = discovery.artifacts.iter().any(|part| !part.archive_depths.is_empty())
            || discovery.refused.iter().any(|(name, _)| name != SELF);
        if packed {
            let is_trace = |part: &Part| part.relative.iter().any(|name| is_trace(name));
            let trace = discovery.artifacts.iter().any(is_trace);
            let kind = if trace { AssetKind::Trace } else { AssetKind::Archive };
            self.asset(spot, (kind, source.size_bytes()), found);
        }
        for part in &discovery.artifacts {
            self.part(part, spot, found);
        }
        for (name, refusal) in &discovery.refused {
            let inner: Vec<String> = names::components(name.as_bytes()).into_iter().skip(1).collect();
            let spot = self.member(spot, &inner, found);
            self.unread(&spot, refusal, found);
        }
    }

    /// One file, or one member of an archive.
    fn part(&self, part: &Part, container: &Spot<'_>, found: &mut Found) {
        let spot = self.member(container, &part.relative[1..], found);
        self.one(&part.source, &spot, found);
    }

    /// The spot of a member; its name is looked at.
    fn member<'s>(&self, container: &Spot<'s>, inner: &[String], found: &mut Found) -> Spot<'s> {
        let Some(name) = inner.last() else { return container.clone() };
        let origin = Origin::default();
        let mut named = Found::default();
        let shown = self.name(&origin, inner, &mut named);
        let spot =
            Spot { shown: format!("{}!{shown}", container.shown), name: name.clone(), ..container.clone() };
        for one in named.hits {
            self.hit(&spot, one, found);
        }
        spot
    }

    /// Looks at a content that is no archive.
    fn one(&self, source: &Source, spot: &Spot<'_>, found: &mut Found) {
        if let Err(refusal) = self.try_one(source, spot, found) {
            self.unread(spot, &refusal, found);
        }
    }

    fn try_one(&self, source: &Source, spot: &Spot<'_>, found: &mut Found) -> Result<(), Refusal> {
        let mut file = source.open()?;
        let mut head = Vec::new();
        (&mut file).take(HEAD_BYTES).read_to_end(&mut head)?;
        file.rewind()?;
        if head.is_empty() {
            return Ok(());
        }
        let sniffed = self.sniff(&file, &spot.name);
        let kind = classify(&spot.name, &head, &sniffed);
        let size_bytes = source.size_bytes();
        let before = found.tally.allowed;
        let refused = self.asset(spot, (kind, size_bytes), found);
        let decided = refused || found.tally.allowed > before;
        let sniffed = match sniffed {
            Ok(sniffed) => sniffed,
            // Its kind says all there is to say, whether it is let through or not.
            Err(_) if decided || matches!(kind, AssetKind::Font | AssetKind::Icon) => return Ok(()),
            Err(refusal) => return Err(refusal),
        };
        // A picture that has no place here need not be read; a text is, whatever its kind is.
        if refused && sniffed.kind.is_media() {
            return Ok(());
        }
        if sniffed.kind == ArtifactKind::Archive {
            // Members are looked at one by one: that this one was not taken apart, nobody knows why.
            return Err(Refusal::new(Reason::Unsupported, "an archive that was not opened"));
        }
        if kind == AssetKind::Notebook && self.notebook(source, spot, found)? {
            return Ok(());
        }
        let reading = self.read(source, (&file, spot), (sniffed, kind))?;
        self.judge(source, &reading, spot, found);
        Ok(())
    }

    /// What a content is. Documents that are text are read as lines: here nothing has to be written back.
    fn sniff(&self, file: &File, name: &str) -> Result<Sniffed, Refusal> {
        if self.policy.is_code(name) {
            return sniff_code(file, &self.run.limits);
        }
        FileReader.sniff(file, &self.run.limits).or_else(|refusal| {
            let words = ["HTML", "SVG", "e-mail", "XML", "JSON"];
            let is_text = words.iter().any(|word| refusal.detail.starts_with(word));
            if is_text { sniff_lines(file) } else { Err(refusal) }
        })
    }

    /// Findings of a content; of a text that is not what it looks like, those of its lines.
    fn read(
        &self,
        source: &Source,
        at: (&File, &Spot<'_>),
        (sniffed, kind): (Sniffed, AssetKind),
    ) -> Result<Reading, Refusal> {
        let lines = Sniffed { kind: ArtifactKind::Text, format: "txt", ..sniffed };
        let tree_or_table =
            matches!(sniffed.kind, ArtifactKind::Csv | ArtifactKind::Json | ArtifactKind::Xml);
        // Code with commas is no table.
        if sniffed.kind == ArtifactKind::Csv && kind != AssetKind::Report {
            return self.findings(source, at, lines);
        }
        match self.findings(source, at, sniffed) {
            Err(refusal) if tree_or_table && refusal.reason != Reason::Cancelled => {
                self.findings(source, at, lines)
            }
            other => other,
        }
    }

    fn findings(
        &self,
        source: &Source,
        (file, spot): (&File, &Spot<'_>),
        sniffed: Sniffed,
    ) -> Result<Reading, Refusal> {
        let (summary, words) = if sniffed.kind.is_media() {
            self.run.pool.read(file, sniffed.kind, &self.run.limits)?
        } else {
            (MediaSummary::default(), Vec::new())
        };
        let open = || source.open();
        let artifact =
            Artifact { open: &open, sniffed, words: &words, page: (summary.width, summary.height) };
        let context = self.run.context_at(&names::components(&spot.origin.path));
        // Columns are classified by what stands in them: a first pass over what has columns.
        let classes = match sniffed.kind {
            ArtifactKind::Csv | ArtifactKind::Workbook => survey(&context, &artifact)?.classes,
            _ => ColumnClasses::default(),
        };
        let mut store = FindingStore::new(self.table.clone());
        find(&context, &artifact, &classes, &mut store)?;
        let mut findings = Vec::new();
        if !store.is_empty() {
            let rows = store.rows().and_then(Iterator::collect::<Result<Vec<Finding>, _>>);
            findings = rows.map_err(|_| {
                Refusal::new(
                    Reason::Unwritable,
                    "the findings cannot be read back: is the temporary folder full?",
                )
            })?;
        }
        Ok(Reading { sniffed, findings })
    }

    /// Bytes that are lines of text.
    pub(super) fn lines(&self, source: &Source, spot: &Spot<'_>, found: &mut Found) {
        let read = || {
            let file = source.open()?;
            let sniffed = sniff_lines(&file)?;
            self.findings(source, (&file, spot), sniffed)
        };
        match read() {
            Ok(reading) => self.judge(source, &reading, spot, found),
            Err(refusal) => self.unread(spot, &refusal, found),
        }
    }

    /// Findings become hits, as far as they count.
    fn judge(&self, source: &Source, reading: &Reading, spot: &Spot<'_>, found: &mut Found) {
        let setting = self.policy.setting(&spot.name, reading.sniffed.kind);
        let text = text(source, reading.sniffed);
        let mut lines = Lines::new(text.as_deref().unwrap_or_default());
        let mut hits = Vec::new();
        let (mut people, mut first) = (BTreeSet::new(), None);
        for finding in reading.findings.iter().filter(|finding| finding.decision == Decision::Redact) {
            match self.policy.weight(finding.entity, setting, self.certainty(finding)) {
                Weight::Nothing => {}
                Weight::Many => {
                    people.insert(finding.identity);
                    first.get_or_insert(finding);
                }
                Weight::Full => {
                    let one = hit(What::Value, self.entity(finding), String::new());
                    hits.push(self.placed(finding, (one, text.is_some()), &mut lines));
                }
            }
        }
        if let Some(finding) = first.filter(|_| people.len() > self.policy.people_max()) {
            let detail = format!("{} different people, addresses and numbers", people.len());
            let one = hit(What::Value, PEOPLE.to_owned(), detail);
            hits.push(self.placed(finding, (one, text.is_some()), &mut lines));
        }
        if let Some(text) = &text {
            joins::each(text, &mut |joined| self.joined(joined, &mut hits));
        }
        self.told(hits, spot, found);
    }

    fn placed(&self, finding: &Finding, (one, is_text): (Hit, bool), lines: &mut Lines<'_>) -> Hit {
        let one = self.seen(finding, one);
        match finding.place {
            Place::Span { start, .. } if is_text => Hit { line: Some(lines.of(start)), ..one },
            place => Hit { place: Some(other(place)), ..one },
        }
    }

    /// Secrets that stand in several lines together and in none alone.
    fn joined(&self, joined: &Joined, hits: &mut Vec<Hit>) {
        let context = self.run.context();
        for span in context.detector.text(&joined.text, None, &mut context.lend()) {
            let counts = span.decision == Decision::Redact && self.policy.is_secret(span.entity);
            if !counts || !joined.crosses(span.start, span.end) {
                continue;
            }
            let (first, last) = (joined.line_of(span.start), joined.line_of(span.end - 1));
            let rules = context.detector.rules();
            let rule = rules.entity_name(span.entity).to_owned();
            // What one of the lines gives away was told.
            if hits
                .iter()
                .any(|hit| hit.rule == rule && hit.line.is_some_and(|(at, _)| (first..=last).contains(&at)))
            {
                continue;
            }
            hits.push(Hit {
                recognizer: Some(rules.recognizer_name(span.recognizer).to_owned()),
                score: Some(span.score),
                line: Some((first, 1)),
                place: Some(format!("lines {first} to {last} together")),
                ..hit(What::Value, rule, "it goes on in the next line".to_owned())
            });
        }
    }

    /// Adds hits, of one rule not more than people read.
    fn told(&self, hits: Vec<Hit>, spot: &Spot<'_>, found: &mut Found) {
        let mut counts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
        for one in hits {
            let count = counts.entry(one.rule.clone()).or_default();
            *count += 1;
            if *count <= SAME_RULE_MAX {
                self.hit(spot, one, found);
            }
        }
        for (rule, count) in counts {
            let more = count.saturating_sub(SAME_RULE_MAX);
            if more > 0 {
                self.hit(spot, hit(What::Value, rule, format!("{more} more in this file")), found);
            }
        }
    }

    /// The outputs of a notebook, each as what it is; `false` for one that cannot be taken apart.
    fn notebook(&self, source: &Source, spot: &Spot<'_>, found: &mut Found) -> Result<bool, Refusal> {
        if source.size_bytes() > TEXT_BYTES_MAX {
            return Ok(false);
        }
        if spot.depth >= NOTEBOOKS_MAX {
            return Err(Refusal::new(Reason::Unsupported, "a notebook in a notebook in a notebook"));
        }
        let mut bytes = Vec::new();
        source.open()?.read_to_end(&mut bytes)?;
        let Some(pieces) = notebook::pieces(&bytes) else { return Ok(false) };
        for piece in pieces {
            let name = piece.name;
            let shown = format!("{}!{name}", spot.shown);
            let spot = Spot { shown, name, depth: spot.depth + 1, ..spot.clone() };
            let source = crate::guard::subject::memory(&piece.bytes)?;
            if piece.text { self.lines(&source, &spot, found) } else { self.content(&source, &spot, found) }
        }
        Ok(true)
    }
}

/// Whether a member of an archive is what browsers' traces are made of.
fn is_trace(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("trace" | "network" | "har"))
}

/// BLAKE3 of all of a content.
fn fingerprint(source: &Source) -> Result<blake3::Hash, Refusal> {
    let mut hasher = blake3::Hasher::new();
    std::io::copy(&mut source.open()?, &mut hasher)?;
    Ok(hasher.finalize())
}

/// All of a text, in UTF-8; none of what is no text or too long for it.
fn text(source: &Source, sniffed: Sniffed) -> Option<String> {
    if !crate::pipeline::has_lines(sniffed.kind) || source.size_bytes() > TEXT_BYTES_MAX {
        return None;
    }
    let mut text = String::new();
    let mut view = FileReader.utf8_view(source.open().ok()?, sniffed.encoding).ok()?;
    view.read_to_string(&mut text).ok()?;
    Some(text)
}

/// What ids a findings table needs: those of this run are never told.
pub(super) fn table(run: &crate::pipeline::Run) -> TableContext {
    let detector = &run.detection.detector;
    TableContext::new(detector.rules(), detector.key, 0, "")
}
