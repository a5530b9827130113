//! Users and what they sign: who may do what, that it is proven, and that whoever forges, edits, repeats or takes away a
//! statement is found out.

use crate::oracle;
use crate::support::*;
use custody_retention::disk::{Disk, RealDisk};
use custody_retention::identity::*;
use custody_retention::ledger::{Subject, SubjectKind};
use custody_retention::store::{RecordKind, Store, StoreError, StorePlace};
use custody_rules::approval::Approved;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

const ADMIN: &str = "an.administrator";
const ANALYST: &str = "an.analyst";
const REVIEWER: &str = "a.reviewer";

/// The key of an account in these tests.
fn key(account: &str) -> MemoryKey {
    MemoryKey::new(blake3::hash(account.as_bytes()).as_bytes())
}

fn acting(store: &mut Store, account: &str) {
    store.sign_with(Box::new(key(account)));
}

fn person(store: &Store, account: &str, roles: &[Role]) -> User {
    let roles: BTreeSet<Role> = roles.iter().copied().collect();
    User::new(store.ids(), account, key(account).public(), roles).expect("a user")
}

fn enrol(store: &mut Store, (by, account): (&str, &str), roles: &[Role]) -> Result<Subject, StoreError> {
    acting(store, by);
    let (who, user) = (who(store, by, TIME_MS), person(store, account, roles));
    store.put_user(who, &user)
}

/// A store with an administrator, an analyst and a reviewer.
fn staffed() -> (tempfile::TempDir, StorePlace, Memory, Store) {
    let (dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    for (account, role) in
        [(ADMIN, Role::Administrator), (ANALYST, Role::Analyst), (REVIEWER, Role::Reviewer)]
    {
        enrol(&mut store, (ADMIN, account), &[role]).expect("enrolled");
    }
    (dir, place, holder, store)
}

fn refusal<T: std::fmt::Debug>(done: Result<T, StoreError>) -> String {
    match done {
        Err(StoreError::Refused(why)) => why,
        other => panic!("not refused: {other:?}"),
    }
}

fn plan(store: &Store, text: &str) -> Subject {
    store.ids().subject(SubjectKind::Plan, text.as_bytes())
}

fn walked(place: &StorePlace) -> StatementReport {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::open(&place.folder).expect("the store"));
    check_statements(&disk, &[7; 16]).expect("it can be read")
}

fn whys(place: &StorePlace) -> Vec<&'static str> {
    walked(place).bad.into_iter().map(|bad| bad.why).collect()
}

fn files(place: &StorePlace, ending: &str) -> Vec<PathBuf> {
    let folder = fs::read_dir(place.folder.join("governance")).expect("a folder");
    let mut files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == ending));
    files.sort();
    files
}

#[test]
fn a_store_without_users_signs_nothing() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let (who, subject) = (who(&store, ANALYST, TIME_MS), plan(&store, "one"));
    store.planned(who, subject).expect("planned");
    assert_eq!(store.proven(who).expect("nobody to ask"), None);
    assert!(!place.folder.join("governance").exists());
    assert_eq!(walked(&place), StatementReport::default());
}

#[test]
fn the_first_user_is_an_administrator_and_the_last_one_stays() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    refusal(enrol(&mut store, (ADMIN, ADMIN), &[Role::Analyst]));
    refusal(enrol(&mut store, (ADMIN, ANALYST), &[Role::Administrator]));
    refusal(enrol(&mut store, (ADMIN, ADMIN), &[]));
    // With a key that is not the one in the record.
    acting(&mut store, ANALYST);
    let (by, user) = (who(&store, ADMIN, TIME_MS), person(&store, ADMIN, &[Role::Administrator]));
    refusal(store.put_user(by, &user));
    let service = person(&store, ADMIN, &[Role::Administrator]).into_service();
    refusal(store.put_user(by, &service));
    assert_eq!(store.users().expect("none"), vec![]);
    enrol(&mut store, (ADMIN, ADMIN), &[Role::Administrator]).expect("the first");
    let why = refusal(enrol(&mut store, (ADMIN, ADMIN), &[Role::Auditor]));
    assert!(why.contains("without an administrator"), "{why}");
    refusal(store.remove_user(by, ADMIN));
    enrol(&mut store, (ADMIN, REVIEWER), &[Role::Administrator]).expect("another");
    acting(&mut store, ADMIN);
    store.remove_user(by, ADMIN).expect("now it can go");
    refusal(store.remove_user(by, REVIEWER));
    assert_eq!(whys(&place), Vec::<&str>::new());
    assert_eq!(walked(&place).users, 1);
    drop(store);
    oracle::check(&open(&place, &holder), &place, &holder, &[]);
}

