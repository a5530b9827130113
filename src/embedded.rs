//! The recognizers, profiles and policies that are part of the binary.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
