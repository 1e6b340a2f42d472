"""Loads files as `datasets` and pandas do, and holds the rows against an order and its texts.

`count.py FOLDER CASES OUTS`: cases of write_counted.py as a JSON file, and a JSON list of the program's output folders,
null where it failed. Prints for each case and library what it found: `{"rows": 40}`, `{"wrong": …}`, `{"refused": …}`.
"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

datasets.disable_progress_bars()
datasets.logging.set_verbosity(datasets.logging.CRITICAL)
folder = Path(sys.argv[1]).absolute()
os.chdir(folder)
cases = json.loads(Path(sys.argv[2]).read_text())
outs = json.loads(sys.argv[3])


def by_datasets(case):
    how = dict(case["datasets"])
    if "disk" in how:
        loaded = datasets.load_from_disk(how["disk"])
        return loaded[how["split"]]["text"] if "split" in how else loaded["text"]
    split = how.pop("split", "train")
    return datasets.load_dataset(how.pop("path"), split=split, cache_dir=str(folder / "cache"), **how)["text"]


def by_pandas(case):
    how = case["pandas"]
    return list(getattr(pd, how["function"])(how["file"], **how["arguments"])["text"])


def is_nothing(text):
    return text is None or text == "" or text is pd.NA or (isinstance(text, float) and text != text)


def hold(texts, out, left_out):
    """Holds every row of theirs against ours."""
    order = np.load(Path(out) / "order.npy")
    lines = [json.loads(line) for line in (Path(out) / "order.jsonl").open(encoding="utf-8", newline="\n")]
    ours = pq.read_table(Path(out) / "documents.parquet").num_rows
    if len(texts) != ours:
        return f"{len(texts)} rows there, {ours} here"
    for row, line in zip(order, lines, strict=True):
        if texts[row] != line["text"]:
            return f"row {row} is {texts[row]!r} there, {line['text']!r} here"
    # What no order has must have nothing in it.
    for row in set(range(len(texts))) - set(order.tolist()) - set(left_out):
        if not is_nothing(texts[row]):
            return f"row {row} is {texts[row]!r} there, in no order here"
    return None


def count(load, case, out):
    try:
        texts = list(load(case))
    except Exception as error:
        cause = error.__cause__ or error
        return {"refused": f"{type(cause).__name__}: {cause}".splitlines()[0][:120]}
    if out is None:
        return {"rows": len(texts)}
    wrong = hold(texts, out, case["left_out"])
    return {"wrong": wrong} if wrong else {"rows": len(texts)}


found = []
for case, out in zip(cases, outs, strict=True):
    ways = {"datasets": by_datasets, "pandas": by_pandas}
    found.append({name: count(load, case, out) for name, load in ways.items() if case[name]})
json.dump(found, sys.stdout)
