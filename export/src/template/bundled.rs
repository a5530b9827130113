//! Layouts that come with the program: derived from the public web service and from facts about generated files, not a
//! tenant's own. For production, the tenant's own template is imported.

use super::draft::{self, Draft, Header};
use super::model::{Marks, Provenance, Template};
use super::stored::StoredError;
use crate::{CellFormat, Restriction};
use serde::Deserialize;

/// Operations and their files. `examples/derive_bundled.rs` makes the files.
const FILES: [(&str, &str); 6] = [
    ("Assign Roles", include_str!("../../templates/assign_roles.json")),
    ("Change Emergency Contacts", include_str!("../../templates/change_emergency_contacts.json")),
    ("Change Job", include_str!("../../templates/change_job.json")),
    ("Organization Add Update", include_str!("../../templates/organization_add_update.json")),
    ("Request Compensation Change", include_str!("../../templates/request_compensation_change.json")),
    ("Terminate Employee", include_str!("../../templates/terminate_employee.json")),
];

/// Other names of operations.
const ALIASES: [(&str, &str); 1] = [("Add/Update Organization", "Organization Add Update")];

/// A layout as its file has it: what the header says, once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    operation: String,
    version: Option<String>,
    /// Whether the operation is a business process.
    process: bool,
    /// Lists of ID types.
    lists: Vec<Vec<String>>,
    sheets: Vec<LayoutSheet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutSheet {
    title: String,
    areas: Vec<String>,
    /// Columns after the key.
    columns: Vec<LayoutColumn>,
}

/// Position of the area, restriction, format, label with marks, position of the list of ID types.
#[derive(Deserialize)]
struct LayoutColumn(usize, Restriction, CellFormat, String, Option<usize>);

/// Names of the operations that have a bundled layout.
pub fn bundled_names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The bundled layout of an operation, by its name without case and with `_` for spaces; `None` when there is none.
///
/// # Errors
/// A [`StoredError`] when the program was built with a broken layout.
pub fn bundled(operation: &str) -> Option<Result<Template, StoredError>> {
    let bare = |name: &str| name.replace('_', " ").to_lowercase();
    let asked = bare(operation.trim());
    let named = ALIASES.iter().find(|(alias, _)| bare(alias) == asked).map_or(asked, |(_, name)| bare(name));
    let (_, text) = FILES.iter().find(|(name, _)| bare(name) == named)?;
    Some(load(text))
}

fn load(text: &str) -> Result<Template, StoredError> {
    let layout: Layout = serde_json::from_str(text)
        .map_err(|error| StoredError::Json { line: error.line(), column: error.column() })?;
    let mut drafts = Vec::with_capacity(layout.sheets.len());
    for (number, sheet) in (1..).zip(layout.sheets) {
        let odd = |what| StoredError::Odd { sheet: number, what };
        let mut draft = Draft::new(&sheet.title, number == 1);
        for LayoutColumn(area, restriction, format, label, list) in sheet.columns {
            let area = sheet.areas.get(area).cloned().ok_or(odd("an area"))?;
            let id_types = list.map(|list| layout.lists.get(list).cloned().ok_or(odd("a list of ID types")));
            let id_types = id_types.transpose()?.unwrap_or_default();
            let (label, marks) = Marks::split(&label);
            let label = label.to_owned();
            draft.push(area, Header { label, marks, restriction, format, id_types });
        }
        drafts.push(draft);
    }
    let sheets = draft::sheets(drafts);
    let overview = layout.process.then(|| draft::overview(&layout.operation, &sheets));
    let (operation, version) = (layout.operation, layout.version);
    let template = Template { operation, version, provenance: Provenance::Bundled, overview, sheets };
    template.check()?;
    Ok(template)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{Address, model::FIRST_DATA_ROW};
    use std::collections::HashSet;

    fn all() -> Vec<Template> {
        bundled_names().map(|name| bundled(name).expect("it is there").expect("it fits")).collect()
    }

    #[test]
    fn every_layout_loads_and_is_marked() {
        let mut prints = HashSet::new();
        for (template, name) in all().iter().zip(bundled_names()) {
            assert_eq!((template.operation.as_str(), template.provenance), (name, Provenance::Bundled));
            assert!(template.sheets.iter().all(|sheet| sheet.columns[0].label == "Spreadsheet Key"));
            assert_eq!(template.overview.is_some(), name != "Organization Add Update");
            let text = template.to_json().expect("a text");
            assert_eq!(Template::from_json(&text).expect("it is read again"), *template);
            prints.insert(template.fingerprint());
        }
        assert_eq!(prints.len(), FILES.len());
        assert_eq!(FIRST_DATA_ROW, 6);
    }

    #[test]
    fn layouts_are_found_by_every_spelling() {
        for name in ["change_job", " Change Job", "Add/Update Organization"] {
            assert!(matches!(bundled(name), Some(Ok(_))), "{name}");
        }
        assert!(bundled("Hire Employee").is_none());
    }

    #[test]
    fn fields_that_people_fill_are_there() {
        let find = |operation: &str, sheet: &str, area: &str, label: &str| {
            let template = bundled(operation).expect("it is there").expect("it fits");
            let (sheet, area, label) = (sheet.to_owned(), area.to_owned(), label.to_owned());
            let found = template.find(&Address { sheet, area, label, occurrence: 0 });
            let (sheet, column) = found.expect("one field");
            let column = &template.sheets[sheet].columns[column];
            (column.format.to_string(), column.group)
        };
        let compensation = "Request Compensation Change";
        assert_eq!(find(compensation, "", "", "Employee"), ("Employee_ID".to_owned(), 0));
        assert_eq!(find(compensation, "", "", "Compensation Grade"), ("Compensation_Grade_ID".to_owned(), 0));
        assert_eq!(find(compensation, "", "Pay Plan Sub Data", "Amount"), ("Number (26,6)".to_owned(), 1));
        assert_eq!(find("Change Job", "", "", "Effective Date"), ("YYYY-MM-DD".to_owned(), 0));
        assert_eq!(find("Terminate Employee", "", "", "Primary Reason").1, 0);
        assert_eq!(find("Add/Update Organization", "", "", "Organization Name"), ("Text".to_owned(), 0));
    }

    #[test]
    fn layouts_that_do_not_fit_are_refused() {
        let text = |area: u8, list: &str| {
            format!(
                r#"{{"operation":"A","version":null,"process":false,"lists":[],"sheets":[{{"title":"A","areas":["All"],
                "columns":[[{area},"Required","Text","B*",{list}]]}}]}}"#
            )
        };
        assert!(load(&text(0, "null")).is_ok());
        assert_eq!(load(&text(1, "null")), Err(StoredError::Odd { sheet: 1, what: "an area" }));
        assert_eq!(load(&text(0, "0")), Err(StoredError::Odd { sheet: 1, what: "a list of ID types" }));
        assert!(matches!(load("{}"), Err(StoredError::Json { .. })));
    }
}
