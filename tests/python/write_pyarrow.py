"""Writes the records as pyarrow does: Parquet in every codec, encoding, page and type of string; Feather and Arrow."""

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
from records import COUNT, Cases
from tables import STRINGS, table

CODECS = ["none", "snappy", "zstd", "gzip", "lz4", "brotli"]
GROUP = 64

cases = Cases("pyarrow")
tables = {strings: table(strings) for strings in STRINGS}


def encodings(name):
    """The options of an encoding; the delta ones for every column that may have one."""
    if name != "delta":
        return {"use_dictionary": name == "dictionary"}
    columns = {
        "text": "DELTA_BYTE_ARRAY",
        "id": "DELTA_LENGTH_BYTE_ARRAY",
        "n_tokens": "DELTA_BINARY_PACKED",
        "number": "DELTA_BINARY_PACKED",
        "n_float": "BYTE_STREAM_SPLIT",
        "meta.title": "DELTA_BYTE_ARRAY",
        "messages.list.element.content": "DELTA_LENGTH_BYTE_ARRAY",
    }
    return {"use_dictionary": False, "column_encoding": columns}


for strings, made in tables.items():
    files = 0
    for codec in CODECS:
        for encoding in ["dictionary", "plain", "delta"]:
            for page in ["1.0", "2.0"]:
                path = cases.path(f"{strings}/{codec}-{encoding}-{page[0]}.parquet")
                options = {"compression": codec, "data_page_version": page, "row_group_size": GROUP}
                # Small pages, so that a column has several.
                pq.write_table(made, path, data_page_size=4096, **options, **encodings(encoding))
                files += 1
    note = f"{strings}: 6 codecs x dictionary, plain, delta x pages 1, 2"
    cases.add(strings, "parquet", note, copies=files)

# What a writer may leave out or add.
path = cases.path("one-group.parquet")
pq.write_table(tables["string"], path, write_statistics=False, store_schema=False, version="1.0")
cases.add(path.name, "parquet", "one row group, no statistics, no Arrow schema, version 1.0")
path = cases.path("indexed.parquet")
pq.write_table(tables["large"], path, write_page_index=True, write_page_checksum=True, row_group_size=GROUP)
cases.add(path.name, "parquet", "page index, checksums")
path = cases.path("empty-groups.parquet")
with pq.ParquetWriter(path, tables["string"].schema) as writer:
    for start in range(0, COUNT, 100):
        writer.write_table(tables["string"].slice(start, 100))
        writer.write_table(tables["string"].slice(0, 0))
cases.add(path.name, "parquet", "row groups without rows")

for strings, made in tables.items():
    for codec in ["uncompressed", "lz4", "zstd"]:
        path = cases.path(f"feather/{strings}-{codec}.feather")
        feather.write_feather(made, path, compression=codec, chunksize=GROUP)
        for kind, new in [("file", pa.ipc.new_file), ("stream", pa.ipc.new_stream)]:
            path = cases.path(f"{kind}/{strings}-{codec}.arrow")
            options = pa.ipc.IpcWriteOptions(compression=None if codec == "uncompressed" else codec)
            with new(path, made.schema, options=options) as writer:
                writer.write_table(made, max_chunksize=GROUP)
for name, kind in [("feather", "feather"), ("file", "arrow file"), ("stream", "arrow stream")]:
    cases.add(name, kind, "4 types of strings x uncompressed, lz4, zstd", copies=12)

# Dictionaries that grow or change from batch to batch.
pieces = []
for start in range(0, COUNT, 50):
    piece = tables["string"].slice(start, 50)
    text = piece["text"].combine_chunks().dictionary_encode()
    pieces.append(piece.set_column(piece.schema.get_field_index("text"), "text", text))
for name, options in [("replaced", {}), ("delta", {"emit_dictionary_deltas": True})]:
    path = cases.path(f"dictionaries-{name}.arrow")
    with pa.ipc.new_stream(path, pieces[0].schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for piece in pieces:
            writer.write_table(piece)
    cases.add(path.name, "arrow stream", f"a dictionary a batch ({name})")

cases.tell()
