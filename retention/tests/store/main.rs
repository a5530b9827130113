//! The store as a whole, on disks of its own: what goes in comes out, what is purged is gone, what is held stays.

#[path = "../ledger/independent.rs"]
#[allow(dead_code, reason = "every test binary uses its own part")]
mod independent;

#[path = "../support/sim.rs"]
mod sim;

mod acts;
mod attacks;
mod bits;
mod clocks;
mod disk_faults;
mod exports;
mod governing;
mod killed;
mod machine;
mod model;
mod oracle;
mod races;
mod secrets;
mod signing;
mod support;
mod whole;
mod world;
