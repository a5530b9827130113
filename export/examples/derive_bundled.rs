//! Makes the bundled layouts (`export/templates/*.json`) anew: from a WSDL where it has the operation, else from a list of
//! facts about generated templates; and the facts by which groups of areas are told (`export/src/template/nesting.txt`).
//! Takes labels, formats, restrictions, areas and ID types over, no description.
//! Usage: `derive_bundled EIB_DIR EXPORT_DIR`.

use anyhow::{Context, Result, bail};
use custody_export::template::{Column, Marks, Sheet, Template, from_wsdl, operations};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

const WSDL: &str = "wsdl/Staffing.wsdl";
/// Operations that the WSDL has.
const FROM_WSDL: [&str; 3] = ["Assign_Roles", "Change_Job", "Terminate_Employee"];
/// Operations of the list, whether they are business processes, and how their facts came about.
const FROM_FACTS: [(&str, bool, &str); 3] = [
    ("Change_Emergency_Contacts", true, "derived_from_wsdl"),
    ("Organization_Add_Update", false, "real_file"),
    ("Request_Compensation_Change", true, "inferred"),
];
/// Areas of the list that the overview stands for.
const OVERVIEW_AREAS: [&str; 3] =
    ["Business Process Parameters", "Comment Data", "Business Process Attachment Data+"];

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        bail!("usage: derive_bundled EIB_DIR EXPORT_DIR");
    };
    let (from, export) = (Path::new(&from), Path::new(&to));
    let wsdl = || File::open(from.join(WSDL)).map(BufReader::new).context(WSDL);
    let mut pairs = BTreeSet::new();
    for operation in operations(wsdl()?)?.iter().filter(|name| !name.starts_with("Get_")) {
        from_wsdl(wsdl()?, operation)?.template.sheets.iter().for_each(|sheet| nesting(sheet, &mut pairs));
    }
    let lines: String = pairs.iter().map(|line| format!("{line}\n")).collect();
    fs::write(export.join("src/template/nesting.txt"), lines).context("nesting.txt")?;
    let to = &export.join("templates");
    for operation in FROM_WSDL {
        let projected = from_wsdl(wsdl()?, operation)?;
        write(to, operation, &of_template(&projected.template))?;
    }
    let text = fs::read_to_string(from.join("layouts.json")).context("layouts.json")?;
    let facts: Value = serde_json::from_str(&text)?;
    for (operation, process, provenance) in FROM_FACTS {
        let all = facts["templates"].as_array().context("templates")?;
        let layout = all.iter().find(|t| t["operation"] == operation && t["provenance"] == provenance);
        write(to, operation, &of_facts(layout.context(operation)?, operation, process)?)?;
    }
    Ok(())
}

/// An area without its path and marks.
fn bare(area: &str) -> &str {
    area.split(" (").next().unwrap_or(area).trim_end_matches(['*', '+'])
}

/// The groups that a column is in, from inside out, without the transaction.
fn groups(sheet: &Sheet, column: &Column) -> Vec<usize> {
    let parent = |group: &usize| sheet.groups[*group].parent;
    std::iter::successors(Some(column.group), parent).filter(|group| *group > 0).collect()
}

/// Which areas belong into which group, and which new ones follow a group that has ended and do not.
fn nesting(sheet: &Sheet, pairs: &mut BTreeSet<String>) {
    let area = |group: usize| sheet.groups[group].key.map_or("", |key| bare(&sheet.columns[key].area));
    for (at, column) in sheet.columns.iter().enumerate() {
        let (own, around) = (bare(&column.area), groups(sheet, column));
        let opens = around.first().is_some_and(|group| sheet.groups[*group].key == Some(at));
        let holder = around.get(usize::from(opens)).map(|group| area(*group));
        pairs.extend(holder.filter(|holder| *holder != own).map(|holder| format!("{holder} > {own}")));
        let is_new = !sheet.columns[..at].iter().any(|before| bare(&before.area) == own);
        if at > 0 && is_new && !opens {
            let ended = groups(sheet, &sheet.columns[at - 1]);
            let ended = ended.into_iter().filter(|group| !around.contains(group));
            pairs.extend(ended.map(|group| format!("{} | {own}", area(group))));
        }
    }
}

