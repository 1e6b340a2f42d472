"""Writes the records as Python's own modules do, and as people do with them."""

import csv
import json

from records import FLAT, Cases, flat, records

cases = Cases("Python")
made, table = records(), flat()


def lines(name, note, end="\n", head="", between="", **options):
    text = head + "".join(json.dumps(record, **options) + end + between for record in made)
    cases.path(name).write_text(text, encoding="utf-8", newline="")
    cases.add(name, "json lines", note)


# json.dumps writes NaN; nobody reads this field.
made[3]["score"], made[4]["score"], made[5]["score"] = float("nan"), float("inf"), float("-inf")
lines("a.jsonl", "json.dumps a line, NaN and Infinity")
lines("utf8.jl", "ensure_ascii=False", ensure_ascii=False)
lines("crlf.jsonlines", "CRLF, a byte order mark", end="\r\n", head="\ufeff")
lines("blank.ndjson", "empty lines between", between="\n")
lines("unnamed", "JSON lines without an ending")
lines("part-00000", "JSON lines called part-00000")
lines("sorted.json", "JSON lines called .json", sort_keys=True)

for name, indent in [("array.json", None), ("indented.json", 4)]:
    cases.path(name).write_text(json.dumps(made, indent=indent), encoding="utf-8")
    cases.add(name, "json array", f"json.dump(indent={indent})")
cases.path("one.json").write_text(json.dumps(made[0], indent=1), encoding="utf-8")
cases.add("one.json", "json object", "one record", rows=[0])


def rows(name, kind, note, words=(), header=True, **options):
    with cases.path(name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FLAT, **options)
        if header:
            writer.writeheader()
        writer.writerows(table)
    cases.add(name, kind, note, nested=False, nulls=False, words=words)


rows("a.csv", "csv", "csv.writer: CRLF")
rows("all.csv", "csv", "QUOTE_ALL", quoting=csv.QUOTE_ALL)
rows("apostrophe.csv", "csv", "quotechar=\"'\"", ["--quote", "'"], quotechar="'")
rows("semicolon.csv", "csv", "delimiter=';'", ["--delimiter", ";"], delimiter=";")
rows("a.tsv", "tsv", "excel-tab", ["--quote", '"'], dialect="excel-tab")
rows("headless.csv", "csv", "no header", ["--no-header"], header=False)

cases.tell()
