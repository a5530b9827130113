"""Fills a template through the built program with made-up rows, for `check_real.sh`: CUSTODY TEMPLATE.xlsx FOLDER.

Every column of the main sheet gets values that fit its format (keys are the program's own work; nothing is known of what
they mean). Writes FOLDER/out.xlsx and FOLDER/expected.json, and prints counts and, last, the parts that may have changed.
"""
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile

ROWS = 200
FIRST_ROW = 6
ODD = ["=1+1", "+1 415-555-0100", "@SUM(A1)", "\u0645\u062d\u0645\u062f", "\u738b\u5c0f\u660e", "Müller-Lüdenscheidt",
       "O'Neil", "\U0001f469\u200d\U0001f4bb", "_x0041_", '&<>"', "000123", "é" * 200]


def letters(column):
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def value(column, row):
    kind = column["format"]
    if kind == "Y/N":
        never = column["label"].lower() in ("replace", "replace all", "delete", "delete all")
        return "N" if never or row % 3 else "Y"
    if kind == "YYYY-MM-DD":
        return f"20{row % 20 + 10}-{row % 12 + 1:02}-{row % 28 + 1:02}"
    if kind == "DateTime":
        return f"2026-{row % 12 + 1:02}-{row % 28 + 1:02}T08:30:{row % 60:02}"
    if kind.startswith("Number"):
        digits = re.match(r"Number \((\d+),(\d+)\)", kind)
        total, fraction = (int(digit) for digit in digits.groups()) if digits else (9, 0)
        whole = str(row % 9 + 1) if total > fraction else "0"
        return whole + ("." + f"{row % 9 + 1}".rjust(min(fraction, 2), "2") if fraction else "")
    if kind == "Text" and column.get("id_types"):
        return column["id_types"][row % len(column["id_types"])]
    if kind == "Text":
        return ODD[row % len(ODD)] if row % 2 else f"text {row}"
    if kind == "Lookup":
        types = column.get("id_types") or ["Type_A"]
        return types[row % len(types)]
    if kind == "WID":
        return f"{row:032x}"
    return f"{row:06}_ID"


def heading(at):
    """A heading has to look like one: `V7` would be taken for a value."""
    return f"Field {letters(at)}"


def bare(area):
    return area.split(" (")[0].rstrip("*+").strip().lower()


def field(columns, at):
    """Label, area and occurrence as a mapping names a column."""
    own = columns[at]
    same = [i for i, other in enumerate(columns)
            if other["label"].lower() == own["label"].lower()
            and (other["area"].lower() == own["area"].lower() or bare(other["area"]) == bare(own["area"]) or
                 bare(other["area"]) == own["area"].lower())]
    text = json.dumps
    lines = ["[[field]]", f"label = {text(own['label'], ensure_ascii=False)}", f"column = \"{heading(at)}\""]
    if own["area"]:
        lines.append(f"area = {text(own['area'], ensure_ascii=False)}")
    if len(same) > 1:
        lines.append(f"occurrence = {same.index(at) + 1}")
    return "\n".join(lines) + "\n"


class Program:
    def __init__(self, custody, folder):
        self.folder = folder
        self.command = [os.path.abspath(custody), "--store", "store", "--json"]
        key = folder / "keys"
        key.mkdir(mode=0o700)
        self.run("init", "--key", "file:keys/store.key", "--env", "sandbox")

    def run(self, *args, codes=(0,)):
        done = subprocess.run([*self.command, *args], cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode not in codes:
            sys.exit(f"custody {args[0]}: exit {done.returncode}: {done.stderr[-2000:]}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")] if args[0] != "template" or \
            args[1] != "show" else json.loads(done.stdout)


def part_of(path, name):
    with zipfile.ZipFile(path) as archive:
        book = ET.fromstring(archive.read("xl/workbook.xml"))
        links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        names = archive.namelist()
    sheet = next(node for node in book.iter() if node.tag.endswith("}sheet") and node.get("name") == name)
    wanted = next(value for key, value in sheet.attrib.items() if key.endswith("}id"))
    target = next(node.get("Target") for node in links if node.get("Id") == wanted)
    strings = "xl/sharedStrings.xml"
    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return [part] + ([strings] if strings in names else [])


def main(custody, template, folder):
    folder, template = pathlib.Path(folder), pathlib.Path(template).resolve()
    program = Program(custody, folder)
    imported = program.run("template", "import", str(template))[0]
    model = program.run("template", "show", imported["name"])
    sheet = model["sheets"][0]
    columns = sheet["columns"]
    keys = {group["key"] for group in sheet["groups"] if group.get("key") is not None}
    filled = [at for at in range(len(columns)) if at not in keys and not columns[at].get("hidden")]

    with open(folder / "made.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([heading(at) for at in filled])
        rows.writerows([value(columns[at], row) for at in filled] for row in range(ROWS))
    with open(folder / "map.toml", "w", encoding="utf-8") as file:
        file.write(f"operation = {json.dumps(model['operation'])}\n\n" + "\n".join(field(columns, at) for at in filled))
    cells = {}
    for row in range(ROWS):
        for at, column in enumerate(columns):
            if at in filled or at in keys:
                text = value(column, row) if at in filled else str(row + 1) if at == sheet["groups"][0].get("key") else "1"
                cells[f"{letters(column['index'])}{FIRST_ROW + row}"] = text
    book = {sheet["name"]: cells}
    if model.get("overview"):
        book[model["overview"]["name"]] = None
    (folder / "expected.json").write_text(json.dumps({"sheets": book, "first_row": FIRST_ROW}), encoding="utf-8")

    program.run("ingest", "made.csv")
    plan = ["eib", "plan", imported["name"], "--from", "made", "--map", "map.toml", "--all", "--reason", "made-up rows"]
    found = program.run(*plan, codes=(0, 1))[0]
    sensitive = sorted({f"{one['sheet']}!{one['cell']}" for one in found["findings"] if one["code"] == "sensitive"})
    for cell in sensitive:
        plan += ["--allow-sensitive", re.sub(r"\d+$", "5", cell)]
    if sensitive:
        found = program.run(*plan, codes=(0, 1))[0]
    if not found["plan"]:
        errors = [f"{one['code']} {one['sheet']}!{one.get('cell')}" for one in found["findings"] if one["severity"] == "error"]
        sys.exit(f"no plan: {len(errors)} errors: {errors[:10]}")
    program.run("approve", found["plan"], "--yes", found["plan"][:8])
    program.run("eib", "build", found["plan"], "-o", "out.xlsx")
    codes = sorted({one["code"] for one in found["findings"]})
    print(f"{model['operation']}: {len(filled)} of {len(columns)} columns filled, {len(keys)} keys, {ROWS} rows, "
          f"{len(cells)} cells; {len(sensitive)} special columns allowed; findings {codes}")
    print(" ".join(part_of(template, sheet["name"])))


if __name__ == "__main__":
    main(*sys.argv[1:4])
