#!/usr/bin/env bash
# Measures the guard: 10,000 staged files, and a range of 1,000 commits of ten files each. Usage: guard_speed.sh PROGRAM
set -euo pipefail
program=$(realpath "${1:?which custody?}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
git init -q -b main
git config user.name bench
git config user.email bench@example.org
python3 - 1 10 1000 > one.fi <<'PY'
import sys
words = "let mut value index buffer offset length context reader writer result error match field table".split()
def body(seed, lines):
    out, state = [], seed * 2654435761 % 2**32 + 1
    for n in range(lines):
        state = (state * 1103515245 + 12345) % 2**31
        out.append("    " + " ".join(words[(state >> k) % len(words)] for k in (3, 7, 11, 15, 19)) + f" = {state};")
    return ("fn f() {\n" + "\n".join(out) + "\n}\n").encode()
first, files, commits = map(int, sys.argv[1:])
write = sys.stdout.buffer.write
for commit in range(commits):
    write(b"commit refs/heads/main\ncommitter bench <bench@example.org> %d +0000\ndata 5\nwork\n" % (1_700_000_000 + commit))
    for file in range(files):
        data = body(commit * files + file + first, 40)
        write(b"M 100644 inline src/m%d/f%d.rs\ndata %d\n%s\n" % (file, commit % 50, len(data), data))
PY
git fast-import --quiet < one.fi
run() {
  python3 - "$program" "$@" <<'PY'
import resource, subprocess, sys, time
started = time.monotonic()
done = subprocess.run([sys.argv[1], "guard", *sys.argv[2:]], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
wall, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.stderr.strip().splitlines()[-1])
print(f"exit {done.returncode}, {wall:.2f} s wall, {used.ru_utime + used.ru_stime:.2f} s CPU, {used.ru_maxrss // 1024} MiB at most in one process")
PY
}
echo "range of 1,000 commits, 10,000 blobs:"
run --range main
git checkout -q --orphan staged
git rm -rfq --cached .
python3 - > two.fi <<'PY'
for n in range(10_000):
    text = "\n".join(f"    let value_{n}_{k} = table.row({n * 31 + k}).field(\"name\");" for k in range(40))
    path = f"tree/d{n % 100}/f{n}.rs"
    import os
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "w").write(f"fn f{n}() {{\n{text}\n}}\n")
PY
git add tree
echo "10,000 staged files, $(du -sh --apparent-size tree | cut -f1):"
run --staged
git reset -q
git add tree/d0/f0.rs
echo "one staged file:"
run --staged
