//! Outside memory: what is handed to a file, a Git repository or a program, what is refused, and what is read back.

use crate::support::{intent, key, new_ledger, open, write_acts};
use custody_retention::ledger::*;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes some acts and a checkpoint over them.
fn go_on(folder: &Path, acts: u64) -> Checkpoint {
    let mut ledger = open(folder);
    write_acts(&mut ledger, acts);
    ledger.checkpoint(&key()).expect("a checkpoint")
}

fn remember(memory: &Memory, folder: &Path) -> Result<Remembered, MemoryError> {
    memory.remember(&mut Prover::open(folder, key().verifier())?, key().verifier())
}

fn read(path: &Path) -> Vec<Checkpoint> {
    read_memory(path, key().verifier()).expect("it is remembered")
}

/// Lets a memory follow a ledger, shows it one that was rolled back and one that was rewritten, and lets what it
/// remembers find both.
fn check_memory(dir: &Path, folder: &Path, memory: &Memory, path: &Path) {
    let first = go_on(folder, 2);
    assert_eq!(remember(memory, folder).expect("it is written"), Remembered::Written);
    assert_eq!(remember(memory, folder).expect("it is there"), Remembered::AlreadyThere);
    assert_eq!(read(path), std::slice::from_ref(&first));
    // A copy of the ledger as it is now, and a rewritten one that is longer.
    let (older, other) = (dir.join("older"), dir.join("other"));
    copy(folder, &older);
    Ledger::create(&other, &key()).expect("another ledger of the same key");
    let mut ledger = open(&other);
    for number in 0..40 {
        ledger.append(&intent(number)).expect("an entry");
    }
    ledger.checkpoint(&key()).expect("a checkpoint");
    drop(ledger);
    let second = go_on(folder, 3);
    assert_eq!(remember(memory, folder).expect("it is written"), Remembered::Written);
    let (bytes, kept) = (fs::read(path).unwrap_or_default(), read(path));
    assert_eq!(kept.last(), Some(&second));
    let error = remember(memory, &older).expect_err("rolled back");
    let longer = matches!(error, MemoryError::Longer { remembered, size }
        if (remembered, size) == (second.size(), first.size()));
    assert!(longer, "{error}");
    let error = remember(memory, &other).expect_err("rewritten");
    assert!(matches!(error, MemoryError::Rewritten { .. }), "{error}");
    assert_eq!((fs::read(path).unwrap_or_default(), read(path)), (bytes, kept.clone()));
    // What is remembered finds both.
    for wrong in [&older, &other] {
        assert!(!verify(wrong, key().verifier(), &kept).expect("readable").is_clean());
    }
    assert!(verify(folder, key().verifier(), &kept).expect("readable").is_clean());
}

fn copy(from: &Path, to: &Path) {
    for part in ["", "checkpoints", "quarantine"] {
        fs::create_dir_all(to.join(part)).expect("a folder");
        for entry in fs::read_dir(from.join(part)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                fs::copy(&path, to.join(part).join(path.file_name().expect("a name"))).expect("a copy");
            }
        }
    }
}

#[test]
fn a_file_remembers_the_last_checkpoint_and_is_never_rolled_back() {
    let (dir, folder) = new_ledger();
    let path = dir.path().join("remembered.checkpoint");
    check_memory(dir.path(), &folder, &Memory::File(path.clone()), &path);
    assert_eq!(read(&path).len(), 1);
    let left: Vec<_> = fs::read_dir(dir.path()).expect("a folder").map(|e| e.expect("an entry")).collect();
    assert_eq!(left.len(), 4, "nothing was left behind: {left:?}");
}

