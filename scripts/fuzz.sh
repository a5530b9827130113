#!/usr/bin/env bash
# Runs every fuzz target for FUZZ_SECONDS (10) on stable Rust: the flags below are the ones `cargo fuzz` gives
# with `--sanitizer none`; the fuzzed code has no unsafe blocks, so the address sanitizer would see nothing.
# `cargo fuzz run TARGET` works as well, where it is installed. FUZZ_TARGETS runs some of them only.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"
seconds=${FUZZ_SECONDS:-10}
host=$(rustc -vV | sed -n 's/^host: //p')
coverage=(-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares)

export CXX=${CXX:-clang++}
RUSTFLAGS="${coverage[*]} --cfg fuzzing" \
  cargo build --quiet --locked --release --target "$host" --bins
built=${CARGO_TARGET_DIR:-target}/$host/release

failed=0
for target in ${FUZZ_TARGETS:-$(sed -n 's/^name = "\([a-z_]*\)"$/\1/p' Cargo.toml)}; do
  mkdir -p "corpus/$target" "artifacts/$target"
  log=artifacts/$target/last.log
  if "$built/$target" "corpus/$target" "seeds/$target" -max_total_time="$seconds" -rss_limit_mb=1024 \
    -timeout=10 -max_len=4096 -artifact_prefix="artifacts/$target/" -print_final_stats=1 >"$log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "fuzz $target: $runs inputs in $seconds s, nothing found"
  else
    echo "fuzz $target: FAILED, see fuzz/$log" >&2
    grep -aE -m 3 'panicked|ERROR|Test unit' "$log" >&2 || true
    failed=1
  fi
done
exit "$failed"
