"""Asks of DuckDB, polars and openpyxl what ingest/examples/report_speed.rs asks of a report: FILE [PEER].

Three of forty columns, the rows of one cost center: 5 %. Without a PEER each runs in a process of its own, on one core; CSV
goes to DuckDB and polars, workbooks to openpyxl (and to polars where it has an engine for them). Prints rows, sum, CPU
seconds and peak memory.
"""

import os
import resource
import subprocess
import sys

COLUMNS = ["Employee ID", "Cost Center", "Total Base Pay - Amount"]


def duckdb_csv(path):
    """All but the amount as text: leading zeros of IDs are kept, as we do."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    query = f"""SELECT count(*), sum("{COLUMNS[2]}") FROM (SELECT {names} FROM read_csv(?, all_varchar = false,
        types = {{'Employee ID': 'VARCHAR', 'Total Base Pay - Amount': 'DECIMAL(18, 2)'}})
        WHERE "Cost Center" = 'CC-07')"""
    return connection.execute(query, [path]).fetchone()


def polars_csv(path):
    """The lazy scan, so that columns and rows are pushed down."""
    import polars as pl

    schema = {COLUMNS[0]: pl.String, COLUMNS[2]: pl.Decimal(38, 2)}
    frame = pl.scan_csv(path, schema_overrides=schema).select(COLUMNS).filter(pl.col("Cost Center") == "CC-07")
    taken = frame.collect(engine="streaming")
    return taken.height, taken[COLUMNS[2]].sum()


def openpyxl_book(path):
    """Read-only, row by row."""
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=True).active
    taken, total = 0, 0
    for row in sheet.iter_rows(min_row=2, values_only=True):
        if row[11] == "CC-07":
            taken, total = taken + 1, total + row[19]
    return taken, total


PEERS = {"duckdb": duckdb_csv, "polars": polars_csv, "openpyxl": openpyxl_book}


def main():
    path = sys.argv[1]
    if len(sys.argv) > 2:
        before = resource.getrusage(resource.RUSAGE_SELF)
        result = PEERS[sys.argv[2]](path)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu = usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime
        print(f"{sys.argv[2]}: {result[0]} rows, sum {result[1]}, CPU {cpu:.2f} s, peak {usage.ru_maxrss // 1024} MiB")
        return
    peers = ["openpyxl"] if path.endswith(".xlsx") else ["duckdb", "polars"]
    for peer in peers:
        environment = dict(os.environ, POLARS_MAX_THREADS="1")
        subprocess.run(["taskset", "-c", "0", sys.executable, __file__, path, peer], env=environment, check=True)


main()
