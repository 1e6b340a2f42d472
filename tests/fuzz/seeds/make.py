"""Makes the files that are changed at random, as other programs write them: small, of every format and codec.

    python tests/fuzz/seeds/make.py

They are checked in, so that a run needs no Python. The one that `cargo xtask setup` makes has what this needs.
"""

import bz2
import gzip
import json
import lzma
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

HERE = Path(__file__).parent
ROWS = [
    {
        "id": f"d{i}",
        "text": ["the moon", "bread, \"salt\"", "rain\non the roof", "", "dú ≠ du", "a" * 40][i % 6],
        "tokens": 3 + i,
        "meta": {"title": f"t{i % 2}", "tags": ["x", "y"][: i % 3]},
        "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": f"no {i}"}],
    }
    for i in range(12)
]


def put(folder, name, data):
    path = HERE / folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


flat = [{"text": row["text"], "id": row["id"], "tokens": row["tokens"]} for row in ROWS]
put("jsonl", "records.jsonl", lines(ROWS[:6]))
put("jsonl", "chat.jsonl", lines({"messages": row["messages"]} for row in ROWS[:3]))
put("jsonl", "escaped.jsonl", '{"id": 7.0e0, "text": "\\ud83d\\ude00 \\u00e9\\n\\ud800", "x": [NaN, 1e999, {"a": []}]}\r\n')
put("json", "array.json", json.dumps(ROWS[:4], indent=1))
put("json", "one.json", json.dumps(ROWS[0]))
put("json", "many.json", "\n\n".join(json.dumps(row, indent=2) for row in ROWS[:3]))
table = "id,text,tokens\n" + "".join(f'{r["id"]},"{r["text"].replace(chr(34), chr(34) * 2)}",{r["tokens"]}\n' for r in ROWS)
put("csv", "quoted.csv", table)
put("csv", "again.csv", "\ufefftext,n\r\none,1\r\n\r\ntext,n\r\ntwo,2\r\n")
put("tsv", "plain.tsv", "text\tn\nan \"odd\" quote\t1\ntwo\t2\n")
put("tsv", "whole.tsv", 'text\tn\n"one\ttab"\t1\n"two ""2"""\t2\n')
put("text", "words.txt", "one line\r\nanother\n\n  a third, \u00fcmlaut\n")
put("text", "latin.txt", b"caf\xe9 and \xff\n\xc3")

whole = pa.Table.from_pylist(ROWS)
large = pa.table(
    {
        "text": pa.array([row["text"] for row in ROWS], pa.large_string()),
        "kind": pa.array([f"k{i % 3}" for i in range(12)]).dictionary_encode(),
        "score": pa.array([i / 3 if i % 4 else None for i in range(12)], pa.float32()),
        "day": pa.array([i * 1000 if i % 5 else None for i in range(12)], pa.date32()),
        "cost": pa.array([None] * 6 + list(range(6)), pa.decimal128(9, 2)),
    }
)
views = pa.table({"text": pa.array([row["text"] for row in ROWS], pa.string_view()), "n": pa.array(range(12), pa.int8())})
for codec in ["none", "snappy", "zstd", "gzip", "lz4", "brotli"]:
    for page in ["1.0", "2.0"]:
        path = HERE / "parquet" / f"{codec}-{page[0]}.parquet"
        path.parent.mkdir(exist_ok=True)
        made = whole if page == "1.0" else large
        pq.write_table(made.select(made.column_names[:5]), path, compression=codec, data_page_version=page,
                       row_group_size=8, store_schema=False, write_statistics=page == "1.0")
delta = {"text": "DELTA_BYTE_ARRAY", "id": "DELTA_LENGTH_BYTE_ARRAY", "tokens": "DELTA_BINARY_PACKED"}
pq.write_table(whole.select(["text", "id", "tokens"]), HERE / "parquet/delta.parquet", compression="none",
               use_dictionary=False, column_encoding=delta, write_page_checksum=True)
