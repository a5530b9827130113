//! Makes workbooks that look like EIB templates: overview with drop-downs, notes (and their drawings), lists on row 4 and
//! for yes and no, merged areas, text columns. Operations, labels and words are invented. Knows nothing of the crate.

use rust_xlsxwriter::{
    Color, DataValidation, Format, FormatBorder, FormatPattern, Note, Workbook, Worksheet, XlsxError,
};

/// A column: area, restriction, format, label with marks, and what row 4 offers (separated by commas).
pub type ColumnSpec = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// A data sheet.
pub struct SheetSpec {
    /// Its name.
    pub name: &'static str,
    /// What stands in A1.
    pub title: &'static str,
    /// From B on.
    pub columns: Vec<ColumnSpec>,
}

/// A workbook.
pub struct BookSpec {
    /// Title of the overview; none without one.
    pub overview: Option<&'static str>,
    /// Whether the overview has the column of later versions.
    pub discards: bool,
    /// What the overview chooses for the first process.
    pub instruction: Option<&'static str>,
    /// The data sheets; each is a process where there is an overview.
    pub sheets: Vec<SheetSpec>,
}

const KEY: ColumnSpec = ("All", "Required", "Text", "Spreadsheet Key*", "");
const SUB_KEY: ColumnSpec = ("All", "Required", "Text", "Spreadsheet Key", "");

/// A business process with areas of the short style: transaction, group, a group within it, and two sub-processes, the
/// first of which has two groups.
pub fn enlist() -> BookSpec {
    let main = vec![
        KEY,
        ("All", "Required", "Sailor_ID", "Sailor*", "WID,Sailor_ID,Marine_ID"),
        ("All", "Optional", "YYYY-MM-DD", "Enlist Date", ""),
        ("Sailor Data", "Optional", "Text", "Nickname", ""),
        ("Sailor Data", "Optional", "Y/N", "Swims", ""),
        ("Sailor Data", "Required", "Number (12,2)", "Daily Rum*", ""),
        ("Sailor Data", "Optional. May have multiples", "Port_ID", "Home Port+", "WID,Port_ID"),
        ("Kit Data+", "Required", "Text", "Row ID*", ""),
        ("Kit Data+", "Required", "Kit_Type_ID", "Kit Type*", "WID,Kit_Type_ID"),
        ("Strap Data+", "Required", "Text", "Row ID**", ""),
        ("Strap Data+", "Optional", "Number (6,3)", "Length", ""),
        ("Kit Data+", "Conditionally Required", "Text", "Kit Number", ""),
        ("Sailor Data", "Optional", "DateTime", "Last Seen", ""),
        ("Sailor Data", "Optional", "Number", "Voyages", ""),
    ];
    let berth = vec![
        SUB_KEY,
        ("Berth Data+", "Required", "Text", "Row ID*", ""),
        ("Berth Data+", "Required", "Deck_ID", "Deck*", "WID,Deck_ID"),
        ("Berth Data+", "Optional", "Text", "Berth Number", ""),
        ("Hammock Data+", "Required", "Text", "Row ID*", ""),
        ("Hammock Data+", "Optional", "IID", "Hammock", "WID,IID"),
        ("Hammock Data+", "Optional", "Text", "Colour", ""),
    ];
    let watch = vec![
        SUB_KEY,
        ("Watch Data", "Optional", "Y/N", "Replace", ""),
        ("Watch Data", "Optional", "Watch_ID", "Watch", "WID,Watch_ID"),
    ];
    BookSpec {
        overview: Some("Enlist Sailor"),
        discards: false,
        instruction: None,
        sheets: vec![
            SheetSpec { name: "Enlist Sailor", title: "Enlist Sailor", columns: main },
            SheetSpec { name: "Assign Berth and Hammock for th", title: BERTH, columns: berth },
            SheetSpec { name: "Set Watch", title: "Set Watch", columns: watch },
        ],
    }
}

/// Longer than a sheet's name may be.
const BERTH: &str = "Assign Berth and Hammock for the Voyage";

