//! Templates and mappings in a store, by name: what was imported last under a name is the one that is meant. Both are
//! artifacts like others, encrypted and governed; their classes tell them apart. Bundled layouts are not in the store.

use super::Opened;
use super::tables::table_name;
use anyhow::{Context as _, anyhow, bail};
use custody_export::eib::Mapping;
use custody_export::template::{Imported, Provenance, Template, bundled, bundled_names};
use custody_ingest::memory_file;
use custody_retention::catalog::{Filter, Life};
use custody_retention::store::{ItemSpec, Store, StoreError};
use custody_retention::{Exposure, ItemId, ItemKind};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

/// Class of templates.
pub const TEMPLATE: &str = "template";
/// Class of mappings.
pub const MAPPING: &str = "mapping";
/// Bytes of a template or a mapping.
const BYTES_MAX: u64 = 64 << 20;

/// A template or mapping that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name; a mapping's is `TEMPLATE/NAME`.
    pub name: String,
    /// The item.
    pub id: ItemId,
    /// `xlsx`, `json` or `toml`.
    pub format: String,
    /// The environment that it belongs to.
    pub environment: String,
    /// When it was taken in, in milliseconds since 1970-01-01T00:00:00Z.
    pub kept_ms: u64,
}

/// A template that was loaded.
#[derive(Debug)]
pub struct Loaded {
    /// Its name.
    pub name: String,
    /// The item; none for a bundled layout.
    pub id: Option<ItemId>,
    /// Its model.
    pub template: Template,
    /// Fingerprint of the model.
    pub fingerprint: String,
    /// The file, where one was imported: it is filled in place.
    pub file: Option<Vec<u8>>,
    /// Whether the file holds data below its header: it cannot be filled.
    pub has_data: bool,
}

/// What is kept of a class, of one environment or of all; the newest of a name last.
///
/// # Errors
/// What the store says.
pub fn list(store: &Store, class: &str, environment: Option<&str>) -> Result<Vec<Kept>, StoreError> {
    let filter = Filter {
        kind: Some(ItemKind::Artifact),
        class: Some(class.to_owned()),
        environment: environment.map(str::to_owned),
        life: Some(Life::Present),
        ..Filter::default()
    };
    let mut found = Vec::new();
    store.catalog().list(&filter, |row| {
        let (name, _) = store.name_of(&row)?;
        found.push(Kept {
            name,
            id: row.id,
            format: row.format,
            environment: row.environment,
            kept_ms: row.ingested_ms,
        });
        Ok::<(), StoreError>(())
    })?;
    // The catalog lists in the order of ingest.
    Ok(found)
}

/// Whether a name can be a template's or a mapping's.
///
/// # Errors
/// When it cannot.
pub fn checked_name(name: &str) -> anyhow::Result<String> {
    table_name(name, "").map_err(|_| anyhow!("--name takes letters, digits and _"))
}

/// Keeps a template or a mapping under a name.
///
/// # Errors
/// What the store says.
pub fn keep(
    opened: &mut Opened,
    (class, format): (&str, &str),
    (name, environment): (&str, &str),
    bytes: &[u8],
) -> anyhow::Result<ItemId> {
    let who = opened.who();
    let spec = ItemSpec {
        kind: ItemKind::Artifact,
        format: format.to_owned(),
        class: class.to_owned(),
        environment: environment.to_owned(),
        source: "file".to_owned(),
        exposure: Exposure::Raw,
        owner: None,
        parents: Vec::new(),
        name: name.to_owned(),
        origin: None,
    };
    let mut batch = opened.store.begin_ingest(who)?;
    batch.stage(spec, &mut &*bytes)?;
    let done = batch.commit()?;
    Ok(done.first().context("an item was taken in")?.id)
}

/// Reads a kept item's bytes into memory.
///
/// # Errors
/// What the store says, and an item that is larger than a template is.
pub fn bytes(store: &Store, id: &ItemId) -> anyhow::Result<Vec<u8>> {
    let opened = store.open_item(id)?;
    if opened.meta.size_bytes > BYTES_MAX {
        bail!("an item of {} bytes is no template", opened.meta.size_bytes);
    }
    let mut bytes = Vec::new();
    let read = opened.content.reader().read_to_end(&mut bytes);
    read.map_err(|_| StoreError::Contradiction("an item's blob cannot be read to its end"))?;
    Ok(bytes)
}