#[test]
fn acts_need_the_key_of_a_user_with_the_role() {
    let (_dir, place, holder, mut store) = staffed();
    let subject = plan(&store, "one");
    let [analyst, reviewer, nobody] =
        [ANALYST, REVIEWER, "somebody.else"].map(|account| who(&store, account, TIME_MS));
    let why = refusal(store.planned(nobody, subject));
    assert!(why.contains("no user"), "{why}");
    acting(&mut store, REVIEWER);
    let why = refusal(store.planned(analyst, subject));
    assert!(why.contains("not the one of the account"), "--as alone opens nothing: {why}");
    refusal(store.proven(analyst));
    let why = refusal(store.planned(reviewer, subject));
    assert!(why.contains("analyst or custodian"), "{why}");
    let why = refusal(enrol(&mut store, (REVIEWER, REVIEWER), &[Role::Administrator]));
    assert!(why.contains("administrator"), "{why}");
    refusal(store.put_record(reviewer, RecordKind::Environment, ("production", b"caps = none")));
    refusal(store.put_record(reviewer, RecordKind::User, ("somebody.else", b"role = all")));
    refusal(store.remove_record(reviewer, RecordKind::User, ADMIN));
    acting(&mut store, ANALYST);
    store.planned(analyst, subject).expect("it is the analyst");
    assert_eq!(store.proven(analyst).expect("proven").map(|user| user.id), Some(analyst.user));
    assert_eq!(whys(&place), Vec::<&str>::new());
    assert_eq!(walked(&place), StatementReport { signed: 4, users: 3, bad: vec![] });
    // Nothing that was refused stands in the ledger, and a store that is opened anew has nobody's key.
    drop(store);
    let mut store = open(&place, &holder);
    let why = refusal(store.planned(analyst, plan(&store, "two")));
    assert!(why.contains("key of the account"), "{why}");
}

#[test]
fn two_users_have_two_keys_and_names_lie_nowhere_in_the_clear() {
    let (_dir, place, _holder, mut store) = staffed();
    acting(&mut store, ADMIN);
    let by = who(&store, ADMIN, TIME_MS);
    let same = User::new(store.ids(), "second.account", key(ANALYST).public(), [Role::Reviewer].into());
    let why = refusal(store.put_user(by, &same.expect("a user")));
    assert!(why.contains("two keys"), "{why}");
    let names: Vec<String> =
        store.users().expect("users").iter().map(|user| user.account(store.ids()).expect("a name")).collect();
    assert!([ADMIN, ANALYST, REVIEWER].iter().all(|name| names.contains(&(*name).to_owned())));
    for name in [ADMIN, ANALYST, REVIEWER] {
        assert!(!anywhere(&place.folder, name.as_bytes()));
    }
}

#[test]
fn a_service_sweeps_and_does_nothing_else() {
    let (_dir, _place, _holder, mut store) = staffed();
    acting(&mut store, ADMIN);
    let by = who(&store, ADMIN, TIME_MS);
    let service = person(&store, "nightly", &[]).into_service();
    store.put_user(by, &service).expect("enrolled");
    let (nightly, subject) = (who(&store, "nightly", TIME_MS), plan(&store, "one"));
    acting(&mut store, "nightly");
    store.planned(nightly, subject).expect("its plan");
    refusal(store.approve(nightly, subject, Approved::Erase));
    refusal(store.put_record(nightly, RecordKind::Environment, ("sandbox", b"")));
    refusal(store.put_user(nightly, &service));
}

#[test]
fn approvals_count_as_long_as_their_giver_may_give_them() {
    let (_dir, place, _holder, mut store) = staffed();
    let [admin, analyst, reviewer] = [ADMIN, ANALYST, REVIEWER].map(|name| who(&store, name, TIME_MS));
    let subject = plan(&store, "one");
    acting(&mut store, ANALYST);
    store.planned(analyst, subject).expect("planned");
    refusal(store.approve(analyst, subject, Approved::Erase));
    acting(&mut store, REVIEWER);
    store.approve(reviewer, subject, Approved::Erase).expect("approved");
    let usable = |store: &Store| store.usable_approvals(analyst, subject, Approved::Erase);
    assert_eq!(usable(&store).expect("usable").len(), 1);
    let early = custody_retention::store::Who { time_ms: TIME_MS - 1, ..analyst };
    assert_eq!(
        store.usable_approvals(early, subject, Approved::Erase).expect("none").len(),
        0,
        "of the future"
    );

    enrol(&mut store, (ADMIN, REVIEWER), &[Role::Auditor]).expect("another role");
    assert!(refusal(usable(&store)).contains("no role any more"));
    enrol(&mut store, (ADMIN, REVIEWER), &[Role::Reviewer]).expect("the role again");
    assert_eq!(usable(&store).expect("usable").len(), 1);
    let other = User::new(store.ids(), REVIEWER, key("new key").public(), [Role::Reviewer].into());
    store.put_user(admin, &other.expect("a user")).expect("another key");
    assert!(refusal(usable(&store)).contains("not the user's any more"));
    enrol(&mut store, (ADMIN, REVIEWER), &[Role::Reviewer]).expect("the key again");
    // Taken away, or another's in its place.
    let statements = files(&place, "statement");
    for path in &statements {
        let own = fs::read(path).expect("a file");
        fs::write(path, fs::read(&statements[0]).expect("a file")).expect("written");
        let counts = usable(&store).is_ok();
        let approval = String::from_utf8_lossy(&own).contains("act approve");
        assert_eq!(counts, !approval || path == &statements[0]);
        fs::write(path, own).expect("written");
    }
    acting(&mut store, ADMIN);
    store.remove_user(admin, REVIEWER).expect("gone");
    assert!(refusal(usable(&store)).contains("no user any more"));
    assert_eq!(whys(&place), Vec::<&str>::new(), "what was signed before stays signed");
}

