"""The records that every writer writes, and how a writer tells what it wrote.

A script `write_*.py FOLDER` writes files into FOLDER and prints one JSON object: `records`, what any of the files
must be read as, and `cases`, one for each file or folder to be read (see `Cases.add`).
"""

import json
import sys
from pathlib import Path

# The first record has no gaps: its keys settle what the text is.
TEXTS = [
    "The first text: plain words of an ordinary record.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "日本語の文章と中文文本, 한국어 문장, ภาษาไทย.",
    "A family 👩‍👩‍👧‍👦, a flag 🏳️‍🌈, a skin tone 👋🏽, a letter with marks e\u0301\u0323.",
    "line one\nline two\r\nline three\n\nafter an empty line",
    'quotes " and ""doubled"", commas, semicolons; pipes | and\ttabs',
    "backslashes \\n \\u0041 C:\\temp\\new and a last one \\",
    "",
    None,
    "  padded with spaces  ",
    "control \x01\x02\x1f\x7f\x85 and separators \u2028\u2029 of lines",
    "NULL",
    "0012",
    "-1.5e3",
    "\ufeffa mark in front",
    '{"json": ["in", "a", "text"]}',
    "the last code points \uffff\U0010ffff and private ones \ue000",
    "rtl שלום עולم \u202etext\u202c",
    "long " + "wörter ohne ende 🙂 " * 400,
    "'single quotes' and `backticks`",
    "line ends only\n",
    "\n",
]

COUNT = 200

WORDS = "amber brook cedar delta ember flint grove heath inlet jetty knoll ledge marsh north orbit plume".split()


def text(row):
    """A record's text: a special one, then made-up ones of different lengths."""
    if row < len(TEXTS):
        return TEXTS[row]
    return " ".join(WORDS[(row * row + place * (row + 3)) % len(WORDS)] for place in range(3 + row % 17)) + f" {row}"


def messages(row):
    """A record's conversation: with and without a system's turn, one with null and empty contents, one that is null."""
    if row == 9:
        return None
    turns = [
        {"role": "user", "content": f"What is {row}? ü🙂"},
        {"role": "assistant", "content": f"It is\n{row * row}."},
    ]
    if row == 11:
        turns.insert(1, {"role": "assistant", "content": None})
        turns.insert(2, {"role": "user", "content": ""})
    return turns if row % 3 else [{"role": "system", "content": "Count."}] + turns


def records():
    """All records: flat fields first, then nested ones."""
    made = []
    for row in range(COUNT):
        tokens = row * 7 % 1000 + 1
        title = None if row in (8, 21) else f"Title {row} – ñ"
        meta = {"title": title, "source": {"url": f"https://example.org/{row}", "rank": row}, "tags": ["a", f"b{row}"]}
        made.append({
            "id": f"r{row}",
            "number": 2**53 + 1 + row,
            "text": text(row),
            "n_tokens": tokens,
            "n_float": float(tokens),
            "score": None if row % 5 == 4 else row / 8 - 3,
            "lang": "de" if row % 4 == 1 else "en",
            "meta": meta,
            "messages": messages(row),
        })
    return made


FLAT = ["id", "number", "text", "n_tokens", "n_float", "score", "lang"]


def flat():
    """The records without nested fields, for tables."""
    return [{name: record[name] for name in FLAT} for record in records()]


def turns(record):
    """What a conversation must be read as."""
    if record["messages"] is None:
        return None
    return "\n".join(turn["content"] for turn in record["messages"] if turn["content"])


def expected():
    """What every record must be read as, by the kinds of reading."""
    return [
        {
            "id": record["id"],
            "number": str(record["number"]),
            "lang": record["lang"],
            "url": record["meta"]["source"]["url"],
            "tokens": record["n_tokens"],
            "text": record["text"],
            "title": record["meta"]["title"],
            "turns": turns(record),
        }
        for record in records()
    ]


class Cases:
    """What a script wrote."""

    def __init__(self, writer):
        self.folder = Path(sys.argv[1])
        self.writer = writer
        self.cases = []

    def path(self, name):
        """The path of a file to write, in a folder that is there."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def add(self, name, kind, note, rows=None, copies=1, nested=True, nulls=True, parts=False, words=()):
        """Notes that the file or folder `name` is to be read.

        `kind` is its format. `rows` are the records it holds in their order, all if None, `copies` times. `nested`:
        whether it has the nested fields. `nulls`: whether null is told from an empty text. `parts`: whether the
        field `lang` is a part of paths. `words`: options.
        """
        rows = list(range(COUNT)) if rows is None else list(rows)
        self.cases.append({
            "input": name,
            "kind": kind,
            "note": note,
            "rows": rows * copies,
            "nested": nested,
            "nulls": nulls,
            "parts": parts,
            "words": list(words),
        })

    def tell(self):
        """Prints what was written."""
        json.dump({"writer": self.writer, "records": expected(), "cases": self.cases}, sys.stdout)
