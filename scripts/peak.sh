#!/usr/bin/env bash
# Runs a command and prints the peak of the resident memory of its whole process tree:
#   peak.sh LIMIT_KIB COMMAND…
# Fails with 1 above the limit, else with the command's own code.
set -euo pipefail
limit_kib=$1
shift

tree() { # every process below a process, itself included
  local pid=$1 child
  echo "$pid"
  for child in $(cat "/proc/$pid/task/"*/children 2>/dev/null); do
    tree "$child"
  done
}

started=$(date +%s.%N)
"$@" &
main=$!
peak_kib=0
single_kib=0
processes=0
while kill -0 "$main" 2>/dev/null; do
  sum=0
  count=0
  for pid in $(tree "$main"); do
    rss=$(awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
    [ -n "$rss" ] || continue
    sum=$((sum + rss))
    count=$((count + 1))
    [ "$rss" -le "$single_kib" ] || single_kib=$rss
  done
  [ "$sum" -le "$peak_kib" ] || peak_kib=$sum
  [ "$count" -le "$processes" ] || processes=$count
  sleep 0.1
done
code=0
wait "$main" || code=$?
seconds=$(awk -v from="$started" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f", to - from }')
echo "    exit $code in $seconds s; resident at most $((peak_kib / 1024)) MiB in $processes processes," \
  "largest one $((single_kib / 1024)) MiB (limit $((limit_kib / 1024)) MiB)"
if [ "$peak_kib" -gt "$limit_kib" ]; then
  echo "    above the limit" >&2
  exit 1
fi
exit "$code"
