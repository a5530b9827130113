#!/usr/bin/env bash
# Shows a redacted ticket: lines of the log and rows of a report before and after, and where the pictures are.
set -euo pipefail
dir=$1
width=160
[ ! -t 1 ] || width=$(tput cols 2>/dev/null || echo 160)
width=$((width - 4))
before=$dir/ticket-4711/logs/runner.log
after=$dir/clean/logs/runner.log

# One line for each kind of finding, from a little before the first difference on.
changed() {
  awk -v width="$width" '
    NR == FNR { line[FNR] = $0; next }
    $0 == line[FNR] || !match($0, /<[A-Z_]+/) { next }
    !seen[substr($0, RSTART, RLENGTH)]++ {
      from = 1
      while (substr($0, from, 1) == substr(line[FNR], from, 1)) from++
      from = from > 60 ? from - 60 : 1
      printf "  - %s\n  + %s\n", substr(line[FNR], from, width), substr($0, from, width)
    }' "$1" "$2"
}

echo
echo "The log before (-) and after (+), one line for each kind of finding:"
if [ -e "$after" ]; then changed "$before" "$after"; else echo "  (refused)"; fi
echo
echo "The first rows of a report before and after:"
for folder in ticket-4711 clean; do
  report=$dir/$folder/reports/all-workers.csv
  [ ! -e "$report" ] || head -n 3 "$report" | cut -c "1-$width" | sed 's/^/    /'
done
echo
echo "Pictures and recordings to look at:"
find "$dir/ticket-4711" "$dir/clean" \( -name '*.png' -o -name '*.jpg' -o -name '*.mp4' \) | sort | sed 's/^/    /'
