//! XLS: a compound file with a BIFF8 stream, record by record.

use super::support::{lines, read, reason};
use custody_rules::Reason;
use custody_rules::table::{CellKind, SHEET_NAME_COLUMN};
use proptest::prelude::*;

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_le_bytes().to_vec();
    bytes.extend((data.len() as u16).to_le_bytes());
    bytes.extend(data);
    bytes
}

fn numbers(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn bof(kind: u16) -> Vec<u8> {
    record(0x0809, &numbers(&[0x0600, kind, 0, 0, 0, 0, 0, 0]))
}

fn shared(text: &str) -> Vec<u8> {
    let mut bytes = numbers(&[text.len() as u16]);
    bytes.push(0);
    bytes.extend(text.as_bytes());
    bytes
}

fn label(row: u16, column: u16, index: u16) -> Vec<u8> {
    record(0x00fd, &numbers(&[row, column, 0, index, 0]))
}

fn note(row: u16, column: u16, text: &str, author: &str) -> Vec<u8> {
    let mut bytes = record(0x005d, &numbers(&[0x15, 0x12, 0x19, 7, 0, 0, 0, 0, 0, 0, 0]));
    bytes.extend(record(0x01b6, &numbers(&[0, 0, 0, 0, 0, text.len() as u16, 0, 0, 0])));
    bytes.extend(record(0x003c, &[&[0], text.as_bytes()].concat()));
    bytes.extend(record(0x003c, &[0; 16]));
    bytes.extend(record(0x001c, &[numbers(&[row, column, 0, 7]), shared(author)].concat()));
    bytes
}

/// A workbook stream of one hidden sheet with these records between its beginning and its end.
fn stream(sheet: &[u8]) -> Vec<u8> {
    let strings = [&[0; 8][..], &shared("Worker"), &shared("Ann Lee"), &shared("Pay")].concat();
    let head = bof(5);
    let tail = [record(0x00fc, &strings), record(0x000a, &[])].concat();
    let sheet_list =
        |position: u32| record(0x0085, &[&position.to_le_bytes()[..], &[1, 0, 3, 0], b"Pay"].concat());
    let position = head.len() + sheet_list(0).len() + tail.len();
    [head, sheet_list(position as u32), tail, bof(0x10), sheet.to_vec(), record(0x000a, &[])].concat()
}

/// A compound file with the stream padded to sectors: header, FAT, directory, stream.
fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let sectors = stream.len().max(4_096).div_ceil(512);
    let mut header = vec![0; 512];
    header[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    header[26..28].copy_from_slice(&3_u16.to_le_bytes());
    header[28..36].copy_from_slice(&[0xfe, 0xff, 9, 0, 6, 0, 0, 0]);
    header[44..48].copy_from_slice(&1_u32.to_le_bytes());
    header[48..52].copy_from_slice(&1_u32.to_le_bytes());
    header[60..64].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    header[68..72].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    header[76..512].fill(0xff);
    header[76..80].copy_from_slice(&0_u32.to_le_bytes());
    let mut fat = vec![0xffff_fffd_u32, 0xffff_fffe];
    fat.extend((3..2 + sectors as u32).chain([0xffff_fffe]));
    fat.resize(128, 0xffff_ffff);
    let entry = |name: &str, kind: u8, start: u32, bytes: u32| {
        let mut entry = vec![0; 128];
        for (i, unit) in name.encode_utf16().enumerate() {
            entry[2 * i..2 * i + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64..66].copy_from_slice(&(2 * name.len() as u16 + 2).to_le_bytes());
        entry[66] = kind;
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&bytes.to_le_bytes());
        entry
    };
    let mut bytes = header;
    bytes.extend(fat.iter().flat_map(|entry| entry.to_le_bytes()));
    bytes.extend(entry("Root Entry", 5, 0xffff_fffe, 0));
    bytes.extend(entry(name, 2, 2, (sectors * 512).max(4_096) as u32));
    bytes.resize(512 * 3, 0);
    bytes.extend(stream);
    bytes.resize(512 * (3 + sectors), 0);
    bytes
}

fn sheet() -> Vec<u8> {
    let area = [&0_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), &numbers(&[0, 3, 0])].concat();
    let number = |row: u16, column: u16, value: f64| {
        record(0x0203, &[&numbers(&[row, column, 0])[..], &value.to_le_bytes()].concat())
    };
    [
        record(0x0200, &area),
        label(0, 0, 0),
        label(0, 1, 2),
        label(1, 0, 1),
        number(1, 1, 1250.5),
        label(2, 0, 1),
        number(2, 1, 7.0),
        note(1, 0, "Note text", "Note Author"),
    ]
    .concat()
}