/// A later version: areas with their path, a version in the title, references of four columns.
pub fn appoint() -> BookSpec {
    const GRANT: &str = "Grant Data+ (All > Post Data)";
    const PLEDGE: &str = "Pledge Data+ (All > Post Data > Grant Data+)";
    const KEEPER: &str = "Keeper* (All > Post Data > Grant Data+)";
    let main = vec![
        KEY,
        ("All", "Required", "Sailor_ID", "Sailor*", "WID,Sailor_ID"),
        ("Post Data (All)", "Optional", "YYYY-MM-DD", "Start Date", ""),
        (GRANT, "Required", "Text", "Row ID*", ""),
        (KEEPER, "Required", "Lookup", "ID Type", ""),
        (KEEPER, "Required", "Text", "ID Value", ""),
        (KEEPER, "Conditionally Required", "Text", "Parent ID Type", ""),
        (KEEPER, "Conditionally Required", "Text", "Parent ID Value", ""),
        (PLEDGE, "Required", "Text", "Row ID**", ""),
        (PLEDGE, "Optional", "Text", "Wording", ""),
        (GRANT, "Optional. May have multiples", "Port_ID", "Port+", "WID,Port_ID"),
        ("Post Data (All)", "Optional", "Y/N", "Replace All", ""),
    ];
    BookSpec {
        overview: Some("Appoint Officer"),
        discards: true,
        instruction: Some("Run Now"),
        sheets: vec![SheetSpec { name: "Appoint Officer", title: "Appoint Officer - v44.0", columns: main }],
    }
}

/// No business process: the data sheet is the first.
pub fn harbour() -> BookSpec {
    let main = vec![
        KEY,
        ("Harbour Data (Put Harbour)", "Required", "Text", "Harbour Name*", ""),
        ("Harbour Data (Put Harbour)", "Optional", "Harbour_ID", "Superior Harbour", "WID,Harbour_ID"),
        ("Harbour Data (Put Harbour)", "Optional", "YYYY-MM-DD", "Effective Date", ""),
        ("Code Data (Put Harbour > Harbour Data)", "Optional", "Text", "System ID", ""),
        ("Harbour Data (Put Harbour)", "Optional. May have multiples", "Port_ID", "Port+", "WID,Port_ID"),
    ];
    BookSpec {
        overview: None,
        discards: false,
        instruction: None,
        sheets: vec![SheetSpec { name: "Put Harbour", title: "Put Harbour", columns: main }],
    }
}

/// The bytes of the workbook.
pub fn workbook(spec: &BookSpec) -> Vec<u8> {
    workbook_with(spec, |_, _| {})
}

