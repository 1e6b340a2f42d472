"""Real documents of mixed length for embedding benchmarks: files of the crates that cargo has unpacked.

    python scripts/embed_corpus.py FOLDER OUT.jsonl [--documents N] [--longest CHARACTERS]
"""
import argparse
import json
import zlib
from pathlib import Path

SUFFIXES = {".rs", ".md", ".toml", ".txt", ".json", ".c", ".h", ".py"}


def documents(folder: Path, count: int, longest: int) -> list[str]:
    """As many texts, chosen by a hash of their paths and contents: one in four is whole, up to
    `longest` characters, the others are cut at paragraphs."""
    files = sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    files.sort(key=lambda file: zlib.crc32(file.relative_to(folder).as_posix().encode()))
    texts: list[str] = []
    for file in files:
        if len(texts) >= count:
            break
        text = file.read_bytes().decode("utf-8", "replace").strip()
        if len(text) < 40:
            continue
        if len(texts) % 4:
            paragraphs = text.split("\n\n")
            text = "\n\n".join(paragraphs[: 1 + zlib.crc32(text.encode()) % 6])
        texts.append(text[:longest])
    return texts[:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--longest", type=int, default=20_000)
    options = parser.parse_args()
    texts = documents(options.folder, options.documents, options.longest)
    if len(texts) < options.documents:
        raise SystemExit(f"{options.folder} holds {len(texts)} texts, {options.documents} are wanted")
    options.out.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))


if __name__ == "__main__":
    main()
