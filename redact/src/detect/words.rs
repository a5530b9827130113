//! Findings among words on pixels: text of segments and rows, values beside or under their labels, columns
//! under their headings, for every moment of a recording at which something new is to be read.

mod neutral;
mod people;

use super::Blocks;
use super::headings::Seen;
use super::layout::{Row, Segment, aligned, rows};
use super::reading::{Pass, spellings};
use super::text::{Detector, TextScratch};
use super::tracks::Tracks;
use crate::operators::is_replaced;
use crate::resolve::Span;
use arrow_array::RecordBatch;
use custody_rules::table::{WordRow, word_rows};
use custody_rules::{
    Candidate, Earlier, EntityId, Finding, ListScope, Place, RecognizerId, Region, ValueIndexBuilder,
    ValueShape, is_null_like,
};
use neutral::is_neutral;
use std::collections::BTreeMap;

/// Stands for a box that is painted already, when an output is read again.
pub const COVERED: &str = "██";

/// Lines a labelled value may have below its first.
const VALUE_LINES_MAX: usize = 3;

/// What a word was found to be.
#[derive(Debug, Clone, Copy)]
struct Mark {
    group: usize,
    entity: EntityId,
    recognizer: RecognizerId,
    score: f32,
    identity: u128,
    keep: bool,
}

/// Finds everything in the words of one picture or recording, and what was seen but not read. `values`, where
/// given, learns what was found.
pub fn word_findings(
    detector: &Detector,
    (batches, pass): (&[RecordBatch], Pass<'_>),
    mut values: Option<&mut ValueIndexBuilder>,
    scratch: &mut TextScratch,
) -> Vec<Finding> {
    let words: Vec<WordRow<'_>> = batches.iter().flat_map(word_rows).collect();
    let mut page = Page {
        detector,
        words: &words,
        marks: vec![None; words.len()],
        groups: 0,
        scope: scratch.scope(),
        headers: Vec::new(),
    };
    let tracks = Tracks::new(&words);
    scratch.set_ocr(true);
    tracks.moments(&words, |alive| page.moment(alive, (&mut values, scratch)));
    scratch.set_ocr(false);
    tracks.share(&mut page.marks, Mark::is_better);
    page.findings(pass)
}

/// The words of a picture or a recording, moment by moment.
pub(super) struct Page<'a> {
    detector: &'a Detector,
    words: &'a [WordRow<'a>],
    marks: Vec<Option<Mark>>,
    groups: usize,
    scope: ListScope,
    /// Header rows that were seen, the last one last.
    pub(super) headers: Vec<Seen>,
}

impl Mark {
    /// What is redacted goes before what is kept; else the higher score counts, and of two the one found first.
    fn is_better(&self, other: &Self) -> bool {
        let rank = |mark: &Self| (!mark.keep, mark.score);
        rank(self) > rank(other) || (rank(self) == rank(other) && self.group < other.group)
    }
}

