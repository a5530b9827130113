"""Compares a template's package with the one that was filled from it: TEMPLATE FILLED CHANGED_PART…

Parts that are not named have to be the same bytes, compressed as they are, in the same order. Of the named sheets, all
before the first row of data (but the dimension) and all behind the rows has to be the same; shared strings begin with the
ones that were there. Prints `ok: N parts the same, M changed`, or what differs and exits with 1. Uses nothing but Python's own library.
"""
import re
import struct
import sys
import zipfile

FIRST_DATA_ROW = 6
STRINGS = "xl/sharedStrings.xml"


def parts(path):
    """Names in order, with the compressed bytes, the text, and what the directory says about them."""
    found = {}
    with zipfile.ZipFile(path) as archive, open(path, "rb") as file:
        for entry in archive.infolist():
            file.seek(entry.header_offset + 26)
            name, extra = struct.unpack("<HH", file.read(4))
            file.seek(entry.header_offset + 30 + name + extra)
            raw = file.read(entry.compress_size)
            said = (entry.compress_type, entry.CRC, entry.file_size, entry.date_time, entry.external_attr)
            found[entry.filename] = (raw, said, archive.read(entry))
    return found


def cut(text):
    """A sheet's XML before its first row of data, without the dimension, and behind its rows."""
    end = re.search(rb"</sheetData>|<sheetData\s*/>", text)
    row = re.search(rb"<row [^>]*?\br=[\"'](\d+)[\"']", text)
    while row and int(row[1]) < FIRST_DATA_ROW:
        row = re.compile(rb"<row [^>]*?\br=[\"'](\d+)[\"']").search(text, row.end())
    head = text[: row.start() if row else end.start()]
    return re.sub(rb"<dimension [^>]*>", b"", head, count=1), text[end.end() :]


def strings(text):
    """The shared strings, without their count."""
    text = re.sub(rb"<sst[^>]*>", b"<sst>", text, count=1)
    return text[: text.rindex(b"</sst>")]


def differences(before, after, changed):
    if list(before) != list(after):
        yield "other parts, or in another order"
        return
    for name in changed:
        if name not in before:
            yield f"{name}: there is no such part"
    for name, (raw, said, text) in before.items():
        other_raw, other_said, other_text = after[name]
        if name not in changed:
            if (raw, said) != (other_raw, other_said):
                yield f"{name}: not the same bytes"
        elif text == other_text:
            yield f"{name}: should have changed"
        elif name == STRINGS:
            if not strings(other_text).startswith(strings(text)):
                yield f"{name}: strings that were there are others now"
        elif cut(text) != cut(other_text):
            yield f"{name}: differs outside its rows"


def main(template, filled, changed):
    before, after = parts(template), parts(filled)
    found = list(differences(before, after, changed))
    for line in found:
        print(line)
    if found:
        return 1
    print(f"ok: {len(before) - len(changed)} parts the same, {len(changed)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
