//! What a run is made of, checked: rules, roster, profile and key, from arguments and environment.

use crate::cli::DetectArgs;
use crate::rulebook::Rulebook;
use crate::{rosters, rulebook};
use anyhow::{Context as _, bail};
use custody_redact::detect::Detector;
use custody_rules::{Limits, Scanner};
use std::sync::Arc;

/// Environment variable that names the key file of unattended runs.
pub const KEY_FILE_VARIABLE: &str = "CUSTODY_KEY_FILE";

/// A detector and what the manifest says of it.
#[derive(Debug)]
pub struct Detection {
    /// What is found.
    pub detector: Detector,
    /// People of the roster.
    pub roster_people: Option<u32>,
    /// BLAKE3 of recognizers and profile, hex.
    pub rules_blake3: String,
    /// BLAKE3 of the allow-lists and of the deny-lists, hex.
    pub lists_blake3: [Vec<String>; 2],
    /// Mistakes of recognizer files that were skipped.
    pub skipped_rules: Vec<String>,
}

/// Puts the detector together.
///
/// # Errors
/// Mistakes in rules, profile, roster or key file, each with file and reason.
pub fn detection(args: &DetectArgs, limits: &Limits) -> anyhow::Result<Detection> {
    detection_with(args, limits, &[])
}

/// The same with further allow-lists, each with its name and text.
///
/// # Errors
/// As [`detection`].
pub fn detection_with(
    args: &DetectArgs,
    limits: &Limits,
    allow: &[(String, String)],
) -> anyhow::Result<Detection> {
    let Rulebook { rules, blake3: rules_hash, skipped: skipped_rules } =
        rulebook::load_rules(args.rules.as_deref(), args.skip_bad_rules)?;
    let rules = Arc::new(rules);
    let (lists, lists_blake3) = rulebook::load_lists(&args.allow, &args.deny, (allow, &rules))?;
    let (profile, profile_text) = rulebook::load_profile(&args.profile, &rules)?;
    let scanner = Arc::new(
        Scanner::with_floor(rules, profile.threshold)
            .map_err(|message| anyhow::anyhow!("the rules do not compile together: {message}"))?,
    );
    let load = |path| rosters::load(path, args.roster_key.as_deref(), &scanner, limits);
    let roster = args.roster.as_deref().map(load).transpose()?.map(Arc::new);
    let roster_people = roster.as_ref().map(|roster| roster.people());
    let mut hasher = blake3::Hasher::new();
    hasher.update(rules_hash.as_bytes()).update(profile_text.as_bytes());
    let rules_blake3 = hasher.finalize().to_hex().to_string();
    let mut detector = Detector::new(scanner, roster, profile, run_key()?);
    detector.lists = lists;
    Ok(Detection { detector, roster_people, rules_blake3, lists_blake3, skipped_rules })
}

/// The run's key: from the file that the environment names, else made for this run alone.
fn run_key() -> anyhow::Result<[u8; 32]> {
    let Some(path) = std::env::var_os(KEY_FILE_VARIABLE) else {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| anyhow::anyhow!("the system gives no random numbers"))?;
        return Ok(key);
    };
    key_file(std::path::Path::new(&path), &format!("${KEY_FILE_VARIABLE}"))
}

/// Reads a key file; `named` is what errors call it.
///
/// # Errors
/// When it cannot be read, or holds no key.
pub fn key_file(path: &std::path::Path, named: &str) -> anyhow::Result<[u8; 32]> {
    let bytes = std::fs::read(path).with_context(|| format!("{named}: the key file cannot be read"))?;
    parse_key(&bytes)
        .with_context(|| format!("{named}: the key file must hold 32 bytes, raw or as 64 hex digits"))
}

fn parse_key(bytes: &[u8]) -> anyhow::Result<[u8; 32]> {
    if let Ok(key) = <[u8; 32]>::try_from(bytes) {
        return Ok(key);
    }
    let hex = std::str::from_utf8(bytes)?.trim();
    if hex.len() != 64 {
        bail!("it has another length");
    }
    Ok(*blake3::Hash::from_hex(hex)?.as_bytes())
}