type Tools<'t, 'v> = (&'t mut Option<&'v mut ValueIndexBuilder>, &'t mut TextScratch);

/// A label's hit: entity, recognizer, shape of the value.
pub(super) type Label = custody_rules::LabelHit;

impl Page<'_> {
    fn moment(&mut self, alive: &[usize], (values, scratch): Tools<'_, '_>) {
        let rows = rows(self.words, alive);
        for row in &rows {
            for segment in &row.segments {
                self.scan(segment, &[], (&mut *values, &mut *scratch));
            }
            if row.segments.len() > 1 {
                // A label beside a value is no part of it.
                let labels = row.segments.iter().filter(|segment| self.is_label(&segment.text));
                let labels: Vec<usize> = labels.flat_map(|segment| segment.words.iter().copied()).collect();
                self.scan(&joined(row, '\t'), &labels, (&mut *values, &mut *scratch));
            }
        }
        self.lines(&rows, values);
        self.labels(&rows, values);
        self.crumbs(&rows, values);
        self.garbled(&rows);
        self.initials(&rows);
    }

    /// Plain detection in a segment's text; the words `spared` are left as they are.
    fn scan(&mut self, segment: &Segment, spared: &[usize], (values, scratch): Tools<'_, '_>) {
        for span in self.detector.text(&segment.text, None, scratch) {
            self.mark(segment, (&span, spared), values);
        }
        let Some(repaired) = self.repaired(segment) else { return };
        for span in self.detector.text(&repaired.text, None, scratch) {
            self.mark(&repaired, (&span, spared), &mut None);
        }
    }

    /// What rows say together as the lines of a console or a note do.
    fn lines(&mut self, rows: &[Row], values: &mut Option<&mut ValueIndexBuilder>) {
        let (mut blocks, mut found, mut earlier) = (Blocks::default(), Vec::new(), Vec::new());
        let lines: Vec<Segment> = rows.iter().map(|row| joined(row, ' ')).collect();
        let threshold = self.detector.profile.threshold;
        for (at, line) in lines.iter().enumerate() {
            // A form's labels say themselves what stands beside and below them.
            if rows[at].segments.iter().any(|segment| self.is_label(&segment.text)) {
                blocks = Blocks::default();
                continue;
            }
            blocks.line(self.detector, &line.text, (&mut found, &mut earlier));
            for candidate in found.drain(..).filter(|c: &Candidate| c.score >= threshold) {
                self.mark(line, (&self.detector.span(&line.text, &candidate), &[]), values);
            }
            for Earlier { text, candidate } in earlier.drain(..) {
                let place = lines[..at].iter().rev().find_map(|line| Some((line, line.text.rfind(&*text)?)));
                let Some((line, start)) = place.filter(|_| candidate.score >= threshold) else { continue };
                let candidate = Candidate { start, end: start + text.len(), ..candidate };
                self.mark(line, (&self.detector.span(&line.text, &candidate), &[]), values);
            }
        }
    }

    fn mark(
        &mut self,
        segment: &Segment,
        (span, spared): (&Span, &[usize]),
        values: &mut Option<&mut ValueIndexBuilder>,
    ) {
        let value = &segment.text[span.start..span.end];
        if is_replaced(value) || self.detector.is_allowed(self.scope, span, value) {
            return;
        }
        if let Some(values) = values {
            self.detector.remember(span, value, values);
        }
        self.groups += 1;
        let mark = Mark {
            group: self.groups,
            entity: span.entity,
            recognizer: span.recognizer,
            score: span.score,
            identity: span.identity,
            keep: span.decision == custody_rules::Decision::Keep,
        };
        for word in segment.words_in(span.start, span.end).filter(|word| !spared.contains(word)) {
            let own = &mut self.marks[word];
            if own.as_ref().is_none_or(|old| mark.is_better(old)) {
                *own = Some(mark);
            }
        }
    }

    /// Values beside, under and in columns below their labels.
    fn labels(&mut self, rows: &[Row], values: &mut Option<&mut ValueIndexBuilder>) {
        let headers: Vec<bool> = rows.iter().map(|row| self.is_header(row)).collect();
        for (at, row) in rows.iter().enumerate() {
            for (column, segment) in row.segments.iter().enumerate() {
                let Some(label) = self.label(&segment.text) else {
                    self.label_inside(segment, values);
                    continue;
                };
                if headers[at] {
                    self.column(rows, &headers, (at, column, label), values);
                } else {
                    self.value_of(rows, (at, column, label), values);
                }
            }
        }
        self.below_remembered(rows, &headers, values);
        self.remember_headers(rows, &headers);
    }

    /// Whether a segment is nothing but a label whose value is sensitive.
    pub(super) fn label(&self, text: &str) -> Option<Label> {
        let words = text.split(' ').count();
        if words > 6 || text.ends_with(['.', '!', '?']) {
            return None;
        }
        let bare = text.trim_end_matches([':', '*', ' ']);
        let known = |label: &str| self.detector.scanner.labels().lookup(label).filter(|hit| !hit.weak);
        known(bare).or_else(|| spellings(bare).iter().find_map(|spelling| known(spelling)))
    }

    pub(super) fn is_label(&self, text: &str) -> bool {
        is_neutral(text)
            || spellings(text).iter().any(|spelling| is_neutral(spelling))
            || self.label(text).is_some()
            || text.trim_end().ends_with(':')
    }

    /// A header row: three or more segments, no figures, most of them labels. Of three all have to be: a
    /// menu beside a form's label and value is none.
    fn is_header(&self, row: &Row) -> bool {
        let labels = row.segments.iter().filter(|s| self.is_label(&s.text)).count();
        let figures = row.segments.iter().any(|s| s.text.bytes().any(|b| b.is_ascii_digit()));
        let colons = row.segments.iter().any(|s| s.text.ends_with(':'));
        let covered = row.segments.iter().any(|s| s.text.contains(COVERED));
        let needed = if row.segments.len() == 3 { 10 } else { 6 };
        row.segments.len() >= 3
            && !figures
            && !colons
            && !covered
            && labels * 10 >= row.segments.len() * needed
    }

    /// `Employee ID 21072` in one segment: a label of several words, or any label before a figure.
    fn label_inside(&mut self, segment: &Segment, values: &mut Option<&mut ValueIndexBuilder>) {
        for count in (1..segment.words.len().min(6)).rev() {
            let cut = segment.starts[count];
            let (head, tail) = (&segment.text[..cut - 1], &segment.text[cut..]);
            let Some(label) = self.label(head) else { continue };
            let figures = tail.bytes().any(|b| b.is_ascii_digit());
            let figures_expected = !matches!(label.shape, ValueShape::Name | ValueShape::Line);
            if figures != figures_expected && !(label.shape == ValueShape::Line && count >= 2)
                || (count < 2 && !figures)
            {
                continue;
            }
            self.mark_all(segment, cut, label, values);
            return;
        }
    }

    fn mark_all(
        &mut self,
        segment: &Segment,
        start: usize,
        label: Label,
        values: &mut Option<&mut ValueIndexBuilder>,
    ) {
        // A label is nobody's value, whatever stands over it.
        if !self.is_label(&segment.text[start..]) {
            self.mark_whole(segment, start, label, values);
        }
    }

    pub(super) fn mark_whole(
        &mut self,
        segment: &Segment,
        start: usize,
        label: Label,
        values: &mut Option<&mut ValueIndexBuilder>,
    ) {
        let value = &segment.text[start..];
        if is_null_like(value) {
            return;
        }
        let span = Span {
            start,
            end: segment.text.len(),
            entity: label.entity,
            recognizer: label.recognizer,
            score: 0.85,
            identity: self.detector.identity(label.entity, value),
            decision: self.detector.decision(label.entity),
        };
        self.mark(segment, (&span, &[]), values);
    }

    /// The value right of a label, else under it.
    fn value_of(
        &mut self,
        rows: &[Row],
        (at, column, label): (usize, usize, Label),
        values: &mut Option<&mut ValueIndexBuilder>,
    ) {
        let own = &rows[at].segments[column];
        let right = rows[at].segments.get(column + 1);
        let reach = rows[at].height() * 30;
        if let Some(value) = right.filter(|s| {
            !self.is_label(&s.text) && s.left - own.right.min(s.left) <= reach && is_plausible(&s.text, label)
        }) {
            self.mark_all(value, 0, label, values);
            self.chips(&rows[at], column + 1, label, values);
            self.lines_below(rows, (at, value), label, values);
            return;
        }
        let below = rows[at + 1..].iter().take(2).enumerate().find_map(|(n, row)| {
            let close = row.top.saturating_sub(rows[at].bottom) <= rows[at].height() * 2;
            let column = row.segments.iter().position(|s| aligned(own, s))?;
            let segment = &row.segments[column];
            (close && !self.is_label(&segment.text) && is_plausible(&segment.text, label)).then_some((
                at + 1 + n,
                column,
                segment,
            ))
        });
        if let Some((row, column, value)) = below {
            self.mark_all(value, 0, label, values);
            self.chips(&rows[row], column, label, values);
            self.lines_below(rows, (row, value), label, values);
        }
    }

    /// Further lines of a value: an address goes on below its first line.
    fn lines_below(
        &mut self,
        rows: &[Row],
        (at, first): (usize, &Segment),
        label: Label,
        values: &mut Option<&mut ValueIndexBuilder>,
    ) {
        if label.shape != ValueShape::Line {
            return;
        }
        let mut bottom = first.bottom;
        for row in rows[at + 1..].iter().take(VALUE_LINES_MAX) {
            let close = row.top.saturating_sub(bottom) <= row.height() * 7 / 10;
            let left_is_label = row
                .segments
                .first()
                .is_some_and(|s| s.left + row.height() < first.left && self.is_label(&s.text));
            let next = row.segments.iter().find(|s| s.left.abs_diff(first.left) <= row.height());
            match next {
                Some(segment) if close && !left_is_label && !self.is_label(&segment.text) => {
                    self.mark_all(segment, 0, label, values);
                    bottom = segment.bottom;
                }
                _ => break,
            }
        }
    }

    /// All cells under a heading, to the next header row or a wide gap.
    fn column(
        &mut self,
        rows: &[Row],
        headers: &[bool],
        (at, column, label): (usize, usize, Label),
        values: &mut Option<&mut ValueIndexBuilder>,
    ) {
        let header = &rows[at].segments;
        let own = &header[column];
        // A column starts behind its left neighbour, and not far left of its own heading.
        let reach = own.left.saturating_sub(rows[at].height() * 4);
        let from = column.checked_sub(1).map_or(0, |left| header[left].right).max(reach);
        let to = header.get(column + 1).map_or(u32::MAX, |right| right.left);
        let mut cells: Vec<&Segment> = Vec::new();
        let (mut top, mut pitch) = (rows[at].top, u32::MAX);
        for (row, is_header) in rows[at + 1..].iter().zip(&headers[at + 1..]) {
            // Rows of a menu beside the table do not count.
            let beside = row.segments.iter().all(|s| s.right < own.left.saturating_sub(row.height() * 2));
            if beside && !row.segments.is_empty() {
                continue;
            }
            let step = row.top.saturating_sub(top);
            let far = pitch != u32::MAX && step > pitch.max(row.height()) * 9 / 5;
            if *is_header || far || step > row.height() * 5 {
                break;
            }
            (top, pitch) = (row.top, pitch.min(step.max(1)));
            let inside: Vec<&Segment> =
                row.segments.iter().filter(|s| Self::is_under(s, (header, column), (from, to))).collect();
            // The next label in the same place begins another group of labels and values.
            if inside.iter().any(|s| self.is_label(&s.text) && !self.may_be_name(&s.text, label)) {
                break;
            }
            cells.extend(inside);
        }
        // In a column of figures, a cell without any is not of the column: a button below the table.
        let figures = cells.iter().filter(|s| has_figures(&s.text)).count() * 2 > cells.len();
        for cell in cells {
            if has_figures(&cell.text) || !figures {
                self.mark_whole(cell, 0, label, values);
            }
        }
    }

    /// Faith, Race and Born are labels, and names: a single word that is no word of forms, under a heading of
    /// names, is one of them.
    pub(super) fn may_be_name(&self, text: &str, label: Label) -> bool {
        let shape = label.shape == ValueShape::Name && !text.contains([' ', ':']) && !is_neutral(text);
        shape && self.detector.scanner.labels().is_name(text)
    }

    /// Whether a segment stands in the column `from..to` of a heading; of two headings that could own it,
    /// the aligned one does.
    pub(super) fn is_under(
        segment: &Segment,
        (header, column): (&[Segment], usize),
        (from, to): (u32, u32),
    ) -> bool {
        let own = &header[column];
        let inside = segment.left >= from.min(own.left) && segment.left < to && segment.right > from;
        let nearer = |h: &Segment| {
            h.left.abs_diff(segment.left) < own.left.abs_diff(segment.left)
                && h.right.abs_diff(segment.right) < own.right.abs_diff(segment.right)
        };
        inside && !header.iter().any(|h| !std::ptr::eq(h, own) && nearer(h))
    }

    fn findings(&self, pass: Pass<'_>) -> Vec<Finding> {
        let mut boxes: BTreeMap<(usize, u32, u32), (Mark, Region)> = BTreeMap::new();
        for (word, mark) in self.words.iter().zip(&self.marks) {
            let Some(mark) = mark else { continue };
            let region = region(word);
            let key = (mark.group, region.first_frame, region.last_frame);
            boxes.entry(key).and_modify(|(_, own)| *own = union(own, &region)).or_insert((*mark, region));
        }
        let mut findings: Vec<Finding> =
            boxes.into_values().map(|(mark, region)| finding(&mark, region)).collect();
        let ids = self.detector.ids();
        // Of what was not read nobody knows whose it is: it is covered, unless the profile says otherwise.
        let decision = self.detector.decision(ids.unread_region);
        let unread = pass.unread(self.words);
        let unread = self.words.iter().zip(&self.marks).zip(unread).filter(|((word, mark), unread)| {
            *unread && mark.is_none_or(|mark| mark.keep || word.text.is_empty())
        });
        findings.extend(unread.map(|((word, _), _)| Finding {
            place: Place::Region(region(word)),
            entity: ids.unread_region,
            recognizer: ids.unread,
            score: 1.0,
            identity: 0,
            decision,
        }));
        findings.sort_by_key(|f| (f.place, f.entity, f.recognizer));
        findings
    }
}

