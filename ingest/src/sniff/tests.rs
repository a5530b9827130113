//! What files are taken for, and why they are refused.

use super::*;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    file
}

fn sniffed(bytes: &[u8]) -> Result<Sniffed, Refusal> {
    sniff(&file(bytes), &Limits::default())
}

fn is(bytes: impl AsRef<[u8]>, kind: ArtifactKind, format: &str) {
    let bytes = bytes.as_ref();
    let found = sniffed(bytes).map(|sniffed| (sniffed.kind, sniffed.format));
    assert_eq!(found, Ok((kind, format)), "{}", String::from_utf8_lossy(&bytes[..bytes.len().min(80)]));
}

fn refused(bytes: impl AsRef<[u8]>, reason: Reason, word: &str) {
    let bytes = bytes.as_ref();
    let refusal = sniffed(bytes).expect_err(&String::from_utf8_lossy(&bytes[..bytes.len().min(80)]));
    assert_eq!(refusal.reason, reason, "{refusal}");
    assert!(refusal.detail.contains(word), "{refusal}");
}

fn encoding(bytes: &[u8]) -> TextEncoding {
    sniffed(bytes).expect("text").encoding
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// A text in Windows-1252, of letters that are one byte there.
fn latin(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a member");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("an archive").into_inner()
}

/// A compound file with one directory sector of the given stream names.
fn compound(names: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0xff; 512 * 3];
    bytes[..8].copy_from_slice(&ole::MAGIC);
    bytes[30..32].copy_from_slice(&9_u16.to_le_bytes());
    bytes[48..52].copy_from_slice(&1_u32.to_le_bytes());
    bytes[68..72].copy_from_slice(&u32::MAX.to_le_bytes());
    bytes[76..80].copy_from_slice(&0_u32.to_le_bytes());
    for (i, name) in names.iter().enumerate() {
        let at = 1024 + 128 * i;
        bytes[at..at + 64].fill(0);
        let units = utf16(name, false);
        bytes[at..at + units.len()].copy_from_slice(&units);
        bytes[at + 64..at + 66].copy_from_slice(&(units.len() as u16 + 2).to_le_bytes());
    }
    bytes
}