/// Loads the newest template of a name; a bundled layout where the store has none of that name.
///
/// # Errors
/// When there is none, and what the store or the template says.
pub fn load(store: &Store, name: &str, environment: &str) -> anyhow::Result<Loaded> {
    let wanted = checked_name(name)?;
    let kept = list(store, TEMPLATE, Some(environment))?;
    match kept.iter().rfind(|kept| kept.name == wanted || is_id(&kept.id, name)) {
        Some(kept) => load_kept(store, kept),
        None => load_bundled(&wanted).with_context(|| unknown(name, &kept)),
    }
}

/// Loads the template that is this item.
///
/// # Errors
/// As [`load`].
pub fn load_item(store: &Store, id: &ItemId) -> anyhow::Result<Loaded> {
    let row = store.catalog().item(id)?.context("the template is not in the store")?;
    let (name, _) = store.name_of(&row)?;
    load_kept(
        store,
        &Kept {
            name,
            id: row.id,
            format: row.format,
            environment: row.environment,
            kept_ms: row.ingested_ms,
        },
    )
}

fn is_id(id: &ItemId, asked: &str) -> bool {
    asked.len() >= 8 && id.to_string().starts_with(asked)
}

fn unknown(name: &str, kept: &[Kept]) -> String {
    let mut names: Vec<String> = kept.iter().map(|kept| kept.name.clone()).collect();
    names.extend(bundled_names().filter_map(|name| checked_name(name).ok()));
    names.sort();
    names.dedup();
    format!("there is no template {name:?}; there are {}", names.join(", "))
}

fn load_kept(store: &Store, kept: &Kept) -> anyhow::Result<Loaded> {
    let bytes = bytes(store, &kept.id)?;
    let name = kept.name.clone();
    if kept.format == "xlsx" {
        let Imported { template, has_data, .. } = Template::import(in_memory(&bytes)?)?;
        let fingerprint = template.fingerprint();
        return Ok(Loaded { name, id: Some(kept.id), template, fingerprint, file: Some(bytes), has_data });
    }
    let template = Template::from_json(&String::from_utf8(bytes)?)?;
    let fingerprint = template.fingerprint();
    Ok(Loaded { name, id: Some(kept.id), template, fingerprint, file: None, has_data: false })
}

/// A bundled layout by its operation's name.
///
/// # Errors
/// When there is none.
pub fn load_bundled(name: &str) -> anyhow::Result<Loaded> {
    let template = bundled(name).context("no such bundled layout")??;
    let fingerprint = template.fingerprint();
    Ok(Loaded { name: name.to_owned(), id: None, template, fingerprint, file: None, has_data: false })
}

/// Bytes as a file that lives in memory alone.
///
/// # Errors
/// On a machine without memory files.
pub fn in_memory(bytes: &[u8]) -> anyhow::Result<File> {
    let mut file = memory_file()?;
    file.write_all(bytes)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// The newest mapping of each name that is kept with a template: its name without the template's, and what it says.
///
/// # Errors
/// What the store says; a mapping that cannot be read any more.
pub fn mappings(store: &Store, template: &str, environment: &str) -> anyhow::Result<Vec<(Kept, String)>> {
    let mut found: Vec<(Kept, String)> = Vec::new();
    for mut kept in list(store, MAPPING, Some(environment))? {
        let Some(name) = kept.name.strip_prefix(&format!("{template}/")).map(str::to_owned) else { continue };
        kept.name = name;
        let text = String::from_utf8(bytes(store, &kept.id)?).context("a mapping is a text")?;
        found.retain(|(older, _)| older.name != kept.name);
        found.push((kept, text));
    }
    Ok(found)
}

/// Keeps a mapping with its template, unless the newest of that name says the same.
///
/// # Errors
/// What the store says.
pub fn keep_mapping(
    opened: &mut Opened,
    (template, name): (&str, &str),
    environment: &str,
    text: &str,
) -> anyhow::Result<()> {
    let same = mappings(&opened.store, template, environment)?
        .iter()
        .any(|(kept, known)| kept.name == name && is_same(known, text));
    if !same {
        let name = format!("{template}/{name}");
        keep(opened, (MAPPING, "toml"), (&name, environment), text.as_bytes())?;
    }
    Ok(())
}

/// Whether two mapping files say the same.
pub fn is_same(a: &str, b: &str) -> bool {
    match (Mapping::parse(a), Mapping::parse(b)) {
        (Ok(a), Ok(b)) => a.canonical_text() == b.canonical_text(),
        _ => a == b,
    }
}

/// Where a model came from, for people.
pub fn provenance(template: &Template) -> &'static str {
    match template.provenance {
        Provenance::Imported => "imported",
        Provenance::Wsdl => "from WSDL",
        Provenance::Bundled => "bundled, derived",
    }
}
