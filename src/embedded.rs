//! The recognizers, profiles, policies and rules of the guard that are part of the binary.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
