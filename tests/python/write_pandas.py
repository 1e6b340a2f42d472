"""Writes the records as pandas does."""

import pandas as pd
from records import Cases, flat, records

cases = Cases("pandas")
frame = pd.DataFrame(records())
table = pd.DataFrame(flat())

frame.to_parquet(cases.path("a.parquet"))
cases.add("a.parquet", "parquet", "to_parquet")
frame.to_parquet(cases.path("zstd.parquet"), compression="zstd", row_group_size=60)
cases.add("zstd.parquet", "parquet", "to_parquet, zstd, row groups")
frame.set_index("number", drop=False).rename_axis("row").to_parquet(cases.path("index.parquet"))
cases.add("index.parquet", "parquet", "to_parquet with an index")
frame.to_feather(cases.path("a.feather"))
cases.add("a.feather", "feather", "to_feather")

frame.to_json(cases.path("a.jsonl"), orient="records", lines=True)
cases.add("a.jsonl", "json lines", "to_json(lines=True)")
frame.to_json(cases.path("utf8.jsonl"), orient="records", lines=True, force_ascii=False)
cases.add("utf8.jsonl", "json lines", "to_json(lines=True, force_ascii=False)")
frame.to_json(cases.path("array.json"), orient="records")
cases.add("array.json", "json array", "to_json(orient=records)")
frame.to_json(cases.path("indented.json"), orient="records", indent=2)
cases.add("indented.json", "json array", "to_json(indent=2)")
frame.to_json(cases.path("lines.json"), orient="records", lines=True)
cases.add("lines.json", "json lines", "to_json(lines=True) as .json")

csv = {"nested": False, "nulls": False}
table.to_csv(cases.path("a.csv"), index=False)
cases.add("a.csv", "csv", "to_csv(index=False)", **csv)
table.to_csv(cases.path("index.csv"))
cases.add("index.csv", "csv", "to_csv: an index without a name", **csv)
table.to_csv(cases.path("crlf.csv"), index=False, lineterminator="\r\n", encoding="utf-8-sig", quoting=1)
cases.add("crlf.csv", "csv", "every cell quoted, CRLF, a byte order mark", **csv)
table.to_csv(cases.path("semicolon.csv"), index=False, sep=";")
cases.add("semicolon.csv", "csv", "sep=';'", words=["--delimiter", ";"], **csv)
table.to_csv(cases.path("a.tsv"), index=False, sep="\t")
cases.add("a.tsv", "tsv", "sep='\\t', quoted where needed", words=["--quote", '"'], **csv)
table.to_csv(cases.path("all.tsv"), index=False, sep="\t", quoting=1)
cases.add("all.tsv", "tsv", "sep='\\t', every cell quoted", words=["--quote", '"'], **csv)
# Quotes round whole cells are seen without an option where each record is a line.
rows = [row for row, text in enumerate(table["text"]) if not isinstance(text, str) or not {"\n", "\r"} & set(text)]
table.iloc[rows].to_csv(cases.path("lines.tsv"), index=False, sep="\t", quoting=1)
cases.add("lines.tsv", "tsv", "sep='\\t', every cell quoted, no line breaks", rows=rows, **csv)
for packing in ["gz", "bz2", "xz"]:
    frame.to_json(cases.path(f"packed.jsonl.{packing}"), orient="records", lines=True)
    cases.add(f"packed.jsonl.{packing}", "json lines", f"to_json, .{packing}")
    table.to_csv(cases.path(f"packed.csv.{packing}"), index=False)
    cases.add(f"packed.csv.{packing}", "csv", f"to_csv, .{packing}", **csv)

cases.tell()
