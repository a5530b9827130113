//! What differs between two templates, in lines for people.

use custody_export::template::{Address, Break, Change, Field, Problem, TemplateDiff};

/// Every difference, a line each.
pub(super) fn lines(diff: &TemplateDiff) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some((before, after)) = &diff.operation {
        lines.push(format!("operation: {before} → {after}"));
    }
    let lists = [
        ("sheet added", &diff.sheets_added),
        ("sheet removed", &diff.sheets_removed),
        ("process added", &diff.processes_added),
        ("process removed", &diff.processes_removed),
    ];
    for (what, names) in lists {
        lines.extend(names.iter().map(|name| format!("{what}: {name}")));
    }
    for sheet in &diff.sheets {
        let at = |field: &Field| format!("{}!{} {} ({})", sheet.sheet, field.cell, field.label, field.area);
        lines.extend(sheet.added.iter().map(|field| format!("added    {}", at(field))));
        lines.extend(sheet.removed.iter().map(|field| format!("removed  {}", at(field))));
        lines.extend(
            sheet
                .moved
                .iter()
                .map(|moved| format!("moved    {} → {} ({})", at(&moved.from), moved.to.cell, moved.to.area)),
        );
        for changed in &sheet.changed {
            let changes: Vec<String> = changed.changes.iter().map(change).collect();
            lines.push(format!("changed  {}: {}", at(&changed.field), changes.join("; ")));
        }
    }
    lines
}

fn change(change: &Change) -> String {
    let list = |types: &[String]| if types.is_empty() { "none".to_owned() } else { types.join(" ") };
    match change {
        Change::Marks { before, after } => format!("marks {before:?} → {after:?}"),
        Change::Restriction { before, after } => format!("{} → {}", before.text(), after.text()),
        Change::Format { before, after } => format!("{before} → {after}"),
        Change::IdTypes { added, removed } => {
            format!("ID types added {}, removed {}", list(added), list(removed))
        }
        Change::Groups { before, after } => {
            format!("repeats in {} → {}", before.join(" > "), after.join(" > "))
        }
        Change::Area { before, after } => format!("area {before:?} → {after:?}"),
        Change::Hidden(hidden) => (if *hidden { "hidden now" } else { "shown now" }).to_owned(),
        _ => "changed in another way".to_owned(),
    }
}

/// What a mapping has to be looked at for.
pub(super) fn broken(found: &Break) -> String {
    let Address { sheet, area, label, occurrence } = &found.address;
    let mut field = label.clone();
    for part in [area, sheet] {
        if !part.is_empty() {
            field = format!("{field}, {part}");
        }
    }
    if *occurrence > 1 {
        field = format!("{field}, occurrence {occurrence}");
    }
    let problem = match &found.problem {
        Problem::Unknown => "the first template does not have it, or more than once".to_owned(),
        Problem::Gone => "it is gone".to_owned(),
        Problem::Ambiguous { cells } => format!("it names {cells} now: say the area or the occurrence"),
        Problem::Moved { area } => format!("it stands in {area} now"),
        Problem::Other { cell } => format!("it names another field now, {cell}"),
        Problem::Changed { changes } => changes.iter().map(change).collect::<Vec<_>>().join("; "),
        Problem::Required { cell } => format!("{cell} has to be filled now, and is not mapped"),
        _ => "it has to be looked at".to_owned(),
    };
    format!("{field}: {problem}")
}
