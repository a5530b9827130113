//! The scanner as a bench: the same as `cargo run --release -p custody-rules --example scan_speed`, which needs none of
//! the other stages.

#[path = "../rules/examples/scan_speed.rs"]
mod speed;

fn main() {
    // `cargo test --benches` runs benches too: only `cargo bench` measures. The bench runs itself to measure memory.
    if std::env::args().any(|arg| arg == "--bench" || arg == speed::STREAM) {
        speed::main();
    }
}
