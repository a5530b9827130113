//! What a worker can no longer do once it has confined itself, and what happens where it cannot. Kernels that
//! lack a part are played by a filter on the thread that starts the program, which its processes inherit.

use crate::program::{Said, World};
use crate::support::page::{Layout, Look, draw};
use crate::support::people::Cast;
use crate::support::seed::Seed;
use crate::worker_faults::workers;
use image::{GrayImage, Luma};
use seccompiler::{SeccompAction, SeccompFilter, apply_filter};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What no filter of system calls has to do with.
const MEMORY: &str = "memory";
/// What Landlock has forbidden since its first version.
const PATHS: [&str; 4] = ["read_file", "list_folder", "write_file", "run_program"];
/// Longest wait for something that happens at once.
const SOON: Duration = Duration::from_secs(60);

/// What a worker says of its tries after it confined itself by this part: refused or not, by name.
fn tried(part: &str) -> BTreeMap<String, bool> {
    let said = World::new().run(&["__worker", "--memory-mib=64", "--examine", part]);
    assert_eq!(said.code, 0, "{}", said.err);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["confined"], true, "{part}");
    let refused: BTreeMap<String, bool> = serde_json::from_value(report["refused"].clone()).expect("tries");
    assert_eq!(refused.len(), 13, "{refused:?}");
    refused
}

fn names(tried: &BTreeMap<String, bool>, refused: bool) -> Vec<&str> {
    tried.iter().filter(|(_, is)| **is == refused).map(|(name, _)| name.as_str()).collect()
}

/// Runs on a kernel that does not know these calls.
fn without<T: Send>(calls: &[i64], run: impl FnOnce() -> T + Send) -> T {
    let unknown = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let machine = std::env::consts::ARCH.try_into().expect("a known machine");
    let calls = calls.iter().map(|call| (*call, Vec::new())).collect();
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, unknown, machine).expect("a filter");
    let program: seccompiler::BpfProgram = filter.try_into().expect("a filter");
    std::thread::scope(|scope| {
        let confined = scope.spawn(move || {
            apply_filter(&program).expect("this thread can be confined");
            run()
        });
        confined.join().expect("no panic")
    })
}

fn picture(world: &World, name: &str) {
    let seed = Seed::new(7);
    let look = Look::any(&mut Seed::new(1));
    world.file(name, draw(Layout::ALL[1], look, &Cast::new(&seed, 30), &seed).png());
}

/// 48 million pixels with marks that are read one by one, or none.
fn large_picture(world: &World, name: &str, marked: bool) {
    let mut page = GrayImage::from_pixel(8_000, 6_000, Luma([255]));
    for (x, y) in (0..150).flat_map(|row| (0..150).map(move |column| (row * 50 + 20, column * 38 + 20))) {
        for step in (0..14).filter(|_| marked) {
            page.put_pixel(x + step, y + step, Luma([0]));
            page.put_pixel(x + step + 1, y + step, Luma([0]));
        }
    }
    fs::create_dir_all(world.path("in")).expect("a folder");
    page.save(world.path(name)).expect("written");
}

/// Redacts `in` with this variable set; what was said.
fn redact_with((variable, value): (&str, &str), world: &World) -> Said {
    let mut command = world.command();
    command.args(["redact", "in", "-o", "out", "-j", "1"]).env(variable, value);
    command.output().expect("runs").into()
}

#[test]
fn without_a_sandbox_every_try_succeeds() {
    assert_eq!(names(&tried("none"), true), [""; 0]);
}

#[test]
fn a_confined_worker_can_do_nothing_of_it() {
    assert_eq!(names(&tried("all"), false), [""; 0]);
}

#[test]
fn each_part_forbids_its_share_by_itself() {
    assert_eq!(names(&tried("seccomp"), false), [MEMORY]);
    assert_eq!(names(&tried("limits"), true), [MEMORY]);
    let landlock = tried("landlock");
    assert!(PATHS.iter().all(|name| landlock[*name]), "{landlock:?}");
}

