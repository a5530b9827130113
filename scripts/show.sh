#!/usr/bin/env bash
# Shows a redacted ticket: some lines of the log before and after, and where the pictures are.
set -euo pipefail
dir=$1
lines=${2:-6}
width=$(( ${COLUMNS:-$(tput cols 2>/dev/null || echo 150)} - 4 ))
before=$dir/ticket-4711/logs/runner.log
after=$(find "$dir/clean" -path '*logs/runner.log' -print -quit)

changed() { # before, after
  awk -v most="$lines" -v width="$width" '
    NR == FNR { line[FNR] = $0; next }
    $0 != line[FNR] && shown < most {
      shown++
      printf "  - %s\n  + %s\n", substr(line[FNR], 1, width), substr($0, 1, width)
    }' "$1" "$2"
}

echo
echo "The log before (-) and after (+):"
changed "$before" "$after"
echo
echo "The first rows of a report before and after:"
for report in "$dir/ticket-4711" "$dir/clean"; do
  find "$report" -path '*reports/all-workers.csv' -exec head -n 3 {} + | cut -c "1-$width" | sed 's/^/    /'
done
echo
echo "Pictures and recordings to look at:"
find "$dir/ticket-4711" "$dir/clean" \( -name '*.png' -o -name '*.jpg' -o -name '*.mp4' \) | sort | sed 's/^/    /'
