//! A real folder: links, pipes, mounts and names that lead out of it are refused, and nothing is removed.

use crate::support::store;
use custody_retention::disk::*;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("read")
        .map(|entry| entry.expect("read").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

fn new_file(disk: &RealDisk, path: &str, bytes: &[u8]) {
    let file = disk.create_new(path).expect("made");
    write_all_at(file.as_ref(), bytes, 0).expect("written");
    file.sync().expect("durable");
}

#[test]
fn files_and_folders_are_made_found_renamed_and_removed() {
    let (folder, disk) = store();
    let root = folder.path().join("store");
    disk.make_folder("a").expect("made");
    disk.make_folder("a").expect("there already");
    new_file(&disk, "a/x", b"one");
    assert_eq!(fs::metadata(&root).unwrap().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(root.join("a")).unwrap().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(root.join("a/x")).unwrap().mode() & 0o777, 0o600);
    assert_eq!(disk.create_new("a/x").unwrap_err().kind(), ErrorKind::AlreadyExists);
    new_file(&disk, "y", b"two");
    assert_eq!(disk.rename_new("y", "a/x").unwrap_err().kind(), ErrorKind::AlreadyExists);
    disk.rename_new("y", "a/y").expect("free");
    disk.rename("a/y", "a/x").expect("over it");
    ["", "a"].into_iter().for_each(|folder| disk.sync_folder(folder).expect("durable"));
    let file = disk.open_write("a/x").expect("there");
    let mut bytes = [0; 5];
    assert_eq!(read_full_at(file.as_ref(), &mut bytes, 0).expect("read"), 3);
    assert_eq!(&bytes[..3], b"two");
    assert_eq!(read_exact_at(file.as_ref(), &mut bytes, 0).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    file.set_size(5).expect("longer");
    file.forget_cached().expect("asked");
    assert_eq!(file.size_bytes().expect("asked"), 5);
    let stat = disk.stat("a/x").expect("asked").expect("there");
    let real = fs::metadata(root.join("a/x")).unwrap();
    assert_eq!((stat.kind, stat.size_bytes, stat.links), (EntryKind::File, 5, 1));
    assert_eq!((stat.device, stat.inode), (real.dev(), real.ino()));
    assert_eq!(disk.stat("a").unwrap().unwrap().kind, EntryKind::Folder);
    assert_eq!((disk.stat("b").unwrap(), disk.stat("b/c").unwrap()), (None, None));
    assert!(disk.open_read("a/x").unwrap().write_at(b"no", 0).is_err());
    assert_eq!(
        (disk.list("").unwrap(), disk.list("a").unwrap()),
        (vec!["a".to_owned()], vec!["x".to_owned()])
    );
    disk.unlink("a/x").expect("removed");
    assert_eq!(disk.unlink("a/x").unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(disk.list("a").unwrap(), Vec::<String>::new());
}

#[test]
fn a_folder_that_is_not_the_owners_alone_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("store");
    RealDisk::create(&root).expect("made");
    for mode in [0o750, 0o705, 0o710, 0o701, 0o777] {
        fs::set_permissions(&root, Permissions::from_mode(mode)).expect("set");
        assert!(matches!(RealDisk::open(&root), Err(DiskError::Shared { mode: found }) if found == mode));
    }
    fs::set_permissions(&root, Permissions::from_mode(0o700)).expect("set");
    let link = folder.path().join("link");
    symlink(&root, &link).expect("a link");
    for path in ["link", "link/", "link/.", "link//"] {
        assert!(matches!(RealDisk::open(&folder.path().join(path)), Err(DiskError::NotAFolder)), "{path}");
    }
    fs::write(folder.path().join("file"), b"").expect("written");
    assert!(matches!(RealDisk::open(&folder.path().join("file")), Err(DiskError::NotAFolder)));
    assert!(matches!(
        RealDisk::open(&folder.path().join("none")),
        Err(DiskError::Io { kind: ErrorKind::NotFound, .. })
    ));
    if rustix::process::geteuid().is_root() {
        rustix::fs::chown(&root, Some(rustix::fs::Uid::from_raw(12345)), None).expect("given away");
        assert!(matches!(RealDisk::open(&root), Err(DiskError::Foreign)));
    }
}

#[test]
fn a_store_is_made_in_an_empty_folder_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("store");
    RealDisk::create(&root).expect("made");
    RealDisk::create(&root).expect("empty");
    fs::write(root.join("x"), b"").expect("written");
    assert!(matches!(RealDisk::create(&root), Err(DiskError::Io { kind: ErrorKind::DirectoryNotEmpty, .. })));
    let error = RealDisk::create(&folder.path().join("a/b")).expect_err("no parent");
    assert!(!error.to_string().contains('/'), "{error}");
}

/// A store with something outside of it that must stay as it is.
fn with_outside() -> (tempfile::TempDir, RealDisk, std::path::PathBuf) {
    let (folder, disk) = store();
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).expect("made");
    fs::write(outside.join("precious"), b"precious").expect("written");
    disk.make_folder("blobs").expect("made");
    new_file(&disk, "blobs/own", b"own");
    (folder, disk, outside)
}

