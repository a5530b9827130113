//! The process seam: foreign media is decoded, read and rewritten in processes of their own, which are this
//! very program started anew. Here is the parent's side and, in `child`, the worker's.
//!
//! Jobs go over a socket with the open descriptors beside them; answers come back over a pipe and are
//! checked like any foreign input. A worker that crashes, hangs or lies costs the file it worked on. Before
//! its first job it gives up files, network and programs (`sandbox`).

mod answer;
mod child;
mod message;
mod pages;
mod pool;
mod process;
mod sandbox;
mod survey;

pub use child::worker_main;
pub use pool::{WorkerOptions, WorkerPool};
pub use sandbox::{Bounds, Part, Tried, Try};
pub use survey::{Survey, survey};
