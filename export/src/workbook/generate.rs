//! Makes the header of a workbook from a model, as Workday lays it out: overview, titles, areas, restrictions, formats,
//! labels, drop-downs. Without rows: filling it is the same work as filling a template's own file.

use super::WriteError;
use crate::CellFormat;
use crate::template::{Column, FIRST_DATA_ROW, Overview, Sheet, Template, cell_name};
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, FormatPattern, Workbook,
    Worksheet, XlsxError,
};
use std::collections::BTreeMap;

/// Last row that the lists of `Y` and `N` reach, as people count.
const LAST_ROW: u32 = 32_000;
/// Units of UTF-16 of a drop-down's list, with its commas; Excel takes no more.
const LIST_UNITS_MAX: usize = 255;
/// Widths of columns in characters: the first one, the narrowest, the widest, and what a letter of the header takes.
const SIDE_WIDTH: f64 = 8.89;
const WIDTHS: (f64, f64) = (12.0, 60.0);
const LETTER_WIDTH: f64 = 0.76;
const TITLE_HEIGHT: f64 = 17.4;

/// Makes a workbook that holds the header alone.
///
/// # Errors
/// [`WriteError::Generate`] when a text does not fit where it belongs: a sheet's name is too long, a label is.
pub fn header(template: &Template) -> Result<Vec<u8>, WriteError> {
    // The writer's own words could repeat texts of the template; they are not passed on.
    build(template).map_err(|error| {
        let what = match error {
            XlsxError::SheetnameCannotBeBlank(_)
            | XlsxError::SheetnameLengthExceeded(_)
            | XlsxError::SheetnameReused(_)
            | XlsxError::SheetnameContainsInvalidCharacter(_)
            | XlsxError::SheetnameStartsOrEndsWithApostrophe(_) => {
                "a sheet's name is not allowed in a workbook"
            }
            XlsxError::RowColumnLimitError => "a sheet has more columns than a workbook can hold",
            XlsxError::MaxStringLengthExceeded => "a text of the header is too long for a cell",
            _ => "the header cannot be laid out",
        };
        WriteError::Generate { what }
    })
}

fn build(template: &Template) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // A fixed day: the same model makes the same bytes.
    let made = ExcelDateTime::from_ymd(1980, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let styles = Styles::new();
    if let Some(own) = &template.overview {
        overview(book.add_worksheet().set_name(&own.name)?, own, &styles)?;
    }
    for (at, own) in template.sheets.iter().enumerate() {
        let sheet = book.add_worksheet().set_name(&own.name)?;
        if at == 0 {
            sheet.set_active(true);
        }
        data_sheet(sheet, own, &styles)?;
    }
    book.save_to_buffer()
}

struct Styles {
    title: Format,
    side: Format,
    areas: [Format; 2],
    hint: Format,
    label: Format,
    text: Format,
    big: Format,
    note: Format,
    heading: Format,
    process: Format,
}

impl Styles {
    fn new() -> Self {
        let arial = |size: f64| Format::new().set_font_name("Arial").set_font_size(size);
        let boxed = |colour: &str| {
            arial(8.0)
                .set_bold()
                .set_font_color("#FFFFFF")
                .set_pattern(FormatPattern::Solid)
                .set_background_color(colour)
                .set_border(FormatBorder::Thin)
        };
        let hint = arial(8.0)
            .set_font_color("#808080")
            .set_pattern(FormatPattern::LightHorizontal)
            .set_foreground_color("#FFFFCC")
            .set_background_color("#FFFFFF")
            .set_border(FormatBorder::Thin);
        Self {
            title: arial(14.0).set_bold().set_font_color("#000066"),
            side: boxed("#75923C"),
            areas: [boxed("#333399"), boxed("#000066")],
            hint,
            label: boxed("#333399"),
            text: Format::new().set_num_format("@"),
            big: Format::new().set_bold().set_font_size(22.0).set_font_color("#000066"),
            note: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            heading: arial(10.0).set_bold(),
            process: arial(8.0)
                .set_bold()
                .set_font_color("#FFFFFF")
                .set_pattern(FormatPattern::Solid)
                .set_background_color("#333399"),
        }
    }
}

fn overview(sheet: &mut Worksheet, own: &Overview, styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_column_range_width(1, 4, 28.55)?;
    sheet.write_string_with_format(1, 1, &own.title, &styles.big)?;
    let words = "Choose how Workday handles the process and each of its sub-processes.";
    sheet.merge_range(3, 1, 3, 3, words, &styles.note)?;
    sheet.set_row_height(3, 30)?;
    let mut headings = vec!["Business Process", "Processing Instruction", "Processing Comment"];
    if own.discards {
        headings.insert(2, "Discard on Exit Validation Error");
    }
    for (column, heading) in (1..).zip(headings) {
        sheet.write_string_with_format(5, column, heading, &styles.heading)?;
    }
    let mut lists = Lists::default();
    for (number, process) in (1..).zip(&own.processes) {
        let row = process.row.max(1) - 1;
        sheet.write_string(row, 0, format!("{number}"))?;
        sheet.write_string_with_format(row, 1, &process.name, &styles.process)?;
        if let Some(instruction) = &process.instruction {
            sheet.write_string(row, 2, instruction)?;
        }
        lists.add(&process.instructions, (row, 2), (row, 2));
    }
    lists.write(sheet)
}