/// Tries everything on a path that leads to no file of the store.
fn all_refused(disk: &RealDisk, path: &str) {
    assert!(disk.open_read(path).is_err(), "{path}");
    assert!(disk.open_write(path).is_err(), "{path}");
    assert!(disk.create_new(path).is_err(), "{path}");
    assert!(disk.rename(path, "blobs/moved").is_err(), "{path}");
    assert!(disk.rename_new(path, "blobs/moved").is_err(), "{path}");
    assert!(disk.rename("blobs/own", path).is_err(), "{path}");
    assert!(disk.unlink(path).is_err(), "{path}");
    assert!(disk.list(path).is_err(), "{path}");
    assert!(disk.sync_folder(path).is_err(), "{path}");
    assert!(disk.make_folder(path).is_err(), "{path}");
}

#[test]
fn names_that_lead_out_are_refused() {
    let (folder, disk, outside) = with_outside();
    let absolute = outside.join("precious");
    for path in [
        "../outside/precious",
        "blobs/../../outside/precious",
        "..",
        ".",
        "./blobs",
        "/",
        "blobs/",
        "blobs//own",
        "a\0b",
    ] {
        all_refused(&disk, path);
        assert!(disk.stat(path).is_err(), "{path}");
    }
    all_refused(&disk, absolute.to_str().unwrap());
    assert_eq!(fs::read(absolute).expect("untouched"), b"precious");
    assert_eq!(names_in(folder.path()), ["outside", "store"]);
}

#[test]
fn links_are_not_followed() {
    let (folder, disk, outside) = with_outside();
    let root = folder.path().join("store");
    symlink(&outside, root.join("folder-link")).expect("a link");
    symlink(outside.join("precious"), root.join("file-link")).expect("a link");
    symlink("own", root.join("blobs/inner-link")).expect("a link");
    symlink("nowhere", root.join("broken-link")).expect("a link");
    for path in ["folder-link", "folder-link/precious", "file-link", "blobs/inner-link", "broken-link"] {
        all_refused(&disk, path);
    }
    for path in ["folder-link", "file-link", "blobs/inner-link", "broken-link"] {
        assert_eq!(disk.stat(path).expect("asked").expect("there").kind, EntryKind::Other, "{path}");
    }
    assert_eq!(fs::read(outside.join("precious")).expect("untouched"), b"precious");
    assert_eq!(names_in(&root), ["blobs", "broken-link", "file-link", "folder-link"]);
    assert_eq!(names_in(&root.join("blobs")), ["inner-link", "own"]);
}

#[test]
fn what_is_no_plain_file_is_not_removed() {
    let (folder, disk, outside) = with_outside();
    let root = folder.path().join("store");
    fs::hard_link(outside.join("precious"), root.join("blobs/linked")).expect("linked");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, root.join("pipe"), rustix::fs::FileType::Fifo, mode, 0)
        .expect("a pipe");
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).expect("a socket");
    for path in ["blobs/linked", "pipe", "socket", "blobs"] {
        assert_eq!(disk.unlink(path).unwrap_err().kind(), ErrorKind::InvalidInput, "{path}");
        assert_eq!(disk.rename(path, "blobs/moved").unwrap_err().kind(), ErrorKind::InvalidInput, "{path}");
    }
    for path in ["pipe", "socket", "blobs"] {
        assert!(disk.open_read(path).is_err() && disk.open_write(path).is_err(), "{path}");
        assert!(disk.rename("blobs/own", path).is_err(), "{path}");
    }
    assert_eq!(disk.stat("blobs/linked").unwrap().unwrap().links, 2);
    assert_eq!(names_in(&root), ["blobs", "pipe", "socket"]);
    assert_eq!(names_in(&root.join("blobs")), ["linked", "own"]);
}

