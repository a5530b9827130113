//! Every kind of bad input: one clear line that names file and reason, exit code 3 beside good files and 2
//! alone, nothing written for that file, the rest done.

use crate::program::{World, files_below};
use crate::support::page::{Layout, Look, draw};
use crate::support::people::Cast;
use crate::support::seed::Seed;
use std::io::{Cursor, Write};
use std::process::Command;

/// Redacts `name` alone and beside a good file, and checks what is said and written.
fn check(world: &World, name: &str, reason: &str) {
    world.file("good/ok.txt", "all is well\n");
    let input = format!("in/{name}");
    let said = world.run(&["redact", &input, "-o", "alone"]);
    assert_eq!(said.code, 2, "{name}: {}", said.err);
    assert!(!world.path("alone").exists(), "{name}: nothing is written");
    let said = world.run(&["redact", &input, "good", "-o", "both"]);
    assert_eq!(said.code, 3, "{name}: {}", said.err);
    let line = said
        .err
        .lines()
        .find(|l| l.contains(&format!("({reason})")))
        .unwrap_or_else(|| panic!("{name}: {}", said.err));
    assert!(line.starts_with("refused: ") && line.contains(name), "{name}: {line}");
    let files: Vec<String> = files_below(&world.path("both"))
        .iter()
        .map(|f| f.file_name().expect("name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(files, ["custody-manifest.json", "ok.txt"], "{name}");
    let manifest = world.manifest("both");
    assert_eq!(manifest["status"], "partial");
    assert_eq!(manifest["refused"][0]["reason"], reason);
}

fn check_bytes(name: &str, bytes: impl AsRef<[u8]>, reason: &str) {
    let world = World::new();
    world.file(&format!("in/{name}"), bytes);
    check(&world, name, reason);
}

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("member");
        writer.write_all(bytes).expect("bytes");
    }
    writer.finish().expect("zip").into_inner()
}

fn page() -> crate::support::page::Page {
    let seed = Seed::new(7);
    draw(Layout::ALL[0], Look::any(&mut Seed::new(1)), &Cast::new(&seed, 12), &seed)
}

fn xlsx() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..50 {
        sheet.write_string(row, 0, format!("row {row}")).expect("cell");
    }
    book.save_to_buffer().expect("saved")
}

fn ffmpeg(world: &World, args: &[&str]) {
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(args)
        .current_dir(world.path(""))
        .status()
        .expect("ffmpeg");
    assert!(done.success());
}

#[test]
fn empty_files() {
    check_bytes("empty.log", b"", "empty");
}

#[test]
fn truncated_png() {
    let png = page().png();
    check_bytes("cut.png", &png[..png.len() / 2], "truncated");
}

#[test]
fn truncated_jpeg() {
    let jpeg = page().jpeg();
    check_bytes("cut.jpg", &jpeg[..jpeg.len() / 2], "truncated");
}

#[test]
fn broken_gif() {
    let mut gif = Cursor::new(Vec::new());
    page().image.write_to(&mut gif, image::ImageFormat::Gif).expect("pixels in memory");
    let gif = gif.into_inner();
    check_bytes("cut.gif", &gif[..gif.len() / 2], "truncated");
    check_bytes("cut.gif", &gif[..gif.len() - 1], "truncated");
    check_bytes("none.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "empty");
    let mut off = gif.clone();
    let frame = off.windows(5).position(|w| w == [0x2c, 0, 0, 0, 0]).expect("a frame");
    off[frame + 1] = 9;
    check_bytes("off.gif", off, "malformed");
    let mut huge = gif;
    huge[6..10].copy_from_slice(&[0xff; 4]);
    check_bytes("huge.gif", huge, "too_large");
}

#[test]
fn broken_tiff() {
    let mut tiff = Cursor::new(Vec::new());
    let picture = page().image;
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut tiff).expect("written");
    for _ in 0..2 {
        let (width, height) = picture.dimensions();
        encoder
            .write_image::<tiff::encoder::colortype::RGB8>(width, height, picture.as_raw())
            .expect("written");
    }
    let tiff = tiff.into_inner();
    check_bytes("cut.tiff", &tiff[..tiff.len() / 2], "truncated");
    // The second page says that the first one follows.
    let long = |at: usize| u32::from_le_bytes(tiff[at..at + 4].try_into().expect("four")) as usize;
    let end = |at: usize| at + 2 + 12 * usize::from(u16::from_le_bytes([tiff[at], tiff[at + 1]]));
    let (first, last) = (long(4), end(long(end(long(4)))));
    let mut circle = tiff.clone();
    circle[last..last + 4].copy_from_slice(&(first as u32).to_le_bytes());
    check_bytes("circle.tiff", circle, "malformed");
}

