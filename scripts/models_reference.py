#!/usr/bin/env python3
"""Makes models/tests/vectors: what the model embedders are held against.

An implementation of its own, in float64 NumPy, written from the papers (BERT, Devlin et al. 2018; ALiBi, Press et al.
2022; Jina Embeddings 2, Günther et al. 2023) and the meaning of the config files: WordPiece, attention, layer norm,
GELU with the error function, one text at a time and unpadded. Static tables come from the peers' own packages.

Needs numpy, safetensors, and for the peers model2vec and wordllama. FOLDER is where `cargo xtask setup` keeps models:
    python scripts/models_reference.py FOLDER
"""
import json
import random
import re
import shutil
import sys
import unicodedata
from math import erf, floor, log2, sqrt
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

OUT = Path(__file__).resolve().parent.parent / "models/tests/vectors"
ERF = np.vectorize(erf)


# WordPiece, as the published BERT code describes it.


def basic_words(text: str) -> list[str]:
    """Cleans, lowercases, strips accents, and cuts at blanks, punctuation and CJK characters."""
    out = []
    for char in text:
        code, kind = ord(char), unicodedata.category(char)
        if code == 0 or code == 0xFFFD or (kind.startswith("C") and char not in "\t\n\r"):
            continue
        if char in "\t\n\r " or kind == "Zs":
            out.append(" ")
        elif any(a <= code <= b for a, b in CJK):
            out.append(f" {char} ")
        else:
            out.append(char)
    text = unicodedata.normalize("NFD", "".join(out))
    text = "".join(char for char in text if unicodedata.category(char) != "Mn").lower()
    words, word = [], ""
    for char in text:
        if char.isspace() or is_punctuation(char):
            words += [word] if word else []
            words += [] if char.isspace() else [char]
            word = ""
        else:
            word += char
    return words + ([word] if word else [])


CJK = [
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
]  # fmt: skip


def is_punctuation(char: str) -> bool:
    code = ord(char)
    ascii_marks = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_marks or unicodedata.category(char).startswith("P")


