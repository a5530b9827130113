//! A worker that crashes costs the file it worked on, and nothing else.

use crate::program::{Said, World};
use crate::support::page::{Layout, Look, draw};
use crate::support::people::Cast;
use crate::support::seed::Seed;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Children of a process whose command line holds `__worker`.
pub(crate) fn workers(parent: u32) -> Vec<u32> {
    let is_worker = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
        let child = fields.get(1).is_some_and(|ppid| *ppid == parent.to_string());
        child
            && fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| line.windows(8).any(|w| w == b"__worker"))
    };
    let pids =
        fs::read_dir("/proc").expect("proc").filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(is_worker).collect()
}

/// Redacts a picture and a text, sends the signal to the picture's worker, and checks what came of it.
fn signalled(signal: &str, reason: &str) {
    let world = World::new();
    let seed = Seed::new(7);
    let cast = Cast::new(&seed, 30);
    let look = Look::any(&mut Seed::new(1));
    world.file("in/a.png", draw(Layout::ALL[1], look, &cast, &seed).png());
    world.file("in/b.txt", "all is well\n");
    let mut command = world.command();
    let child = command
        .args(["redact", "in", "-o", "out", "-j", "1"])
        .env("CUSTODY_WORKER_TIMEOUT", "2")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = child.spawn().expect("starts");
    let start = Instant::now();
    let victim = loop {
        if let Some(pid) = workers(child.id()).first() {
            break *pid;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no worker was started");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(Command::new("kill").args([signal, &victim.to_string()]).status().expect("kill").success());
    let said = Said::from(child.wait_with_output().expect("ends"));
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("a.png") && said.err.contains(reason), "{}", said.err);
    assert_eq!(world.read("out/b.txt"), "all is well\n");
    assert!(!world.path("out/a.png").exists());
}

#[test]
fn a_killed_worker_costs_one_file() {
    signalled("-KILL", "worker_crashed");
}

#[test]
fn a_worker_that_hangs_costs_one_file() {
    signalled("-STOP", "worker_timeout");
}

#[test]
fn limits_of_workers_are_numbers_from_1() {
    let world = World::new();
    world.file("in/b.txt", "all is well\n");
    for variable in ["CUSTODY_WORKER_TIMEOUT", "CUSTODY_WORKER_MEMORY", "CUSTODY_WORKER_CPU"] {
        for odd in ["0", "soon", ""] {
            let output = world.command().args(["redact", "in", "-o", "out"]).env(variable, odd).output();
            let said = Said::from(output.expect("runs"));
            assert_eq!(said.code, 2, "{}", said.err);
            assert!(said.err.contains(variable), "{}", said.err);
        }
    }
}

#[test]
fn ctrl_c_leaves_nothing_half_written() {
    let world = World::new();
    let seed = Seed::new(7);
    let cast = Cast::new(&seed, 30);
    for at in 0..6 {
        let look = Look::any(&mut Seed::new(at));
        world.file(&format!("in/{at}.png"), draw(Layout::ALL[1], look, &cast, &seed).png());
    }
    let mut command = world.command();
    let child = command
        .args(["redact", "in", "-o", "out"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let start = Instant::now();
    while workers(child.id()).is_empty() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill").success());
    let said = Said::from(child.wait_with_output().expect("ends"));
    assert_eq!(said.code, 130, "{}", said.err);
    assert_eq!(world.entries(), ["in"], "neither OUT nor a staging folder");
}
