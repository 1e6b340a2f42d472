"""Reads exports by the libraries that trainers use.

`read_exports.py OUT`: a folder of results with exports of jsonl, jsonl.gz, jsonl.zst, parquet, ids, table and ranks. Prints
for each form and library how many rows came, or what was wrong: the documents must be those of order.npy.
"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets  # noqa: E402
import duckdb  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import polars as pl  # noqa: E402
import pyarrow.dataset as ds  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

datasets.disable_progress_bars()
datasets.logging.set_verbosity(datasets.logging.CRITICAL)
out = Path(sys.argv[1])
order = np.load(out / "order.npy").tolist()
cache = str(out.parent / "cache")


def files(ending):
    return sorted(str(path) for path in out.glob(f"order-*{ending}"))


def loaded(builder, ending):
    return datasets.load_dataset(builder, data_files=files(ending), split="train", cache_dir=cache)["document"]


def listed(ending):
    return "[" + ", ".join(f"'{name}'" for name in files(ending)) + "]"


def sql(query):
    return [row[0] for row in duckdb.sql(query).fetchall()]


readers = {
    "parquet": {
        "pyarrow": lambda: ds.dataset(files(".parquet")).to_table()["document"].to_pylist(),
        "pandas": lambda: pd.concat(map(pd.read_parquet, files(".parquet")))["document"].tolist(),
        "polars": lambda: pl.read_parquet(files(".parquet"))["document"].to_list(),
        "duckdb": lambda: sql(f"select document from read_parquet({listed('.parquet')})"),
        "datasets": lambda: list(loaded("parquet", ".parquet")),
    },
    "table": {
        "pyarrow": lambda: pq.read_table(out / "positions.parquet")["document"].to_pylist(),
        "pandas": lambda: pd.read_parquet(out / "positions.parquet")["document"].tolist(),
        "polars": lambda: pl.read_parquet(out / "positions.parquet")["document"].to_list(),
        "duckdb": lambda: sql(f"select document from '{out / 'positions.parquet'}'"),
    },
    "ranks": {
        "numpy": lambda: np.stack([np.load(out / f"rank-{rank}-of-2.npy") for rank in range(2)], 1).ravel().tolist(),
    },
    "ids": {
        "python": lambda: [number_of[line] for line in (out / "ids.txt").read_text().splitlines()],
    },
}
for ending in [".jsonl", ".jsonl.gz", ".jsonl.zst"]:
    readers[ending[1:]] = {
        "pandas": lambda ending=ending: pd.concat(pd.read_json(name, lines=True) for name in files(ending))[
            "document"
        ].tolist(),
        "polars": lambda ending=ending: pl.concat([pl.read_ndjson(name) for name in files(ending)])["document"].to_list(),
        "duckdb": lambda ending=ending: sql(f"select document from read_json({listed(ending)}, format='newline_delimited')"),
        "datasets": lambda ending=ending: list(loaded("json", ending)),
    }
number_of = {}
for name in files(".jsonl"):
    for line in Path(name).read_text().splitlines():
        record = json.loads(line)
        number_of[record["id"]] = record["document"]

told = {}
for form, libraries in readers.items():
    for library, read in libraries.items():
        try:
            found = read()
            told[f"{form} | {library}"] = {"rows": len(found)} if found == order else {"wrong": str(found[:5])}
        except Exception as error:  # noqa: BLE001
            told[f"{form} | {library}"] = {"refused": f"{type(error).__name__}: {error}"[:300]}
print(json.dumps(told))
