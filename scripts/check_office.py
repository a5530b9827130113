"""Reads a workbook with LibreOffice and compares it with the cells it should hold: WORKBOOK EXPECTED.json.

LibreOffice runs without a window and with a profile of its own, and turns every sheet into CSV. EXPECTED.json is the one
of `check_workbook.py`. Prints `ok: N cells`, or the first cells that differ (never their texts) and exits with 1. Not part
of the program: a test's third opinion.
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

SHOWN = 10
TIMEOUT_SECONDS = 300
# Separator, quote, UTF-8, from row 1, no column formats, no language, texts quoted, cells as they are and not as they are
# shown, no formulas, nothing trimmed, all sheets.
FILTER = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1"


def letters(column):
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def sheets_of(workbook, folder):
    profile = (folder / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--norestore", "--convert-to", FILTER]
    try:
        done = subprocess.run(
            [*command, "--outdir", str(folder), str(workbook)], capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except FileNotFoundError:
        sys.exit("soffice is missing: run make setup (on Debian: apt-get install libreoffice-calc-nogui)")
    found = {path.stem[len(workbook.stem) + 1 :]: path for path in folder.glob("*.csv")}
    if done.returncode or not found:
        sys.exit(f"soffice could not read the workbook (exit {done.returncode})")
    return found


def differences(found, sheets, first_row):
    for name in sheets:
        if name not in found:
            yield f"{name}: there is no such sheet"
    for name, path in found.items():
        if sheets.get(name, {}) is None:
            continue
        expected = dict(sheets.get(name, {}))
        with open(path, encoding="utf-8", newline="") as file:
            for row, texts in enumerate(csv.reader(file), 1):
                if row < first_row:
                    continue
                for column, text in enumerate(texts, 1):
                    cell = f"{letters(column)}{row}"
                    planned = expected.pop(cell, "")
                    if text != planned:
                        yield f"{name}!{cell}: another text"
        for cell in expected:
            yield f"{name}!{cell}: missing"


def main(workbook, expected):
    csv.field_size_limit(1 << 20)
    with open(expected, encoding="utf-8") as file:
        plan = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        found = sheets_of(pathlib.Path(workbook), pathlib.Path(folder))
        lines = list(differences(found, plan["sheets"], plan.get("first_row", 6)))
    for line in lines[:SHOWN]:
        print(line)
    if lines:
        print(f"{len(lines)} cells differ")
        return 1
    print(f"ok: {sum(len(cells or ()) for cells in plan['sheets'].values())} cells")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