#[test]
fn a_worker_at_work_is_confined_in_all_its_threads() {
    let world = World::new();
    picture(&world, "in/a.png");
    let mut command = world.command();
    command.args(["redact", "in", "-o", "out", "-j", "1"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    let start = Instant::now();
    // The filter is the last part. A worker has a second thread when it takes jobs.
    let (worker, statuses) = loop {
        let found = workers(child.id()).first().map(|worker| (*worker, thread_statuses(*worker)));
        if let Some((worker, statuses)) = found.filter(|(_, statuses)| statuses.len() > 1) {
            break (worker, statuses);
        }
        assert!(start.elapsed() < SOON && child.try_wait().expect("waits").is_none(), "no worker was seen");
        std::thread::sleep(Duration::from_millis(2));
    };
    let limits = fs::read_to_string(format!("/proc/{worker}/limits")).expect("its limits");
    for status in &statuses {
        assert!(status.contains("Seccomp:\t2\n") && status.contains("NoNewPrivs:\t1\n"), "{status}");
    }
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).expect("a limit");
        let numbers: Vec<u64> =
            line[name.len()..].split_whitespace().filter_map(|n| n.parse().ok()).collect();
        (numbers[0], numbers[1])
    };
    assert_eq!(limit("Max core file size"), (0, 0));
    assert_eq!(limit("Max data size").1, 6 << 30);
    assert_eq!(limit("Max cpu time").0, 14_400);
    assert!(limit("Max open files").1 <= 64 && limit("Max address space").1 <= 16 << 30, "{limits}");
    assert!(child.wait().expect("ends").success());
    assert!(world.manifest("out").get("no_sandbox").is_none());
}

fn thread_statuses(process: u32) -> Vec<String> {
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    let paths = tasks.into_iter().flatten().flatten().map(|task| task.path().join("status"));
    paths.filter_map(|path| fs::read_to_string(path).ok()).collect()
}

#[test]
fn descriptors_that_came_along_by_accident_are_closed() {
    let world = World::new();
    let pipe = world.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let (ours, theirs) = UnixStream::pair().expect("a socket");
    let mut worker = Command::new("sh")
        .args(["-c", "exec \"$0\" __worker 7>\"$1\"", env!("CARGO_BIN_EXE_custody")])
        .arg(&pipe)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .spawn()
        .expect("starts");
    let (sender, closed) = mpsc::channel();
    std::thread::spawn(move || {
        let end = fs::File::open(pipe).and_then(|mut pipe| pipe.read_to_end(&mut Vec::new()));
        sender.send(end.expect("readable")).expect("awaited");
    });
    assert_eq!(closed.recv_timeout(SOON), Ok(0), "the worker keeps it open");
    assert!(worker.try_wait().expect("waits").is_none(), "it waits for jobs");
    drop(ours);
    worker.wait().expect("ends");
}

