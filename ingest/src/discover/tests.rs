//! Real trees and archives on disk.

use super::*;
use custody_rules::Reason;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::os::unix::ffi::OsStrExt;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a member");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("an archive").into_inner()
}

/// A folder with the given files.
fn tree(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, bytes).expect("a file");
    }
    folder
}

fn walk(folder: &TempDir) -> Discovery {
    discover(&[folder.path().to_owned()], &Limits::default(), None)
}

fn paths(found: &Discovery) -> Vec<String> {
    found.artifacts.iter().map(|artifact| artifact.relative.join("/")).collect()
}

fn reasons(found: &Discovery, folder: &TempDir) -> Vec<(String, Reason)> {
    let root = format!("{}/", folder.path().display());
    found.refused.iter().map(|(name, refusal)| (name.replace(&root, ""), refusal.reason)).collect()
}

fn content(artifact: &Artifact) -> Vec<u8> {
    let mut bytes = Vec::new();
    artifact.source.open().expect("it opens").read_to_end(&mut bytes).expect("readable");
    bytes
}

#[test]
fn folders_and_archives_in_one_order() {
    let inner = zip(&[("deep.log", b"deep")]);
    let outer = zip(&[("z.log", b"z"), ("in/inner.zip", &inner), ("a.log", b"a")]);
    let folder = tree(&[("b/two.log", b"2"), ("a.txt", b"1"), ("pack.zip", &outer), ("b.log", b"3")]);
    let found = walk(&folder);
    let expected =
        ["a.txt", "b/two.log", "b.log", "pack.zip/a.log", "pack.zip/in/inner.zip/deep.log", "pack.zip/z.log"];
    assert_eq!(paths(&found), expected);
    assert_eq!(found.refused, []);
    assert_eq!(found.artifacts[4].archive_depths, [0, 2]);
    assert_eq!(found.artifacts[3].archive_depths, [0]);
    assert_eq!(found.artifacts[0].archive_depths, [] as [usize; 0]);
    let contents: Vec<_> = found.artifacts.iter().map(content).collect();
    assert_eq!(contents, [&b"1"[..], b"2", b"3", b"a", b"deep", b"z"]);
    assert_eq!(content(&found.artifacts[4]), b"deep");
    assert_eq!(found.artifacts[4].source.size_bytes(), 4);
    assert!(found.artifacts[4].display.ends_with("/pack.zip/in/inner.zip/deep.log"));
}

#[test]
fn members_cannot_be_changed() {
    let folder = tree(&[("p.zip", &zip(&[("a", b"1")]))]);
    let mut file = walk(&folder).artifacts[0].source.open().expect("it opens");
    assert!(file.write_all(b"2").is_err());
}

#[test]
fn links_and_special_files_are_refused() {
    let folder = tree(&[("real/a.log", b"1")]);
    let at = |name: &str| folder.path().join(name);
    std::os::unix::fs::symlink(folder.path(), at("real/loop")).expect("a link");
    std::os::unix::fs::symlink(at("real/a.log"), at("link.log")).expect("a link");
    std::os::unix::fs::symlink("nowhere", at("dangling")).expect("a link");
    let mode = rustix::fs::Mode::RWXU;
    rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
    let found = walk(&folder);
    assert_eq!(paths(&found), ["real/a.log"]);
    let expected = [
        ("dangling", Reason::SymbolicLink),
        ("link.log", Reason::SymbolicLink),
        ("pipe", Reason::SpecialFile),
        ("real/loop", Reason::SymbolicLink),
        ("socket", Reason::SpecialFile),
    ];
    assert_eq!(reasons(&found, &folder), expected.map(|(name, reason)| (name.to_owned(), reason)));
    let found = discover(&[at("pipe"), PathBuf::from("/dev/null")], &Limits::default(), None);
    assert!(found.refused.iter().all(|(_, refusal)| refusal.reason == Reason::SpecialFile));
    assert_eq!(found.refused.len(), 2);
}

#[test]
fn what_changed_since_is_refused() {
    let folder = tree(&[("a.log", b"1"), ("d/b.log", b"2"), ("p.zip", &zip(&[("m", b"1")]))]);
    let found = walk(&folder);
    fs::write(folder.path().join("a.log"), b"22").expect("a write");
    fs::rename(folder.path().join("d"), folder.path().join("e")).expect("a move");
    std::os::unix::fs::symlink("e", folder.path().join("d")).expect("a link");
    fs::write(folder.path().join("p.zip"), zip(&[("m", b"other")])).expect("a write");
    let reasons: Vec<_> =
        found.artifacts.iter().map(|artifact| artifact.source.open().err().map(|r| r.reason)).collect();
    assert_eq!(reasons, [Some(Reason::Changed), Some(Reason::Unreadable), Some(Reason::Changed)]);
}

