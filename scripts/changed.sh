#!/usr/bin/env bash
# Prints `-p CRATE` for every crate with files that differ from the last commit; all of them when none does.
set -euo pipefail
cd "$(dirname "$0")/.."
crates=$(git status --porcelain | cut -c 4- | sed 's/.* -> //' | while IFS= read -r path; do
  case ${path%%/*} in
    rules | ingest | redact | export | retention) echo "-p custody-${path%%/*}" ;;
    src | tests | benches | examples) echo "-p custody" ;;
  esac
done | sort -u | paste -sd ' ')
echo "${crates:---workspace}"