#[test]
fn animations_that_are_not_read() {
    let mut png = page().png();
    png.splice(33..33, *b"\0\0\0\x08acTL\0\0\0\x01\0\0\0\0\xb3\x8c\x9b\x07");
    check_bytes("moving.png", png, "unsupported");
    check_bytes("moving.webp", b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0", "unsupported");
}

#[test]
fn truncated_mp4() {
    let world = World::new();
    std::fs::create_dir_all(world.path("in")).expect("folder");
    ffmpeg(
        &world,
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=320x240:rate=10:duration=4",
            "-movflags",
            "+faststart",
            "in/whole.mp4",
        ],
    );
    let bytes = std::fs::read(world.path("in/whole.mp4")).expect("made");
    world.file("in/cut.mp4", &bytes[..bytes.len() * 2 / 3]);
    check(&world, "cut.mp4", "truncated");
}

#[test]
fn truncated_zip() {
    let zip = zip_of(&[("a.txt", b"hello\n"), ("b.txt", b"hello\n")]);
    check_bytes("cut.zip", &zip[..zip.len() - 30], "truncated");
}

#[test]
fn truncated_xlsx() {
    let bytes = xlsx();
    check_bytes("cut.xlsx", &bytes[..bytes.len() * 2 / 3], "truncated");
}

#[test]
fn wrong_extensions() {
    check_bytes("picture.csv", page().png(), "wrong_extension");
    check_bytes("text.png", b"just words\n", "wrong_extension");
    check_bytes("text.xlsx", b"just words\n", "wrong_extension");
}

#[test]
fn formats_of_a_later_version() {
    check_bytes("a.pdf", b"%PDF-1.7\n1 0 obj\n", "unsupported");
    check_bytes(
        "a.eml",
        b"From: a@example.org\r\nMIME-Version: 1.0\r\nSubject: x\r\n\r\nhello\r\n",
        "unsupported",
    );
    let docx = zip_of(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<d/>")]);
    check_bytes("a.docx", docx, "unsupported");
    check_bytes("a.bin", b"\x7fELF\x02\x01\x01", "unsupported");
}

#[test]
fn password_protected_workbook() {
    // An OLE2 file whose directory names the streams of an encrypted package, as Excel writes it.
    let mut bytes = vec![0u8; 512 * 4];
    bytes[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    bytes[24..34].copy_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    let put32 =
        |bytes: &mut [u8], at: usize, value: u32| bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    put32(&mut bytes, 44, 1); // sectors of the allocation table
    put32(&mut bytes, 48, 1); // first sector of the directory
    put32(&mut bytes, 56, 4096); // streams below this size are in the mini stream
    put32(&mut bytes, 60, 0xffff_fffe);
    put32(&mut bytes, 68, 0xffff_fffe);
    put32(&mut bytes, 76, 0); // where the allocation table is
    for at in 1..109 {
        put32(&mut bytes, 76 + at * 4, 0xffff_ffff);
    }
    for at in 0..128 {
        put32(&mut bytes, 512 + at * 4, 0xffff_ffff);
    }
    put32(&mut bytes, 512, 0xffff_fffd);
    put32(&mut bytes, 516, 0xffff_fffe);
    for (at, name) in ["Root Entry", "EncryptionInfo", "EncryptedPackage"].iter().enumerate() {
        let entry = 1024 + at * 128;
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes[entry..entry + units.len()].copy_from_slice(&units);
        bytes[entry + 64] = (units.len() + 2) as u8;
        bytes[entry + 66] = if at == 0 { 5 } else { 2 };
        for link in [68, 72, 76] {
            put32(&mut bytes, entry + link, 0xffff_ffff);
        }
        put32(&mut bytes, entry + 116, 0xffff_fffe);
    }
    put32(&mut bytes, 1024 + 76, 1);
    put32(&mut bytes, 1024 + 128 + 72, 2);
    check_bytes("locked.xlsx", bytes, "encrypted");
}

#[test]
fn password_protected_zip() {
    let mut locked = zip_of(&[("a.txt", b"x")]);
    // The general purpose bit of an encrypted member, in the local and in the central header.
    locked[6] |= 1;
    let central = locked.windows(4).rposition(|w| w == b"PK\x01\x02").expect("central directory");
    locked[central + 8] |= 1;
    check_bytes("locked.zip", locked, "encrypted");
}

#[test]
fn zip_bombs_and_escapes() {
    let zeros = vec![b'a'; 64 << 20];
    let inner = zip_of(&[("zeros.txt", &zeros)]);
    check_bytes("bomb.zip", &inner, "zip_bomb");
    check_bytes("escape.zip", zip_of(&[("../../evil.txt", b"x\n")]), "path_escape");
    check_bytes("absolute.zip", zip_of(&[("/etc/evil.txt", b"x\n")]), "path_escape");
}

#[test]
fn a_header_of_60000_by_60000() {
    let mut png = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    let mut header = b"IHDR".to_vec();
    header.extend([0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0]);
    let crc = header.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
    });
    png.extend(13u32.to_be_bytes());
    png.extend(&header);
    png.extend((!crc).to_be_bytes());
    png.extend([0, 0, 0, 0]);
    png.extend(b"IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xaeB`\x82");
    check_bytes("huge.png", png, "too_large");
}

