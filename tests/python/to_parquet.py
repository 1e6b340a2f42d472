"""Writes 0.jsonl, 1.jsonl, … of FOLDER, COUNT of them, as Parquet beside them."""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

folder, count = Path(sys.argv[1]), int(sys.argv[2])
for number in range(count):
    lines = (folder / f"{number}.jsonl").read_text(encoding="utf-8").splitlines()
    pq.write_table(pa.Table.from_pylist([json.loads(line) for line in lines]), folder / f"{number}.parquet")
print(count)
