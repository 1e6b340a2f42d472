#!/usr/bin/env python3
"""Writes synthetic embeddings: unit rows around topics whose sizes follow Zipf's law, as real corpora's do.

Components fade with their index, so that a few directions carry most of the variance, as embedders' rows have
it. `--mean-cosine` adds one shared direction until two random rows have about that cosine.
"""
import argparse

import numpy as np

BLOCK = 16384


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", help=".npy of float32, shape (n_samples, n_features)")
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--features", type=int, required=True)
    parser.add_argument("--topics", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mean-cosine", type=float, default=0.0)
    parser.add_argument("--init", help="also write --topics distinct rows here, to start K-Means from")
    options = parser.parse_args()

    generator = np.random.default_rng(options.seed)
    features, topics = options.features, options.topics
    share = 1 / np.arange(1, topics + 1)
    topic_of_row = generator.choice(topics, options.rows, p=share / share.sum())
    index = np.arange(features)
    fade = lambda scale: np.exp(-index / (features * scale)).astype(np.float32)
    centers = generator.standard_normal((topics, features), dtype=np.float32) * fade(0.4) * np.float32(0.6)
    shared = generator.standard_normal(features).astype(np.float32)
    shared /= np.linalg.norm(shared)

    rows = np.lib.format.open_memmap(
        options.out, mode="w+", dtype=np.float32, shape=(options.rows, features)
    )
    for start in range(0, options.rows, BLOCK):
        stop = min(start + BLOCK, options.rows)
        noise = generator.standard_normal((stop - start, features), dtype=np.float32) * fade(0.8)
        block = unit(centers[topic_of_row[start:stop]] + noise)
        # Rows √(1 − c)·x + √c·s have mean cosine about c where the x have mean cosine about 0.
        cosine = options.mean_cosine
        rows[start:stop] = unit(np.float32((1 - cosine) ** 0.5) * block + np.float32(cosine**0.5) * shared)
    rows.flush()
    if options.init:
        first = np.sort(generator.choice(options.rows, topics, replace=False))
        np.save(options.init, np.ascontiguousarray(rows[first]))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