#[test]
fn who_refused_a_file_or_rewrote_one_gets_no_other() {
    let world = World::new();
    picture(&world, "in/b.png");
    picture(&world, "in/c.png");
    let cut = fs::read(world.path("in/b.png")).expect("a picture")[..900].to_vec();
    world.file("in/a.png", cut);
    let mut command = world.command();
    command.args(["redact", "in", "-o", "out", "-j", "1"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    let mut seen = BTreeSet::new();
    let status = loop {
        seen.extend(workers(child.id()));
        if let Some(status) = child.try_wait().expect("waits") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert_eq!(status.code(), Some(3));
    let files = world.manifest("out")["files"].as_array().expect("a list").clone();
    let repairs: u64 = files.iter().map(|file| file["verdict"]["repairs"].as_u64().expect("a number")).sum();
    // One refuses a.png; the next reads b.png and c.png; each is rewritten by one of its own; one more reads the outputs.
    assert_eq!((files.len(), seen.len() as u64), (2, 5 + repairs));
}

#[test]
fn without_seccomp_media_are_refused_and_text_is_not() {
    let world = World::new();
    picture(&world, "in/a.png");
    world.file("in/b.txt", "all is well\n");
    let run = |args: &[&str]| without(&[libc::SYS_seccomp], || world.run(args));
    let said = run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("a.png") && said.err.contains("(sandbox_missing)"), "{}", said.err);
    assert_eq!(world.read("out/b.txt"), "all is well\n");
    assert!(!world.path("out/a.png").exists());
    assert_eq!(world.manifest("out")["refused"][0]["reason"], "sandbox_missing");
    let said = run(&["scan", "in"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("(sandbox_missing)"), "{}", said.err);
    let said = run(&["doctor", "--json"]);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((said.code, &report["ready"]), (1, &Value::Bool(false)), "{}", said.out);
    assert_eq!(
        (&report["sandbox"]["active"], &report["sandbox"]["seccomp"]["active"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
    let said = run(&["doctor"]);
    assert!(said.out.contains("sandbox    cannot start") && said.out.contains("seccomp    not there"));
}

#[test]
fn no_sandbox_goes_on_without_and_says_so() {
    let world = World::new();
    picture(&world, "in/a.png");
    let run = |args: &[&str]| without(&[libc::SYS_seccomp], || world.run(args));
    let said = run(&["redact", "in", "-o", "out", "--no-sandbox"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("warning: no sandbox"), "{}", said.err);
    assert_eq!(world.manifest("out")["no_sandbox"], true);
    for args in [&["verify", "out", "--no-sandbox"][..], &["scan", "out/a.png", "--no-sandbox"]] {
        let said = run(args);
        assert_eq!(said.code, 0, "{args:?} {}", said.err);
        assert!(said.err.contains("warning: no sandbox"), "{}", said.err);
    }
    let said = run(&["verify", "out"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("a.png") && said.err.contains("sandbox_missing"), "{}", said.err);
}

#[test]
fn without_landlock_the_sandbox_holds_all_the_same() {
    let calls = [libc::SYS_landlock_create_ruleset, libc::SYS_landlock_restrict_self];
    let world = World::new();
    picture(&world, "in/a.png");
    let run = |args: &[&str]| without(&calls, || world.run(args));
    let said = run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = run(&["doctor", "--json"]);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(said.code, 0, "{}", said.out);
    let active = |part: &str| report["sandbox"][part]["active"].as_bool().expect("said");
    assert_eq!([active("seccomp"), active("landlock"), active("all")], [true, false, true]);
}

#[test]
fn doctor_says_that_every_part_is_active() {
    let said = World::new().run(&["doctor"]);
    assert_eq!(said.code, 0, "{}", said.out);
    for line in
        ["sandbox    active", "seccomp    active: ", "landlock   active: ", "limits     active: 6144 MiB"]
    {
        assert!(said.out.contains(line), "{}", said.out);
    }
}

#[test]
fn a_picture_that_takes_too_much_memory_costs_itself_only() {
    let world = World::new();
    large_picture(&world, "in/a.png", false);
    picture(&world, "in/b.png");
    let said = redact_with(("CUSTODY_WORKER_MEMORY", "150"), &world);
    assert_eq!(said.code, 3, "{}", said.err);
    let reason = "a.png: decoding it takes more than 150 MiB of memory (worker_limit)";
    assert!(said.err.contains(reason), "{}", said.err);
    assert!(!world.path("out/a.png").exists() && world.path("out/b.png").exists());
}

#[test]
fn a_picture_that_takes_too_much_processor_time_costs_itself_only() {
    let world = World::new();
    large_picture(&world, "in/a.png", true);
    world.file("in/b.txt", "all is well\n");
    let said = redact_with(("CUSTODY_WORKER_CPU", "1"), &world);
    assert_eq!(said.code, 3, "{}", said.err);
    let reason = "a.png: decoding it takes more than 1 s of processor time (worker_limit)";
    assert!(said.err.contains(reason), "{}", said.err);
    assert!(!world.path("out/a.png").exists() && world.path("out/b.txt").exists());
}
