//! Keyed hashes of what is written: the plan keeps them, the build makes them again. Only the key's holder can try values
//! against them.

use crate::eib::{Block, SheetBlock};
use crate::template::Template;
use datafusion::arrow::array::{Array, StringArray};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes that are hashed at once.
const CHUNK_BYTES: usize = 64 << 10;

/// The hash of one sheet's cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetDigest {
    /// Name of the sheet.
    pub sheet: String,
    /// Its rows.
    pub rows: u64,
    /// Its filled cells.
    pub cells: u64,
    /// 64 hexadecimal digits.
    pub digest: String,
}

/// The hashes of everything that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// Sheets with rows, in the template's order.
    pub sheets: Vec<SheetDigest>,
    /// Of all of them: 64 hexadecimal digits.
    pub cells: String,
}

/// Hashes blocks: sheet, row, column and text of every cell, each with its length, so that no two loads give the same
/// bytes. Where one block ends and the next begins does not count.
pub struct Digester {
    key: [u8; 32],
    sheets: BTreeMap<usize, Running>,
    names: Vec<String>,
}

struct Running {
    hasher: blake3::Hasher,
    bytes: Vec<u8>,
    rows: u64,
    cells: u64,
}

impl Digester {
    /// Begins with no rows.
    pub fn new(key: &[u8; 32], template: &Template) -> Self {
        let names = template.sheets.iter().map(|sheet| sheet.name.clone()).collect();
        Self { key: *key, sheets: BTreeMap::new(), names }
    }

    /// Takes a block's cells.
    pub fn update(&mut self, block: &Block) {
        for sheet in &block.sheets {
            if sheet.rows.num_rows() == 0 {
                continue;
            }
            let (key, names) = (&self.key, &self.names);
            let running = self.sheets.entry(sheet.sheet).or_insert_with(|| {
                let name = names.get(sheet.sheet).map_or("", String::as_str);
                let mut bytes = b"custody eib cells 1\0".to_vec();
                bytes.extend((sheet.sheet as u32).to_le_bytes());
                bytes.extend((name.len() as u32).to_le_bytes());
                bytes.extend(name.as_bytes());
                Running { hasher: blake3::Hasher::new_keyed(key), bytes, rows: 0, cells: 0 }
            });
            running.update(sheet);
        }
    }

    /// The hashes.
    pub fn finish(self) -> Digests {
        let mut all = blake3::Hasher::new_keyed(&self.key);
        all.update(b"custody eib sheets 1\0");
        let mut sheets = Vec::with_capacity(self.sheets.len());
        for (sheet, mut running) in self.sheets {
            running.flush();
            running.hasher.update(&running.rows.to_le_bytes());
            let digest = running.hasher.finalize();
            all.update(&(sheet as u32).to_le_bytes());
            all.update(digest.as_bytes());
            sheets.push(SheetDigest {
                sheet: self.names.get(sheet).cloned().unwrap_or_default(),
                rows: running.rows,
                cells: running.cells,
                digest: digest.to_hex().to_string(),
            });
        }
        Digests { sheets, cells: all.finalize().to_hex().to_string() }
    }
}

impl Running {
    fn update(&mut self, sheet: &SheetBlock) {
        let columns: Vec<(u32, &StringArray)> = sheet
            .columns
            .iter()
            .zip(sheet.rows.columns())
            .filter_map(|(&column, array)| Some((column as u32, array.as_any().downcast_ref()?)))
            .collect();
        for row in 0..sheet.rows.num_rows() {
            self.bytes.extend(self.rows.to_le_bytes());
            self.bytes.extend(sheet.transactions.get(row).copied().unwrap_or(0).to_le_bytes());
            for (column, array) in &columns {
                if array.is_valid(row) {
                    let text = array.value(row).as_bytes();
                    self.bytes.extend(column.to_le_bytes());
                    self.bytes.extend((text.len() as u32).to_le_bytes());
                    self.bytes.extend(text);
                    self.cells += 1;
                }
            }
            // No column has this number: the row ends here.
            self.bytes.extend(u32::MAX.to_le_bytes());
            self.rows += 1;
            if self.bytes.len() > CHUNK_BYTES {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        self.hasher.update(&self.bytes);
        self.bytes.clear();
    }
}