/// Whether a cell has figures, or had: what is painted counts.
pub(super) fn has_figures(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) || text.contains(COVERED)
}

/// Whether a text can be the value of a label: amounts, dates and codes have figures.
fn is_plausible(text: &str, label: Label) -> bool {
    let needs_figures = matches!(label.shape, ValueShape::Amount | ValueShape::Date | ValueShape::Code);
    !needs_figures || has_figures(text)
}

/// All segments of a row as one, for values that a wide gap divides. A tab ends values and keeps patterns from
/// reaching across cells; a space does neither.
fn joined(row: &Row, gap: char) -> Segment {
    let mut all = Segment {
        words: Vec::new(),
        text: String::new(),
        starts: Vec::new(),
        left: 0,
        right: 0,
        top: row.top,
        bottom: row.bottom,
    };
    for segment in &row.segments {
        if !all.text.is_empty() {
            all.text.push(gap);
        }
        all.starts.extend(segment.starts.iter().map(|start| start + all.text.len()));
        all.words.extend(&segment.words);
        all.text.push_str(&segment.text);
    }
    all
}

fn region(word: &WordRow<'_>) -> Region {
    Region {
        first_frame: word.since_frame.min(word.first_frame),
        last_frame: word.last_frame,
        left: word.left,
        top: word.top,
        width: word.width,
        height: word.height,
    }
}

fn union(a: &Region, b: &Region) -> Region {
    let (left, top) = (a.left.min(b.left), a.top.min(b.top));
    let right = (a.left + a.width).max(b.left + b.width);
    let bottom = (a.top + a.height).max(b.top + b.height);
    Region { left, top, width: right - left, height: bottom - top, ..*a }
}

fn finding(mark: &Mark, region: Region) -> Finding {
    let decision = if mark.keep { custody_rules::Decision::Keep } else { custody_rules::Decision::Redact };
    Finding {
        place: Place::Region(region),
        entity: mark.entity,
        recognizer: mark.recognizer,
        score: mark.score,
        identity: mark.identity,
        decision,
    }
}

#[cfg(test)]
mod tests;