#[test]
fn xml_with_entities() {
    let laughs =
        "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><l>&b;</l>";
    check_bytes("laughs.xml", laughs, "document_type");
    let external =
        "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><l>&x;</l>";
    check_bytes("external.xml", external, "document_type");
}

#[test]
fn json_nested_100000_deep() {
    check_bytes("deep.json", format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), "too_deep");
}

#[test]
fn nul_bytes_and_invalid_utf_8() {
    check_bytes("nul.log", b"start\nbefore\0after\n", "nul_bytes");
    check_bytes(
        "mixed.log",
        "fine: Zoë\nbroken: \u{0}"
            .replace('\0', "")
            .into_bytes()
            .iter()
            .copied()
            .chain(*b"\xc3\x28\n")
            .collect::<Vec<u8>>(),
        "invalid_encoding",
    );
}

#[test]
fn links_loops_and_special_files() {
    let world = World::new();
    std::fs::create_dir_all(world.path("in/sub")).expect("folder");
    std::os::unix::fs::symlink("..", world.path("in/sub/loop")).expect("link");
    world.file("in/ok.txt", "all is well\n");
    assert!(Command::new("mkfifo").arg(world.path("in/pipe")).status().expect("mkfifo").success());
    let said = world.run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("loop") && said.err.contains("(symbolic_link)"), "{}", said.err);
    assert!(said.err.contains("pipe") && said.err.contains("(special_file)"), "{}", said.err);
    assert_eq!(world.read("out/ok.txt"), "all is well\n");
}

#[test]
fn unreadable_files() {
    let world = World::new();
    let file = world.file("in/secret.txt", "x\n");
    world.file("in/ok.txt", "all is well\n");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o000)).expect("mode");
    // Root reads everything; a user without rights is asked instead where that can be done.
    let root = std::fs::read(&file).is_ok();
    let mut command = if root { Command::new("setpriv") } else { world.command() };
    if root {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_custody")]);
        std::fs::set_permissions(world.path(""), std::os::unix::fs::PermissionsExt::from_mode(0o777))
            .expect("mode");
    }
    let output =
        command.current_dir(world.path("")).args(["redact", "in", "-o", "out"]).output().expect("starts");
    let said = crate::program::Said::from(output);
    if root && said.err.contains("Permission denied") && said.out.is_empty() && said.code > 100 {
        // The program itself is out of that user's reach: a folder given as the file is as unreadable.
        return check(&world, "missing.txt", "unreadable");
    }
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("secret.txt") && said.err.contains("(unreadable)"), "{}", said.err);
    assert_eq!(world.read("out/ok.txt"), "all is well\n");
}

#[test]
fn a_line_of_10_mb_without_a_final_newline_is_no_bad_input() {
    let world = World::new();
    let mut line = "lorem ipsum dolor ".repeat(600_000);
    line.push_str("mail jane.roe@example.org");
    world.file("in/long.log", &line);
    let said = world.run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let out = world.read("out/long.log");
    assert!(out.ends_with("dolor mail <EMAIL_ADDRESS_1>"));
    assert_eq!(out.len(), line.len() - "jane.roe@example.org".len() + "<EMAIL_ADDRESS_1>".len());
}

#[test]
fn refusals_name_no_content() {
    let world = World::new();
    world.file("in/broken.json", "{\"legalName\": \"Jane Roe\", oops}");
    let said = world.run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("broken.json") && !said.err.contains("Roe") && !said.err.contains("oops"),
        "{}",
        said.err
    );
}
