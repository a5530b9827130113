//! Where a sheet's header row is: below titles and prompts, above the values. Looks at texts alone.

use super::sheet::Cell;
use std::collections::HashSet;

/// Rows, from the first one that is not empty, among which the header row is searched.
pub(crate) const SEARCHED_ROWS: u32 = 30;

/// The header row among the first rows of a sheet, or `None` where there is none: in a form (labels to the
/// left) or a list of values alone. `cells` are in order of rows and columns.
pub(crate) fn header_row(cells: &[Cell<'_>]) -> Option<u32> {
    let rows: Vec<&[Cell<'_>]> = cells.chunk_by(|a, b| a.row == b.row).collect();
    if let Some(row) = template_header(&rows) {
        return Some(row);
    }
    if is_form(&rows) {
        return None;
    }
    let widest = rows.iter().map(|row| labels(row)).max().unwrap_or(0);
    let candidates = || rows.iter().filter(|row| could_be_header(row));
    // A little narrower is wide enough: some columns have no heading.
    let wide = candidates().find(|row| labels(row) * 5 >= widest * 4);
    let found = wide.or_else(|| {
        let most = candidates().map(|row| labels(row)).max()?;
        candidates().find(|row| labels(row) == most)
    });
    found.map(|row| row[0].row)
}

/// Whether the rows above the header are an EIB template's own: areas, restrictions, formats. They label
/// columns; none of them holds a value.
pub(super) fn is_template(cells: &[Cell<'_>]) -> bool {
    let rows: Vec<&[Cell<'_>]> = cells.chunk_by(|a, b| a.row == b.row).collect();
    template_header(&rows).is_some()
}

/// `Fields` in the first column, below `Restrictions` or `Format`: an EIB template's sheet.
fn template_header(rows: &[&[Cell<'_>]]) -> Option<u32> {
    let marked = |row: &&&[Cell<'_>], mark: &str| row[0].column == 0 && row[0].text.trim() == mark;
    let above = rows.iter().position(|row| marked(&row, "Restrictions") || marked(&row, "Format"))?;
    rows[above..].iter().find(|row| marked(row, "Fields")).map(|row| row[0].row)
}

/// Labels with colons to the left of their values, in at least half of the rows.
fn is_form(rows: &[&[Cell<'_>]]) -> bool {
    let labelled =
        rows.iter().filter(|row| row.len() <= 2 && row[0].is_text && row[0].text.trim_end().ends_with(':'));
    labelled.count() * 2 >= rows.len().max(1)
}

fn labels(row: &[Cell<'_>]) -> usize {
    row.iter().filter(|cell| cell.is_text).count()
}

/// Texts of which at least half are distinct and few look like values.
fn could_be_header(row: &[Cell<'_>]) -> bool {
    let texts = row.iter().filter(|cell| cell.is_text).map(|cell| cell.text.trim().to_lowercase());
    let distinct: HashSet<String> = texts.collect();
    let values = row.iter().filter(|cell| !cell.is_text || looks_like_value(&cell.text)).count();
    !distinct.is_empty() && distinct.len() * 2 >= labels(row) && values * 4 < row.len().max(2)
}

fn looks_like_value(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.contains('@') || digits >= 6 || text.len() > 120
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of cells by `|`; `#` before a cell that is a number.
    fn check(rows: &[&str], expected: Option<u32>) {
        let mut cells = Vec::new();
        for (row, line) in rows.iter().enumerate() {
            for (column, text) in line.split('|').enumerate().filter(|(_, text)| !text.is_empty()) {
                let number = text.strip_prefix('#');
                let text = number.unwrap_or(text).into();
                cells.push(Cell { row: row as u32, column: column as u32, text, is_text: number.is_none() });
            }
        }
        assert_eq!(header_row(&cells), expected, "{rows:?}");
    }

    #[test]
    fn titles_and_prompts_stand_above_the_header() {
        check(&["Worker|Employee ID|Hire Date", "Ann Lee|00123|2020-01-01"], Some(0));
        check(&["All Workers", "Organization|HR", "", "Worker|ID|Pay", "Ann Lee|1|#5"], Some(3));
        check(&["|Personal||Pay", "Worker|Gender|Grade|Amount|", "Ann|F|7|#9"], Some(1));
        check(&["Name", "Ann Lee", "Bo Ek"], Some(0));
        check(&["a|b|c|d|e", "1|2|3|4|5|note"], Some(0));
        check(&["Worker|Amount|Currency|Amount|Currency|Amount", "Ann|#1|EUR|#2|EUR|#3"], Some(0));
    }

    #[test]
    fn rows_of_values_are_no_header() {
        check(&["ann@example.com|123456", "bo@example.com|123457"], None);
        check(&["#1|#2", "#3|#4"], None);
        check(&[], None);
        check(&["Employee:|Ann Lee", "Manager:|Bo Ek", "Notes"], None);
    }

    #[test]
    fn templates_have_their_header_below_the_formats() {
        let rows = ["Hire Employee|", "Area|All|Names", "Restrictions|Required|Optional", "Format|Text|Text"];
        let with = |last: &'static str| [rows[0], rows[1], rows[2], rows[3], last, "|1|Ann"];
        check(&with("Fields|Spreadsheet Key*|First Name"), Some(4));
    }
}
