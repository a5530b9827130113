//! The store's credentials as a run sees them: what is found always, in the forms in which a log or an address holds it.
//! How they are kept is `retention`'s.

use super::{Wanted, open};
use crate::terminal::Terminal;
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use custody_redact::detect::Detector;
use custody_retention::store::{RecordKind, SecretText, Store};
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// What a credential is found as.
const ENTITY: &str = "API_KEY";

/// No core file of this process, and no other process of the account reads its memory: called before a value comes in.
pub fn harden() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// All credentials of a store, without asking for its key; none where there is no store.
///
/// # Errors
/// When there is a store and it does not open, or one was named that is not there.
pub fn values(wanted: Wanted, terminal: Terminal) -> anyhow::Result<Vec<SecretText>> {
    if !wanted.folder.join("store.toml").exists() && !wanted.named {
        return Ok(Vec::new());
    }
    let opened = open(&Wanted { may_ask: false, ..wanted }, terminal)?;
    of(&opened.store)
}

/// All credentials of an open store.
///
/// # Errors
/// When one does not open.
pub fn of(store: &Store) -> anyhow::Result<Vec<SecretText>> {
    if !store.has_records(RecordKind::Secret)? {
        return Ok(Vec::new());
    }
    harden();
    Ok(store.secrets()?.into_iter().map(|secret| secret.value).collect())
}

/// Has a detector find these values always.
///
/// # Errors
/// When they are too many.
pub fn add(values: &[SecretText], detector: &mut Detector) -> anyhow::Result<()> {
    let forms: Vec<Zeroizing<String>> = values.iter().flat_map(|value| forms(value.expose())).collect();
    if forms.is_empty() {
        return Ok(());
    }
    let entity = detector.rules().entity_id(ENTITY).context("no recognizer finds credentials")?;
    let bytes: Vec<&[u8]> = forms.iter().map(|form| form.as_bytes()).collect();
    detector.lists.add_exact(entity, &bytes).map_err(|why| anyhow::anyhow!("the store's credentials: {why}"))
}

/// A value as it is, and encoded: Base64 wherever it begins in what was encoded, in addresses and forms, JSON, markup,
/// hexadecimal digits.
fn forms(value: &str) -> Vec<Zeroizing<String>> {
    let mut forms = vec![Zeroizing::new(value.to_owned())];
    forms.push(Zeroizing::new(STANDARD.encode(value)));
    forms.push(Zeroizing::new(URL_SAFE.encode(value)));
    for before in 0..3 {
        let mut bytes = Zeroizing::new(vec![0_u8; before]);
        bytes.extend_from_slice(value.as_bytes());
        // Digits that the value alone decides: those at both ends hold bits of what stands beside it.
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for engine in [&STANDARD, &URL_SAFE] {
            let encoded = Zeroizing::new(engine.encode(&*bytes));
            forms.extend(encoded.get(from..to).map(|own| Zeroizing::new(own.to_owned())));
        }
    }
    let hex = |upper: bool| {
        let mut digits = Zeroizing::new(String::with_capacity(value.len() * 2));
        value.bytes().for_each(|byte| push_hex(&mut digits, byte, upper));
        digits
    };
    forms.extend([hex(false), hex(true)]);
    for upper in [false, true] {
        forms.extend([percent(value, upper, "%20"), percent(value, upper, "+")]);
    }
    forms.push(replaced(value, &[('\\', "\\\\"), ('"', "\\\"")]));
    forms.push(replaced(
        value,
        &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")],
    ));
    forms.push(replaced(value, &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")]));
    forms.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    forms.dedup();
    forms
}

fn push_hex(text: &mut String, byte: u8, upper: bool) {
    // Writing to a string does not fail.
    let _ = if upper { write!(text, "{byte:02X}") } else { write!(text, "{byte:02x}") };
}

/// As in an address or a form.
fn percent(value: &str, upper: bool, space: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(value.len() * 3));
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            b' ' => text.push_str(space),
            _ => {
                text.push('%');
                push_hex(&mut text, byte, upper);
            }
        }
    }
    text
}

fn replaced(value: &str, pairs: &[(char, &str)]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(value.len() * 6));
    for letter in value.chars() {
        match pairs.iter().find(|(from, _)| *from == letter) {
            Some((_, to)) => text.push_str(to),
            None => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_wherever_it_begins_in_what_was_encoded() {
        let value = "Lantern+7/ümber & co";
        for before in ["", "u", "us", "use", "user:"] {
            let all = format!("{before}{value}, and more");
            for encoded in [STANDARD.encode(&all), URL_SAFE.encode(&all)] {
                assert!(forms(value).iter().any(|form| encoded.contains(form.as_str())), "{before}");
            }
        }
        for known in [
            "Lantern%2B7%2F%C3%BCmber+%26+co",
            "Lantern%2b7%2f%c3%bcmber%20%26%20co",
            "Lantern+7/ümber &amp; co",
        ] {
            assert!(forms(value).iter().any(|form| form.as_str() == known), "{known}");
        }
    }
}
