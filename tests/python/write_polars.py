"""Writes the records as polars does."""

import polars as pl
from records import COUNT, Cases, flat
from tables import table

cases = Cases("polars")
frame = pl.from_arrow(table("large"))
# JSON has no bytes, maps or decimals.
plain = pl.from_arrow(table("large", wide=False))
flat = pl.DataFrame(flat(), infer_schema_length=None)

for codec in ["uncompressed", "snappy", "zstd", "gzip", "lz4", "brotli"]:
    frame.write_parquet(cases.path(f"parquet/{codec}.parquet"), compression=codec, row_group_size=64)
cases.add("parquet", "parquet", "write_parquet, 6 codecs", copies=6)
small = frame.with_columns(pl.col("text").cast(pl.Categorical), pl.col("id").cast(pl.Categorical))
small.write_parquet(cases.path("categorical.parquet"), data_page_size=4096, statistics="full")
cases.add("categorical.parquet", "parquet", "write_parquet, categories")
frame.lazy().sink_parquet(cases.path("sink.parquet"))
cases.add("sink.parquet", "parquet", "sink_parquet")

for codec in ["uncompressed", "lz4", "zstd"]:
    frame.write_ipc(cases.path(f"file/{codec}.arrow"), compression=codec)
cases.add("file", "arrow file", "write_ipc, uncompressed, lz4, zstd", copies=3)
frame.write_ipc(cases.path("old.feather"), compat_level=pl.CompatLevel.oldest())
cases.add("old.feather", "feather", "write_ipc, compat_level oldest")
small.write_ipc(cases.path("categorical.arrow"))
cases.add("categorical.arrow", "arrow file", "write_ipc, categories")
frame.write_ipc_stream(cases.path("stream.arrow"))
cases.add("stream.arrow", "arrow stream", "write_ipc_stream")

plain.write_ndjson(cases.path("a.ndjson"))
cases.add("a.ndjson", "json lines", "write_ndjson")
plain.write_json(cases.path("a.json"))
cases.add("a.json", "json array", "write_json")

csv = {"nested": False, "nulls": False}
flat.write_csv(cases.path("a.csv"))
cases.add("a.csv", "csv", "write_csv", **csv)
flat.write_csv(cases.path("all.csv"), quote_style="always", line_terminator="\r\n", include_bom=True)
cases.add("all.csv", "csv", "write_csv, every cell quoted, CRLF, a byte order mark", **csv)
flat.write_csv(cases.path("a.tsv"), separator="\t")
cases.add("a.tsv", "tsv", "write_csv, separator='\\t'", words=["--quote", '"'], **csv)
flat.write_csv(cases.path("headless.csv"), include_header=False)
words = ["--no-header"]
cases.add("headless.csv", "csv", "write_csv without a header", words=words, **csv)

# Folders with one file a value: the part of the path is a field, and the column is in no file.
frame.write_parquet(cases.path("hive/x").parent, partition_by="lang")
rows = [row for kind in (1, 0) for row in range(COUNT) if (row % 4 == 1) == kind]
cases.add("hive", "parquet", "write_parquet(partition_by='lang')", rows=rows, parts=True)

cases.tell()
