//! The oracle for CSV, JSON, XML and workbooks: reads cells with calamine, serde_json and by hand.

use super::planted::{Place, Truth};
use super::score::{Score, decoded, stands_in};
use calamine::{Data, Reader, SheetVisible, Xlsx, open_workbook};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// Cells by sheet, row and column. JSON and XML have one column; their rows count values.
pub type Cells = HashMap<(u32, u32, u32), String>;

/// The cells that people see: those of hidden sheets are left out.
pub fn cells(path: &Path) -> Cells {
    match path.extension().and_then(|e| e.to_str()) {
        Some("xlsx") => workbook_cells(path, true),
        Some("csv") => csv_cells(&decoded(path).1, |line| if line.contains(';') { ';' } else { ',' }),
        Some("tsv") => csv_cells(&decoded(path).1, |_| '\t'),
        Some("json") => values(vec![serde_json::from_str(&decoded(path).1).expect("the output is JSON")]),
        Some("ndjson") => {
            let text = decoded(path).1;
            values(text.lines().map(|l| serde_json::from_str(l).expect("each line is JSON")).collect())
        }
        _ => xml_cells(&decoded(path).1),
    }
}

fn values(documents: Vec<serde_json::Value>) -> Cells {
    let (mut cells, mut open) = (Cells::new(), documents);
    open.reverse();
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Array(items) => open.extend(items.into_iter().rev()),
            serde_json::Value::Object(fields) => open.extend(fields.into_iter().map(|(_, v)| v).rev()),
            serde_json::Value::String(text) => keep(&mut cells, text),
            other => keep(&mut cells, other.to_string()),
        }
    }
    cells
}

fn keep(cells: &mut Cells, text: String) {
    let row = cells.len() as u32;
    cells.insert((0, row, 0), text);
}

/// Texts between tags and values of attributes.
fn xml_cells(text: &str) -> Cells {
    let mut cells = Cells::new();
    for part in text.split('<') {
        let (tag, content) = part.split_once('>').unwrap_or(("", part));
        for attribute in tag.split('"').skip(1).step_by(2) {
            keep(&mut cells, unescaped(attribute));
        }
        keep(&mut cells, unescaped(content.trim()));
    }
    cells
}

fn unescaped(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A CSV reader of its own: quotes, doubled quotes, line ends inside quotes.
fn csv_cells(text: &str, delimiter: impl Fn(&str) -> char) -> Cells {
    let text = text.trim_start_matches('\u{feff}');
    let delimiter = delimiter(text.lines().next().unwrap_or_default());
    let (mut cells, mut row, mut column, mut field) = (Cells::new(), 0, 0, String::new());
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            '\r' if !quoted => {}
            c if !quoted && (c == delimiter || c == '\n') => {
                cells.insert((0, row, column), std::mem::take(&mut field));
                (row, column) = if c == '\n' { (row + 1, 0) } else { (row, column + 1) };
            }
            c => field.push(c),
        }
    }
    cells.insert((0, row, column), field);
    cells
}

fn workbook_cells(path: &Path, visible_only: bool) -> Cells {
    let mut book: Xlsx<_> = open_workbook(path).expect("the output is a workbook");
    let sheets = book.sheets_metadata().to_vec();
    let mut cells = Cells::new();
    for (number, sheet) in (0..).zip(sheets) {
        if visible_only && sheet.visible != SheetVisible::Visible {
            continue;
        }
        let range = book.worksheet_range(&sheet.name).expect("every sheet can be read");
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            cells.insert((number, top + row as u32, left + column as u32), cell_text(value));
        }
    }
    cells
}

fn cell_text(value: &Data) -> String {
    match value {
        Data::DateTime(date) => {
            date.as_datetime().map_or_else(|| value.to_string(), |d| d.to_string()[..10].to_owned())
        }
        Data::Float(number) => number.to_string(),
        other => other.to_string(),
    }
}

/// Everything readable in a file: all cells, and for a workbook the XML of all its parts.
fn everything(path: &Path) -> String {
    if path.extension().is_none_or(|e| e != "xlsx") {
        let (text, cells) = (decoded(path).1, cells(path));
        return cells.into_values().fold(text, |all, cell| all + "\n" + &cell);
    }
    let file = std::fs::File::open(path).expect("the output can be opened");
    let mut archive = zip::ZipArchive::new(file).expect("a workbook is a zip");
    let mut all = String::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("every part can be opened");
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).expect("every part can be read");
        all.push_str(&unescaped(&String::from_utf8_lossy(&bytes)));
        all.push('\n');
    }
    all
}

/// Scores one table.
pub fn table(truth: &Truth, file: &str, (input, output): (&Path, &Path), score: &mut Score) {
    let (before, after, all) = (cells(input), cells(output), everything(output));
    let mut seen_elsewhere = std::collections::HashSet::new();
    for planted in truth.in_file(file) {
        let value = planted.value.as_str();
        let anywhere = |seen: &mut std::collections::HashSet<String>| {
            let long = value.chars().count() >= 6;
            long && stands_in(&all, value) && seen.insert(value.to_owned())
        };
        let left = match planted.place {
            Place::Cell { sheet, row, column } => {
                after.get(&(sheet, row, column)).is_some_and(|cell| stands_in(cell, value))
                    || anywhere(&mut seen_elsewhere)
            }
            _ => stands_in(&all, value),
        };
        score.count(planted, left);
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for cell in after.values() {
        *counts.entry(cell.trim()).or_default() += 1;
    }
    let hidden: Vec<_> = truth.in_file(file).collect();
    for (&(sheet, row, column), cell) in &before {
        let touched = hidden.iter().any(|p| match p.place {
            Place::Cell { sheet: s, row: r, column: c } => (s, r, c) == (sheet, row, column),
            _ => stands_in(cell, &p.value),
        });
        if touched || cell.trim().is_empty() {
            continue;
        }
        score.harmless += 1;
        match counts.get_mut(cell.trim()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => score.lose(file, cell),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_keep_line_ends_and_quotes() {
        let cells = csv_cells("a,\"b\n\"\"c\"\"\"\r\n1,2\r\n", |_| ',');
        assert_eq!(cells[&(0, 0, 1)], "b\n\"c\"");
        assert_eq!(cells[&(0, 1, 1)], "2");
    }

    #[test]
    fn xml_texts_and_attributes_are_cells() {
        let cells = xml_cells("<a b=\"O&apos;M\">x<c>y</c></a>");
        let mut texts: Vec<_> = cells.into_values().filter(|t| !t.is_empty()).collect();
        texts.sort();
        assert_eq!(texts, ["O'M", "x", "y"]);
    }
}
