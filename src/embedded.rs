//! The recognizers and profiles that are part of the binary.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
