//! Detects over the whole bundle, decides once a span, writes redacted outputs and reads them again.
//!
//! Two phases, one seam: [`detect`] fills the findings table ([`FindingStore`]), [`apply`] acts on it;
//! nothing else decides. The crate reads no foreign format itself: readers come through `custody_rules`'
//! traits.

mod apply;
mod context;
pub mod detect;
mod find;
mod frames;
pub mod operators;
mod parallel;
mod path;
pub mod preview;
mod resolve;
mod store;
mod stream;
pub mod verify;
pub mod writers;

pub use apply::apply;
pub use context::{Artifact, Context};
pub use find::{Survey, find, survey};
pub use path::redacted_components;
pub use resolve::{Span, resolve};
pub use store::{FINDINGS, FindingStore, TableContext};
pub use stream::{StreamSummary, stream};