#[test]
fn statements_and_records_that_were_touched_are_found_without_any_secret() {
    let (_dir, place, holder, mut store) = staffed();
    acting(&mut store, ANALYST);
    let analyst = who(&store, ANALYST, TIME_MS);
    for text in ["one", "two"] {
        let subject = plan(&store, text);
        store.planned(analyst, subject).expect("planned");
    }
    let statements = files(&place, "statement");
    assert_eq!(statements.len(), 5);
    for (at, path) in statements.iter().enumerate() {
        let own = fs::read(path).expect("a file");
        let other = fs::read(&statements[(at + 1) % statements.len()]).expect("a file");
        let mut bent = own.clone();
        bent[own.len() / 2] ^= 1;
        for changed in [&other[..], &bent, &own[..own.len() - 1], b""] {
            fs::write(path, changed).expect("written");
            assert!(!whys(&place).is_empty());
        }
        fs::rename(path, place.folder.join("../aside")).expect("taken away");
        assert!(whys(&place).contains(&"its statement is missing"));
        fs::write(path, own).expect("written");
    }
    for path in files(&place, "user") {
        let own = fs::read(&path).expect("a file");
        let edited = String::from_utf8(own.clone()).expect("text").replace("analyst", "administrator");
        let edited = edited.replace("reviewer", "custodian").replace("[\"administrator\"]", "[\"auditor\"]");
        fs::write(&path, edited).expect("written");
        assert!(!whys(&place).is_empty(), "edited");
        refusal(store.planned(analyst, plan(&store, "three")));
        fs::write(&path, own).expect("written");
    }
    assert_eq!(whys(&place), Vec::<&str>::new());
    assert_eq!(oracle::oddities(&store), vec![]);
    drop(store);
    oracle::check(&open(&place, &holder), &place, &holder, &[]);
}

fn keygen(folder: &Path, args: &[&str], stdin: &[u8]) -> Option<(bool, Vec<u8>)> {
    let mut child = Command::new("ssh-keygen")
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(stdin).ok()?;
    let done = child.wait_with_output().ok()?;
    Some((done.status.success(), done.stdout))
}

#[test]
fn openssh_verifies_what_is_signed_here_and_the_other_way_round() {
    let (_dir, place, _holder, mut store) = staffed();
    let analyst = who(&store, ANALYST, TIME_MS);
    acting(&mut store, ANALYST);
    let subject = plan(&store, "one");
    store.planned(analyst, subject).expect("planned");
    let statement = files(&place, "statement")
        .into_iter()
        .map(|path| fs::read_to_string(path).expect("text"))
        .find(|text| text.contains("act plan"))
        .expect("the statement");
    let (text, signature) = statement.split_once("\n\n").expect("two parts");
    let text = format!("{text}\n");
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("s.sig"), signature).expect("written");
    let allowed = format!("a@example namespaces=\"custody\" {}\n", key(ANALYST).public());
    fs::write(dir.path().join("allowed"), allowed).expect("written");
    let verify = ["-Y", "verify", "-f", "allowed", "-I", "a@example", "-n", "custody", "-s", "s.sig"];
    let Some((good, _)) = keygen(dir.path(), &verify, text.as_bytes()) else {
        eprintln!("ssh-keygen is not here: not compared");
        return;
    };
    assert!(good);
    assert_eq!(keygen(dir.path(), &verify, b"another text").map(|(good, _)| good), Some(false));

    let made = keygen(dir.path(), &["-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", "id"], b"");
    assert_eq!(made.map(|(good, _)| good), Some(true));
    let public = fs::read_to_string(dir.path().join("id.pub")).expect("a key");
    for (namespace, counts) in [("custody", true), ("file", false)] {
        let args = ["-Y", "sign", "-f", "id", "-n", namespace];
        let (good, out) = keygen(dir.path(), &args, b"a message").expect("it runs");
        assert!(good);
        let read = SshSignature::parse(&String::from_utf8(out).expect("text"));
        assert_eq!(read.is_some(), counts);
        if let Some(read) = read {
            assert!(read.verifies(b"a message") && !read.verifies(b"a massage"));
            assert_eq!(Some(read.key), PublicKey::parse(&public));
        }
    }
}
