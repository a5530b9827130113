//! Mappings, rows and checks over tables in memory.

mod bundled;
mod checks;
mod filters;
mod mappings;
mod planning;
mod props;
mod rows;
mod stored;
mod support;
