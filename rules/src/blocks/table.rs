//! Tables in running text: a row of headings that the labels know gives the entities of the cells below it,
//! until a line is none of its rows.

use super::BlockFinder;
use super::cells::{CELLS_MAX, Cell, Ruling, body_start, is_bar, is_rule, split};
use super::words::{COMPANIONS, NAMES, PROGRAMS, has};
use crate::labels::{LabelHit, is_generic};
use crate::{Candidate, LabelLexicon, ValueShape, normalise_label};
use memchr::{memchr_iter, memchr3, memmem, memrchr2};
use std::sync::LazyLock;

/// Bytes of a row of headings at most.
const HEADER_BYTES_MAX: usize = 8 << 10;
/// Bytes and words of a heading at most.
const HEADING_BYTES_MAX: usize = 48;
const HEADING_WORDS_MAX: usize = 6;
/// Cells by which a row may exceed its header: commas within names.
const CELLS_OVER_MAX: usize = 3;

static GAP: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("  "));

/// A column of a table.
#[derive(Debug, Clone, Copy)]
struct Column {
    hit: Option<LabelHit>,
    /// Characters before its heading.
    start: usize,
}

/// A table whose headings were read.
#[derive(Debug, Clone)]
pub(super) struct Table {
    ruling: Ruling,
    columns: Vec<Column>,
    /// Whether a logger's prefix stood before the headings.
    prefixed: bool,
    /// Nothing but a line drawn below the headings makes it a table.
    waits: bool,
    /// Its headings speak of people for certain: then a cell counts whatever its look.
    sure: bool,
}

/// What the headings of a row say together.
#[derive(Default)]
struct Sum {
    hits: usize,
    telling: usize,
    companions: usize,
    programs: bool,
}

/// The table that starts with this row of headings, if it is one.
pub(super) fn header(
    finder: &BlockFinder,
    labels: &LabelLexicon,
    line: &str,
    cells: &mut Vec<Cell>,
) -> Option<Table> {
    let bytes = line.as_bytes().trim_ascii_end();
    let last = *bytes.last()?;
    let ends = last >= 0x80 || last.is_ascii_alphabetic() || matches!(last, b'|' | b')' | b'%' | b'"' | b'*');
    if !ends || bytes.len() > HEADER_BYTES_MAX {
        return None;
    }
    // No heading holds one of these: headings stand behind the last one, which is a logger's.
    let from = memrchr2(b':', b'=', bytes).map_or(0, |at| at + 1);
    let tail = &bytes[from..];
    if tail.len() < 5 {
        return None;
    }
    if line.trim_start().starts_with(is_bar) && !line.trim_start().starts_with('|') {
        return read(finder, labels, (line, Ruling::Framed), cells);
    }
    if memchr3(b'|', b'\t', b';', tail).is_some() {
        if any_label(labels, tail, b'|') {
            let framed = line[body_start(line)..].trim_start().starts_with('|');
            let ruling = if framed { Ruling::Framed } else { Ruling::Bars };
            return read(finder, labels, (line, ruling), cells);
        }
        for (separator, ruling) in [(b'\t', Ruling::Tabs), (b';', Ruling::Semicolons)] {
            if any_label(labels, tail, separator)
                && let Some(table) = read(finder, labels, (line, ruling), cells)
            {
                return Some(table);
            }
        }
    }
    if any_label(labels, tail, b',')
        && let Some(table) = read(finder, labels, (line, Ruling::Commas), cells)
    {
        return Some(table);
    }
    if any_label_at_gap(labels, tail) { read(finder, labels, (line, Ruling::Gaps), cells) } else { None }
}

/// Whether a label may end before two blanks.
fn any_label_at_gap(labels: &LabelLexicon, bytes: &[u8]) -> bool {
    let mut at = bytes.len() - bytes.trim_ascii_start().len();
    let mut gaps = 0;
    while let Some(gap) = GAP.find(&bytes[at..]).map(|gap| at + gap) {
        if labels.may_end_heading(bytes, gap) {
            return true;
        }
        gaps += 1;
        at = gap + bytes[gap..].iter().take_while(|&&b| b == b' ').count();
        if gaps == CELLS_MAX {
            return false;
        }
    }
    gaps > 0 && labels.may_end_heading(bytes, bytes.len())
}

/// Whether a label may end before one of the separators, or at the end of the line behind one.
fn any_label(labels: &LabelLexicon, bytes: &[u8], separator: u8) -> bool {
    let mut some = false;
    for at in memchr_iter(separator, bytes).take(CELLS_MAX) {
        if labels.may_end_heading(bytes, at) {
            return true;
        }
        some = true;
    }
    some && labels.may_end_heading(bytes, bytes.len())
}

fn read(
    finder: &BlockFinder,
    labels: &LabelLexicon,
    (line, ruling): (&str, Ruling),
    cells: &mut Vec<Cell>,
) -> Option<Table> {
    let from = body_start(line);
    split(line, from, ruling, cells);
    let empty = |cell: &Cell| cell.0 == cell.1;
    let full = cells.iter().filter(|cell| !empty(cell)).count();
    let blank_allowed = ruling == Ruling::Framed;
    if full < 2
        || !cells
            .iter()
            .all(|cell| (blank_allowed && empty(cell)) || is_heading(&line[cell.0..cell.1], ruling))
    {
        return None;
    }
    let mut sum = Sum::default();
    let mut columns = Vec::with_capacity(cells.len());
    for &(start, end) in cells.iter() {
        let hit = column(finder, labels, &line[start..end], &mut sum);
        columns.push(Column { hit, start: line[..start].chars().count() });
    }
    let sure = sum.telling > 0;
    let people = sure || !sum.programs && sum.hits >= 1 && sum.hits + sum.companions >= 2;
    let spaced = ruling == Ruling::Commas && line[from..].contains(", ");
    let capital = |cell: &Cell| line[cell.0..cell.1].starts_with(char::is_uppercase);
    let loose = spaced && (full < 3 || sum.hits < 2 || from > 0 || !cells.iter().all(capital));
    let clear = ruling == Ruling::Framed || sum.hits >= 2 || sum.companions >= 1 || (sure && full >= 3);
    if !people || loose || (!clear && !matches!(ruling, Ruling::Bars | Ruling::Gaps)) {
        return None;
    }
    Some(Table { ruling, columns, prefixed: from > 0, waits: !clear, sure })
}