def word_pieces(text: str, vocabulary: dict[str, int]) -> list[int]:
    """Ids of a text, without special tokens: the longest piece first."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    parts = re.split("|".join(f"({re.escape(name)})" for name in special), text)
    words = [[part] if part in special else basic_words(part) for part in parts if part]
    ids = []
    for word in sum(words, []):
        if word in special:
            ids.append(vocabulary[word])
            continue
        pieces, start = [], 0
        while start < len(word) and len(word) <= 100:
            end = len(word)
            mark = "##" if start else ""
            while end > start and mark + word[start:end] not in vocabulary:
                end -= 1
            if end == start:
                break
            pieces.append(vocabulary[mark + word[start:end]])
            start = end
        ids += pieces if pieces and start == len(word) else [vocabulary["[UNK]"]]
    return ids


# The encoders.


def layer_norm(x, weights, name, epsilon):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear(x, weights, name):
    y = x @ weights[f"{name}.weight"].T
    return y + weights[f"{name}.bias"] if f"{name}.bias" in weights else y


def gelu(x):
    return 0.5 * x * (1 + ERF(x / sqrt(2)))


def slopes(heads: int) -> list[float]:
    """ALiBi: a geometric sequence for powers of two, else that of the lower one and every second of the higher."""
    power = 2 ** floor(log2(heads))
    sequence = lambda n: [2 ** (-8 * (h + 1) / n) for h in range(n)]
    return sequence(power) + sequence(2 * power)[::2][: heads - power]


def encode(ids: list[int], weights: dict, config: dict, pooling: str) -> np.ndarray:
    """The row of one sequence, of unit norm."""
    alibi = config.get("position_embedding_type") == "alibi"
    heads, width = config["num_attention_heads"], config["hidden_size"]
    epsilon, n, size = config["layer_norm_eps"], len(ids), width // heads
    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.token_type_embeddings.weight"][0]
    if not alibi:
        x = x + weights["embeddings.position_embeddings.weight"][:n]
    x = layer_norm(x, weights, "embeddings.LayerNorm", epsilon)
    distance = np.abs(np.arange(n)[:, None] - np.arange(n)[None, :])
    for i in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{i}."
        parts = [linear(x, weights, f"{at}attention.self.{part}") for part in ("query", "key", "value")]
        mixed = np.empty_like(x)
        for head in range(heads):
            columns = slice(head * size, (head + 1) * size)
            q, k, v = (part[:, columns] for part in parts)
            scores = q @ k.T / sqrt(size)
            if alibi:
                scores = scores - slopes(heads)[head] * distance
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            mixed[:, columns] = scores / scores.sum(-1, keepdims=True) @ v
        x = layer_norm(x + linear(mixed, weights, f"{at}attention.output.dense"), weights, f"{at}attention.output.LayerNorm", epsilon)
        if alibi:
            gated = linear(x, weights, f"{at}mlp.gated_layers")
            inner = config["intermediate_size"]
            y = linear(gelu(gated[:, :inner]) * gated[:, inner:], weights, f"{at}mlp.wo")
            x = layer_norm(x + y, weights, f"{at}mlp.layernorm", epsilon)
        else:
            y = linear(gelu(linear(x, weights, f"{at}intermediate.dense")), weights, f"{at}output.dense")
            x = layer_norm(x + y, weights, f"{at}output.LayerNorm", epsilon)
    row = x[0] if pooling == "cls" else x.mean(0)
    return row / np.linalg.norm(row)


def rows(texts, vocabulary, weights, config, pooling, most):
    weights = {name.removeprefix("bert."): values.astype(np.float64) for name, values in weights.items()}
    sequences = [word_pieces(text, vocabulary) for text in texts]
    cls, sep = vocabulary["[CLS]"], vocabulary["[SEP]"]
    made = [encode([cls, *ids[: most - 2], sep], weights, config, pooling) for ids in sequences]
    return np.array(made), np.array([len(ids) for ids in sequences], np.int64)


# Texts, all written here.


def texts() -> list[str]:
    """200 texts: very short, very long, emoji, CJK, other scripts, code, empty, blanks only."""
    draw = random.Random(7)
    fixed = [
        "", " ", "   \n\t  ", "\u3000\u00a0", "a", "?", "42", "🙂", "🏳️‍🌈👩‍👩‍👧‍👦🇺🇳", "ﬁ ﬂ Å Å é é", "İstanbul ISTANBUL ıstanbul",
        "naïve café Zürich Łódź smørrebrød", "x" * 99, "x" * 100, "x" * 101, "-" * 300, "\x00\x07\x1b[31mred\x1b[0m", "\ufeffmark",
        "今天天气很好，我们去公园散步。", "東京の夜景はとても美しいです。", "오늘은 날씨가 좋아서 산책을 했다.", "Сегодня мы идём в музей.",
        "Σήμερα ο ουρανός είναι καθαρός.", "السلام عليكم ورحمة الله", "שלום עולם", "नमस्ते दुनिया", "สวัสดีชาวโลก", "ქართული ენა",
        "def f(x):\n    return [y ** 2 for y in x if y % 3]\n", "SELECT name, COUNT(*) FROM t GROUP BY 1 HAVING COUNT(*) > 2;",
        "fn main() { println!(\"{:?}\", (0..9).map(|i| i * i).collect::<Vec<_>>()); }", "<p class=\"a\">Tom &amp; Ann</p>",
        '{"id": 17, "tags": ["x", "y"], "ok": null}', "https://example.org/a/b?c=d&e=%20f#g", "∀ε>0 ∃δ>0: |x−a|<δ ⇒ |f(x)−f(a)|<ε",
        "1.5e-7 3,141,592 0x7fff 2026-11-25T19:00:00Z", "[CLS] is a word here, and [MASK] too", "don't can't it's o'clock",
    ]  # fmt: skip
    who = "the gardener|a nurse|our neighbour|the old captain|a young engineer|the committee|my sister|a tired referee|the baker".split("|")
    did = "repaired|painted|described|forgot|sold|measured|photographed|defended|translated|lost".split("|")
    what = "a wooden bridge|the quarterly budget|seventeen letters|an electric motor|the final match|a small comet|the town library|an old recipe|two broken clocks".split("|")
    when = "in the rain|before sunrise|during the strike|with great care|for the third time|without a map|after the election|on a quiet island".split("|")
    why = "because nobody else would|although it was late|while the music played|and everyone applauded|so that the trains could run".split("|")
    sentence = lambda: f"{draw.choice(who)} {draw.choice(did)} {draw.choice(what)} {draw.choice(when)} {draw.choice(why)}".capitalize() + "."
    made = list(fixed)
    while len(made) < 188:
        count = draw.choice([1, 1, 2, 3, 5, 9])
        text = " ".join(sentence() for _ in range(count))
        if len(made) % 9 == 0:
            text = draw.choice(fixed[18:]) + "\n" + text
        made.append(text)
    for count in (20, 30, 40, 50, 60, 80, 120, 200, 300, 400):
        made.append(" ".join(sentence() for _ in range(count)))
    made.append("語" * 700)
    made.append("\n".join(f"let v{i} = {i} << {i % 7};" for i in range(300)))
    assert len(made) == 200
    return made


# Small random models.


def small_vocabulary() -> list[str]:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return pieces + list(letters) + ["##" + letter for letter in letters] + list(".,:;!?-()[]{}<>=*+/\"'_|&")


def small_tokenizer(vocabulary: list[str]) -> dict:
    special = lambda name: {"id": name, "ids": [vocabulary.index(name)], "tokens": [name]}
    one = lambda name: {"SpecialToken": {"id": name, "type_id": 0}}
    added = [
        {"id": i, "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for i, name in enumerate(vocabulary[:5])
    ]
    return {
        "version": "1.0",
        "truncation": {"max_length": 6, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [one("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}, one("[SEP]")],
            "pair": [one("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}, one("[SEP]"), {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"[CLS]": special("[CLS]"), "[SEP]": special("[SEP]")},
        },
        "decoder": None,
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {piece: i for i, piece in enumerate(vocabulary)},
        },
    }  # fmt: skip


def small_encoder(name, config, pooling, sample, *, prefix="", dtype=np.float32, sentence=None):
    """Writes a folder in the published layout, and what its rows are."""
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(len(name))
    vocabulary = small_vocabulary()
    width, inner = config["hidden_size"], config["intermediate_size"]
    alibi = config.get("position_embedding_type") == "alibi"
    weights = {}

    def tensor(name, *shape, near=0.0):
        weights[prefix + name] = (near + generator.normal(0, 0.3, shape)).astype(dtype)

    def norm(name):
        tensor(f"{name}.weight", width, near=1.0)
        tensor(f"{name}.bias", width)

    def layer(name, rows, depth, bias=True):
        tensor(f"{name}.weight", rows, depth)
        if bias:
            tensor(f"{name}.bias", rows)

    tensor("embeddings.word_embeddings.weight", len(vocabulary), width)
    tensor("embeddings.token_type_embeddings.weight", 2, width)
    if not alibi:
        tensor("embeddings.position_embeddings.weight", config["max_position_embeddings"], width)
    norm("embeddings.LayerNorm")
    for i in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{i}."
        for part in ("query", "key", "value"):
            layer(f"{at}attention.self.{part}", width, width)
        layer(f"{at}attention.output.dense", width, width)
        norm(f"{at}attention.output.LayerNorm")
        if alibi:
            layer(f"{at}mlp.gated_layers", 2 * inner, width, bias=False)
            layer(f"{at}mlp.wo", width, inner)
            norm(f"{at}mlp.layernorm")
        else:
            layer(f"{at}intermediate.dense", inner, width)
            layer(f"{at}output.dense", width, inner)
            norm(f"{at}output.LayerNorm")
    layer("pooler.dense", width, width)
    save_file(weights, folder / "model.safetensors")
    config = {**config, "vocab_size": len(vocabulary), "layer_norm_eps": 1e-12, "hidden_act": "gelu"}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "tokenizer.json").write_text(json.dumps(small_tokenizer(vocabulary)) + "\n")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    modes = {"word_embedding_dimension": width, "pooling_mode_cls_token": pooling == "cls", "pooling_mode_mean_tokens": pooling == "mean"}
    (folder / "1_Pooling/config.json").write_text(json.dumps(modes) + "\n")
    most = config["max_position_embeddings"]
    if sentence:
        (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": sentence}) + "\n")
        most = sentence
    index = {piece: i for i, piece in enumerate(vocabulary)}
    made, tokens = rows(sample, index, weights, config, pooling, most)
    save_file({"rows": made.astype(np.float32), "tokens": tokens}, folder / "expected.safetensors")


def small_table(sample):
    """A model2vec folder with weights and a mapping, and what model2vec itself makes of the texts."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer

    folder = OUT / "model2vec"
    vocabulary = small_vocabulary()
    generator = np.random.default_rng(3)
    count = len(vocabulary)
    model = StaticModel(
        vectors=generator.normal(size=(40, 24)).astype(np.float32),
        tokenizer=Tokenizer.from_str(json.dumps({**small_tokenizer(vocabulary), "truncation": None})),
        weights=generator.uniform(0.2, 2, count),
        token_mapping=generator.integers(0, 40, count),
        normalize=True,
    )
    model.save_pretrained(folder)
    for name in ("README.md", "modules.json"):
        (folder / name).unlink(missing_ok=True)
    save_file({"rows": model.encode(sample).astype(np.float32)}, folder / "expected.safetensors")


