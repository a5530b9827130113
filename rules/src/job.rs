//! What is asked of a worker process and what it answers: plain data, no processes here.

use crate::{ArtifactKind, Drawing, Limits, Region};
use serde::{Deserialize, Serialize};

/// One job for a worker. The artifact comes as an open descriptor, further ones take the outputs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Job {
    /// Decode and read: answers with `words` batches.
    Read {
        /// Image or video.
        kind: ArtifactKind,
        /// Boxes that an earlier redaction filled: where they are solid, nothing is read.
        covered: Vec<Region>,
        /// Whether it is an output that is read again: in another way than its original.
        again: bool,
        /// What is too large.
        limits: Limits,
    },
    /// Decode, paint, encode into the second descriptor.
    Rewrite {
        /// Image or video.
        kind: ArtifactKind,
        /// What is painted, and what else is kept.
        paint: Paint,
        /// What is too large.
        limits: Limits,
    },
    /// Decode, draw outlines and legends: a PNG into a descriptor for each sheet.
    Preview {
        /// Image or video.
        kind: ArtifactKind,
        /// What is drawn.
        drawing: Drawing,
        /// What is too large.
        limits: Limits,
    },
}

/// What a rewrite paints and keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paint {
    /// Boxes of pixels that are filled solid, already padded.
    pub regions: Vec<Region>,
    /// Whether audio streams are copied into the output.
    pub keep_audio: bool,
}

/// What a worker says of the media it read or wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaSummary {
    /// Pixels, upright; of the widest page.
    pub width: u32,
    /// Pixels, upright; of the highest page.
    pub height: u32,
    /// Frames decoded; pages of a picture.
    pub frames: u32,
    /// 0 for a picture that stands still.
    pub duration_ms: u64,
    /// Container or file format by its usual ending: `png`, `jpg`, `mp4`, `webm`, …
    pub format: String,
}

/// What a worker sends back, one message at a time; `words` batches travel beside it as Arrow IPC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum JobAnswer {
    /// It is alive; so many frames or tiles are done, of so many (0: unknown).
    Progress(u64, u64),
    /// The job is done.
    Done(MediaSummary),
    /// The artifact is refused.
    Refused(crate::Refusal),
}