fn data_sheet(sheet: &mut Worksheet, own: &Sheet, styles: &Styles) -> Result<(), XlsxError> {
    let last = own.columns.last().map_or(0, |column| column.index as u16);
    sheet.set_column_width(0, SIDE_WIDTH)?;
    for column in &own.columns {
        let index = column.index as u16;
        sheet.set_column_width(index, width(column))?;
        if column.as_text {
            sheet.set_column_format(index, &styles.text)?;
        }
        if column.hidden {
            sheet.set_column_hidden(index)?;
        }
    }
    sheet.set_row_height(0, TITLE_HEIGHT)?;
    if last == 0 {
        sheet.write_string_with_format(0, 0, &own.title, &styles.title)?;
    } else {
        sheet.merge_range(0, 0, 0, last, &own.title, &styles.title)?;
    }
    for (row, text) in (1..).zip(["Area", "Restrictions", "Format", "Fields"]) {
        sheet.write_string_with_format(row, 0, text, &styles.side)?;
    }
    let runs = own.columns.chunk_by(|a, b| a.area == b.area);
    for (run, columns) in runs.enumerate() {
        let (first, last) = (columns[0].index as u16, columns[columns.len() - 1].index as u16);
        let style = &styles.areas[run % 2];
        if first == last {
            sheet.write_string_with_format(1, first, &columns[0].area, style)?;
        } else {
            sheet.merge_range(1, first, 1, last, &columns[0].area, style)?;
        }
    }
    for column in &own.columns {
        let index = column.index as u16;
        sheet.write_string_with_format(2, index, column.restriction.text(), &styles.hint)?;
        sheet.write_string_with_format(3, index, column.format.to_string(), &styles.hint)?;
        let label = format!("{}{}", column.label, column.marks.text());
        sheet.write_string_with_format(4, index, label, &styles.label)?;
    }
    drop_downs(&own.columns).write(sheet)
}

/// Wide enough for the header's texts but the area, which runs over several columns.
fn width(column: &Column) -> f64 {
    let label = column.label.chars().count() + column.marks.text().len();
    let format = column.format.to_string().chars().count();
    let letters = label.max(format).max(column.restriction.text().len());
    (letters as f64 * LETTER_WIDTH + 2.0).clamp(WIDTHS.0, WIDTHS.1)
}

fn drop_downs(columns: &[Column]) -> Lists {
    let mut lists = Lists::default();
    for column in columns {
        if column.format == CellFormat::YesNo {
            let yes_no = ["Y".to_owned(), "N".to_owned()];
            lists.add(&yes_no, (FIRST_DATA_ROW - 1, column.index), (LAST_ROW - 1, column.index));
        }
        lists.add(
            &within(&column.id_types, &column.format.to_string()),
            (3, column.index),
            (3, column.index),
        );
    }
    lists
}

/// As many choices as a drop-down can hold, from the first on; the default is among them.
fn within(choices: &[String], default: &str) -> Vec<String> {
    let units = |text: &str| text.encode_utf16().count() + 1;
    // One comma less than there are choices.
    let mut left = LIST_UNITS_MAX + 1;
    if choices.iter().any(|choice| choice == default) {
        left = left.saturating_sub(units(default));
    }
    let fits = |choice: &&String| {
        let own = if *choice == default { 0 } else { units(choice) };
        let fits = own <= left;
        left -= if fits { own } else { 0 };
        fits
    };
    choices.iter().filter(fits).cloned().collect()
}

/// Drop-downs: the same choices in many places are one rule of the sheet.
#[derive(Default)]
struct Lists(BTreeMap<Vec<String>, Vec<Range>>);

/// First and last cell, from 0.
type Range = ((u32, u32), (u32, u32));

impl Lists {
    fn add(&mut self, choices: &[String], first: (u32, u32), last: (u32, u32)) {
        if !choices.is_empty() {
            self.0.entry(choices.to_vec()).or_default().push((first, last));
        }
    }

    fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        for (choices, ranges) in &self.0 {
            let named = |&((row, column), (to_row, to_column)): &Range| {
                let (first, last) = (cell_name(row, column), cell_name(to_row, to_column));
                if first == last { first } else { format!("{first}:{last}") }
            };
            let all = ranges.iter().map(named).collect::<Vec<_>>().join(" ");
            let ((row, column), (to_row, to_column)) = ranges[0];
            let rule = DataValidation::new().allow_list_strings(choices)?.set_multi_range(all);
            sheet.add_data_validation(row, column as u16, to_row, to_column as u16, &rule)?;
        }
        Ok(())
    }
}
