"""Makes a workbook of 20 columns with XlsxWriter in constant memory: ROWS. `eib_speed generate` makes the same cells, in
files of 31,995 rows each; this is one file, and has no header to make.

Prints cells, CPU seconds and the peak of memory.
"""
import os
import resource
import sys
import tempfile
import time

import xlsxwriter
from fill_openpyxl import text


def main(rows, columns=20):
    start = time.process_time()
    for row in range(rows):
        for column in range(columns):
            text(row, column)
    making = time.process_time() - start
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.xlsx")
        book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
        sheet = book.add_worksheet("Put Something")
        for row in range(rows):
            for column in range(columns):
                sheet.write_string(5 + row, 1 + column, text(row, column))
        book.close()
        size = os.path.getsize(path)
    used = time.process_time() - start - making
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    cells = rows * columns
    print(f"XlsxWriter: {cells} cells, {size} bytes: {used:.2f} CPU-s, "
          f"{cells / used / 1e6:.3f} M cells/CPU-s; peak {peak} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]))
