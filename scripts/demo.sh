#!/usr/bin/env bash
# Makes a synthetic ticket, redacts it without a network, and shows before and after.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
custody=$target/debug/custody
make_ticket=$target/debug/examples/make_ticket

# The folder is the demo's own: made here, ignored by Git.
rm -rf demo
"$make_ticket" demo

# An empty network namespace proves that nothing is fetched or sent.
offline=()
if unshare -n true 2>/dev/null; then
  offline=(unshare -n)
elif unshare -rn true 2>/dev/null; then
  offline=(unshare -rn)
fi
if [ ${#offline[@]} -gt 0 ]; then
  echo "Network: none (${offline[*]})"
else
  echo "Network: cannot be taken away here (unshare is not permitted); custody opens none by itself"
fi

echo "+ custody redact demo/ticket-4711 -o demo/clean --roster demo/roster.csv"
code=0
"${offline[@]}" "$custody" redact demo/ticket-4711 -o demo/clean --roster demo/roster.csv || code=$?
echo "exit code $code"
[ -d demo/clean ] || exit "$code"
scripts/show.sh demo
echo
echo "What an independent check finds (it knows what was hidden, not how custody looks for it):"
"$make_ticket" score demo demo/clean
echo
scripts/demo_eib.sh
exit "$code"
