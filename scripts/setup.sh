#!/usr/bin/env bash
# Installs the Debian packages that are missing and says which; touches nothing when all are there.
set -euo pipefail

build=(clang libclang-dev pkg-config cmake libavcodec-dev libavformat-dev libavutil-dev libswscale-dev
  libtesseract-dev libleptonica-dev)
run=(tesseract-ocr-eng tesseract-ocr-osd)
# The demo and the tests draw screens and make recordings of their own; periods end while the tests wait for no day.
# Workbooks that were written are read by other programs, too: openpyxl (scripts/venv.sh) and LibreOffice.
tests=(ffmpeg fonts-dejavu-core fonts-liberation faketime python3-venv)
command -v soffice >/dev/null || tests+=(libreoffice-calc-nogui)

rust_min=1.95
if ! command -v cargo >/dev/null; then
  echo "cargo is missing: install Rust $rust_min or newer, see https://rustup.rs" >&2
  exit 1
fi
rust=$(rustc --version | cut -d ' ' -f 2)
if [ "$(printf '%s\n%s\n' "$rust_min" "$rust" | sort -V | head -n 1)" != "$rust_min" ]; then
  echo "Rust $rust is too old: at least $rust_min is needed (rustup update stable)" >&2
  exit 1
fi

if ! command -v dpkg-query >/dev/null; then
  echo "This is not Debian: make sure that these are installed: ${build[*]} ${run[*]} ${tests[*]}" >&2
  exit 0
fi
missing=()
for package in "${build[@]}" "${run[@]}" "${tests[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "Missing Debian packages: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Neither root nor sudo: ask an administrator to run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
