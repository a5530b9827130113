//! The catalog from outside: what is written can be asked, what is damaged is refused, nothing personal stands in the
//! file, and a fold of the ledger is the catalog that was kept. One test binary.

mod damage;
mod folding;
mod full_disk;
mod model;
mod opening;
mod reading;
mod support;
