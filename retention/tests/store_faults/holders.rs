//! Where store keys come from: a file that is the owner's alone, and a passphrase.

use crate::support::{data_key, item, same, store};
use custody_retention::keys::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

const CHEAP: KdfCost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };

fn write(path: &Path, bytes: &[u8], mode: u32) {
    fs::write(path, bytes).expect("written");
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
}

fn get(path: &Path) -> Result<Option<[u8; 32]>, KeyError> {
    let key = FileHolder::new(path).expect("a file's path").get(Which::Current, None)?;
    Ok(key.map(|key| *key.expose()))
}

fn refused(result: Result<Option<[u8; 32]>, KeyError>) -> bool {
    matches!(result, Err(KeyError::Holder { .. }))
}

#[test]
fn a_file_is_digits_or_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    assert_eq!(get(&path), Ok(None));
    let digits = "0123456789abcdef".repeat(4);
    let key = Ok(Some(*StoreKey::parse(&digits).expect("64 digits").expose()));
    for text in [digits.clone(), format!("{digits}\n"), format!("{digits}\r\n")] {
        write(&path, text.as_bytes(), 0o600);
        assert_eq!(get(&path), key);
    }
    write(&path, &[0xab; 32], 0o400);
    assert_eq!(get(&path), Ok(Some([0xab; 32])));
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("set");
    let bad = [
        String::new(),
        digits[1..].to_owned(),
        format!("{digits}\n\n"),
        digits.to_uppercase(),
        format!("{digits}0"),
        " ".repeat(64),
    ];
    for text in bad {
        write(&path, text.as_bytes(), 0o600);
        assert!(refused(get(&path)), "{text:?}");
    }
}

#[test]
fn a_file_that_is_not_the_owners_alone_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    for mode in [0o640, 0o604, 0o620, 0o601, 0o660] {
        write(&path, &[1; 32], mode);
        assert!(refused(get(&path)), "{mode:o}");
    }
    write(&path, &[1; 32], 0o600);
    let link = folder.path().join("link");
    symlink(&path, &link).expect("a link");
    assert!(refused(get(&link)));
    assert!(refused(get(folder.path())));
    let pipe = folder.path().join("pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
    assert!(refused(get(&pipe)));
    if rustix::process::geteuid().is_root() {
        rustix::fs::chown(&path, Some(rustix::fs::Uid::from_raw(12345)), None).expect("given away");
        assert!(refused(get(&path)));
    }
    assert!(FileHolder::new(Path::new("/")).is_err() && FileHolder::new(Path::new("..")).is_err());
}

#[test]
fn a_file_takes_part_in_a_rotation() {
    let (folder, disk) = store();
    let path = folder.path().join("store-key");
    let next = folder.path().join("store-key.next");
    let holder = FileHolder::new(&path).expect("a file's path");
    let made = holder.make(Which::Current).expect("made");
    assert!(!next.exists());
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    let before = fs::read(&path).expect("there");
    assert!(matches!(
        holder.make(Which::Current),
        Err(KeyError::Io { kind: std::io::ErrorKind::AlreadyExists, .. })
    ));
    assert!(fs::read(&path).expect("there") == before && !next.exists());
    let mut keys =
        KeyFile::create(&disk, StoreId([7; 16]), &made, &Secrets::random().unwrap()).expect("made");
    keys.add(&item(1), &data_key(1)).expect("added");
    keys.sync().expect("durable");

    // A second name shows what becomes of the old file's bytes.
    let old = folder.path().join("old");
    fs::hard_link(&path, &old).expect("linked");
    let rotated = keys.rotate(&disk, &holder).expect("rotated");
    assert_eq!((rotated.epoch, rotated.rewrapped, rotated.old_wiped), (1, 1, true));
    assert!(!next.exists());
    assert_ne!(fs::read(&path).expect("there"), before);
    assert!(
        !fs::read(&old).expect("there").windows(8).any(|part| before.windows(8).any(|other| part == other))
    );
    drop(keys);
    let (keys, report) = KeyFile::open(&disk, &holder).expect("opens");
    assert_eq!(report.rotation, Rotation::None);
    assert!(same(&keys.get(Slot(0), &item(1)).expect("there"), &data_key(1)));
    holder.promote().expect("nothing to do");
    holder.forget_next().expect("nothing to do");

    // A next key that was not needed, or not written whole.
    for text in [&[b'0'; 64][..], b"012"] {
        write(&next, text, 0o600);
        let (keys, report) = KeyFile::open(&disk, &holder).expect("opens");
        assert_eq!((keys.epoch(), report.rotation, next.exists()), (1, Rotation::None, false));
    }
    // Something else that has this name is left alone.
    write(&next, &[1; 100], 0o600);
    let (path, next) = (path.with_file_name("new"), path.with_file_name("new.next"));
    write(&next, &[1; 100], 0o600);
    assert!(matches!(FileHolder::new(&path).unwrap().make(Which::Current), Err(KeyError::Holder { .. })));
    assert!(next.exists() && !path.exists());
}

