#!/usr/bin/env bash
# Checks real templates and WSDLs, which are no part of the repository: check_real.sh EIB_DIR (real/*.xlsx, wsdl/*.wsdl,
# layouts.json). Models first; then every template is filled through the built program with made-up rows over all columns
# of its main sheet, read by openpyxl and by LibreOffice, and compared with the template part by part.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:?usage: check_real.sh EIB_DIR}
target=${CARGO_TARGET_DIR:-target}
custody=${CUSTODY:-$target/debug/custody}
python=$(scripts/venv.sh)/bin/python

failed=0
check() { # what reads it, script, arguments
  local reader=$1 said
  shift
  if said=$("$python" "scripts/$1" "${@:2}"); then echo "ok    $reader: $said"; else
    echo "MISS  $reader: $said"
    failed=1
  fi
}

"$target/debug/examples/check_real" "$folder" || failed=1
all=$(mktemp -d "${TMPDIR:-/tmp}/custody-real.XXXXXX")
trap 'rm -rf "$all"' EXIT
shopt -s nullglob
for template in "$folder"/real/*.xlsx; do
  work=$all/$(basename "$template" .xlsx)
  mkdir "$work"
  if ! said=$("$python" scripts/fill_real.py "$custody" "$template" "$work"); then
    echo "MISS  $(basename "$template"): $said"
    failed=1
    continue
  fi
  echo "ok    ${said%$'\n'*}"
  read -r -a parts <<<"${said##*$'\n'}"
  check openpyxl check_workbook.py "$work/out.xlsx" "$work/expected.json"
  check LibreOffice check_office.py "$work/out.xlsx" "$work/expected.json"
  check package check_parts.py "$template" "$work/out.xlsx" "${parts[@]}"
done
exit "$failed"
