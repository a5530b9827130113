//! An XLSX report as HR systems give it out: title and prompts above the header, wide rows, notes, and
//! what people forget about: a hidden sheet, properties, comments, defined names, formulas.

use super::people::{Cast, Person};
use super::planted::{Place, Planter};
use rust_xlsxwriter::{DocProperties, Format, Formula, Note, Workbook, Worksheet, XlsxError};

const HEADINGS: &[&str] = &[
    "Employee ID",
    "Legal Name",
    "Manager",
    "Cost Center",
    "Job Profile",
    "Total Base Pay - Amount",
    "Currency",
    "Annual Bonus Target %",
    "Hire Date",
    "Date of Birth",
    "National ID",
    "Home Address",
    "Work Email",
    "Home Phone",
    "FTE %",
    "Location",
    "Worker Type",
    "Notes",
];
/// Row of the headings, from 0: below a title, two prompts and an empty row.
pub const HEADER_ROW: u32 = 4;

/// Makes the workbook's bytes and notes what it hides.
///
/// # Errors
/// When the workbook cannot be written.
pub fn workbook(cast: &Cast, planter: &mut Planter) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let author = &cast.people[1];
    book.set_properties(&DocProperties::new().set_author(author.name()).set_title("All Workers"));
    planter.plant("PERSON", &author.name(), true, Place::Anywhere);
    let sheet = book.add_worksheet().set_name("All Workers")?;
    preamble(sheet, cast, planter)?;
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for (i, person) in cast.people.iter().enumerate() {
        worker_row(sheet, cast, (i, person), &date, planter)?;
    }
    let last = HEADER_ROW + cast.people.len() as u32;
    let total: u32 = cast.people.iter().map(|p| p.salary).sum();
    let formula = Formula::new(format!("=SUM(F{}:F{})", HEADER_ROW + 2, last + 1));
    sheet.write_string(last + 2, 4, "Headcount total")?;
    sheet.write_formula(last + 2, 5, formula.set_result(total.to_string()))?;
    planter.plant(
        "COMPENSATION",
        &total.to_string(),
        true,
        Place::Cell { sheet: 0, row: last + 2, column: 5 },
    );
    sheet.insert_note(HEADER_ROW + 1, 3, &Note::new(format!("ask {} first", cast.people[2].name())))?;
    planter.plant("PERSON", &cast.people[2].name(), true, Place::Anywhere);
    cost_centers(book.add_worksheet().set_name("Cost Centers")?)?;
    hidden_sheet(book.add_worksheet().set_name("lookup_cache")?, cast, planter)?;
    book.define_name("PayRange", &format!("='All Workers'!$F${}:$F${}", HEADER_ROW + 2, last + 1))?;
    book.save_to_buffer()
}

fn preamble(sheet: &mut Worksheet, cast: &Cast, planter: &mut Planter) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.write_string_with_format(0, 0, "All Workers with Compensation", &bold)?;
    sheet.write_string(1, 0, "Effective Date")?.write_string(1, 1, "2025-06-30")?;
    let runner = cast.people[0].name();
    sheet.write_string(2, 0, "Run by")?.write_string(2, 1, &runner)?;
    planter.plant("PERSON", &runner, true, Place::Cell { sheet: 0, row: 2, column: 1 });
    for (column, heading) in HEADINGS.iter().enumerate() {
        sheet.write_string_with_format(HEADER_ROW, column as u16, *heading, &bold)?;
    }
    Ok(())
}

