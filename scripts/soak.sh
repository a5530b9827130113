#!/usr/bin/env bash
# Memory stays flat: redacts a 2 GB log and a 10-minute recording and fails above 1 GiB resident, workers
# included; a store of a million and tests that take long or need root (a mount inside a store) come first. LOG_BYTES and RECORDING_SECONDS make it smaller or larger; SOAK_DIR says where (about 6 GB).
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
custody=${CUSTODY:-$target/release/custody}
make_ticket=$target/debug/examples/make_ticket
log_bytes=${LOG_BYTES:-2000000000}
seconds=${RECORDING_SECONDS:-600}
limit_kib=$((1024 * 1024))

if [ "${SOAK_STORE:-1}" != 0 ]; then
  export CUSTODY_TEST_MOUNT=1
  long=(a_flipped_bit_in_every_byte no_bit_turns_over_unnoticed every_call_fails_in_every_way)
  [ "$(id -u)" -ne 0 ] || long+=(what_is_mounted_in_a_blobs_place mounts_are_not_crossed)
  cargo test --locked --release -p custody-retention --tests -- --ignored "${long[@]}"
  cargo run --locked --release -p custody-retention --example sweep_speed -- 1000000 1024
fi

dir=$(mktemp -d "${SOAK_DIR:-${TMPDIR:-/tmp}}/custody-soak.XXXXXX")
trap 'rm -rf "$dir"' EXIT
echo "Making a log of $log_bytes bytes and a recording of $seconds s in $dir"
"$make_ticket" "$dir" --people 400 --log-bytes "$log_bytes" --recording-seconds "$seconds"
mkdir "$dir/recording"
[ "$seconds" -eq 0 ] || mv "$dir/ticket-4711/recordings/hire-flow.mp4" "$dir/recording/"

failed=0
for input in large.log recording; do
  [ -n "$(find "$dir/$input" -type f 2>/dev/null)" ] || continue
  echo "custody redact $input ($(du -sh --apparent-size "$dir/$input" | cut -f 1))"
  scripts/peak.sh "$limit_kib" \
    "$custody" -q redact "$dir/$input" -o "$dir/clean-$input" --roster "$dir/roster.csv" || failed=1
done
exit "$failed"
