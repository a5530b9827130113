//! SARIF 2.1.0 (OASIS standard) for code scanning tools: the frame that `scan` and `guard` fill. Results hold places, never
//! values.

use serde_json::{Value, json};

/// A report of these rules and results.
pub(super) fn report(rules: &[Value], results: &[Value]) -> String {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "custody", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    })
    .to_string()
}

/// A path as a relative URI reference: everything but unreserved characters and `/` is percent-encoded.
pub(super) fn uri(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    path.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}
