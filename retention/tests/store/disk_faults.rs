//! The disk fails at every one of its calls, once or for good, is full, writes short, or loses power: while a store is
//! opened, while anything is done to it, and while it recovers from that.

use crate::sim::{EIO, ENOSPC};
use crate::world::{Cast, Deed, World, present};

/// Calls that a deed makes.
fn calls(base: &World, cast: &Cast, deed: Deed) -> u64 {
    let world = base.fork();
    let before = world.sim.calls();
    deed.done(&world, cast).expect("nothing fails");
    world.sim.calls() - before
}

/// Runs `case` for calls of every deed, each `stride`-th.
fn each_call(stride: u64, mut case: impl FnMut(&World, &Cast, Deed, u64)) {
    let (base, cast) = World::new();
    for (number, deed) in (0..).zip(Deed::ALL) {
        let calls = calls(&base, &cast, deed);
        for n in (number % stride..calls).step_by(stride as usize) {
            case(&base, &cast, deed, n);
        }
    }
}

/// One call fails, and the ones after it work: what comes back as an error was not done, and what was done is whole.
fn fails_once(base: &World, cast: &Cast, deed: Deed, n: u64, errno: i32) {
    let what = format!("{deed:?}, call {n}, error {errno}");
    let world = base.fork();
    world.sim.fail_at(n, errno);
    let done = deed.done(&world, cast);
    world.sim.heal();
    world.sound(cast, &what);
    // An error may come from what happens behind the deed; success never hides a failure.
    if done.is_ok() {
        let again = deed.done(&world, cast);
        let spent = matches!(deed, Deed::Erase);
        assert!(again.is_ok() || spent, "{what}: {again:?}");
        let (store, _) = world.open().expect("it opens");
        assert!(!spent || !present(&store, &cast.erased), "{what}");
    }
}

/// Power is lost before a call.
fn loses_power(base: &World, cast: &Cast, deed: Deed, n: u64) {
    let world = base.fork();
    if !world.fails_from(n, || deed.done(&world, cast)) {
        return;
    }
    let now = world.catalog_now();
    for (seed, catalog) in [(n, &now), (n + 1_000, &base.catalog)] {
        let what = format!("{deed:?}, power lost at call {n}, seed {seed}");
        let left = world.crashed(seed, catalog);
        left.sound(cast, &what);
        if n.is_multiple_of(5) {
            left.same_when_rebuilt(&what);
        }
    }
}

/// Power is lost, and once more during recovery.
fn loses_power_twice(base: &World, cast: &Cast, deed: Deed, n: u64) {
    let world = base.fork();
    if !world.fails_from(n, || deed.done(&world, cast)) {
        return;
    }
    let left = world.crashed(n, &world.catalog_now());
    for again in (n % 7..).step_by(7) {
        let what = format!("{deed:?}, power lost at call {n} and call {again} of recovery");
        let second = left.fork();
        second.sim.fail_from(again, EIO);
        let opened = second.open().is_ok();
        let third = second.crashed(again, &second.catalog_now());
        third.sound(cast, &what);
        if opened {
            return;
        }
    }
}

const EVERY: u64 = 5;

#[test]
fn a_call_that_fails_once_loses_nothing() {
    each_call(EVERY, |base, cast, deed, n| {
        fails_once(base, cast, deed, n, if n % 2 == 0 { EIO } else { ENOSPC });
    });
}

#[test]
fn a_power_cut_at_a_call_leaves_a_store_that_recovers() {
    each_call(EVERY, loses_power);
}

#[test]
fn a_power_cut_during_recovery_is_no_worse() {
    each_call(8 * EVERY, loses_power_twice);
}

/// `cargo test --release -p custody-retention --test store -- --ignored every_call`
#[test]
#[ignore = "takes minutes"]
fn every_call_fails_in_every_way() {
    each_call(1, |base, cast, deed, n| {
        fails_once(base, cast, deed, n, EIO);
        fails_once(base, cast, deed, n, ENOSPC);
        loses_power(base, cast, deed, n);
    });
    each_call(3, loses_power_twice);
}

#[test]
fn short_and_interrupted_calls_are_continued() {
    let (base, cast) = World::new();
    for deed in Deed::ALL {
        let world = base.fork();
        world.sim.short(100);
        world.sim.interrupt_every(3);
        deed.done(&world, &cast).expect("it is done");
        world.sim.heal();
        world.sound(&cast, "short calls");
    }
}