#[test]
fn cells_and_notes_are_read() {
    let rows = read(&compound("Workbook", &stream(&sheet())), "xls");
    assert_eq!((rows[0].place.2, rows[0].text.as_str()), (SHEET_NAME_COLUMN, "Pay"));
    let values = ["1,0 Worker=Ann Lee", "1,1 Pay=1250.5", "2,0 Worker=Ann Lee", "2,1 Pay=7"];
    assert_eq!(lines(&rows, 0, &[CellKind::Hidden]), values);
    assert_eq!(lines(&rows, 0, &[CellKind::Comment]), ["1,0 Author=Note Author", "1,0 Note text"]);
}

#[test]
fn records_that_would_fill_the_memory_are_refused() {
    let area = |bottom: u32, right: u16| {
        record(0x0200, &[&0_u32.to_le_bytes()[..], &bottom.to_le_bytes(), &numbers(&[0, right, 0])].concat())
    };
    let refused = |sheet: &[u8]| reason(&compound("Workbook", &stream(sheet)), "xls");
    assert_eq!(refused(&area(u32::MAX, 256)), Reason::Malformed);
    assert_eq!(refused(&area(65_536, 256)), Reason::TooLarge);
    assert_eq!(refused(&[label(0, 0, 0), label(65_535, 255, 0)].concat()), Reason::TooLarge);
    assert_eq!(refused(&label(0, 300, 0)), Reason::Malformed);
    assert_eq!(refused(&[0xfd, 0, 0xff, 0xff]), Reason::Truncated);
    let far = [&0_u32.to_le_bytes()[..], &9_999_999_u32.to_le_bytes()].concat();
    let lost = stream(&sheet());
    let at = lost.windows(2).position(|pair| pair == [0x85, 0]).expect("a sheet");
    let lost = [&lost[..at + 4], &far[4..], &lost[at + 8..]].concat();
    assert_eq!(reason(&compound("Workbook", &lost), "xls"), Reason::Malformed);
}

#[test]
fn locked_and_broken_files_are_refused() {
    let whole = compound("Workbook", &stream(&sheet()));
    assert_eq!(reason(&compound("EncryptedPackage", b"x"), "xls"), Reason::Encrypted);
    assert_eq!(reason(&compound("Other", b"x"), "xls"), Reason::Malformed);
    let password = [bof(5), record(0x002f, &[1, 0, 0, 0])].concat();
    assert_eq!(reason(&compound("Book", &password), "xls"), Reason::Encrypted);
    for cut in [0, 100, 600, 1_000, 1_600, 2_000] {
        assert_eq!(reason(&whole[..cut], "xls"), Reason::Truncated, "{cut}");
    }
    // The directory's chain of sectors points at itself.
    let mut circle = whole.clone();
    circle[516..520].copy_from_slice(&1_u32.to_le_bytes());
    assert_eq!(reason(&circle, "xls"), Reason::Malformed);
    let mut circle = whole;
    circle[520..524].copy_from_slice(&2_u32.to_le_bytes());
    circle[512 * 2 + 128 + 120..512 * 2 + 128 + 124].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(reason(&circle, "xls"), Reason::Malformed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn damaged_bytes_are_read_or_refused(at in 0_usize..6_000, byte in any::<u8>(), run in 1_usize..8) {
        let mut bytes = compound("Workbook", &stream(&sheet()));
        let end = (at + run).min(bytes.len());
        if at < end {
            bytes[at..end].fill(byte);
        }
        let _ = super::support::read_with(&bytes, "xls", &custody_rules::Limits::default());
    }
}
