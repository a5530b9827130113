//! The disk that fails and loses power does what it says: else the tests on it show nothing.

use crate::sim::{EIO, ENOSPC, SimDisk};
use custody_retention::disk::{Disk, EntryKind, write_all_at};
use std::collections::BTreeSet;
use std::io;

fn new_file(disk: &SimDisk, path: &str, bytes: &[u8]) -> io::Result<()> {
    let file = disk.create_new(path)?;
    write_all_at(file.as_ref(), bytes, 0)?;
    file.sync()
}

#[test]
fn what_was_synced_survives_and_the_rest_may() {
    let disk = SimDisk::new();
    disk.make_folder("a").expect("made");
    disk.sync_folder("").expect("durable");
    new_file(&disk, "a/kept", &[1; 2000]).expect("written");
    disk.sync_folder("a").expect("durable");
    new_file(&disk, "a/perhaps", &[2; 2000]).expect("written");
    let file = disk.open_write("a/kept").expect("there");
    write_all_at(file.as_ref(), &[3; 1000], 1500).expect("written");
    let mut kept = BTreeSet::new();
    let mut entries = BTreeSet::new();
    for seed in 0..200 {
        let after = disk.crash(seed);
        let bytes = after.bytes("a/kept");
        assert!(bytes[..1500] == [1; 1500]);
        assert!(bytes[1500..2000.min(bytes.len())].iter().all(|byte| [1, 3].contains(byte)));
        kept.insert(bytes);
        entries.insert(after.paths());
        if after.paths().len() == 3 {
            assert_eq!(after.bytes("a/perhaps"), [2; 2000], "its bytes were synced");
        }
    }
    // Two sectors and the length are taken or not, each for itself; an entry too.
    assert!(kept.len() >= 6, "{} states of the file", kept.len());
    assert_eq!(entries.len(), 2);
}

#[test]
fn a_rename_is_one_step_and_needs_its_folder_synced() {
    let disk = SimDisk::new();
    ["new", "old"].into_iter().for_each(|path| disk.put(path, path.as_bytes()));
    disk.rename("new", "old").expect("renamed");
    let after: BTreeSet<_> =
        (0..100).map(|seed| disk.crash(seed)).map(|disk| (disk.paths(), disk.bytes("old"))).collect();
    let both = (vec!["new".to_owned(), "old".to_owned()], b"old".to_vec());
    let one = (vec!["old".to_owned()], b"new".to_vec());
    assert_eq!(after, BTreeSet::from([both, one.clone()]));
    disk.sync_folder("").expect("durable");
    assert!((0..100).map(|seed| disk.crash(seed)).all(|disk| (disk.paths(), disk.bytes("old")) == one));
}

#[test]
fn a_folder_that_was_not_synced_takes_its_files_along() {
    let disk = SimDisk::new();
    disk.make_folder("a").expect("made");
    new_file(&disk, "a/x", b"x").expect("written");
    disk.sync_folder("a").expect("durable");
    let after: BTreeSet<_> = (0..100).map(|seed| disk.crash(seed).paths()).collect();
    assert!(after.contains(&vec![]), "{after:?}");
    disk.sync_folder("").expect("durable");
    assert!((0..100).all(|seed| disk.crash(seed).paths() == ["a", "a/x"]));
}

#[test]
fn a_failed_sync_loses_what_it_should_have_kept() {
    let disk = SimDisk::new();
    disk.put("x", b"old");
    let file = disk.open_write("x").expect("there");
    write_all_at(file.as_ref(), b"new", 0).expect("written");
    disk.fail_at(0, EIO);
    assert_eq!(file.sync().unwrap_err().raw_os_error(), Some(EIO));
    file.sync().expect("says that all is well");
    assert_eq!(disk.bytes("x"), b"new");
    assert_eq!(disk.crash(1).bytes("x"), b"old");
    file.forget_cached().expect("forgotten");
    assert_eq!(disk.bytes("x"), b"old");
}

#[test]
fn it_refuses_what_a_real_disk_refuses() {
    let disk = SimDisk::new();
    disk.make_folder("a").expect("made");
    disk.put("a/x", b"x");
    disk.put("y", b"y");
    disk.put_other("a/link");
    disk.hard_link("a/x", "a/again");
    let kinds = |path| disk.stat(path).expect("asked").map(|stat| (stat.kind, stat.links));
    assert_eq!(kinds("a/x"), Some((EntryKind::File, 2)));
    assert_eq!(kinds("a/link"), Some((EntryKind::Other, 1)));
    assert_eq!((kinds("a"), kinds("a/none"), kinds("none/x")), (Some((EntryKind::Folder, 1)), None, None));
    for path in ["a", "a/x", "a/link", "", "../y", "/y"] {
        assert_eq!(disk.unlink(path).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{path}");
    }
    assert_eq!(disk.rename_new("y", "a/x").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(disk.unlink("z").unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(disk.list("a").expect("listed"), ["again", "link", "x"]);
    assert_eq!(disk.list("").expect("listed"), ["a", "y"]);
    disk.fail_from(1, ENOSPC);
    disk.unlink("y").expect("the call before");
    assert!(disk.make_folder("b").is_err() && disk.create_new("c").is_err() && disk.open_read("a/x").is_ok());
}
