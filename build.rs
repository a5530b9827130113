//! Embeds recognizers, profiles, policies and what the guard knows: one edited TOML file recompiles the binary's crate alone.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    let mut code = String::new();
    let folders = [
        ("rules/recognizers", "RECOGNIZERS"),
        ("rules/profiles", "PROFILES"),
        ("rules/policies", "POLICIES"),
        ("rules/guard", "GUARD"),
    ];
    for (folder, name) in folders {
        println!("cargo::rerun-if-changed={folder}");
        embed(Path::new(folder), name, &mut code);
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("embedded.rs"), code).expect("OUT_DIR is writable");
}

fn embed(folder: &Path, name: &str, code: &mut String) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.map(|e| e.expect("readable folder").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "toml"));
    files.sort();
    let _ = writeln!(code, "/// File name and text of each file in `{}`.", folder.display());
    let _ = writeln!(code, "pub const {name}: &[(&str, &str)] = &[");
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let short = file.file_name().expect("a file").to_string_lossy();
        // The text itself, not its path: a target folder may outlive the clone it was made from.
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let _ = writeln!(code, "    ({short:?}, {text:?}),");
    }
    let _ = writeln!(code, "];");
}
