//! What a store stands on, from outside: the disk, blobs and the key file, whole, bent, cut, and on a disk that fails.

mod bent_blobs;
mod bent_keys;
mod blobs;
mod crashes;
mod format;
mod holders;
mod keys;
mod model;
mod real_disk;
mod rotation;
#[path = "../support/sim.rs"]
mod sim;
mod sim_itself;
mod support;