def main() -> None:
    models = Path(sys.argv[1])
    OUT.mkdir(parents=True, exist_ok=True)
    all_texts = texts()
    (OUT / "texts.json").write_text(json.dumps(all_texts, ensure_ascii=False, indent=0) + "\n")

    folder = models / "minilm"
    vocabulary = {piece: i for i, piece in enumerate((folder / "vocab.txt").read_text().splitlines())}
    config = json.loads((folder / "config.json").read_text())
    made, tokens = rows(all_texts, vocabulary, load_file(folder / "model.safetensors"), config, "mean", 256)
    # Half precision moves a cosine by under 1e-7.
    save_file({"rows": made.astype(np.float16), "tokens": tokens}, OUT / "minilm.safetensors")

    from tokenizers import Tokenizer
    from wordllama.inference import WordLlamaInference

    folder = models / "wordllama"
    matrix = load_file(folder / "l2_supercat_256.safetensors")["embedding.weight"]
    tokenizer = Tokenizer.from_file(str(folder / "l2_supercat_tokenizer_config.json"))
    peer = WordLlamaInference(matrix, tokenizer)
    chosen = all_texts[4:44] + all_texts[188:193]
    save_file({"rows": np.array([peer.embed(text, norm=True)[0] for text in chosen], np.float32)}, OUT / "wordllama.safetensors")

    sample = all_texts[:60] + all_texts[187:191]
    alibi = {"model_type": "bert", "position_embedding_type": "alibi", "feed_forward_type": "geglu"}
    sizes = {"num_hidden_layers": 2, "max_position_embeddings": 8192}
    small_encoder("jina-12", {**alibi, **sizes, "hidden_size": 36, "intermediate_size": 40, "num_attention_heads": 12}, "mean", sample, sentence=512)
    small_encoder("jina-8", {**alibi, **sizes, "hidden_size": 16, "intermediate_size": 33, "num_attention_heads": 8}, "mean", sample, prefix="bert.", dtype=np.float16, sentence=512)
    sizes = {"num_hidden_layers": 2, "max_position_embeddings": 64, "hidden_size": 20, "intermediate_size": 50, "num_attention_heads": 2}
    small_encoder("bert", {"model_type": "bert", **sizes}, "cls", sample)
    shutil.rmtree(OUT / "model2vec", ignore_errors=True)
    small_table(sample)


if __name__ == "__main__":
    main()
