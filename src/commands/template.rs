//! `custody template`: the tenant's own templates, those that a WSDL gives, and the bundled ones; mappings beside them.

mod changes;

use super::App;
use crate::cli::TemplateCommand;
use crate::exit::Exit;
use crate::store::Opened;
use crate::store::show::{count, short, table, time};
use crate::store::tables::find;
use crate::store::templates::{self, Loaded, checked_name};
use crate::terminal::{out, printable};
use anyhow::{Context as _, bail};
use custody_export::eib::{Mapping, suggest_toml};
use custody_export::template::{Projected, Template, bundled_names, cell_name, diff, from_wsdl, operations};
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

/// Bytes of a template file.
const FILE_BYTES_MAX: u64 = 64 << 20;

pub(super) fn run(app: &App, command: &TemplateCommand) -> anyhow::Result<Exit> {
    match command {
        TemplateCommand::Ls => ls(app),
        TemplateCommand::Show { name, sheet } => show(app, name, sheet.as_deref()),
        TemplateCommand::Import { file, name } => import(app, file, name.as_deref()),
        TemplateCommand::FromWsdl { file, operation, name } => {
            wsdl(app, file, (operation.as_deref(), name.as_deref()))
        }
        TemplateCommand::Diff { before, after } => differ(app, before, after),
        TemplateCommand::Map { template, file: Some(file), name, .. } => {
            keep_mapping(app, template, file, name.as_deref())
        }
        TemplateCommand::Map { template, suggest: true, from: Some(from), .. } => {
            suggest(app, template, from)
        }
        TemplateCommand::Map { template, .. } => mappings(app, template),
    }
}

fn ls(app: &App) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let mut rows = Vec::new();
    let mut line = |loaded: &Loaded, environment: &str, kept: &str| {
        let template = &loaded.template;
        let columns: usize = template.sheets.iter().map(|sheet| sheet.columns.len()).sum();
        if app.global.json {
            let object = json!({
                "schema": 1, "name": loaded.name, "operation": template.operation, "version": template.version,
                "provenance": template.provenance, "environment": environment, "sheets": template.sheets.len(),
                "columns": columns, "fingerprint": loaded.fingerprint, "id": loaded.id,
            });
            out(&object.to_string());
        }
        rows.push(vec![
            loaded.name.clone(),
            printable(&template.operation),
            templates::provenance(template).to_owned(),
            environment.to_owned(),
            template.sheets.len().to_string(),
            columns.to_string(),
            loaded.fingerprint.chars().take(12).collect(),
            kept.to_owned(),
        ]);
    };
    for kept in templates::list(&opened.store, templates::TEMPLATE, None)? {
        let loaded = match templates::load_item(&opened.store, &kept.id) {
            Ok(loaded) => loaded,
            // One that cannot be read hides none of the others.
            Err(error) => {
                app.terminal.tagged("warning", &format!("{}: {error:#}", short(&kept.id)));
                continue;
            }
        };
        line(&loaded, &kept.environment, &time(kept.kept_ms));
    }
    for name in bundled_names() {
        line(&templates::load_bundled(&checked_name(name)?)?, "", "");
    }
    if !app.global.json {
        let headings =
            ["NAME", "OPERATION", "FROM", "ENVIRONMENT", "SHEETS", "COLUMNS", "FINGERPRINT", "IMPORTED"];
        table(&headings, &rows, &[4, 5]).iter().for_each(|line| out(line));
        app.terminal.say("for production, import the template that the tenant's own Workday generates");
    }
    Ok(Exit::Done)
}

