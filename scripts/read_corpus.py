"""The same texts as Parquet, JSON lines and CSV, to measure readers: files of the crates that cargo has unpacked.

    python scripts/read_corpus.py SOURCES OUT --megabytes N

Writes OUT.jsonl, OUT.csv and, last, OUT.parquet: zstd, a column `text` of N megabytes and 12 columns beside it.
"""
import argparse
import csv
import datetime
import itertools
import json
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from embed_corpus import documents

# Rows of a group; with texts of some kilobytes, tens of megabytes.
GROUP = 10_000


def rows(texts: list[str], wanted: int):
    """Numbers and texts until there are as many bytes; a text that comes again begins otherwise."""
    told = 0
    for number, text in enumerate(itertools.cycle(texts)):
        if told >= wanted:
            return
        text = f"{number}\n{text}"
        told += len(text.encode())
        yield number, text


def table(batch: list[tuple[int, str]]) -> pa.Table:
    numbers = [number for number, _ in batch]
    hashes = [zlib.crc32(str(number).encode()) for number in numbers]
    day = datetime.datetime(2026, 11, 1)
    return pa.table({
        "id": [f"<urn:uuid:{value:08x}-{number:012x}>" for number, value in zip(numbers, hashes)],
        "url": [f"https://example.org/{value % 9999}/{number}" for number, value in zip(numbers, hashes)],
        "dump": pa.array(["CC-MAIN-2026-44"] * len(batch)).dictionary_encode(),
        "date": [day + datetime.timedelta(seconds=value) for value in hashes],
        "text": [text for _, text in batch],
        "language": pa.array(["en" if value % 5 else "de" for value in hashes]).dictionary_encode(),
        "language_score": [value / 2**32 for value in hashes],
        "token_count": [len(text) // 4 for _, text in batch],
        "perplexity": pa.array([value % 1000 / 7 for value in hashes], pa.float32()),
        "kept": [value % 3 > 0 for value in hashes],
        "minhash": [[value, value ^ number, value * 3 % 2**32] for number, value in zip(numbers, hashes)],
        "meta": [{"rank": number, "host": f"host{value % 999}"} for number, value in zip(numbers, hashes)],
        "summary": [text[:200] for _, text in batch],
    })


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--megabytes", type=int, required=True)
    options = parser.parse_args()
    texts = documents(options.sources, 10**9, 100_000)
    if not texts:
        raise SystemExit(f"{options.sources} holds no texts")
    whole, part = options.out.with_suffix(".parquet"), options.out.with_suffix(".part")
    writer = None
    with (
        options.out.with_suffix(".jsonl").open("w", encoding="utf-8") as lines,
        options.out.with_suffix(".csv").open("w", encoding="utf-8", newline="") as cells,
    ):
        cells = csv.writer(cells, lineterminator="\n")
        cells.writerow(["id", "text"])
        all_rows = rows(texts, options.megabytes * 1_000_000)
        while batch := list(itertools.islice(all_rows, GROUP)):
            made = table(batch)
            writer = writer or pq.ParquetWriter(part, made.schema, compression="zstd")
            writer.write_table(made)
            lines.writelines(json.dumps({"id": str(n), "text": text}, ensure_ascii=False) + "\n" for n, text in batch)
            cells.writerows(batch)
    writer.close()
    part.rename(whole)


if __name__ == "__main__":
    main()
