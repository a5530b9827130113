//! Whether an item holds a person's data: its content is read as for a redaction, with the person as the whole roster, and
//! its table is searched row by row besides. Plaintext is in memory only.

use crate::pipeline::Run;
use anyhow::{Context as _, anyhow};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use custody_export::tables::{QueryLimits, TableId, Tables};
use custody_ingest::{FileReader, memory_file};
use custody_redact::detect::ColumnClasses;
use custody_redact::{Artifact, FindingStore, TableContext, find};
use custody_retention::catalog::ItemRow;
use custody_retention::object_store::StoreObjects;
use custody_retention::store::{SharedStore, Store};
use custody_retention::{ItemId, ItemKind};
use custody_rules::table::{WORDS, word_rows};
use custody_rules::{Reader as _, RosterScratch};
use std::fs::File;
use std::io::{Seek, SeekFrom, copy};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Searches the items of a store.
#[derive(Debug)]
pub struct Search<'a> {
    run: &'a Run,
    store: SharedStore,
    tables: Tables,
}

impl<'a> Search<'a> {
    /// Prepares a search with the roster of a run.
    ///
    /// # Errors
    /// When the machine gives no threads.
    pub fn new(run: &'a Run, store: SharedStore) -> anyhow::Result<Self> {
        let tables =
            Tables::new(Arc::new(StoreObjects::new(Arc::new(store.clone()))), QueryLimits::default())?;
        Ok(Self { run, store, tables })
    }

    /// At how many places an item holds the person, found either way.
    ///
    /// # Errors
    /// When its content cannot be read as what it is.
    pub fn holds(&self, item: &ItemRow) -> anyhow::Result<u64> {
        let table = self.table_of(item)?;
        let (in_rows, words) = match &table {
            Some(table) => self.rows(table)?,
            None => (0, Vec::new()),
        };
        Ok(in_rows.max(self.content(item, &words)?))
    }

    fn table_of(&self, item: &ItemRow) -> anyhow::Result<Option<TableId>> {
        let unit = self.store.lock().catalog().unit(&item.id)?;
        let table = unit.iter().find(|member| {
            member.kind == ItemKind::Table && member.format != super::tables::FORMAT && !member.is_purged()
        });
        table.map(|table| TableId::parse(&table.id.to_string()).context("an ID is an ID")).transpose()
    }

    /// Rows of the table that name the person; and its words, where it is a picture's or a recording's.
    fn rows(&self, table: &TableId) -> anyhow::Result<(u64, Vec<RecordBatch>)> {
        let info = self.tables.info(table)?;
        let names: Vec<String> = info.schema.fields().iter().map(|field| field.name().clone()).collect();
        let is_words = names.len() == WORDS.fields().len() && names.iter().any(|name| name == "confidence");
        let wanted: Vec<&str> =
            if is_words { names.iter().map(String::as_str).collect() } else { vec!["text"] };
        let roster = self.run.detection.detector.roster.as_ref().context("there is no roster")?;
        let (mut scratch, mut hits, mut found) = (RosterScratch::default(), Vec::new(), 0);
        let mut words = Vec::new();
        self.tables.scan_text(table, &wanted, &mut |batch| {
            if is_words {
                lines(batch).for_each(|line| {
                    hits.clear();
                    roster.find(&line, &mut scratch, &mut hits);
                    found += u64::from(!hits.is_empty());
                });
                words.push(batch.clone());
                return ControlFlow::Continue(());
            }
            for text in batch.column(0).as_string::<i32>().iter().flatten() {
                hits.clear();
                roster.find(text, &mut scratch, &mut hits);
                found += u64::from(!hits.is_empty());
            }
            ControlFlow::Continue(())
        })?;
        Ok((found, words))
    }

    /// Findings of the roster in the content.
    fn content(&self, item: &ItemRow, words: &[RecordBatch]) -> anyhow::Result<u64> {
        let file = plaintext(&self.store.lock(), &item.id)?;
        let sniffed = FileReader.sniff(&file, &self.run.limits).map_err(|refusal| anyhow!("{refusal}"))?;
        let open = || {
            let mut again = file.try_clone()?;
            again.seek(SeekFrom::Start(0))?;
            Ok(again)
        };
        let artifact = Artifact { open: &open, sniffed, words, page: (0, 0) };
        let detector = &self.run.detection.detector;
        let table = TableContext::new(detector.rules(), detector.key, 0, "");
        let mut findings = FindingStore::new(table);
        find(&self.run.context(), &artifact, &ColumnClasses::default(), &mut findings)
            .map_err(|refusal| anyhow!("{refusal}"))?;
        let mut found = 0;
        for finding in findings.rows()? {
            found += u64::from(finding?.recognizer == detector.ids().roster);
        }
        Ok(found)
    }
}

/// The decrypted content of an item, in a file that lives in memory alone.
///
/// # Errors
/// What the store says, and a machine without memory files.
pub fn plaintext(store: &Store, id: &ItemId) -> anyhow::Result<File> {
    let opened = store.open_item(id)?;
    let mut file = memory_file()?;
    copy(&mut opened.content.reader(), &mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Lines of text on a page, words joined as they stand beside each other.
fn lines(batch: &RecordBatch) -> impl Iterator<Item = String> {
    let mut lines: Vec<((u32, u32, u32), String)> = Vec::new();
    for word in word_rows(batch).filter(|word| !word.text.is_empty()) {
        let place = (word.page, word.line, word.first_frame);
        match lines.last_mut().filter(|(last, _)| *last == place) {
            Some((_, line)) => {
                line.push(' ');
                line.push_str(word.text);
            }
            None => lines.push((place, word.text.to_owned())),
        }
    }
    lines.into_iter().map(|(_, line)| line)
}
