"""Writes files whose records are easily miscounted into FOLDER, and prints how `datasets` and pandas load them.

Each case: `input` and `words` for the program; `datasets` and `pandas`, how these load the same (see count.py), or null
where they have no way.
"""

import bz2
import gzip
import json
import lzma
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets  # noqa: E402
import duckdb  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

datasets.disable_progress_bars()
folder = Path(sys.argv[1])
cases = []

# Null and empty texts among others; a text with line breaks.
TEXTS = [f"some words of document {number} {'ab' * (number % 7)}" for number in range(40)]
TEXTS[3], TEXTS[7], TEXTS[8], TEXTS[20], TEXTS[39] = "", None, "two\nlines", "ünï 🙂", ""
LINES = [json.dumps({"n": number, "text": text}) for number, text in enumerate(TEXTS)]


def put(name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def case(name, note, ours=None, words=(), pandas=None, left_out=(), **theirs):
    """`left_out`: rows that hold something there and are left out here. `theirs`: arguments of load_dataset; `pandas`: a function of pandas and its arguments."""
    loaded = theirs or None
    cases.append({
        "input": ours or name,
        "note": note,
        "words": list(words),
        "left_out": list(left_out),
        "datasets": loaded,
        "pandas": pandas and {"file": name, "function": pandas[0], "arguments": pandas[1]},
    })


def lines(name, note, data, **more):
    put(name, data)
    case(name, note, path="json", data_files=name, pandas=("read_json", {"lines": True}), **more)


plain = "".join(line + "\n" for line in LINES)
lines("plain.jsonl", "JSON lines: null, empty", plain)
lines("open.jsonl", "no end of the last line", plain[:-1])
lines("crlf.jsonl", "CRLF", plain.replace("\n", "\r\n"))
lines("blank.jsonl", "empty lines first, between and last", "\n\n" + plain.replace("\n", "\n\n", 9) + "\n\n\n")
lines("mark.jsonl", "a byte order mark", "\ufeff" + plain)
for ending, pack in [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]:
    lines(f"packed.jsonl.{ending}", f"packed, .{ending}", pack(plain.encode()))
keyed = "".join(json.dumps({"text": text} if text is not None else {}) + "\n" for text in TEXTS)
lines("absent.jsonl", "the field absent here and there", keyed)
put("array.json", json.dumps([json.loads(line) for line in LINES]))
case("array.json", "JSON array", path="json", data_files="array.json", pandas=("read_json", {}))
put("indented.json", json.dumps([json.loads(line) for line in LINES], indent=2))
case("indented.json", "JSON array, indented", path="json", data_files="indented.json", pandas=("read_json", {}))


def cell(text, separator=","):
    text = text or ""
    special = any(c in text for c in f'"\r\n{separator}')
    return '"' + text.replace('"', '""') + '"' if special else text


def table(end="\n", separator=",", between=""):
    rows = ["n" + separator + "text"] + [f"{n}{separator}{cell(text, separator)}" for n, text in enumerate(TEXTS)]
    return "".join(row + end + between for row in rows)


def csv(name, note, data, words=(), **more):
    put(name, data)
    case(name, note, words=words, path="csv", data_files=name, pandas=("read_csv", more), **more)


csv("plain.csv", "CSV: empty cells, a cell of two lines", table())
csv("crlf.csv", "CSV, CRLF", table("\r\n"))
csv("cr.csv", "CSV, CR alone", "n,text\r0,some words\r1,more words\r")
csv("blank.csv", "CSV with empty lines between", table(between="\n"))
csv("blanks.csv", "CSV with lines of blanks first and between", " \t\n" + table(between="  \n"))
csv("open.csv", "CSV, no end of the last line", table()[:-1])
csv("mark.csv", "CSV, a byte order mark", "\ufeff" + table())
csv("quoted.csv", "CSV of one column, an empty cell quoted", 'text\nsome words\n""\n\nmore words\n')
put("again.csv", "n,text\n0,some words\nn,text\n1,more words\n")
case("again.csv", "CSV, the header again in the middle", left_out=[1], path="csv", data_files="again.csv",
     pandas=("read_csv", {}))
csv("plain.tsv", "TSV", table(separator="\t").replace("two\nlines", "one line").replace('"', ""), sep="\t")
csv("quoted.tsv", "TSV, quoted", table(separator="\t"), words=["--quote", '"'], sep="\t")
csv("semicolon.csv", "CSV, semicolons", table(separator=";"), words=["--delimiter", ";"], sep=";")
headless = "".join(f"{n},{cell(text)}\n" for n, text in enumerate(TEXTS))
put("headless.csv", headless)
words = ["--no-header", "--text-field", "1"]
more = {"header": None, "names": ["n", "text"]}
case("headless.csv", "CSV without a header", words=words, path="csv", data_files="headless.csv", **more,
     pandas=("read_csv", more))


def text(name, note, data):
    put(name, data)
    case(name, note, words=["--lines"], path="text", data_files=name)


text("plain.txt", "lines of text", "one line\nanother line\n\n\nafter two empty lines\n")
text("open.txt", "lines of text, no end of the last", "\none line\n\nthe last line")
text("crlf.txt", "lines of text, CRLF", "one line\r\n\r\nanother line\r\n")
text("cr.txt", "lines of text, CR alone", "one line\ranother line\r\rlast line\n")
text("odd.txt", "lines with other separators", "one\u2028line\nform\x0cfeed\x0bhere\nnext\x85line\n\nlast line\n")

columns = pa.table({"n": range(len(TEXTS)), "text": TEXTS})
pq.write_table(columns, put("plain.parquet", ""), row_group_size=7)
case("plain.parquet", "Parquet, row groups", path="parquet", data_files="plain.parquet", pandas=("read_parquet", {}))
for name, new in [("file.arrow", pa.ipc.new_file), ("stream.arrow", pa.ipc.new_stream)]:
    with new(put(name, ""), columns.schema) as writer:
        writer.write_table(columns, max_chunksize=7)
    pandas = ("read_feather", {}) if name == "file.arrow" else None
    case(name, f"Arrow, {name.split('.')[0]}", path="arrow", data_files=name, pandas=pandas)


def part(name, start, end):
    """A file with some of the records, by the ending of its name."""
    if name.endswith(".parquet"):
        pq.write_table(columns.slice(start, end - start), put(name, ""))
    elif name.endswith(".csv"):
        rows = [f"{number},{cell(TEXTS[number])}\n" for number in range(start, end)]
        put(name, "n,text\n" + "".join(rows))
    else:
        put(name, "".join(line + "\n" for line in LINES[start:end]))


def parts(name, note, files, splits=("train",)):
    for place, file in enumerate(files):
        part(f"{name}/{file}", place * 40 // len(files), (place + 1) * 40 // len(files))
    for split in splits:
        words = [] if split == "train" else ["--split", split]
        case(name, f"{note}: {split}" if len(splits) > 1 else note, words=words, path=name, split=split)


parts("many", "a folder of JSON lines", [f"part-{number}.jsonl" for number in range(12)])
parts("order", "names whose order is not obvious", ["B.jsonl", "a-b.jsonl", "a.jsonl", "a/b.jsonl", "é.jsonl", "a/B.jsonl"])
two = ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/test-00000-of-00001.parquet"]
parts("numbered", "numbered Parquet by splits", two, ["train", "test"])
names = ["train.jsonl", "test.jsonl", "validation.jsonl"]
parts("named", "files named by splits", names, ["train", "test", "validation"])
folders = ["train/a.jsonl", "train/b.jsonl", "dev/a.jsonl", "eval/a.jsonl"]
parts("folders", "folders named by splits", folders, ["train", "validation", "test"])
words = ["my-train-file.csv", "my-valid-file.csv", "other.csv"]
parts("words", "splits among the words of names", words, ["train", "validation"])
parts("hidden", "hidden files and a README", ["a.parquet", "b.parquet", ".c.parquet", ".d/e.parquet"])
put("hidden/README.md", "# Nothing\n")
parts("empty", "a file without records among others", ["a.jsonl", "b.jsonl", "c.jsonl"])
put("empty/b.jsonl", "")

saved = datasets.Dataset(columns)
datasets.DatasetDict({"test": saved.select(range(10)), "train": saved.select(range(10, 40))}).save_to_disk(folder / "saved")
case("saved", "save_to_disk, DatasetDict: train", disk="saved", split="train")
case("saved", "save_to_disk, DatasetDict: test", words=["--split", "test"], disk="saved", split="test")
# Rows in another order: what is saved is the order that was chosen.
saved.shuffle(seed=1).save_to_disk(folder / "shuffled", num_shards=3)
case("shuffled", "save_to_disk, shuffled, 3 shards", disk="shuffled")

db = duckdb.connect()
db.register("columns", columns)
db.execute(f"copy columns to '{folder / 'duckdb.csv'}' (format csv, header true)")
case("duckdb.csv", "CSV by DuckDB", path="csv", data_files="duckdb.csv", pandas=("read_csv", {}))

json.dump(cases, sys.stdout)