/// The same, with a last change to every data sheet by its position.
pub fn workbook_with(spec: &BookSpec, change: impl Fn(usize, &mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    if let Some(title) = spec.overview {
        overview(book.add_worksheet(), title, spec).expect("an overview");
    }
    for (position, sheet) in spec.sheets.iter().enumerate() {
        let target = book.add_worksheet();
        data_sheet(target, sheet).expect("a data sheet");
        change(position, target);
    }
    book.save_to_buffer().expect("a workbook")
}

fn list(entries: &[&str]) -> Result<DataValidation, XlsxError> {
    DataValidation::new().allow_list_strings(entries)
}

fn overview(sheet: &mut Worksheet, title: &str, spec: &BookSpec) -> Result<(), XlsxError> {
    sheet.set_name("Overview")?.write(1, 1, title)?;
    sheet.merge_range(
        3,
        1,
        3,
        3,
        "A sheet of a look-alike, made for tests.",
        &Format::new().set_text_wrap(),
    )?;
    let last = if spec.discards { "Discard on Exit Validation Error" } else { "Processing Comment" };
    for (column, heading) in (1..).zip(["Business Process", "Processing Instruction", last]) {
        sheet.write(5, column, heading)?;
    }
    if spec.discards {
        sheet.write(5, 4, "Processing Comment")?;
    }
    for (row, (number, process)) in (6..).zip((1..).zip(&spec.sheets)) {
        sheet.write(row, 0, format!("{number}"))?;
        // The process of the second sheet has a longer name than its sheet.
        sheet.write(row, 1, process.title.split(" - ").next().unwrap_or_default())?;
    }
    let main = ["Manual Processing", "Automatic Processing", "Run Now", "Run Now With Automatic Processing"];
    sheet.add_data_validation(6, 2, 6, 2, &list(&main)?)?;
    let last = 5 + spec.sheets.len() as u32;
    if last > 6 {
        let sub =
            ["Manual Processing", "Automatic Processing", "Skip Processing when Step is marked Optional"];
        sheet.add_data_validation(7, 2, last, 2, &list(&sub)?)?;
    }
    if let Some(instruction) = spec.instruction {
        sheet.write(6, 2, instruction)?;
    }
    Ok(())
}

fn data_sheet(sheet: &mut Worksheet, spec: &SheetSpec) -> Result<(), XlsxError> {
    sheet.set_name(spec.name)?;
    let last = spec.columns.len() as u16;
    columns_first(sheet, spec)?;
    let arial = |size| Format::new().set_font_name("Arial").set_font_size(size);
    sheet.merge_range(0, 1, 0, last, "", &Format::new())?;
    sheet.write_with_format(0, 0, spec.title, &arial(14.0).set_bold().set_font_color(Color::RGB(0x66)))?;
    let white = arial(8.0).set_bold().set_font_color(Color::White).set_border(FormatBorder::Thin);
    for (row, label) in (1..).zip(["Area", "Restrictions", "Format", "Fields"]) {
        let green = white.clone().set_background_color(Color::RGB(0x0075_923C));
        sheet.write_with_format(row, 0, label, &green)?;
    }
    areas(sheet, spec, &white)?;
    let grey = arial(8.0)
        .set_font_color(Color::Gray)
        .set_pattern(FormatPattern::LightHorizontal)
        .set_foreground_color(Color::RGB(0x00FF_FFCC))
        .set_border(FormatBorder::Thin);
    for (column, texts) in (1..).zip(&spec.columns) {
        sheet.write_with_format(2, column, texts.1, &grey)?;
        sheet.write_with_format(3, column, texts.2, &grey)?;
        sheet.write_with_format(4, column, texts.3, &white)?;
        sheet.insert_note(4, column, &Note::new("Made for tests: no help is given here."))?;
    }
    Ok(())
}

/// Widths, number formats and lists.
fn columns_first(sheet: &mut Worksheet, spec: &SheetSpec) -> Result<(), XlsxError> {
    let as_text = Format::new().set_num_format("@");
    for (column, texts) in (1..).zip(&spec.columns) {
        sheet.set_column_width(column, 15.66)?;
        let general = texts.3.contains("Key")
            || matches!(texts.2, "Y/N" | "YYYY-MM-DD" | "DateTime")
            || texts.2.starts_with("Number");
        if !general {
            sheet.set_column_format(column, &as_text)?;
        }
        if texts.2 == "Y/N" {
            sheet.add_data_validation(5, column, 31_999, column, &list(&["Y", "N"])?)?;
        }
        if !texts.4.is_empty() {
            let entries: Vec<&str> = texts.4.split(',').collect();
            sheet.add_data_validation(3, column, 3, column, &list(&entries)?)?;
        }
    }
    Ok(())
}

/// Row 2: one label for every run of neighbours, merged over it.
fn areas(sheet: &mut Worksheet, spec: &SheetSpec, white: &Format) -> Result<(), XlsxError> {
    let (mut first, mut run) = (0, 0);
    while first < spec.columns.len() {
        let area = spec.columns[first].0;
        let length = spec.columns[first..].iter().take_while(|column| column.0 == area).count();
        let blue = if run % 2 == 0 { 0x0033_3399 } else { 0x0000_0066 };
        let format = white.clone().set_background_color(Color::RGB(blue));
        let (from, to) = (first as u16 + 1, (first + length) as u16);
        if length > 1 {
            sheet.merge_range(1, from, 1, to, area, &format)?;
        } else {
            sheet.write_with_format(1, from, area, &format)?;
        }
        (first, run) = (first + length, run + 1);
    }
    Ok(())
}
