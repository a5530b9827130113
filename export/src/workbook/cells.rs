//! Rows of a sheet as XML: every text a cell, every null none.

use super::deflate::Deflater;
use super::strings::{Strings, element};
use crate::template::column_letters;
use datafusion::arrow::array::{Array, StringArray};
use std::io;

/// Where texts go.
pub(super) enum Texts<'a> {
    /// Into the table of shared strings.
    Shared(&'a mut Strings),
    /// Into the cells: the package has no such table, and making one would change more parts of it.
    Inline,
}

/// Why a row cannot be written.
pub(super) enum CellFault {
    /// The position of its column among those given, and what is wrong with the text.
    Text(usize, &'static str),
    Io(io::Error),
}

impl From<io::Error> for CellFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Bytes that are copied at once: copies of a fixed length need no call.
const PIECE_BYTES: usize = 24;

/// A short piece of XML.
#[derive(Clone, Copy)]
struct Piece {
    bytes: [u8; PIECE_BYTES],
    length: usize,
}

impl Piece {
    fn new(text: &[u8]) -> Self {
        let mut bytes = [0; PIECE_BYTES];
        bytes[..text.len()].copy_from_slice(text);
        Self { bytes, length: text.len() }
    }

    fn append(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.length;
        out.extend_from_slice(&self.bytes);
        out.truncate(end);
    }
}

/// Writes the rows of one sheet.
pub(super) struct RowWriter {
    /// `<c r="AB`, one a column.
    starts: Vec<Piece>,
    /// The next row's number, as people count.
    row: u32,
    /// Cells so far.
    pub(super) cells: u64,
}

impl RowWriter {
    /// Begins at a row, for columns by their index in the sheet.
    pub(super) fn new(row: u32, columns: &[u32]) -> Self {
        let start = |&column: &u32| Piece::new(format!("<c r=\"{}", column_letters(column)).as_bytes());
        Self { starts: columns.iter().map(start).collect(), row, cells: 0 }
    }

    /// The number of the row that would come next.
    pub(super) fn next_row(&self) -> u32 {
        self.row
    }

    /// Writes one row of the columns.
    pub(super) fn write(
        &mut self,
        columns: &[&StringArray],
        row: usize,
        texts: &mut Texts<'_>,
        out: &mut Deflater,
    ) -> Result<(), CellFault> {
        let number = self.row.to_string();
        let kind = if matches!(texts, Texts::Shared(_)) { "s\"><v>" } else { "inlineStr\">" };
        // What follows the column's letters in every cell of the row.
        let middle = [number.as_bytes(), b"\" t=\"", kind.as_bytes()].concat();
        let (shared, middle) = (Piece::new(&middle[..middle.len().min(PIECE_BYTES)]), middle);
        let end = Piece::new(b"</v></c>");
        let xml = out.text();
        xml.extend_from_slice(format!("<row r=\"{number}\">").as_bytes());
        for (position, (column, start)) in columns.iter().zip(&self.starts).enumerate() {
            if column.is_null(row) {
                continue;
            }
            let text = column.value(row);
            // An empty text is a blank cell to every reader.
            if text.is_empty() {
                continue;
            }
            self.cells += 1;
            start.append(xml);
            match texts {
                Texts::Shared(strings) => {
                    let index = strings.index(text).map_err(|what| CellFault::Text(position, what))?;
                    shared.append(xml);
                    decimal(index).append(xml);
                    end.append(xml);
                }
                Texts::Inline => {
                    xml.extend_from_slice(&middle);
                    element(xml, text, "is").map_err(|what| CellFault::Text(position, what))?;
                    xml.extend_from_slice(b"</c>");
                }
            }
        }
        xml.extend_from_slice(b"</row>");
        self.row += 1;
        out.turn()?;
        Ok(())
    }
}

/// A number's decimal digits.
fn decimal(mut number: u32) -> Piece {
    let mut digits = [0; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    let mut piece = Piece { bytes: [0; PIECE_BYTES], length: digits.len() - at };
    for (to, from) in piece.bytes.iter_mut().zip(&digits[at..]) {
        *to = *from;
    }
    piece
}