fn show(app: &App, name: &str, sheet: Option<&str>) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let loaded = load(app, &opened, name)?;
    let template = &loaded.template;
    if app.global.json {
        out(&template.to_json()?);
        return Ok(Exit::Done);
    }
    let Some(wanted) = sheet else {
        out(&format!(
            "{}  {} ({}), fingerprint {}",
            loaded.name,
            printable(&template.operation),
            templates::provenance(template),
            loaded.fingerprint
        ));
        let rows: Vec<Vec<String>> = template
            .sheets
            .iter()
            .map(|sheet| {
                let required = sheet.columns.iter().filter(|column| column.marks.required).count();
                let row = [
                    printable(&sheet.name),
                    sheet.columns.len().to_string(),
                    required.to_string(),
                    (sheet.groups.len().saturating_sub(1)).to_string(),
                ];
                row.to_vec()
            })
            .collect();
        table(&["SHEET", "COLUMNS", "MARKED *", "GROUPS"], &rows, &[1, 2, 3])
            .iter()
            .for_each(|line| out(line));
        app.terminal
            .say(&format!("the fields of a sheet: custody template show {} --sheet SHEET", loaded.name));
        return Ok(Exit::Done);
    };
    let named = |sheet: &&custody_export::template::Sheet| sheet.name.eq_ignore_ascii_case(wanted);
    let sheet =
        template.sheets.iter().find(named).with_context(|| format!("there is no sheet {wanted:?}"))?;
    let rows: Vec<Vec<String>> = sheet
        .columns
        .iter()
        .map(|column| {
            let types = column.id_types.join(" ");
            vec![
                cell_name(4, column.index),
                format!("{}{}", printable(&column.label), column.marks.text()),
                column.restriction.text().to_owned(),
                column.format.to_string(),
                printable(&column.area),
                printable(&types),
            ]
        })
        .collect();
    let headings = ["CELL", "FIELD", "RESTRICTION", "FORMAT", "AREA", "ID TYPES"];
    table(&headings, &rows, &[]).iter().for_each(|line| out(line));
    Ok(Exit::Done)
}

fn load(app: &App, opened: &Opened, name: &str) -> anyhow::Result<Loaded> {
    templates::load(&opened.store, name, &app.environment(opened)?)
}

fn file_bytes(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = File::open(file).with_context(|| file.display().to_string())?;
    opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        bail!("{}: larger than {FILE_BYTES_MAX} bytes", file.display());
    }
    Ok(bytes)
}

fn import(app: &App, file: &Path, name: Option<&str>) -> anyhow::Result<Exit> {
    let bytes = file_bytes(file)?;
    let imported = Template::import(templates::in_memory(&bytes)?);
    let imported = imported.with_context(|| format!("{}: not taken for an EIB template", file.display()))?;
    if imported.has_data {
        bail!(
            "{}: holds data below its header; a template that is kept is an empty one, as Workday generates it",
            file.display()
        );
    }
    for note in &imported.notes {
        app.terminal.tagged("note", &format!("{}!{}: {}", note.sheet, note.cell, note.what));
    }
    keep(app, (&imported.template, name), ("xlsx", &bytes))
}

fn wsdl(app: &App, file: &Path, (operation, name): (Option<&str>, Option<&str>)) -> anyhow::Result<Exit> {
    let opened = BufReader::new(File::open(file).with_context(|| file.display().to_string())?);
    let Some(operation) = operation else {
        let names = operations(opened).with_context(|| file.display().to_string())?;
        names.iter().for_each(|name| out(&printable(name)));
        app.terminal.say("project one of them: --operation O");
        return Ok(Exit::Done);
    };
    let projected = from_wsdl(opened, operation);
    let Projected { template, cut } = projected.with_context(|| file.display().to_string())?;
    for place in &cut {
        app.terminal
            .tagged("note", &format!("{place}: a type that contains itself is left out where it does"));
    }
    let text = template.to_json()?;
    keep(app, (&template, name), ("json", text.as_bytes()))
}

fn keep(
    app: &App,
    (template, name): (&Template, Option<&str>),
    (format, bytes): (&str, &[u8]),
) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let environment = app.environment(&opened)?;
    let name = checked_name(name.unwrap_or(&template.operation))?;
    let fingerprint = template.fingerprint();
    let before = templates::list(&opened.store, templates::TEMPLATE, Some(&environment))?;
    let before = before.iter().rfind(|kept| kept.name == name);
    let changed = match before {
        Some(before) => templates::load_item(&opened.store, &before.id)?.fingerprint != fingerprint,
        None => false,
    };
    let id = templates::keep(&mut opened, (templates::TEMPLATE, format), (&name, &environment), bytes)?;
    opened.store.checkpoint()?;
    let columns: usize = template.sheets.iter().map(|sheet| sheet.columns.len()).sum();
    if app.global.json {
        let object = json!({
            "schema": 1, "id": id, "name": name, "operation": template.operation, "fingerprint": fingerprint,
            "sheets": template.sheets.len(), "columns": columns, "model_changed": changed,
        });
        out(&object.to_string());
    }
    app.terminal.say(&format!(
        "{}  {name}: {}, {}, {columns} columns, fingerprint {}",
        short(&id),
        printable(&template.operation),
        count(template.sheets.len() as u64, "sheet", "sheets"),
        &fingerprint[..12]
    ));
    if changed {
        app.terminal.tagged(
            "warning",
            "its model differs from the one kept before: open plans are stale (custody template diff)",
        );
    }
    Ok(Exit::Done)
}

