"""Reads a workbook with openpyxl and compares it with the cells it should hold: WORKBOOK EXPECTED.json.

EXPECTED.json: {"sheets": {"Name": {"B6": "text", …}, …}, "first_row": 6}. From `first_row` on, every sheet has to hold
exactly these cells, as texts; a sheet that is not named has to be empty there, and one that is null is not looked at. Prints `ok: N cells`, or the first cells that
differ (never their texts) and exits with 1. Not part of the program: a test's second opinion.
"""
import json
import sys

import openpyxl

SHOWN = 10


def read_so(text):
    """What openpyxl makes of a text: it drops every `x005F_`, also those that belong to the text."""
    return text.replace("x005F_", "")


def differences(book, sheets, first_row):
    for name in sheets:
        if name not in book.sheetnames:
            yield f"{name}: there is no such sheet"
    for sheet in book.worksheets:
        if sheets.get(sheet.title, {}) is None:
            continue
        expected = dict(sheets.get(sheet.title, {}))
        for row in sheet.iter_rows(min_row=first_row):
            for cell in row:
                if cell.value is None or cell.value == "":
                    continue
                planned = expected.pop(cell.coordinate, None)
                if planned is None:
                    yield f"{sheet.title}!{cell.coordinate}: not planned"
                elif cell.data_type != "s":
                    yield f"{sheet.title}!{cell.coordinate}: no text, but {cell.data_type}"
                elif cell.value != read_so(planned):
                    yield f"{sheet.title}!{cell.coordinate}: another text"
        for name in expected:
            yield f"{sheet.title}!{name}: missing"


def main(workbook, expected):
    with open(expected, encoding="utf-8") as file:
        plan = json.load(file)
    book = openpyxl.load_workbook(workbook)
    found = list(differences(book, plan["sheets"], plan.get("first_row", 6)))
    for line in found[:SHOWN]:
        print(line)
    if found:
        print(f"{len(found)} cells differ")
        return 1
    print(f"ok: {sum(len(cells or ()) for cells in plan['sheets'].values())} cells")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
