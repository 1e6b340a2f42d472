"""Writes the records as DuckDB does."""

import duckdb
from records import COUNT, FLAT, Cases
from tables import table

cases = Cases("DuckDB")
wide, plain = table("string"), table("string", wide=False)
# DuckDB has no type for nothing.
wide = wide.drop_columns(["nothing"])
db = duckdb.connect()
db.execute("set threads = 1; set preserve_insertion_order = true")
db.register("wide", wide)
db.register("plain", plain)


def copy(source, name, options):
    db.execute(f"copy ({source}) to '{cases.path(name)}' ({options})")


for codec in ["uncompressed", "snappy", "zstd", "gzip", "lz4_raw", "brotli"]:
    for version in ["v1", "v2"]:
        name = f"parquet/{codec}-{version}.parquet"
        options = f"format parquet, compression {codec}, parquet_version {version}, row_group_size 2048"
        copy("from wide", name, options)
cases.add("parquet", "parquet", "copy to, 6 codecs x versions 1, 2", copies=12)
copy("from plain", "a.json", "format json")
cases.add("a.json", "json lines", "copy to .json")
copy("from plain", "array.json", "format json, array true")
cases.add("array.json", "json array", "copy to .json (array true)")
copy("from plain", "a.ndjson.gz", "format json, compression gzip")
cases.add("a.ndjson.gz", "json lines", "copy to .ndjson.gz")
copy("from plain", "a.jsonl.zst", "format json, compression zstd")
cases.add("a.jsonl.zst", "json lines", "copy to .jsonl.zst")

flat = f"select {', '.join(FLAT)} from plain"
csv = {"nested": False, "nulls": False}
copy(flat, "a.csv", "format csv, header true")
cases.add("a.csv", "csv", "copy to .csv", **csv)
copy(flat, "all.csv", "format csv, header true, force_quote *, delimiter '|'")
cases.add("all.csv", "csv", "copy to .csv (force_quote *, delimiter '|')", words=["--delimiter", "|"], **csv)
copy(flat, "a.tsv", "format csv, header true, delimiter '\t'")
cases.add("a.tsv", "tsv", "copy to .tsv", words=["--quote", '"'], **csv)
copy(flat, "a.csv.zst", "format csv, header true, compression zstd")
cases.add("a.csv.zst", "csv", "copy to .csv.zst", **csv)

copy("from wide", "hive", "format parquet, partition_by (lang)")
rows = [row for kind in (1, 0) for row in range(COUNT) if (row % 4 == 1) == kind]
cases.add("hive", "parquet", "copy to (partition_by lang)", rows=rows, parts=True)

cases.tell()
