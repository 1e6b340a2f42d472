"""Writes FOLDER/documents.jsonl as Parquet: a file for each codec, and one of conversations without ids."""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CODECS = ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]

folder = Path(sys.argv[1])
lines = (folder / "documents.jsonl").read_text(encoding="utf-8").split("\n")
table = pa.Table.from_pylist([json.loads(line) for line in lines if line])
files = []
for number, codec in enumerate(CODECS):
    # Small pages and groups, of both kinds, with and without dictionaries.
    options = {"row_group_size": 300, "data_page_size": 4096, "data_page_version": "1.0" if number % 2 else "2.0"}
    pq.write_table(table, folder / f"{codec}.parquet", compression=codec, use_dictionary=number % 3 == 0, **options)
    files.append(f"{codec}.parquet")
turns = [[{"role": "user", "content": text}, {"role": "assistant", "content": None}] for text in table["text"].to_pylist()]
pq.write_table(pa.table({"labels": [[1]] * len(turns), "messages": turns}), folder / "turns.parquet")
print(json.dumps([*files, "turns.parquet"]))