#[test]
fn the_folder_may_move_while_it_is_open() {
    let (folder, disk, _) = with_outside();
    let moved = folder.path().join("moved");
    fs::rename(folder.path().join("store"), &moved).expect("moved");
    // Something else takes its place; the open store does not see it.
    fs::create_dir_all(folder.path().join("store/blobs")).expect("made");
    fs::write(folder.path().join("store/blobs/own"), b"another").expect("written");
    disk.unlink("blobs/own").expect("its own");
    assert_eq!(names_in(&moved.join("blobs")), Vec::<String>::new());
    assert_eq!(names_in(&folder.path().join("store/blobs")), ["own"]);
}

#[test]
fn a_folder_swapped_for_a_link_is_refused_at_the_next_step() {
    let (folder, disk, outside) = with_outside();
    let root = folder.path().join("store");
    fs::write(outside.join("own"), b"another").expect("written");
    fs::rename(root.join("blobs"), root.join("away")).expect("moved");
    symlink(&outside, root.join("blobs")).expect("a link");
    assert!(disk.unlink("blobs/own").is_err());
    assert!(disk.open_read("blobs/own").is_err());
    assert_eq!(names_in(&outside), ["own", "precious"]);
    assert_eq!(names_in(&root.join("away")), ["own"]);
}

#[test]
fn a_folder_that_is_swapped_for_a_link_all_the_time_leads_nowhere() {
    let (folder, disk, outside) = with_outside();
    let root = folder.path().join("store");
    for number in 0..1000 {
        fs::write(outside.join(number.to_string()), b"outside").expect("written");
    }
    symlink(&outside, root.join("link")).expect("a link");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let (one, other) = (root.join("blobs"), root.join("link"));
                let flags = rustix::fs::RenameFlags::EXCHANGE;
                rustix::fs::renameat_with(rustix::fs::CWD, one, rustix::fs::CWD, other, flags)
                    .expect("swapped");
            }
        });
        for number in 0..1000 {
            let path = format!("blobs/{number}");
            // One of the two times it is made, most likely, the folder is itself.
            drop((disk.create_new(&path), disk.create_new(&path)));
            // How often that goes well, the machine's load decides.
            let _ = disk.unlink(&path);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(names_in(&outside).len(), 1001);
    assert!(
        names_in(&outside)
            .iter()
            .all(|name| fs::metadata(outside.join(name)).is_ok_and(|file| file.len() > 0))
    );
    if fs::symlink_metadata(root.join("blobs")).expect("it is there").is_symlink() {
        fs::rename(root.join("blobs"), root.join("the link")).expect("moved");
        fs::rename(root.join("link"), root.join("blobs")).expect("moved");
    }
    drop(disk.create_new("blobs/last"));
    disk.unlink("blobs/last").expect("nobody swaps it any more");
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().expect("started");
    assert!(status.success(), "{program} {arguments:?}");
}

#[test]
#[ignore = "mounts: run as root with CUSTODY_TEST_MOUNT set"]
fn mounts_are_not_crossed() {
    assert!(std::env::var_os("CUSTODY_TEST_MOUNT").is_some(), "set CUSTODY_TEST_MOUNT to allow mounting");
    let (folder, disk, outside) = with_outside();
    let root = folder.path().join("store");
    fs::write(outside.join("own"), b"another").expect("written");
    // The same file system, so that the device's number does not tell; another one; and a single file.
    let cases: [(&[&str], &str); 3] = [
        (&["--bind", outside.to_str().unwrap()], "blobs"),
        (&["-t", "tmpfs", "none"], "blobs"),
        (&["--bind", outside.join("precious").to_str().unwrap().to_owned().leak()], "blobs/own"),
    ];
    for (arguments, place) in cases {
        let target = root.join(place).to_str().unwrap().to_owned();
        run("mount", &[arguments, &[target.as_str()]].concat());
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            assert_eq!(
                disk.stat(place).expect("asked").expect("there").kind,
                EntryKind::Other,
                "{arguments:?}"
            );
            assert!(disk.unlink("blobs/own").is_err(), "{arguments:?}");
            assert!(disk.open_read("blobs/own").is_err(), "{arguments:?}");
            assert!(disk.rename("blobs/own", "moved").is_err(), "{arguments:?}");
            assert!(place != "blobs" || disk.create_new("blobs/new").is_err(), "{arguments:?}");
            assert!(place != "blobs" || disk.list("blobs").is_err(), "{arguments:?}");
        }));
        run("umount", &[&target]);
        refused.expect("all refused");
    }
    assert_eq!(names_in(&outside), ["own", "precious"]);
    assert_eq!(fs::read(root.join("blobs/own")).expect("untouched"), b"own");
}