/// What a heading says, counted.
fn column(finder: &BlockFinder, labels: &LabelLexicon, heading: &str, sum: &mut Sum) -> Option<LabelHit> {
    if heading.is_empty() {
        return None;
    }
    let label = normalise_label(heading);
    let hit = if has(NAMES, &label) { Some(finder.name_hit()) } else { labels.lookup(heading) };
    let generic = has(NAMES, &label) || is_generic(&label) || hit.is_some_and(|hit| hit.weak);
    sum.hits += usize::from(hit.is_some());
    sum.telling += usize::from(hit.is_some_and(|hit| !generic && !finder.is_technical(hit.entity)));
    sum.programs |= label.split(' ').any(|word| has(PROGRAMS, word));
    sum.companions += usize::from(hit.is_none() && label.split(' ').any(|word| has(COMPANIONS, word)));
    hit
}

/// Whether a cell can be a heading: few words, hardly a digit, no marks of sentences or programs.
fn is_heading(cell: &str, ruling: Ruling) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let words = cell.split(' ').count();
    let small = cell.starts_with(char::is_lowercase) && words > 1;
    !cell.is_empty()
        && cell.len() <= HEADING_BYTES_MAX
        && words <= HEADING_WORDS_MAX
        && digits <= 2
        && cell.trim_start_matches(['*', '_', '#', '(']).starts_with(char::is_alphabetic)
        && !cell.contains(['=', '{', '}', '<', '>', '"', '\\', '@', ':', ',', '!', '$'])
        && (!small || matches!(ruling, Ruling::Framed | Ruling::Bars))
        && !(cell.ends_with('.') && cell.len() > 6)
}

impl Table {
    /// Whether these headings, met below those of `open`, start another table rather than being a row of it.
    pub(super) fn replaces(&self, open: &Self) -> bool {
        let hits = self.columns.iter().filter(|column| column.hit.is_some()).count();
        open.waits || self.sure && hits >= 2
    }

    /// Adds what the cells of a row are. `false`: the line is no row, and the table has ended.
    pub(super) fn row(
        &mut self,
        labels: &LabelLexicon,
        line: &str,
        cells: &mut Vec<Cell>,
        out: &mut Vec<Candidate>,
    ) -> bool {
        let from = if self.prefixed { body_start(line) } else { 0 };
        if is_rule(&line[from..]) {
            self.waits = false;
            return true;
        }
        if self.waits || line[from..].trim().is_empty() {
            return false;
        }
        split(line, from, self.ruling, cells);
        if !self.fits(line, from, cells.len()) {
            return false;
        }
        for (at, &cell) in cells.iter().enumerate() {
            for column in self.columns_of(line, at, cell, cells.len()).into_iter().flatten() {
                self.push(labels, (line, cell), column, out);
            }
        }
        true
    }

    fn fits(&self, line: &str, from: usize, cells: usize) -> bool {
        let columns = self.columns.len();
        let over = columns + CELLS_OVER_MAX;
        match self.ruling {
            Ruling::Framed => line[from..].trim_start().starts_with(is_bar) && cells > 0 && cells <= over,
            Ruling::Bars => cells >= 2 && cells == columns,
            Ruling::Tabs => cells >= 2 && cells <= over,
            Ruling::Commas | Ruling::Semicolons => cells >= columns && cells <= over,
            Ruling::Gaps => cells >= 2 && cells <= over,
        }
    }

    /// The columns a cell may be of: one, unless a separator stands within a cell of the row.
    fn columns_of(&self, line: &str, at: usize, cell: Cell, cells: usize) -> [Option<Column>; 2] {
        let columns = self.columns.len();
        let own = self.columns.get(at).copied();
        if cells == columns {
            return [own, None];
        }
        if self.ruling == Ruling::Gaps {
            let place = line[..cell.0].chars().count();
            let width = line[cell.0..cell.1].chars().count();
            let below = |column: &&Column| column.start < place + width;
            return [self.columns.iter().rev().find(below).copied(), None];
        }
        let from_end = (cells > columns).then(|| at.checked_sub(cells - columns)).flatten();
        [own, from_end.and_then(|at| self.columns.get(at).copied())]
    }

    fn push(
        &self,
        labels: &LabelLexicon,
        (line, cell): (&str, Cell),
        column: Column,
        out: &mut Vec<Candidate>,
    ) {
        let Some(hit) = column.hit else { return };
        let value = &line[cell.0..cell.1];
        if !self.sure {
            labels.push_value(line, hit, cell, out);
        } else if hit.shape == ValueShape::Line || !is_prose(value) {
            labels.push_cell(line, hit, cell, out);
        }
    }

    /// Bytes it takes.
    #[cfg(test)]
    pub(super) fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.columns.capacity() * size_of::<Column>()
    }
}

/// Whether a value is a sentence, not a field.
fn is_prose(value: &str) -> bool {
    let words = value.split_whitespace();
    let small = words.clone().filter(|word| word.starts_with(char::is_lowercase)).count();
    let count = words.count();
    count >= 6 && small * 2 > count
}
