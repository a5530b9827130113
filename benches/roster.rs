//! The roster at scale as a bench: the same as `cargo run --release -p custody-rules --example roster_speed`, which
//! needs none of the other stages.

#[path = "../rules/examples/roster_speed.rs"]
mod speed;

fn main() {
    // `cargo test --benches` runs benches too: only `cargo bench` measures.
    if std::env::args().any(|arg| arg == "--bench") {
        speed::main();
    }
}