/// A template by its name in the store, or read from an XLSX file.
fn either(app: &App, opened: &Opened, asked: &str) -> anyhow::Result<Loaded> {
    let path = Path::new(asked);
    if !(path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx")) && path.exists()) {
        return load(app, opened, asked);
    }
    let bytes = file_bytes(path)?;
    let imported =
        Template::import(templates::in_memory(&bytes)?).with_context(|| path.display().to_string())?;
    let name = checked_name(&imported.template.operation)?;
    let fingerprint = imported.template.fingerprint();
    let (template, has_data) = (imported.template, imported.has_data);
    Ok(Loaded { name, id: None, template, fingerprint, file: Some(bytes), has_data })
}

fn differ(app: &App, before: &str, after: &str) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let environment = app.environment(&opened)?;
    let (old, new) = (either(app, &opened, before)?, either(app, &opened, after)?);
    let changes = diff(&old.template, &new.template);
    let mut broken = Vec::new();
    for (kept, text) in templates::mappings(&opened.store, &old.name, &environment)? {
        let mapping = Mapping::parse(&text).with_context(|| format!("mapping {}", kept.name))?;
        let breaks = changes.breaks(&mapping.addresses());
        broken.extend(breaks.into_iter().map(|what| (kept.name.clone(), what)));
    }
    if app.global.json {
        let breaks: Vec<_> =
            broken.iter().map(|(mapping, what)| json!({"mapping": mapping, "break": what})).collect();
        let object = json!({
            "schema": 1, "before": old.fingerprint, "after": new.fingerprint, "changes": changes, "breaks": breaks,
        });
        out(&object.to_string());
    } else {
        changes::lines(&changes).iter().for_each(|line| out(&printable(line)));
        for (mapping, what) in &broken {
            out(&printable(&format!("mapping {mapping}: {}", changes::broken(what))));
        }
        let same =
            if old.fingerprint == new.fingerprint { "the models are the same" } else { "the models differ" };
        app.terminal.say(same);
    }
    Ok(if broken.is_empty() { Exit::Done } else { Exit::Findings })
}

fn keep_mapping(app: &App, template: &str, file: &Path, name: Option<&str>) -> anyhow::Result<Exit> {
    let text = String::from_utf8(file_bytes(file)?).context("a mapping is a text in UTF-8")?;
    let mapping = Mapping::parse(&text).with_context(|| file.display().to_string())?;
    let mut opened = app.open_store()?;
    let environment = app.environment(&opened)?;
    let loaded = load(app, &opened, template)?;
    let problems: Vec<String> = mapping
        .addresses()
        .iter()
        .filter_map(|address| loaded.template.find(address).err())
        .map(|error| error.to_string())
        .collect();
    if !problems.is_empty() {
        bail!("{}: {}", file.display(), problems.join("\n"));
    }
    let name = mapping_name(file, name)?;
    templates::keep_mapping(&mut opened, (&loaded.name, &name), &environment, &text)?;
    opened.store.checkpoint()?;
    app.terminal.say(&format!("{}/{name}: {} fields", loaded.name, mapping.fields.len()));
    Ok(Exit::Done)
}

/// A mapping's name: the one asked for, or its file's.
pub(super) fn mapping_name(file: &Path, name: Option<&str>) -> anyhow::Result<String> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    checked_name(name.unwrap_or(&stem))
}

fn mappings(app: &App, template: &str) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let environment = app.environment(&opened)?;
    let loaded = load(app, &opened, template)?;
    for (kept, text) in templates::mappings(&opened.store, &loaded.name, &environment)? {
        let fields = Mapping::parse(&text).map_or(0, |mapping| mapping.fields.len());
        if app.global.json {
            out(&json!({"schema": 1, "name": kept.name, "fields": fields, "id": kept.id}).to_string());
        } else {
            out(&format!("{}  {}  {fields} fields  {}", short(&kept.id), kept.name, time(kept.kept_ms)));
        }
    }
    Ok(Exit::Done)
}

fn suggest(app: &App, template: &str, from: &str) -> anyhow::Result<Exit> {
    let (open, environment) = app.open_tables()?;
    let loaded = templates::load(&open.store(), template, &environment)?;
    let entry = find(&open.list, from)?;
    let schema = open.tables.schema(&entry.table_id()?)?;
    let columns: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    out(suggest_toml(&loaded.template, &loaded.fingerprint, &columns).trim_end());
    app.terminal.say("suggested by names alone: read every line before you take its mark away");
    open.close()?;
    Ok(Exit::Done)
}