#[test]
fn a_file_that_holds_something_else_is_left_alone() {
    let (dir, folder) = new_ledger();
    let path = dir.path().join("remembered");
    let memory = Memory::File(path.clone());
    let other = SignerKey::new("ledger.example/other", &[7; 32]).expect("a key");
    let foreign = other.sign("ledger.example/other\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    let forged = SignerKey::new("ledger.example/test", &[9; 32]).expect("a key");
    let forged = forged.sign("ledger.example/test\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    for text in ["something else", &foreign.expect("a note"), &forged.expect("a note")] {
        fs::write(&path, text).expect("it can be written");
        let error = remember(&memory, &folder).expect_err("not this ledger's");
        assert!(matches!(error, MemoryError::NotOurs { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("a file"), text);
    }
    // A link could lead anywhere.
    let target = dir.path().join("target");
    fs::write(&target, "").expect("it can be written");
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    let error = remember(&Memory::File(link), &folder).expect_err("a link");
    assert!(matches!(error, MemoryError::Io { .. }), "{error}");
    assert_eq!(fs::read(&target).expect("a file"), b"");
    let nowhere = Memory::File(dir.path().join("no folder/remembered"));
    let error = remember(&nowhere, &folder).expect_err("there is no folder");
    assert!(!format!("{error} {error:?} {nowhere:?}").contains("no folder/"), "{error:?}");
}

#[test]
fn a_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, folder) = new_ledger();
    let path = dir.path().join("remembered");
    remember(&Memory::File(path.clone()), &folder).expect("it is written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("it is the owner's");
    go_on(&folder, 1);
    remember(&Memory::File(path.clone()), &folder).expect("it is written");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o644);
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@localhost",
        "-c",
        "init.defaultBranch=main",
        "-C",
    ]);
    let output = command.arg(folder).args(arguments).output().expect("git is there");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}

fn new_repository(dir: &Path, arguments: &[&str]) -> PathBuf {
    let repository = dir.join("repository");
    fs::create_dir(&repository).expect("a folder");
    git(&repository, &[&["init", "-q"], arguments].concat());
    repository
}

const IN_GIT: &str = "ledger-ledger.example_test.checkpoints";

#[test]
fn a_repository_remembers_every_checkpoint_in_a_commit_of_its_own() {
    let (dir, folder) = new_ledger();
    let repository = new_repository(dir.path(), &[]);
    check_memory(dir.path(), &folder, &Memory::Git(repository.clone()), &repository.join(IN_GIT));
    assert_eq!(read(&repository).len(), 2, "the folder, and all of the file");
    assert_eq!(git(&repository, &["rev-list", "--count", "HEAD"]), "2");
    assert_eq!(git(&repository, &["status", "--porcelain"]), "");
    assert_eq!(git(&repository, &["log", "-1", "--format=%an %ae %cn"]), "custody custody@localhost custody");
    git(&repository, &["fsck", "--strict"]);
}

#[test]
fn what_somebody_has_in_a_repository_stays_as_it_is() {
    let (dir, folder) = new_ledger();
    let repository = new_repository(dir.path(), &[]);
    let write = |name: &str, text: &str| fs::write(repository.join(name), text).expect("it can be written");
    write("README", "one");
    git(&repository, &["add", "README"]);
    git(&repository, &["commit", "-q", "-m", "begun"]);
    write("README", "two");
    git(&repository, &["add", "README"]);
    write("README", "three");
    // Nothing of this may run or apply.
    for hook in ["pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"] {
        use std::os::unix::fs::PermissionsExt;
        let path = repository.join(".git/hooks").join(hook);
        fs::write(&path, format!("#!/bin/sh\ntouch {}/ran-{hook}\n", dir.path().display())).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is the owner's");
    }
    write(".gitattributes", "*.checkpoints filter=spoil text eol=crlf\n");
    git(&repository, &["config", "filter.spoil.clean", "tr a-z A-Z"]);
    git(&repository, &["config", "commit.gpgSign", "true"]);
    git(&repository, &["config", "core.autocrlf", "true"]);
    let checkpoint = go_on(&folder, 1);
    remember(&Memory::Git(repository.clone()), &folder).expect("it is written");
    assert_eq!(git(&repository, &["show", "HEAD:README"]), "one");
    assert_eq!(git(&repository, &["show", ":README"]), "two");
    assert_eq!(fs::read_to_string(repository.join("README")).expect("a file"), "three");
    assert_eq!(git(&repository, &["show", &format!("HEAD:{IN_GIT}")]) + "\n", checkpoint.note());
    assert_eq!(fs::read_to_string(repository.join(IN_GIT)).expect("a file"), checkpoint.note());
    let ran = fs::read_dir(dir.path()).expect("a folder").map(|e| e.expect("an entry").file_name());
    let ran: Vec<_> = ran.filter(|name| name.to_string_lossy().starts_with("ran-")).collect();
    assert!(ran.is_empty(), "{ran:?}");
}

