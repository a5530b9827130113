//! `custody profile`: what a table's columns are like, which of them are personal, which are keys, and which nobody needs.
//! Shows no value.

use super::App;
use super::sql::{Asked, open};
use crate::cli::ProfileArgs;
use crate::exit::Exit;
use crate::store::classes::{Classifier, ColumnClass};
use crate::store::show::{count, table};
use crate::terminal::{out, printable};
use arrow_array::RecordBatch;
use custody_export::profile::{ColumnProfile, Profile};
use serde_json::{Value, json};

/// Rows that the kinds of columns are found by.
const SAMPLE_ROWS: usize = 2_000;

pub(super) fn run(app: &App, args: &ProfileArgs) -> anyhow::Result<Exit> {
    let asked = open(app, &args.tables)?;
    let names = match (&args.table, asked.store()) {
        (None, _) => asked.files.clone(),
        (Some(name), Some(open)) if !asked.files.contains(name) => vec![open.find(name)?.versioned()],
        (Some(name), _) if asked.files.contains(name) => vec![name.clone()],
        (Some(_), _) => anyhow::bail!("there is no such table; there are {}", asked.names()),
    };
    let classifier = Classifier::new()?;
    for (at, name) in names.iter().enumerate() {
        let (profile, classes) = read(&classifier, &asked, name)?;
        if app.global.json {
            out(&object(name, &profile, &classes).to_string());
            continue;
        }
        if at > 0 {
            out("");
        }
        if names.len() > 1 {
            out(&format!("{}:", printable(name)));
        }
        lines(&profile, &classes).iter().for_each(|line| out(line));
        app.terminal.say(&format!(
            "{}, {}",
            count(profile.rows, "row", "rows"),
            count(profile.columns.len() as u64, "column", "columns")
        ));
    }
    Ok(Exit::Done)
}

fn read(classifier: &Classifier, asked: &Asked, name: &str) -> anyhow::Result<(Profile, Vec<ColumnClass>)> {
    let (mut sample, mut rows): (Vec<RecordBatch>, usize) = (Vec::new(), 0);
    let columns = RecordBatch::new_empty(asked.tables().columns(name)?);
    let profile = asked.tables().profile(name, &mut |batch| {
        if rows < SAMPLE_ROWS {
            sample.push(batch.slice(0, batch.num_rows().min(SAMPLE_ROWS - rows)));
            rows += batch.num_rows();
        }
    })?;
    Ok((profile, classifier.classes(&columns, &sample)?))
}

fn lines(profile: &Profile, classes: &[ColumnClass]) -> Vec<String> {
    let row = |column: &ColumnProfile, class: &ColumnClass| {
        let more = if column.shapes > 1 {
            let all = if column.all_shapes { "" } else { "≥" };
            format!(" (of {all}{})", column.shapes)
        } else {
            String::new()
        };
        vec![
            printable(&column.name),
            column.kind.clone(),
            empty(column.nulls, profile.rows),
            column.distinct.to_string(),
            if column.is_key() { "key" } else { "" }.to_owned(),
            if class.sensitive { "yes" } else { "no" }.to_owned(),
            class.entity.clone().unwrap_or_default(),
            format!("{}{more}", column.shape.as_deref().unwrap_or_default()),
        ]
    };
    let rows: Vec<Vec<String>> =
        profile.columns.iter().zip(classes).map(|(column, class)| row(column, class)).collect();
    let headings = ["COLUMN", "TYPE", "EMPTY", "DISTINCT", "KEY", "SENSITIVE", "ENTITY", "SHAPE"];
    let mut lines = table(&headings, &rows, &[2, 3]);
    let said = |label: &str, names: &[&str]| {
        (!names.is_empty()).then(|| format!("{label}: {}", printable(&names.join(", "))))
    };
    let advice = [
        said("rows are told apart by", &keys(profile)),
        said("the smallest start: keys and what is not personal", &minimal(profile, classes)),
        said("needed for nothing: empty, or the same in every row", &idle(profile)),
    ];
    lines.push(String::new());
    lines.extend(advice.into_iter().flatten());
    lines
}

/// Share of rows without a value; never 0 % or 100 % where that is not the whole truth.
fn empty(nulls: u64, rows: u64) -> String {
    match (nulls, rows) {
        (0, _) => "0 %".to_owned(),
        (nulls, rows) if nulls == rows => "100 %".to_owned(),
        (nulls, rows) => format!("{:.1} %", (nulls as f64 * 100.0 / rows as f64).clamp(0.1, 99.9)),
    }
}

fn keys(profile: &Profile) -> Vec<&str> {
    let keys = profile.columns.iter().filter(|column| column.is_key() && profile.rows > 1);
    keys.map(|column| column.name.as_str()).collect()
}

fn idle(profile: &Profile) -> Vec<&str> {
    let idle = profile.columns.iter().filter(|column| column.is_constant() && profile.rows > 1);
    idle.map(|column| column.name.as_str()).collect()
}

/// One key (an ID rather than a name) and the columns that are neither personal nor idle.
fn minimal<'a>(profile: &'a Profile, classes: &[ColumnClass]) -> Vec<&'a str> {
    let columns: Vec<(&ColumnProfile, &ColumnClass)> = profile.columns.iter().zip(classes).collect();
    let is_id = |class: &ColumnClass| class.entity.as_deref().is_some_and(|entity| entity.ends_with("_ID"));
    let key = columns.iter().filter(|(column, _)| column.is_key()).min_by_key(|(_, class)| match class {
        class if is_id(class) => 0,
        class if !class.sensitive => 1,
        _ => 2,
    });
    let rest = columns.iter().filter(|(column, class)| {
        !class.sensitive && !column.is_constant() && key.is_none_or(|(key, _)| key.name != column.name)
    });
    key.into_iter().chain(rest).map(|(column, _)| column.name.as_str()).collect()
}

fn object(name: &str, profile: &Profile, classes: &[ColumnClass]) -> Value {
    let columns = profile.columns.iter().zip(classes).map(|(column, class)| {
        let mut object = json!(column);
        object["entity"] = json!(class.entity);
        object["sensitive"] = json!(class.sensitive);
        object["key"] = json!(column.is_key());
        object["constant"] = json!(column.is_constant());
        object
    });
    json!({
        "schema": 1,
        "table": name,
        "rows": profile.rows,
        "columns": columns.collect::<Vec<_>>(),
        "keys": keys(profile),
        "unneeded": idle(profile),
        "suggested": minimal(profile, classes),
    })
}
