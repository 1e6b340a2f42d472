"""Writes folders as Spark lays them out; Spark itself needs Java, so pyarrow and Python write the files."""

import csv
import gzip
import json
import uuid

import pyarrow.parquet as pq
from records import COUNT, FLAT, Cases, flat, records
from tables import table

cases = Cases("Spark's layout")
PARTS = 3
SIZE = -(-COUNT // PARTS)


def parts(folder, ending):
    """The paths of a folder's parts, with what Spark puts beside them."""
    name = uuid.UUID(int=15)
    cases.path(f"{folder}/_SUCCESS").write_bytes(b"")
    cases.path(f"{folder}/._SUCCESS.crc").write_bytes(b"crc\0\0\0\2\0")
    for part in range(PARTS):
        file = f"part-{part:05}-{name}-c000{ending}"
        cases.path(f"{folder}/.{file}.crc").write_bytes(b"crc\0\0\0\2\0\0\0\0\0")
        yield range(part * SIZE, min(COUNT, (part + 1) * SIZE)), cases.path(f"{folder}/{file}")


made = table("string")
for codec, ending in [("snappy", ".snappy.parquet"), ("gzip", ".gz.parquet"), ("zstd", ".zstd.parquet")]:
    for rows, path in parts(f"parquet-{codec}", ending):
        piece = made.slice(rows.start, len(rows))
        pq.write_table(piece, path, compression=codec, flavor="spark", use_deprecated_int96_timestamps=True)
    cases.add(f"parquet-{codec}", "parquet", f"df.write.parquet, {codec}")

# Spark leaves null fields out; the first record has all.
lines = [json.dumps({k: v for k, v in record.items() if v is not None}, ensure_ascii=False) for record in records()]
for rows, path in parts("json", ".json"):
    path.write_text("".join(lines[row] + "\n" for row in rows), encoding="utf-8", newline="")
cases.add("json", "json lines", "df.write.json")
for rows, path in parts("json-gz", ".json.gz"):
    path.write_bytes(gzip.compress("".join(lines[row] + "\n" for row in rows).encode()))
cases.add("json-gz", "json lines", "df.write.json, gzip")
for rows, path in parts("csv", ".csv"):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FLAT, lineterminator="\n")
        writer.writeheader()
        writer.writerows(flat()[row] for row in rows)
cases.add("csv", "csv", "df.write.option('header', True).csv", nested=False, nulls=False)

cases.tell()