#[test]
fn pictures_and_recordings() {
    is(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ArtifactKind::Image, "png");
    is(b"\xff\xd8\xff\xe0\0\x10JFIF", ArtifactKind::Image, "jpg");
    is(b"RIFF\x10\0\0\0WEBPVP8 ", ArtifactKind::Image, "webp");
    is(b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", ArtifactKind::Image, "bmp");
    is(b"II*\0\x08\0\0\0\0\0\0\0\0\0", ArtifactKind::Image, "tiff");
    is(b"MM\0*\0\0\0\x08\0\0\0\0\0\x10", ArtifactKind::Image, "tiff");
    is(b"GIF87a\x01\0\x01\0", ArtifactKind::Image, "gif");
    is(b"GIF89a\x01\0\x01\0", ArtifactKind::Image, "gif");
    is(b"\0\0\0\x20ftypisom\0\0\x02\0", ArtifactKind::Video, "mp4");
    is(b"\0\0\0\x14ftypqt  \0\0\x02\0", ArtifactKind::Video, "mov");
    is(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", ArtifactKind::Video, "webm");
    is(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", ArtifactKind::Video, "mkv");
}

#[test]
fn animated_png_and_webp_are_refused() {
    refused(b"\x89PNG\r\n\x1a\n\0\0\0\0IHDR\0\0\0\0\0\0\0\x08acTL", Reason::Unsupported, "several frames");
    refused(b"RIFF\x10\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0", Reason::Unsupported, "several frames");
}

#[test]
fn known_formats_are_refused_by_name() {
    refused(b"%PDF-1.7\n%\xe2\xe3", Reason::Unsupported, "PDF");
    refused(b"\r\n  %PDF-1.4", Reason::Unsupported, "PDF");
    refused(b"{\\rtf1\\ansi hi}", Reason::Unsupported, "RTF");
    refused(b"\x1f\x8b\x08\0\0", Reason::Unsupported, "gzip");
    refused(b"\x7fELF\x02\x01\x01\0", Reason::Unsupported, "program");
    refused(b"MZ\x90\0\x03\0", Reason::Unsupported, "program");
    refused(b"SQLite format 3\0\x10\0", Reason::Unsupported, "SQLite");
    refused(b"PAR1\x15\0\x15", Reason::Unsupported, "Parquet");
    refused("From: a@example.com\nTo: b@example.com\nMIME-Version: 1.0\n\nhi", Reason::Unsupported, "EML");
    refused(
        "Received: by x\n\tfor y\r\nMIME-Version: 1.0\r\nSubject: z\r\n\r\nhi",
        Reason::Unsupported,
        "EML",
    );
    refused("<!DOCTYPE html><p>hi</p>", Reason::Unsupported, "HTML");
    refused("\n<html><p>hi</p></html>", Reason::Unsupported, "HTML");
    for text in ["MZ is a town code", "BM report", "ID3,Name\n", "PAR1", "ORC", "From: me\nhi", "xxxxftyp"] {
        is(text, ArtifactKind::Text, "txt");
    }
}

#[test]
fn containers() {
    is(zip(&[("a.log", b"x")]), ArtifactKind::Archive, "zip");
    is(zip(&[("[Content_Types].xml", b"x"), ("xl/workbook.xml", b"x")]), ArtifactKind::Workbook, "xlsx");
    let ods = b"application/vnd.oasis.opendocument.spreadsheet";
    is(zip(&[("mimetype", ods), ("content.xml", b"x")]), ArtifactKind::Workbook, "ods");
    refused(zip(&[("[Content_Types].xml", b"x"), ("word/document.xml", b"x")]), Reason::Unsupported, "DOCX");
    refused(zip(&[("META-INF/MANIFEST.MF", b"x")]), Reason::Unsupported, "JAR");
    refused(
        zip(&[("mimetype", b"application/vnd.oasis.opendocument.text")]),
        Reason::Unsupported,
        "OpenDocument",
    );
    let whole = zip(&[("[Content_Types].xml", b"x"), ("xl/workbook.xml", b"x")]);
    refused(&whole[..whole.len() - 30], Reason::Truncated, "cut off");
    is(compound(&["Root Entry", "Workbook"]), ArtifactKind::Workbook, "xls");
    refused(compound(&["Root Entry", "EncryptionInfo", "EncryptedPackage"]), Reason::Encrypted, "password");
    refused(compound(&["Root Entry", "__properties_version1.0"]), Reason::Unsupported, "MSG");
    refused(compound(&["Root Entry", "WordDocument"]), Reason::Unsupported, "DOC");
    refused(&compound(&["Root Entry"])[..700], Reason::Truncated, "early");
    let mut circle = compound(&["Root Entry"]);
    circle[512 + 4..512 + 8].copy_from_slice(&1_u32.to_le_bytes());
    refused(circle, Reason::Malformed, "no end");
}

#[test]
fn json_and_what_only_begins_like_it() {
    is("{\"a\": [1, -2.5e+3, true, null]}\n", ArtifactKind::Json, "json");
    is("\u{feff} [\n{\"a\":1},\n{\"a\":2}\n]", ArtifactKind::Json, "json");
    is("{\"a\":1}\n{\"a\":2}\n", ArtifactKind::Json, "ndjson");
    is(format!("{}broken\n", "{\"a\":1}\n".repeat(20)), ArtifactKind::Json, "ndjson");
    is("[".repeat(300_000), ArtifactKind::Json, "json");
    is("{\"a\": 1, // comment\n \"b\": 2}", ArtifactKind::Json, "json");
    is("{\"a\": \"trunc", ArtifactKind::Json, "json");
    is("[2026-11-23 20:41:58] started\n", ArtifactKind::Text, "log");
    is("[2026] started\n", ArtifactKind::Text, "txt");
    is("[INFO] started\n", ArtifactKind::Text, "log");
    is("{\"a\":1}\nplain\nplain\nplain\n", ArtifactKind::Text, "txt");
    is("{{name}} says hi", ArtifactKind::Text, "txt");
    is("\"a\": 1", ArtifactKind::Text, "txt");
}

#[test]
fn xml_and_what_only_begins_like_it() {
    is("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>", ArtifactKind::Xml, "xml");
    is(
        "<wd:Report_Data xmlns:wd=\"x\"><wd:Report_Entry></wd:Report_Entry></wd:Report_Data>",
        ArtifactKind::Xml,
        "xml",
    );
    is("<!-- x --><a>b</a>", ArtifactKind::Xml, "xml");
    is("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", ArtifactKind::Xml, "xml");
    is(utf16("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>b</a>", false), ArtifactKind::Xml, "xml");
    is(
        latin("<?xml version='1.0' encoding='ISO-8859-1'?><a>René Müller, Zoë Jiménez</a>"),
        ArtifactKind::Xml,
        "xml",
    );
    refused(
        latin("<?xml version='1.0' encoding='UTF-8'?><a>René Müller</a>"),
        Reason::InvalidEncoding,
        "UTF-8",
    );
    refused("<?xml version='1.0' encoding='Shift_JIS'?><a>b</a>", Reason::Unsupported, "another encoding");
    refused("<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>", Reason::Unsupported, "another encoding");
    is("<user@example.com> wrote </", ArtifactKind::Text, "txt");
    is("<INFO> started", ArtifactKind::Text, "log");
    is("<13>Nov 23 20:41:58 host x: y", ArtifactKind::Text, "txt");
}

#[test]
fn tables_and_text() {
    is("id,name\n1,Ann\n2,Bob\n", ArtifactKind::Csv, "csv");
    is("id\tname\n1\tAnn\n2\tBob\n", ArtifactKind::Csv, "tsv");
    is(utf16("\u{feff}id;name\r\n1;Zoë\r\n2;Bob\r\n", false), ArtifactKind::Csv, "csv");
    is("2026-11-23 20:41:58,123 INFO a\n2026-11-23 20:41:58,124 INFO b\n", ArtifactKind::Text, "log");
    is("just words", ArtifactKind::Text, "txt");
    is(" \n", ArtifactKind::Text, "txt");
    refused(b"", Reason::Empty, "nothing");
}

#[test]
fn encodings() {
    assert_eq!(encoding("Zoë".as_bytes()), TextEncoding::Utf8);
    assert_eq!(encoding(&utf16("\u{feff}Zoë", false)), TextEncoding::Utf16Le);
    assert_eq!(encoding(&utf16("\u{feff}Zoë", true)), TextEncoding::Utf16Be);
    assert_eq!(encoding(&utf16("id,name\n1,Ann", false)), TextEncoding::Utf16Le);
    assert_eq!(encoding(&utf16("id,name\n1,Ann", true)), TextEncoding::Utf16Be);
    assert_eq!(encoding(&[0xff, 0xfe]), TextEncoding::Utf16Le);
    let late = [&vec![b'a'; 700_000][..], "é€".as_bytes()].concat();
    assert_eq!(encoding(&late), TextEncoding::Utf8);
}

#[test]
fn windows_1252_of_many_languages() {
    for text in [
        "René Müller started on 1 May",
        "id;name;city\n1;Müller;Köln\n2;Weiß;Düsseldorf\n",
        "Nom,Prénom\nLefèvre,Hélène\nDubois,Jérôme\n",
        "Apellido;Nombre\nMuñoz;José\nJiménez;Begoña\n",
        "Sobrenome;Nome\nGonçalves;João\nMagalhães;Inês\n",
        "Sukunimi;Etunimi\nMäkinen;Päivi\nSjöberg;Åsa\n",
        "Navn;Løn\nSørensen;50000\nKjær;60000\n",
        "It’s “quoted” – at €5",
        "Zoë",
    ] {
        assert_eq!(sniffed(&latin(text)).map(|s| s.encoding), Ok(TextEncoding::Windows1252), "{text}");
    }
}

#[test]
fn other_legacy_encodings_are_refused() {
    for (label, text) in [
        ("windows-1251", "Фамилия;Имя\nИванова;Наталья\nКузнецов;Дмитрий\nСмирнов;Алексей\n"),
        (
            "windows-1250",
            "Nazwisko;Imię\nŻółkiewska;Łucja\nWiśniewski;Paweł\nKrzyżanowska;Małgorzata\nŚwięcicki;Michał\n",
        ),
        ("shift_jis", "氏名,部署\n山田太郎,人事部\n鈴木花子,経理部\n"),
        ("gbk", "姓名,部门\n张伟,人力资源部\n王芳,财务部\n李娜,销售部\n"),
        ("windows-1253", "Επώνυμο;Όνομα\nΠαπαδόπουλος;Γιώργος\nΝικολάου;Ελένη\n"),
    ] {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).expect("a known label");
        refused(encoding.encode(text).0, Reason::InvalidEncoding, "not UTF-8");
    }
}

#[test]
fn bytes_that_belong_in_no_text_are_refused() {
    refused(b"some text\0more", Reason::NulBytes, "offset 9");
    refused([&vec![b'a'; 600_000][..], b"\0"].concat(), Reason::NulBytes, "offset 600000");
    refused(
        "Zoë and ".as_bytes().iter().chain(b"Ren\xe9").copied().collect::<Vec<_>>(),
        Reason::InvalidEncoding,
        "12",
    );
    refused(b"Ren\xe9 and then Zo\xc3\xab", Reason::InvalidEncoding, "3");
    refused(b"Ren\xe9 \x81", Reason::InvalidEncoding, "3");
    refused(b"Ren\xe9 \x01", Reason::InvalidEncoding, "3");
    refused(b"\xef\xbb\xbfRen\xe9", Reason::InvalidEncoding, "6");
    refused(b"{\"name\": \"Ren\xe9e Dupr\xe9\"}", Reason::InvalidEncoding, "JSON");
    refused(b"\xff\xfea\0\0\xd8b\0", Reason::InvalidEncoding, "pair");
    refused(b"\xff\xfea\0b", Reason::Truncated, "odd");
    refused(&utf16("a\0b", false)[..], Reason::NulBytes, "NUL");
    refused(b"\xff\xfe\0\0a\0\0\0", Reason::Unsupported, "UTF-32");
    refused(b"a\0\x07\0b\0\x08\0c\0", Reason::InvalidEncoding, "control");
    let head = [&vec![b'a'; 700_000][..], b"\xe9 caf\xe9"].concat();
    assert_eq!(encoding(&head), TextEncoding::Windows1252);
}

#[test]
fn a_folder_is_no_file_and_offsets_stay() {
    let folder = File::open(std::env::temp_dir()).expect("a folder");
    assert_eq!(sniff(&folder, &Limits::default()).map_err(|r| r.reason), Err(Reason::SpecialFile));
    use std::io::{Read, Seek};
    let mut file = file(b"plain words");
    file.rewind().expect("it can");
    sniff(&file, &Limits::default()).expect("text");
    let mut text = String::new();
    file.read_to_string(&mut text).expect("readable");
    assert_eq!(text, "plain words");
}

/// Beginnings that lead into every parser here.
fn beginnings() -> Vec<Vec<u8>> {
    vec![
        zip(&[("[Content_Types].xml", b"x"), ("xl/workbook.xml", b"x"), ("mimetype", b"x")]),
        compound(&["Root Entry", "Workbook"]),
        b"\x89PNG\r\n\x1a\n\0\0\0\0IHDR\0\0\0\0\0\0\0\x08acTL".to_vec(),
        b"II*\0\x08\0\0\0\0\0\x10\0\0\0".to_vec(),
        b"MM\0\x2b\0\x08\0\0\0\0\0\0\0\0\0\x10".to_vec(),
        b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm".to_vec(),
        b"{\"a\": [1, -2.5e+3, true, null, \"\\u00e9\"]}".to_vec(),
        b"<?xml version='1.0' encoding='x'?><a b='c'></a>".to_vec(),
        b"id,name\n1,\"An\"\"n\"\n2,Bob\n".to_vec(),
        utf16("\u{feff}a\u{1f600}b", false),
        latin("Ren\u{e9}, 2026-11-23 20:41:58,123 +01:00 [info]"),
    ]
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        which in 0_usize..11,
        cut in 0_usize..400,
        edits in proptest::collection::vec((0_usize..400, proptest::prelude::any::<u8>()), 0..6),
    ) {
        let mut bytes = beginnings().swap_remove(which);
        for (at, byte) in edits {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        bytes.truncate(cut.max(1));
        let _ = sniffed(&bytes);
    }
}

#[test]
fn code_is_lines_and_what_is_no_text_is_what_it_is() {
    let of = |bytes: &[u8]| sniff_code(&file(bytes), &Limits::default());
    for text in ["a,b\n1,2\n3,4\n", "{\"a\": 1}", "<html></html>", "plain", "From: a\nMIME-Version: 1.0\n\nx"]
    {
        assert_eq!(
            of(text.as_bytes()).map(|s| (s.kind, s.format)),
            Ok((ArtifactKind::Text, "txt")),
            "{text}"
        );
        assert_eq!(sniff_lines(&file(text.as_bytes())).map(|s| s.kind), Ok(ArtifactKind::Text), "{text}");
    }
    assert_eq!(of(&zip(&[("a.log", b"x")])).map(|s| s.kind), Ok(ArtifactKind::Archive));
    assert_eq!(of(b"%PDF-1.7\n").expect_err("refused").reason, Reason::Unsupported);
    assert_eq!(of(b"a\0b").expect_err("refused").reason, Reason::NulBytes);
    assert_eq!(sniff_lines(&file(b"")).expect_err("refused").reason, Reason::Empty);
}