#[test]
fn a_bare_repository_remembers_too_and_a_folder_inside_one_does_not() {
    let (dir, folder) = new_ledger();
    let repository = new_repository(dir.path(), &["--bare"]);
    let memory = Memory::Git(repository.clone());
    let checkpoint = go_on(&folder, 1);
    assert_eq!(remember(&memory, &folder).expect("it is written"), Remembered::Written);
    assert_eq!(remember(&memory, &folder).expect("it is there"), Remembered::AlreadyThere);
    assert_eq!(git(&repository, &["show", &format!("HEAD:{IN_GIT}")]) + "\n", checkpoint.note());
    let around = dir.path().join("around");
    fs::create_dir_all(around.join("inside")).expect("a folder");
    git(&around, &["init", "-q"]);
    let error = remember(&Memory::Git(around.join("inside")), &folder).expect_err("not its top");
    assert!(matches!(error, MemoryError::NotOurs { .. }), "{error}");
    let plain = tempfile::tempdir().expect("a temporary folder");
    let error = remember(&Memory::Git(plain.path().to_owned()), &folder).expect_err("no repository");
    assert!(error.to_string().ends_with("no Git repository that is this user's"), "{error}");
}

#[test]
fn a_program_reads_the_checkpoint_and_has_to_end_well() {
    let (dir, folder) = new_ledger();
    let checkpoint = go_on(&folder, 1);
    let path = dir.path().join("with spaces $HOME; and quotes'");
    let command = |words: &[&str]| Memory::Command(words.iter().map(OsString::from).collect());
    let tee = command(&["tee", "--", path.to_str().expect("UTF-8")]);
    assert_eq!(remember(&tee, &folder).expect("it is written"), Remembered::Written);
    assert_eq!(fs::read_to_string(&path).expect("a file"), checkpoint.note());
    let error = remember(&command(&["sh", "-c", "cat > /dev/null; exit 7"]), &folder).expect_err("it failed");
    assert!(matches!(error, MemoryError::Command { code: Some(7), .. }), "{error}");
    let error = remember(&command(&[]), &folder).expect_err("no program");
    assert!(matches!(error, MemoryError::Command { code: None, .. }), "{error}");
    let error = remember(&command(&["/no/such/program"]), &folder).expect_err("no program");
    assert!(matches!(error, MemoryError::Io { .. }) && !format!("{error:?}").contains("such"), "{error:?}");
}

#[test]
fn several_checkpoints_are_read_from_one_file_or_from_a_folder() {
    let (dir, folder) = new_ledger();
    let all: Vec<Checkpoint> = (0..3).map(|_| go_on(&folder, 1)).collect();
    let other = SignerKey::new("ledger.example/other", &[7; 32]).expect("a key");
    let foreign = other.sign("ledger.example/other\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    let foreign = foreign.expect("a note");
    let cosigned = format!("{}— witness.example AAAAAA==\n", all[2].note());
    let place = dir.path().join("memory");
    fs::create_dir(&place).expect("a folder");
    let file = place.join("all.checkpoints");
    for text in [
        format!("{}{}{}", all[0].note(), all[1].note(), all[2].note()),
        format!("\n{}\n\n{}\n{foreign}\n{}\n", all[0].note(), all[1].note(), all[2].note()),
        format!("{foreign}{}{}{cosigned}", all[0].note(), all[1].note()),
    ] {
        fs::write(&file, text).expect("it can be written");
        let sizes = |read: Vec<Checkpoint>| read.iter().map(Checkpoint::size).collect::<Vec<_>>();
        let expected: Vec<u64> = all.iter().map(Checkpoint::size).collect();
        assert_eq!(sizes(read(&file)), expected);
        assert_eq!(sizes(read(&place)), expected);
    }
    fs::write(place.join("README"), "no checkpoint").expect("it can be written");
    fs::write(place.join("one.checkpoint"), all[0].note()).expect("it can be written");
    assert_eq!(read(&place).len(), 4);
    // The ledger's own folder of checkpoints is one as well.
    assert_eq!(read(&folder.join("checkpoints")).len(), 4);
    let refused = |text: &str| {
        fs::write(&file, text).expect("it can be written");
        read_memory(&place, key().verifier()).expect_err("not to be trusted")
    };
    for text in ["x".into(), format!("{}x", all[1].note()), all[1].note().replace("\n— ", "\n- ")] {
        let error = refused(&text);
        assert!(matches!(error, MemoryError::NotOurs { .. }), "{text}: {error}");
    }
    for at in 20..all[1].note().len() {
        let mut bytes = all[1].note().as_bytes().to_vec();
        bytes[at] ^= 1;
        if let Ok(text) = String::from_utf8(bytes) {
            assert!(matches!(refused(&text), MemoryError::NotOurs { .. }), "byte {at}");
        }
    }
    fs::write(&file, foreign).expect("it can be written");
    let error = read_memory(&file, key().verifier()).expect_err("another's");
    assert!(matches!(error, MemoryError::Nothing), "{error}");
}
