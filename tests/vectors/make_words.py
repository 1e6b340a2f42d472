"""Makes words.jsonl: short documents of made-up words in a few topics of very different sizes.

    python3 tests/vectors/make_words.py > tests/vectors/words.jsonl

The file is checked in, and the hashes in tests/tests/cli/pinned.rs are of what becomes of it: making other documents
means new hashes, and loses the comparison with every version before.
"""

import json

TOPICS = [140, 76, 41, 22, 12, 6, 3]
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va wö zé şa ΚΟ жи".split()

state = 14


def below(bound: int) -> int:
    """A number of 0 to bound - 1, by a generator that is the same in every Python."""
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % bound


def word() -> str:
    return "".join(SYLLABLES[below(len(SYLLABLES))] for _ in range(2 + below(3)))


def sentence(words: list[str]) -> str:
    text = " ".join(words).capitalize()
    return text + ".?!…"[below(4)]


everybody = [word() for _ in range(80)]
documents = []
for topic, size in enumerate(TOPICS):
    own = [word() for _ in range(30)]
    for _ in range(size):
        words = [(own if below(3) else everybody)[below(30)] for _ in range(12 + below(20))]
        cut = 4 + below(len(words) - 6)
        documents.append((topic, f"{sentence(words[:cut])} {sentence(words[cut:])}"))

# What has no words, a text twice, and digits between words.
documents += [(7, "?! …"), (0, documents[0][1]), (1, "1 200 " + documents[150][1] + " 7")]

# Mixed, so that topics do not lie in a row.
for place in range(len(documents) - 1, 0, -1):
    other = below(place + 1)
    documents[place], documents[other] = documents[other], documents[place]

for row, (topic, text) in enumerate(documents):
    print(json.dumps({"id": f"w{row}", "topic": topic, "text": text}, ensure_ascii=False))
