#!/usr/bin/env bash
# Makes the tests' Python environment (openpyxl, pinned by hash) below the build folder, and prints where it is. Does
# nothing when it is there and made from the same list.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${CARGO_TARGET_DIR:-target}/test-venv
list=scripts/requirements.txt
if cmp -s "$list" "$venv/made-from.txt"; then
  echo "$venv"
  exit 0
fi
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  echo "python3 with its venv module is missing: run make setup (on Debian: apt-get install python3-venv)" >&2
  exit 1
fi
mkdir -p "${venv%/*}"
python3 -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r "$list"
"$venv/bin/python" -c 'import openpyxl'
# Last: an environment that was left half made is made again.
cp "$list" "$venv/made-from.txt"
echo "$venv"