fn worker_row(
    sheet: &mut Worksheet,
    cast: &Cast,
    (index, p): (usize, &Person),
    date: &Format,
    planter: &mut Planter,
) -> Result<(), XlsxError> {
    let (row, known) = (HEADER_ROW + 1 + index as u32, cast.is_on_roster(index));
    let (manager, manager_known) = cast.manager_of(p);
    let (address, salary, bonus) = (p.address(), p.salary.to_string(), p.bonus_percent.to_string());
    let texts: [(u16, &str, &str, bool); 8] = [
        (0, "EMPLOYEE_ID", &p.employee_id, known),
        (1, "PERSON", &p.full_name(), known),
        (2, "PERSON", &manager.name(), manager_known),
        (9, "DATE_OF_BIRTH", &p.date_of_birth, known),
        (10, "US_SSN", &p.ssn, known),
        (11, "STREET_ADDRESS", &address, known),
        (12, "EMAIL_ADDRESS", &p.email, known),
        (13, "PHONE_NUMBER", &p.phone, known),
    ];
    for (column, entity, text, known) in texts {
        sheet.write_string(row, column, text)?;
        planter.plant(entity, text, known, Place::Cell { sheet: 0, row, column: u32::from(column) });
    }
    sheet.write_number(row, 5, p.salary)?.write_number(row, 7, p.bonus_percent)?;
    planter.plant("COMPENSATION", &salary, known, Place::Cell { sheet: 0, row, column: 5 });
    planter.plant("COMPENSATION", &bonus, known, Place::Cell { sheet: 0, row, column: 7 });
    let (year, month, day) = ymd(&p.hire_date);
    let hired = rust_xlsxwriter::ExcelDateTime::from_ymd(year, month, day)?;
    sheet.write_datetime_with_format(row, 8, &hired, date)?;
    sheet
        .write_string(row, 3, p.cost_center)?
        .write_string(row, 4, p.job)?
        .write_string(row, 6, p.currency)?;
    sheet.write_number(row, 14, 100)?.write_string(
        row,
        15,
        ["Building 4", "Remote", "Plant North"][index % 3],
    )?;
    sheet.write_string(row, 16, "Regular")?;
    note_cell(sheet, cast, (row, index), planter)
}

/// Every third row has a remark; half of the remarks name somebody.
fn note_cell(
    sheet: &mut Worksheet,
    cast: &Cast,
    (row, index): (u32, usize),
    planter: &mut Planter,
) -> Result<(), XlsxError> {
    let other = (index * 7 + 3) % cast.people.len();
    let (person, known) = (&cast.people[other], cast.is_on_roster(other));
    let place = Place::Cell { sheet: 0, row, column: 17 };
    match index % 6 {
        0 => {
            let text = format!("Back-up for {} until the end of the quarter", person.name());
            sheet.write_string(row, 17, text)?;
            planter.plant("PERSON", &person.name(), known, place);
        }
        3 => {
            sheet.write_string(
                row,
                17,
                format!("see ticket 88213, call {} or\nwrite an e-mail", person.phone),
            )?;
            planter.plant("PHONE_NUMBER", &person.phone, known, place);
        }
        1 => {
            sheet.write_string(row, 17, "Shift change confirmed, see policy 12.4")?;
        }
        _ => {}
    }
    Ok(())
}

fn cost_centers(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    for (column, heading) in ["Cost Center", "Company", "Region", "Open Positions"].iter().enumerate() {
        sheet.write_string(0, column as u16, *heading)?;
    }
    let rows = [
        ("4410 Payroll Operations", "North", 3),
        ("4425 Benefits Administration", "North", 1),
        ("5100 Platform Engineering", "West", 14),
        ("6200 Distribution Centers", "South", 41),
        ("7310 Clinical Services", "East", 9),
    ];
    for (row, (center, region, open)) in (1..).zip(rows) {
        sheet.write_string(row, 0, center)?.write_string(row, 1, "Globex Holdings")?;
        sheet.write_string(row, 2, region)?.write_number(row, 3, open)?;
    }
    Ok(())
}

fn hidden_sheet(sheet: &mut Worksheet, cast: &Cast, planter: &mut Planter) -> Result<(), XlsxError> {
    sheet.set_hidden(true);
    sheet.write_string(0, 0, "Worker")?.write_string(0, 1, "Personal Email")?;
    for (row, (index, p)) in (1..).zip(cast.people.iter().enumerate().take(6)) {
        let private = format!("{}.{}@example.net", p.employee_id, row);
        sheet.write_string(row, 0, p.name())?.write_string(row, 1, &private)?;
        planter.plant("PERSON", &p.name(), cast.is_on_roster(index), Place::Anywhere);
        planter.plant("EMAIL_ADDRESS", &private, cast.is_on_roster(index), Place::Anywhere);
    }
    Ok(())
}

fn ymd(date: &str) -> (u16, u8, u8) {
    let mut parts = date.split('-').map(|part| part.parse::<u16>().expect("dates are made in code"));
    let mut part = || parts.next().expect("three parts");
    (part(), part() as u8, part() as u8)
}
