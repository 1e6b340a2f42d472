"""Writes the records as `datasets` does."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets  # noqa: E402
from records import COUNT, Cases  # noqa: E402
from tables import table  # noqa: E402

datasets.disable_progress_bars()
cases = Cases("datasets")
made = datasets.Dataset(table("string", wide=False).cast(datasets.Dataset(table(wide=False)).features.arrow_schema))
flat = made.remove_columns(["meta", "messages"])

made.to_parquet(cases.path("a.parquet"))
cases.add("a.parquet", "parquet", "to_parquet")
made.to_json(cases.path("a.jsonl"))
cases.add("a.jsonl", "json lines", "to_json")
made.to_json(cases.path("array.json"), lines=False)
cases.add("array.json", "json array", "to_json(lines=False)")
flat.to_csv(cases.path("a.csv"))
cases.add("a.csv", "csv", "to_csv", nested=False, nulls=False)

made.save_to_disk(cases.path("saved"))
cases.add("saved", "save_to_disk", "Dataset")
made.save_to_disk(cases.path("shards"), num_shards=12)
cases.add("shards", "save_to_disk", "Dataset, 12 shards")

parts = datasets.DatasetDict({
    "validation": made.select(range(150, COUNT)),
    "train": made.select(range(0, 120)),
    "test": made.select(range(120, 150)),
})
# A part that is a selection is saved with its own rows.
parts.save_to_disk(cases.path("parts"))
cases.add("parts", "save_to_disk", "DatasetDict", rows=range(0, 120))
cases.add("parts", "save_to_disk", "DatasetDict, --split test", rows=range(120, 150), words=["--split", "test"])
name, rows = "DatasetDict, --split validation", range(150, COUNT)
cases.add("parts", "save_to_disk", name, rows=rows, words=["--split", "validation"])

cases.tell()