#[test]
fn unreadable_roots_are_listed() {
    let found = discover(&[PathBuf::from("/nowhere/at/all")], &Limits::default(), None);
    assert_eq!(found.refused[0].1.reason, Reason::Unreadable);
    assert!(!found.refused[0].1.detail.contains("nowhere"), "{}", found.refused[0].1);
    let denied = Refusal::from(std::io::Error::from(rustix::io::Errno::ACCESS));
    assert!(denied.detail.contains("permission"), "{denied}");
    if !rustix::process::geteuid().is_root() {
        let folder = tree(&[("a.log", b"1"), ("b.log", b"2")]);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o000);
        fs::set_permissions(folder.path().join("a.log"), mode).expect("it is ours");
        let found = walk(&folder);
        assert_eq!(reasons(&found, &folder), [("a.log".to_owned(), Reason::Unreadable)]);
        assert_eq!(paths(&found), ["b.log"]);
    }
}

#[test]
fn several_roots_get_distinct_names() {
    let folder = tree(&[("x/a.log", b"1"), ("y/a.log", b"2"), ("y/x", b"3"), ("z/x/a.log", b"4")]);
    let at = |name: &str| folder.path().join(name);
    let found = discover(&[at("x/a.log"), at("y/a.log"), at("y/x"), at("z/x")], &Limits::default(), None);
    assert_eq!(paths(&found), ["a (2).log", "a.log", "x", "x (2)/a.log"]);
    let contents: Vec<_> = found.artifacts.iter().map(content).collect();
    assert_eq!(contents, [b"2", b"1", b"3", b"4"]);
    let single = discover(&[at("x/a.log")], &Limits::default(), None);
    assert_eq!(paths(&single), ["a.log"]);
}

#[test]
fn names_that_are_not_utf8_are_kept_apart() {
    let folder = tree(&[("Mü.log", b"1")]);
    let latin = std::ffi::OsStr::from_bytes(b"M\xfc.log");
    fs::write(folder.path().join(latin), b"2").expect("a file");
    let found = walk(&folder);
    assert_eq!(paths(&found), ["Mü (2).log", "Mü.log"]);
    assert_eq!(content(&found.artifacts[0]), b"2");
}

#[test]
fn the_output_folder_is_never_entered() {
    let folder = tree(&[("a.log", b"1"), ("out/b.log", b"2"), ("out/in/c.log", b"3")]);
    let out = folder.path().join("out");
    let found = discover(&[folder.path().to_owned()], &Limits::default(), Some(&out));
    assert_eq!(paths(&found), ["a.log"]);
    for root in [out.clone(), out.join("in"), out.join("b.log")] {
        let found = discover(&[root], &Limits::default(), Some(&out));
        assert_eq!((found.artifacts.len(), found.refused.len()), (0, 1));
        assert!(found.refused[0].1.detail.contains("output folder"));
    }
}

#[test]
fn a_bomb_is_one_entry() {
    let zeros = vec![0; 30 << 20];
    let inner = zip(&[("zeros", &zeros)]);
    let folder = tree(&[
        ("a.zip", &zip(&[("fine", b"1"), ("zeros", &zeros)])),
        ("b.zip", &zip(&[("fine", b"1"), ("inner.zip", &inner)])),
        ("c.log", b"1"),
    ]);
    let found = walk(&folder);
    assert_eq!(paths(&found), ["c.log"]);
    let expected = [("a.zip", Reason::ZipBomb), ("b.zip", Reason::ZipBomb)];
    assert_eq!(reasons(&found, &folder), expected.map(|(name, reason)| (name.to_owned(), reason)));
}

#[test]
fn bad_members_do_not_cost_the_good_ones() {
    let mut inner = zip(&[("x", b"1"), ("y", b"1")]);
    memchr::memmem::find_iter(&inner.clone(), b"y").for_each(|at| inner[at] = b'x');
    let outer =
        zip(&[("../up", b"1"), ("fine.log", b"2"), ("inner.zip", &inner), ("cut.xlsx", b"PK\x03\x04 cut")]);
    let folder = tree(&[("p.zip", &outer), ("empty.zip", &zip(&[]))]);
    let found = walk(&folder);
    // A member that is a broken ZIP stays an artifact: sniffing says what is wrong with it.
    assert_eq!(paths(&found), ["p.zip/cut.xlsx", "p.zip/fine.log"]);
    let expected = [
        ("empty.zip", Reason::Empty),
        ("p.zip/../up", Reason::PathEscape),
        ("p.zip/inner.zip", Reason::Malformed),
    ];
    assert_eq!(reasons(&found, &folder), expected.map(|(name, reason)| (name.to_owned(), reason)));
}

