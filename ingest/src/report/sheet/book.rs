//! XLSX and XLSM: the list of sheets, the header row of each, and walks over their rows.

use super::part::Part;
use super::scan::{Area, Met, Scan, Shared, Wanted};
use super::strings::Strings;
use super::styles::Styles;
use super::tags::Tags;
use crate::formats::workbook::layout::{SEARCHED_ROWS, header_row};
use crate::formats::workbook::package::{Package, Place, Relation, attribute};
use crate::formats::workbook::sheet::Cell;
use crate::formats::xml::lexer::{Attribute, Run, Visitor, local_name};
use crate::report::Typing;
use crate::report::rows::{Judge, Misfit, RowSink, RowWalk, is_blank};
use crate::report::table::{ReportTable, Rows, Source};
use custody_rules::{Reason, Refusal};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Rows below the first one that a heading may be merged over.
const HEADER_ROWS_MAX: u32 = 4;

/// `xl/workbook.xml`: the sheets' names and relationships, in their order.
#[derive(Debug, Default)]
struct Sheets {
    list: Vec<(String, String)>,
    from_1904: bool,
}

impl Visitor for Sheets {
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        match local_name(name) {
            "sheet" => {
                let name = attribute(attributes, "name")?.unwrap_or_default();
                self.list.push((name, attribute(attributes, "id")?.unwrap_or_default()));
            }
            "workbookPr" => {
                let from = attribute(attributes, "date1904")?;
                self.from_1904 = matches!(from.as_deref(), Some("1" | "true" | "on"));
            }
            _ => {}
        }
        Ok(())
    }

    fn run(&mut self, _: Run<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        Ok(())
    }
}

/// The tables of a workbook.
pub(super) fn tables(source: &Source, how: Typing) -> Result<Vec<ReportTable>, Refusal> {
    let file = Arc::new(source.file()?);
    let mut package = Package::open(&file, &source.limits)?;
    let main = package.relations("")?.into_iter().find(|relation| relation.kind == "officeDocument");
    let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
    let mut sheets = Sheets::default();
    if !package.visit(&main, &mut sheets)? {
        return Err(Refusal::new(Reason::Malformed, "the package has no workbook part"));
    }
    let relations = package.relations(&main)?;
    let shared = Arc::new(shared(source, &mut package, &relations, sheets.from_1904)?);
    let mut tables = Vec::new();
    for (name, id) in sheets.list {
        let relation = relations.iter().find(|relation| relation.id == id && !relation.external);
        // A sheet of a chart alone has no cells.
        let Some(relation) = relation.filter(|relation| relation.kind == "worksheet") else { continue };
        let place = package.place(&relation.target)?;
        let place =
            place.ok_or_else(|| Refusal::new(Reason::Malformed, "a sheet has no part in the package"))?;
        let sheet = Sheet { source: source.clone(), place, shared: Arc::clone(&shared) };
        tables.extend(sheet_table(name, sheet, how)?);
    }
    Ok(tables)
}

fn shared(
    source: &Source,
    package: &mut Package,
    relations: &[Relation],
    from_1904: bool,
) -> Result<Shared, Refusal> {
    let target = |kind: &str| relations.iter().find(|relation| relation.kind == kind && !relation.external);
    let mut styles = Styles::default();
    if let Some(part) = target("styles") {
        package.visit(&part.target, &mut styles)?;
    }
    let strings = match target("sharedStrings") {
        None => Strings::default(),
        Some(part) => match package.place(&part.target)? {
            None => Strings::default(),
            Some(place) => Strings::read(Box::new(part_of(source, place)?), source.limits.token_bytes_max)?,
        },
    };
    Ok(Shared { strings, styles: styles.list, from_1904 })
}

fn part_of(source: &Source, place: Place) -> Result<Part, Refusal> {
    Part::open(source.file()?, place, source.limits.expanded_bytes_max)
}

/// One worksheet's part.
#[derive(Clone)]
struct Sheet {
    source: Source,
    place: Place,
    shared: Arc<Shared>,
}