for name, made in [("whole", whole), ("large", large), ("views", views)]:
    for codec in [None, "lz4", "zstd"]:
        options = pa.ipc.IpcWriteOptions(compression=codec)
        for kind, new in [("file", pa.ipc.new_file), ("stream", pa.ipc.new_stream)]:
            if codec and kind == "stream" and name != "whole":
                continue
            path = HERE / "arrow" / f"{name}-{codec}-{kind}.arrow"
            path.parent.mkdir(exist_ok=True)
            with new(str(path), made.schema, options=options) as writer:
                writer.write_table(made, max_chunksize=8)
feather.write_feather(large, str(HERE / "arrow/feather.feather"))

text = lines(flat).encode()
half = len(text) // 2
zstd = lambda data: pa.Codec("zstd").compress(data, asbytes=True)
skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
put("gzip", "one.gz", gzip.compress(text, mtime=0))
put("gzip", "two.gz", gzip.compress(text[:half], mtime=0) + gzip.compress(text[half:], mtime=0) + bytes(12))
put("zstd", "one.zst", zstd(text))
put("zstd", "two.zst", skippable + zstd(text[:half]) + zstd(text[half:]) + skippable)
put("bzip2", "one.bz2", bz2.compress(text))
put("bzip2", "two.bz2", bz2.compress(text[:half], 1) + bz2.compress(text[half:]))
put("xz", "one.xz", lzma.compress(text, preset=0))
bcj = [{"id": lzma.FILTER_DELTA, "dist": 1}, {"id": lzma.FILTER_LZMA2, "preset": 0}]
put("xz", "two.xz", lzma.compress(text[:half], filters=bcj) + lzma.compress(text[half:], check=lzma.CHECK_SHA256) + bytes(8))

rows = np.arange(12, dtype=np.float32).reshape(4, 3)
for name, made in [("f4", rows), ("f2", rows.astype(np.float16)), ("fortran", np.asfortranarray(rows)),
                   ("big", rows.astype(">f4"))]:
    path = HERE / "npy" / f"{name}.npy"
    path.parent.mkdir(exist_ok=True)
    np.save(path, made)
(HERE / "labels-npy").mkdir(exist_ok=True)
for kind in ["<i8", "i1", ">u2", "<f4", "<f8", "<f2"]:
    np.save(HERE / "labels-npy" / f"{kind[-2:]}.npy", np.array([0, 2, 1, 2, 0, 7]).astype(kind))
rows = [{"document": i, "cluster": i % 3 - 1, "tokens": 5 * i + 1} for i in range(8)]
put("labels-jsonl", "numbers.jsonl", lines(rows))
put("labels-jsonl", "names.jsonl", lines({"cluster": ["a", "nan", None, "b"][i % 4]} for i in range(6)))
put("labels-csv", "numbers.csv", "document,cluster,tokens\n" + "".join(f"{7 - i},{i % 3},{i + 1}\n" for i in range(8)))
put("labels-csv", "names.csv", 'cluster\n"a, b"\n-1.0\nNA\n"c ""d"""\n\n')
labels = pa.table({"cluster": pa.array([0, 1, 1, None, 2], pa.int32()), "tokens": pa.array([1, 2, 3, 4, 5], pa.int64()),
                   "document": pa.array([4, 3, 2, 1, 0], pa.uint32())})
(HERE / "labels-parquet").mkdir(exist_ok=True)
pq.write_table(labels, HERE / "labels-parquet/numbers.parquet", store_schema=False)
pq.write_table(pa.table({"cluster": ["a", "b", "a"]}), HERE / "labels-parquet/names.parquet", compression="zstd")

put("weights", "plain.csv", "cluster,weight,clip\n0,1,5\n1,0.25,\n2,3e-2,2\n")
put("weights", "named.jsonl", lines([{"cluster": "sea", "weight": 2.5}, {"cluster": "air", "weight": 0, "clip": 3}]))
weights = pa.table({"cluster": pa.array([0, 1, 2], pa.int32()), "weight": pa.array([1.0, 0.5, 2.0]),
                    "clip": pa.array([3, None, 1], pa.uint32())})
pq.write_table(weights, HERE / "weights/plain.parquet", store_schema=False)