#[test]
fn locked_members_and_links_are_refused() {
    use zip::unstable::write::FileOptionsExt;
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let locked = SimpleFileOptions::default().with_deprecated_encryption(b"x").expect("a password");
    writer.start_file("locked.log", locked).expect("a member");
    writer.write_all(b"1").expect("in memory");
    writer.add_symlink("link", "/etc/hostname", SimpleFileOptions::default()).expect("a link");
    let folder = tree(&[("p.zip", &writer.finish().expect("an archive").into_inner())]);
    let found = walk(&folder);
    assert_eq!(paths(&found), [""; 0]);
    let expected = [("p.zip/link", Reason::PathEscape), ("p.zip/locked.log", Reason::Encrypted)];
    assert_eq!(reasons(&found, &folder), expected.map(|(name, reason)| (name.to_owned(), reason)));
}

#[test]
fn depth_and_count_have_limits() {
    let folder = tree(&[("a/b/c/d.log", b"1"), ("a/e.log", b"2"), ("p.zip", &zip(&[("a/b/c/d.log", b"3")]))]);
    let limits = Limits { depth_max: 2, ..Limits::default() };
    let found = discover(&[folder.path().to_owned()], &limits, None);
    assert_eq!(paths(&found), ["a/e.log"]);
    let expected = [("a/b/c", Reason::TooDeep), ("p.zip/a/b/c/d.log", Reason::TooDeep)];
    assert_eq!(reasons(&found, &folder), expected.map(|(name, reason)| (name.to_owned(), reason)));

    let folder = tree(&[
        ("a.log", b"1"),
        ("b.zip", &zip(&[("1", b"1"), ("2", b"2")])),
        ("c.log", b"2"),
        ("d/e.log", b"3"),
    ]);
    let limits = Limits { files_max: 2, ..Limits::default() };
    let found = discover(&[folder.path().to_owned()], &limits, None);
    assert_eq!(found.artifacts.len() + found.refused.len(), 1);
    assert_eq!(found.refused[0].1.reason, Reason::TooLarge);
    let limits = Limits { files_max: 4, ..Limits::default() };
    let found = discover(&[folder.path().to_owned()], &limits, None);
    assert_eq!(paths(&found), ["a.log", "b.zip/1", "b.zip/2", "c.log"]);
    assert_eq!(reasons(&found, &folder), [("d".to_owned(), Reason::TooLarge)]);
}

#[test]
fn nothing_shows_a_name() {
    let folder = tree(&[("ann-example.log", b"1")]);
    let found = walk(&folder);
    let shown = format!("{found:?} {:?} {:?}", found.artifacts, found.artifacts[0].source);
    assert!(!shown.contains("ann"), "{shown}");
}

#[test]
fn what_is_given_is_taken_as_if_it_was_found() {
    use crate::archive::memory_file;
    use std::io::Write;
    let given = |bytes: &[u8]| {
        let mut file = memory_file().expect("memory");
        file.write_all(bytes).expect("room for it");
        let source = Source::memory(file).expect("a file in memory");
        let given = Given { relative: vec!["x".to_owned()], display: "x".to_owned(), source };
        discover_given(given, &Limits::default())
    };
    assert_eq!(paths(&given(b"1")), ["x"]);
    let inner = zip(&[("c.log", b"3")]);
    let found = given(&zip(&[("a/b.log", b"1"), ("d.zip", &inner)]));
    assert_eq!(paths(&found), ["x/a/b.log", "x/d.zip/c.log"]);
    let whole = zip(&[("a/b.log", b"1")]);
    assert_eq!(paths(&given(&whole[..whole.len() - 5])), ["x"], "what it is, sniffing will say");
}

#[test]
fn files_alone_are_not_entered_and_neither_are_folders_that_are_left_out() {
    let folder =
        tree(&[("a.log", b"1"), ("b.zip", &zip(&[("1", b"1")])), (".git/config", b"2"), ("d/.git", b"3")]);
    let found = discover_files(&[folder.path().to_owned()], &Limits::default(), &[".git"]);
    assert_eq!(paths(&found), ["a.log", "b.zip", "d/.git"]);
}
