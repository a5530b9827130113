#!/usr/bin/env bash
# From a report to a workbook for upload: taken in, profiled, planned, approved, built. Synthetic people.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
custody=$target/debug/custody
dir=demo/eib
mkdir -p "$dir" && chmod 700 "$dir"
export CUSTODY_STORE=$dir/store CUSTODY_KEY_FILE=$PWD/$dir/store.key

run() {
  printf '\n+ custody %s\n' "$*"
  "$custody" "$@"
}

echo "From a report to a workbook for upload:"
"$custody" -q init --key "file:$CUSTODY_KEY_FILE" --env sandbox >"$dir/verifier.txt"
run ingest contrib/eib/workers.csv
run profile workers
filter="\"Cost Center\" like '41200%' and \"Compensation Grade\" <> 'Grade ' || lpad(cast(\"Proposed Grade\" as varchar), 2, '0')"
run eib plan request_compensation_change --from workers --map contrib/eib/compensation.toml --where "$filter" -o "$dir/plan.json"
plan=$("$custody" -q --json eib plan request_compensation_change --from workers --map contrib/eib/compensation.toml \
  --where "$filter" | grep -o '"plan":"[0-9a-f]*"' | cut -d'"' -f4)
run approve "$plan" --show --yes "${plan:0:12}"
run eib build "$plan" -o "$dir/grades.xlsx"
echo
echo "The workbook: $dir/grades.xlsx, its receipt beside it; the plan that was confirmed: $dir/plan.json"
