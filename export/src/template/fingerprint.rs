//! What makes two templates the same one, whatever bytes their files have.

use super::import::split_version;
use super::model::{Column, Overview, Sheet, Template};
use crate::CellFormat;

/// Changes when the canonical text does.
const FORM: &str = "custody template 1";

impl Template {
    /// BLAKE3, in hexadecimal, of a canonical text of the model. Two files that differ in bytes only have the same.
    ///
    /// In it are the operation, the overview's processes and what may be chosen for them, the sheets, and of each column its
    /// area, restriction, format, label with marks, and ID types. Not in it is what says nothing about the fields: where
    /// the template came from, its version, which instruction and which ID type of a list are chosen, the order of lists,
    /// number formats, hidden columns, and groups, which follow from the rest.
    pub fn fingerprint(&self) -> String {
        let mut text = Canonical(blake3::Hasher::new());
        text.line("form", FORM);
        text.line("operation", &self.operation);
        if let Some(overview) = &self.overview {
            text.overview(overview);
        }
        for sheet in &self.sheets {
            text.sheet(sheet);
        }
        text.0.finalize().to_hex().to_string()
    }
}

/// Lines of a name and a text; lengths keep lines apart, whatever the texts hold.
struct Canonical(blake3::Hasher);

impl Canonical {
    fn line(&mut self, name: &str, text: &str) {
        self.0.update(format!("{name} {} {text}\n", text.len()).as_bytes());
    }

    /// The order of a list says nothing.
    fn list(&mut self, name: &str, entries: &[String]) {
        let mut entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        entries.sort_unstable();
        entries.iter().for_each(|entry| self.line(name, entry));
    }

    fn overview(&mut self, overview: &Overview) {
        self.line("overview", &overview.name);
        self.line("discards", if overview.discards { "yes" } else { "no" });
        for process in &overview.processes {
            self.line("process", &process.name);
            self.line("row", &process.row.to_string());
            self.list("choice", &process.instructions);
        }
    }

    fn sheet(&mut self, sheet: &Sheet) {
        self.line("sheet", &sheet.name);
        self.line("title", split_version(&sheet.title).0);
        for column in &sheet.columns {
            self.column(column);
        }
    }

    fn column(&mut self, column: &Column) {
        self.line("area", &column.area);
        self.line("restriction", column.restriction.text());
        match &column.format {
            CellFormat::Reference(chosen) if column.id_types.contains(chosen) => {
                self.line("format", "reference");
            }
            format => self.line("format", &format.to_string()),
        }
        self.line("label", &format!("{}{}", column.label, column.marks.text()));
        self.list("type", &column.id_types);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Restriction;
    use crate::template::{lookalike, model::Provenance, testing};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static ENLIST: LazyLock<Template> = LazyLock::new(|| testing::template(&lookalike::enlist()));

    /// Changes one thing.
    fn changed(change: impl Fn(&mut Template)) -> String {
        let mut template = ENLIST.clone();
        change(&mut template);
        template.fingerprint()
    }

    #[test]
    fn what_says_nothing_of_the_fields_is_not_in_it() {
        let same = ENLIST.fingerprint();
        assert_eq!(same.len(), 64);
        assert_eq!(changed(|t| t.provenance = Provenance::Wsdl), same);
        assert_eq!(changed(|t| t.version = Some("v1".to_owned())), same);
        assert_eq!(changed(|t| t.sheets[0].title.push_str(" - v44.0")), same);
        assert_eq!(changed(|t| t.sheets[0].columns[1].id_types.reverse()), same);
        assert_eq!(changed(|t| t.sheets[0].columns[1].as_text = false), same);
        let choose = |chosen: &str| {
            let format = CellFormat::Reference(chosen.to_owned());
            changed(|t| t.sheets[0].columns[1].format = format.clone())
        };
        assert_eq!(choose("Marine_ID"), same);
        assert_ne!(choose("Cook_ID"), same);
        let instruction = Some("Run Now".to_owned());
        assert_eq!(
            changed(|t| t.overview.as_mut().expect("one").processes[0].instruction = instruction.clone()),
            same
        );
    }

    #[test]
    fn what_the_header_says_is_in_it() {
        let same = ENLIST.fingerprint();
        let others = [
            changed(|t| t.operation.push('s')),
            changed(|t| t.overview = None),
            changed(|t| t.overview.as_mut().expect("one").processes[1].instructions.truncate(2)),
            changed(|t| t.sheets[0].columns[2].area.push('+')),
            changed(|t| t.sheets[0].columns[2].label.push('s')),
            changed(|t| t.sheets[0].columns[2].marks.required = true),
            changed(|t| t.sheets[0].columns[2].restriction = Restriction::Conditional),
            changed(|t| t.sheets[0].columns[2].format = CellFormat::DateTime),
            changed(|t| drop(t.sheets[0].columns[1].id_types.pop())),
            changed(|t| drop(t.sheets[0].columns.pop())),
            changed(|t| drop(t.sheets.pop())),
            changed(|t| t.sheets.swap(1, 2)),
        ];
        let different: std::collections::HashSet<_> = others.iter().chain([&same]).collect();
        assert_eq!(different.len(), others.len() + 1);
    }

    proptest! {
        /// A text cannot pass for two lines.
        #[test]
        fn labels_do_not_run_into_each_other(a in ".{0,12}", b in ".{0,12}") {
            let two = |one: &str, two: &str| {
                changed(|t| {
                    t.sheets[0].columns[2].label = one.to_owned();
                    t.sheets[0].columns[3].label = two.to_owned();
                })
            };
            prop_assert_eq!(two(&a, &b) == two(&b, &a), a == b);
        }
    }
}