impl Sheet {
    fn scan(&self, wanted: Wanted) -> Result<Scan, Refusal> {
        let part = Box::new(part_of(&self.source, self.place)?);
        let tags = Tags::new(part, self.source.limits.token_bytes_max);
        Ok(Scan::new(tags, Arc::clone(&self.shared), wanted))
    }

    /// The cells among which the header row is searched.
    fn first_cells(&self) -> Result<Vec<Cell<'static>>, Refusal> {
        let mut scan = self.scan(Wanted::All)?;
        let mut cells: Vec<Cell<'static>> = Vec::new();
        loop {
            match scan.step()? {
                Met::Cell { row, column } => {
                    if row - cells.first().map_or(row, |cell| cell.row) >= SEARCHED_ROWS {
                        return Ok(cells);
                    }
                    let text = Cow::Owned(std::mem::take(&mut scan.value.text));
                    cells.push(Cell { row, column, text, is_text: scan.value.is_text });
                }
                Met::RowEnd { .. } => {}
                Met::End => return Ok(cells),
            }
        }
    }

    /// Looks at the values below the header row; gives the merged areas, too.
    fn judge(&self, header: Option<u32>, how: Typing) -> Result<(Judge, Vec<Area>), Refusal> {
        let mut judge = Judge::new(0, how.rows_max());
        let mut walk = Walk::new(self.scan(Wanted::All)?, header, Slots::Same, &[]);
        while !judge.is_full() && walk.feed(&mut judge)? {}
        // Merged areas stand behind the cells; a column may begin behind the sample.
        walk.scan.want(if judge.is_full() { Wanted::Some(judge.unseen()) } else { Wanted::Nothing });
        loop {
            match walk.scan.step()? {
                Met::Cell { column, .. } if !is_blank(&walk.scan.value.text) => judge.there(column as usize),
                Met::End => break,
                _ => {}
            }
        }
        Ok((judge, std::mem::take(&mut walk.scan.merges)))
    }
}

/// The last of the header's rows, if a heading is merged over several.
fn last_of_header(header: Option<u32>, merges: &[Area]) -> Option<u32> {
    let header = header?;
    let below = merges.iter().filter(|(first, last, _)| *first == header && last - header <= HEADER_ROWS_MAX);
    below.map(|(_, last, _)| *last).max()
}