/// What is written of a template.
struct Layout {
    operation: String,
    version: Option<String>,
    process: bool,
    lists: Vec<Vec<String>>,
    sheets: Vec<(String, Vec<String>, Vec<Value>)>,
}

/// Position of an entry, which is added when it is new.
fn position<T: PartialEq>(list: &mut Vec<T>, entry: T) -> usize {
    list.iter().position(|known| *known == entry).unwrap_or_else(|| {
        list.push(entry);
        list.len() - 1
    })
}

impl Layout {
    /// Adds a column: area, restriction, format, label with marks, ID types.
    fn column(&mut self, [area, restriction, format, label]: [&str; 4], types: Vec<String>) {
        let list = (!types.is_empty()).then(|| position(&mut self.lists, types));
        if let Some((_, areas, columns)) = self.sheets.last_mut() {
            let area = position(areas, area.to_owned());
            columns.push(json!([area, restriction, format, label, list]));
        }
    }
}

fn of_template(template: &Template) -> Layout {
    let (operation, version) = (template.operation.clone(), template.version.clone());
    let process = template.overview.is_some();
    let mut layout = Layout { operation, version, process, lists: Vec::new(), sheets: Vec::new() };
    for sheet in &template.sheets {
        layout.sheets.push((sheet.title.clone(), Vec::new(), Vec::new()));
        for column in &sheet.columns[1..] {
            let Column { area, restriction, format, label, marks, id_types, .. } = column;
            let label = format!("{label}{}", marks.text());
            layout.column([area, restriction.text(), &format.to_string(), &label], id_types.clone());
        }
    }
    layout
}

fn of_facts(facts: &Value, operation: &str, process: bool) -> Result<Layout> {
    let version = facts["version"].as_str().map(ToOwned::to_owned);
    let operation = operation.replace('_', " ");
    let mut layout = Layout { operation, version, process, lists: Vec::new(), sheets: Vec::new() };
    for sheet in facts["sheets"].as_array().context("sheets")?.iter().filter(|s| s["role"] == "data") {
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned).context("a text");
        let title = text(&sheet["title_A1"]).or_else(|_| text(&sheet["name"]))?;
        layout.sheets.push((title, Vec::new(), Vec::new()));
        for column in &sheet["columns"].as_array().context("columns")?[1..] {
            let area = text(&column["area"])?;
            if OVERVIEW_AREAS.contains(&area.as_str()) {
                continue;
            }
            let types = column["reference_id_types"].as_array();
            let types: Result<Vec<String>> = types.into_iter().flatten().map(text).collect();
            let label = text(&column["field"])?;
            let (label, marks) = Marks::split(&label);
            let label = format!("{label}{}", marks.text());
            let (restriction, format) = (text(&column["restriction"])?, text(&column["format"])?);
            layout.column([&area, &restriction, &format, &label], types?);
        }
    }
    Ok(layout)
}

/// One line for every list and every column, so that changes can be read.
fn write(folder: &Path, operation: &str, layout: &Layout) -> Result<()> {
    let lines = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n");
    let lists: Vec<Value> = layout.lists.iter().map(|list| json!(list)).collect();
    let sheets: Vec<String> = layout
        .sheets
        .iter()
        .map(|(title, areas, columns)| {
            let areas: Vec<Value> = areas.iter().map(|area| json!(area)).collect();
            let (areas, columns) = (lines(&areas), lines(columns));
            format!("{{\"title\":{},\"areas\":[\n{areas}],\"columns\":[\n{columns}]}}", json!(title))
        })
        .collect();
    let text = format!(
        "{{\"operation\":{},\"version\":{},\"process\":{},\"lists\":[\n{}],\"sheets\":[\n{}]}}\n",
        json!(layout.operation),
        json!(layout.version),
        layout.process,
        lines(&lists),
        sheets.join(",\n")
    );
    let path = folder.join(format!("{}.json", operation.to_lowercase()));
    fs::write(&path, text).with_context(|| path.display().to_string())
}
