#!/usr/bin/env python3
"""Embeds the texts of a JSONL file with a peer and prints one line of JSON: documents, seconds.

onnxruntime and openvino run the same f32 weights as a graph that is built here from model.safetensors (without
PyTorch), in batches of 32 sorted by length and padded to the longest, as sentence-transformers does it; tokenisers of
both are the `tokenizers` package. wordllama is its own package. Loading is not counted.

    python scripts/embed_peers.py onnxruntime|openvino|wordllama MODEL TEXTS.jsonl [--threads N]
"""
import argparse
import json
import os
import time
from pathlib import Path

import numpy as np

BATCH = 32


def graph(folder: Path, file: Path) -> None:
    """Writes the encoder with mean pooling and unit norm as ONNX."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text())
    weights = load_file(folder / "model.safetensors")
    width, heads = config["hidden_size"], config["num_attention_heads"]
    size, epsilon = width // heads, config["layer_norm_eps"]
    nodes, constants = [], {}

    def constant(name, values):
        constants.setdefault(name, numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def node(op, *inputs, **attributes):
        name = f"{op}_{len(nodes)}"
        nodes.append(helper.make_node(op, list(inputs), [name], name, **attributes))
        return name

    def dense(x, name):
        y = node("MatMul", x, constant(f"{name}.kernel", weights[f"{name}.weight"].T))
        return node("Add", y, constant(f"{name}.bias", weights[f"{name}.bias"]))

    def norm(x, name):
        weight, bias = (constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return node("LayerNormalization", x, weight, bias, axis=-1, epsilon=epsilon)

    number = lambda name, value: constant(name, np.array(value, np.float32))
    integers = lambda name, *values: constant(name, np.array(values, np.int64))
    words = node("Gather", constant("words", weights["embeddings.word_embeddings.weight"]), "ids")
    length = node("Gather", node("Shape", "ids"), constant("one", np.array(1, np.int64)))
    to = node("Unsqueeze", length, integers("axis_0", 0))
    places = node("Slice", constant("places", weights["embeddings.position_embeddings.weight"]), integers("from_0", 0), to, integers("along", 0))
    types = constant("types", weights["embeddings.token_type_embeddings.weight"][0])
    x = norm(node("Add", node("Add", words, types), places), "embeddings.LayerNorm")
    mask = node("Cast", "mask", to=TensorProto.FLOAT)
    away = node("Mul", node("Sub", number("1", 1), mask), number("away", -1e9))
    away = node("Unsqueeze", away, integers("axes_12", 1, 2))
    split, join = integers("split", 0, 0, heads, size), integers("join", 0, 0, width)
    for i in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{i}."
        order = {"query": [0, 2, 1, 3], "key": [0, 2, 3, 1], "value": [0, 2, 1, 3]}
        q, k, v = (
            node("Transpose", node("Reshape", dense(x, f"{at}attention.self.{part}"), split), perm=order[part])
            for part in order
        )
        scores = node("Mul", node("MatMul", q, k), number("scale", size**-0.5))
        mixed = node("MatMul", node("Softmax", node("Add", scores, away), axis=-1), v)
        mixed = node("Reshape", node("Transpose", mixed, perm=[0, 2, 1, 3]), join)
        x = norm(node("Add", x, dense(mixed, f"{at}attention.output.dense")), f"{at}attention.output.LayerNorm")
        y = dense(node("Gelu", dense(x, f"{at}intermediate.dense")), f"{at}output.dense")
        x = norm(node("Add", x, y), f"{at}output.LayerNorm")
    own = node("Mul", x, node("Unsqueeze", mask, integers("axis_2", 2)))
    rows = node("ReduceSum", own, constant("along_1", np.array([1], np.int64)), keepdims=0)
    rows = node("Div", rows, node("ReduceL2", rows, constant("along_last", np.array([-1], np.int64)), keepdims=1))
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in ("ids", "mask")]
    output = helper.make_tensor_value_info(rows, TensorProto.FLOAT, ["batch", width])
    made = helper.make_graph(nodes, "encoder", inputs, [output], list(constants.values()))
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), file)


def encoder(peer: str, folder: Path, threads: int):
    """A function from texts to rows."""
    from tokenizers import Tokenizer

    file = folder.parent / f"{folder.name}.onnx"
    if not file.exists():
        graph(folder, file)
    if peer == "onnxruntime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        run = lambda ids, mask: session.run(None, {"ids": ids, "mask": mask})[0]
    else:
        import openvino

        hints = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        compiled = openvino.compile_model(str(file), "CPU", hints)
        run = lambda ids, mask: compiled({"ids": ids, "mask": mask})[0]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    most = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
    tokenizer.enable_truncation(most)
    tokenizer.enable_padding()

    def embed(texts: list[str]) -> np.ndarray:
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        rows = None
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            encoded = tokenizer.encode_batch_fast([texts[i] for i in chosen])
            ids = np.array([one.ids for one in encoded], np.int64)
            mask = np.array([one.attention_mask for one in encoded], np.int64)
            made = run(ids, mask)
            rows = np.empty((len(texts), made.shape[1]), np.float32) if rows is None else rows
            rows[chosen] = made
        return rows

    return embed


def wordllama(folder: Path):
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer
    from wordllama.inference import WordLlamaInference

    matrix = load_file(next(folder.glob("*.safetensors")))["embedding.weight"]
    model = WordLlamaInference(matrix, Tokenizer.from_file(str(next(folder.glob("*tokenizer_config.json")))))
    return lambda texts: model.embed(texts, norm=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=["onnxruntime", "openvino", "wordllama"])
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=Path, help="also write the rows, to be compared")
    options = parser.parse_args()
    os.environ["RAYON_NUM_THREADS"] = os.environ["TOKENIZERS_NUM_THREADS"] = str(options.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    texts = [json.loads(line)["text"] for line in options.texts.open()]
    if options.peer == "wordllama":
        embed = wordllama(options.model)
    else:
        embed = encoder(options.peer, options.model, options.threads)
    embed(texts[:BATCH])
    begun = time.perf_counter()
    rows = embed(texts)
    print(json.dumps({"documents": len(texts), "seconds": time.perf_counter() - begun}))
    if options.rows:
        np.save(options.rows, rows)


if __name__ == "__main__":
    main()