/// The headings in a row, and those that merged areas bring down into it.
fn headings(row: Option<u32>, cells: &[Cell<'_>], merges: &[Area]) -> BTreeMap<u32, String> {
    let Some(row) = row else { return BTreeMap::new() };
    let at = |row: u32, column: Option<u32>| {
        cells.iter().filter(move |cell| cell.row == row && column.is_none_or(|column| column == cell.column))
    };
    let mut headings: BTreeMap<u32, String> =
        at(row, None).map(|cell| (cell.column, cell.text.clone().into_owned())).collect();
    for &(first, _, column) in merges.iter().filter(|(first, last, _)| *first < row && row <= *last) {
        if let Some(above) = at(first, Some(column)).next() {
            headings.entry(column).or_insert_with(|| above.text.clone().into_owned());
        }
    }
    headings
}

fn sheet_table(name: String, sheet: Sheet, how: Typing) -> Result<Option<ReportTable>, Refusal> {
    let cells = sheet.first_cells()?;
    let mut header = header_row(&cells);
    let (mut judge, merges) = sheet.judge(header, how)?;
    if let Some(last) = last_of_header(header, &merges) {
        header = Some(last);
        judge = sheet.judge(header, how)?.0;
    }
    let headings = headings(header, &cells, &merges);
    let source = sheet.source.clone();
    let reader = |columns| Arc::new(Report { sheet, header, columns, merges }) as Arc<dyn Rows>;
    Ok(super::table((name, &headings), &judge, how == Typing::Whole, reader, &source))
}

/// A sheet as a table, with the sheet's columns that the table has.
struct Report {
    sheet: Sheet,
    header: Option<u32>,
    columns: Vec<u32>,
    merges: Vec<Area>,
}

impl Rows for Report {
    fn walk(&self, wanted: &[usize]) -> Result<Box<dyn RowWalk>, Refusal> {
        let columns: Vec<u32> = wanted.iter().map(|&column| self.columns[column]).collect();
        let width = columns.iter().max().map_or(0, |last| *last as usize + 1);
        let (mut bits, mut slots) = (vec![false; width], vec![Vec::new(); width]);
        for (slot, &column) in columns.iter().enumerate() {
            bits[column as usize] = true;
            slots[column as usize].push(slot);
        }
        let scan = self.sheet.scan(Wanted::Some(bits))?;
        Ok(Box::new(Walk::new(scan, self.header, Slots::Some(slots), &self.merges)))
    }
}

/// Where a sheet's columns go.
enum Slots {
    /// Each into the slot of its own number.
    Same,
    /// By column.
    Some(Vec<Vec<usize>>),
}

/// A merged area's value on its way down.
struct Falling {
    last: u32,
    text: String,
    as_number: bool,
}

/// The rows below the header row.
struct Walk {
    scan: Scan,
    header: Option<u32>,
    slots: Slots,
    /// Last rows of merged areas by their first cell.
    merges: HashMap<(u32, u32), u32>,
    falling: BTreeMap<u32, Falling>,
    /// Columns that had a value of their own in this row.
    own: Vec<u32>,
}

impl Walk {
    fn new(scan: Scan, header: Option<u32>, slots: Slots, merges: &[Area]) -> Self {
        let merges = merges.iter().map(|&(first, last, column)| ((first, column), last)).collect();
        Self { scan, header, slots, merges, falling: BTreeMap::new(), own: Vec::new() }
    }

    fn cell(&mut self, (row, column): (u32, u32), sink: &mut dyn RowSink) -> Result<(), Refusal> {
        if !self.merges.is_empty() {
            self.own.push(column);
            self.falling.remove(&column);
            if let Some(&last) = self.merges.get(&(row, column)) {
                let (text, as_number) = (self.scan.value.text.clone(), self.scan.value.as_number);
                self.falling.insert(column, Falling { last, text, as_number });
            }
        }
        let value = (self.scan.value.text.as_str(), self.scan.value.as_number);
        hand_over(&self.slots, (row, column), value, sink)
    }

    /// Values of merged areas that begin above this row.
    fn fall(&mut self, row: u32, sink: &mut dyn RowSink) -> Result<(), Refusal> {
        self.falling.retain(|_, falling| falling.last >= row);
        for (&column, falling) in &self.falling {
            if !self.own.contains(&column) {
                hand_over(&self.slots, (row, column), (&falling.text, falling.as_number), sink)?;
            }
        }
        self.own.clear();
        Ok(())
    }
}

fn hand_over(
    slots: &Slots,
    (row, column): (u32, u32),
    (text, as_number): (&str, bool),
    sink: &mut dyn RowSink,
) -> Result<(), Refusal> {
    let refusal = |misfit: Misfit| misfit.refusal(u64::from(row) + 1, column as usize + 1);
    match slots {
        Slots::Same => sink.value(column as usize, text, as_number).map_err(refusal),
        Slots::Some(slots) => slots[column as usize]
            .iter()
            .try_for_each(|&slot| sink.value(slot, text, as_number).map_err(refusal)),
    }
}

impl RowWalk for Walk {
    fn feed(&mut self, sink: &mut dyn RowSink) -> Result<bool, Refusal> {
        // Full or not is asked between two rows: a batch that is taken within one would end in the middle of it.
        loop {
            match self.scan.step()? {
                Met::Cell { row, column } if self.header.is_none_or(|header| row > header) => {
                    self.cell((row, column), sink)?;
                }
                Met::Cell { .. } => {}
                Met::RowEnd { row, filled } => {
                    let below = self.header.is_none_or(|header| row > header);
                    if below && filled {
                        self.fall(row, sink)?;
                        sink.end_row();
                        if sink.is_full() {
                            return Ok(true);
                        }
                    }
                }
                Met::End => return Ok(false),
            }
        }
    }
}
