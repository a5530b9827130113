"""Fills 40 columns of a template's main sheet with openpyxl, as `eib_speed fill` does: ROWS TEMPLATE.xlsx.

Prints cells, CPU seconds and the peak of memory. A new file is begun every 31,995 rows.
"""
import io
import resource
import sys
import time

import openpyxl

ROWS_MAX = 31_995
MASK = (1 << 64) - 1


def text(row, column):
    mixed = (((row * 64 + column) * 0x9E3779B97F4A7C15) & MASK) >> 33
    kind = column % 5
    if kind == 0:
        return f"EMP-{row:07}-{column}"
    if kind == 1:
        return f"{1990 + mixed % 35:04}-{1 + mixed // 64 % 12:02}-{1 + mixed // 4096 % 28:02}"
    if kind == 2:
        return f"{30000 + mixed % 200000}.{mixed % 100:02}"
    if kind == 3:
        return f"Cost Center {mixed % 300:03}"
    return "Y" if mixed % 2 == 0 else "N"


def main(rows, template, columns=40):
    start = time.process_time()
    for row in range(rows):
        for column in range(columns):
            text(row, column)
    making = time.process_time() - start
    start = time.process_time()
    files = size = 0
    for first in range(0, rows, ROWS_MAX):
        book = openpyxl.load_workbook(template)
        sheet = next(s for s in book.worksheets if s.title != "Overview")
        for row in range(first, min(rows, first + ROWS_MAX)):
            for column in range(columns):
                sheet.cell(6 + row - first, 2 + column, text(row, column))
        out = io.BytesIO()
        book.save(out)
        files, size = files + 1, size + len(out.getvalue())
    used = time.process_time() - start - making
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    cells = rows * columns
    print(f"openpyxl: {cells} cells in {files} files of {size} bytes: {used:.2f} CPU-s, "
          f"{cells / used / 1e6:.3f} M cells/CPU-s; peak {peak} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
