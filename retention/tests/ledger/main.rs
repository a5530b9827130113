//! The ledger from outside: its laws, its faults, and a second verifier with code of its own. One test binary.

mod faults;
mod independent;
mod killed;
mod notes;
mod power_cut;
mod support;
mod tampering;
mod writing;