/// Answers with what is said, in turn.
fn person(said: &[&str]) -> (PassphraseHolder, Arc<Mutex<Vec<Ask>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (log, said) = (asked.clone(), said.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
    let holder = PassphraseHolder::new(move |what| {
        let mut log = log.lock().expect("free");
        log.push(what);
        said.get(log.len() - 1).cloned().map(Zeroizing::new)
    });
    (holder.with_cost(CHEAP), asked)
}

#[test]
fn a_passphrase_opens_the_store_and_is_changed_by_a_rotation() {
    let (_folder, disk) = store();
    let (old, new) = ("correct horse battery", "staple them all together");
    let (holder, asked) = person(&[old, "wrong horse battery", old, old, new, new, old]);
    let made = holder.make(Which::Current).expect("made");
    assert!(made.kdf.is_some());
    let mut keys =
        KeyFile::create(&disk, StoreId([7; 16]), &made, &Secrets::random().unwrap()).expect("made");
    keys.add(&item(1), &data_key(1)).expect("added");
    keys.sync().expect("durable");
    assert_eq!(KeyFile::open(&disk, &holder).unwrap_err(), KeyError::WrongKey);
    let (mut keys, _) = KeyFile::open(&disk, &holder).expect("opens");
    let kdf = *keys.kdf().expect("from a passphrase");
    assert!(matches!(keys.rotate(&disk, &holder), Err(KeyError::Holder { .. })), "the same one again");
    keys.rotate(&disk, &holder).expect("rotated");
    assert_ne!(keys.kdf(), Some(&kdf), "it has a salt of its own");
    drop(keys);
    let (keys, _) = KeyFile::open(&disk, &holder).expect("opens with the new one");
    assert!(same(&keys.get(Slot(0), &item(1)).expect("there"), &data_key(1)));
    assert_eq!(KeyFile::open(&disk, &holder).unwrap_err(), KeyError::WrongKey);
    assert!(
        matches!(KeyFile::open(&disk, &holder), Err(KeyError::Holder { .. })),
        "nobody says one any more"
    );
    use Ask::{Current, New};
    assert_eq!(*asked.lock().unwrap(), [New, Current, Current, New, New, Current, Current, Current]);
    assert_eq!(format!("{holder:?}"), "PassphraseHolder");
}

#[test]
fn a_passphrase_has_twelve_characters() {
    for short in ["", "eleven char", "            x".trim()] {
        assert!(matches!(person(&[short]).0.make(Which::Current), Err(KeyError::Holder { .. })), "{short:?}");
    }
    // Characters, not bytes.
    assert!(person(&["zwölf Zeiche"]).0.make(Which::Current).is_ok());
    assert!(person(&["öäüöäüöäüöä"]).0.make(Which::Current).is_err());
}

#[test]
fn a_cost_has_bounds_and_a_salt_is_new_each_time() {
    let out_of_bounds = [(5 << 20, 3, 4), (64, 65, 1), (1 << 20, 1, 65), (7, 1, 1), (64, 0, 1), (64, 1, 0)];
    for (memory_kib, passes, lanes) in out_of_bounds {
        assert!(Kdf::random(KdfCost { memory_kib, passes, lanes }).is_err(), "{memory_kib} {passes} {lanes}");
    }
    let kdf = Kdf::random(CHEAP).expect("random");
    let key = kdf.derive("one").expect("derived");
    assert_eq!(key.expose(), kdf.derive("one").expect("derived").expose());
    assert_ne!(key.expose(), kdf.derive("two").expect("derived").expose());
    assert_ne!(key.expose(), Kdf::random(CHEAP).unwrap().derive("one").unwrap().expose(), "salts differ");
    assert_eq!(format!("{key:?}"), "StoreKey");
}
