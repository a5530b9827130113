//! The ledger from outside: its laws, its faults, and a second verifier with code of its own. One test binary.

mod differential;
mod faults;
mod independent;
mod killed;
mod notes;
mod on_disk;
mod power_cut;
mod proving;
mod remembering;
#[path = "../support/sim.rs"]
mod sim;
mod sim_faults;
mod support;
mod tampering;
mod verifier;
mod writing;
