#!/usr/bin/env python3
"""Holds clusterclip's lexical embedder and K-Means against scikit-learn's on labelled real text.

Ours: `clusterclip embed`, then `clusterclip cluster` with k = the number of labels and seeds 0, 1, …
Theirs: TfidfVectorizer(sublinear_tf) → TruncatedSVD(256) → Normalizer → KMeans (its defaults), the same seeds.
Prints the normalised mutual information of clusters and labels: mean, spread and the ratio, which is to be at
least 0.95. Needs scikit-learn; fetches the texts with pip and npm.
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import normalized_mutual_info_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

import texts

TARGET = 0.95


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clusterclip", required=True, help="the binary")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the texts, outside of the repository")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--models", type=Path, help="folder of models: the embedders that it holds are told beside")
    options = parser.parse_args()

    missed = []
    for name, (what, _) in texts.SETS.items():
        file = texts.fetch(name, options.cache)
        documents, labels = texts.read(file)
        n_clusters = len(set(labels))
        score = lambda clusters: normalized_mutual_info_score(labels, clusters)
        ours = np.array([score(c) for c in our_clusters(options.clusterclip, file, n_clusters, options.seeds)])
        theirs = np.array([score(c) for c in their_clusters(documents, n_clusters, options.seeds)])
        others = {
            model.name: np.array([score(c) for c in our_clusters(options.clusterclip, file, n_clusters, options.seeds, model)])
            for model in sorted(options.models.iterdir() if options.models else [])
            if model.is_dir()
        }
        ratio = ours.mean() / theirs.mean()
        print(f"{name}: {what}; normalised mutual information, {options.seeds} seeds, k = {n_clusters}")
        for who, scores in (("clusterclip", ours), ("scikit-learn", theirs), *others.items()):
            # The error of a mean of so few seeds is the deviation over their root.
            print(
                f"  {who:12} mean {scores.mean():.4f}  deviation {scores.std(ddof=1):.4f}"
                f"  range {scores.min():.4f} to {scores.max():.4f}"
            )
        print(f"  ratio {ratio:.3f} (target {TARGET})", flush=True)
        if ratio < TARGET:
            missed.append(name)
    if missed:
        sys.exit(f"under the target: {', '.join(missed)}")


def our_clusters(binary: str, file: Path, n_clusters: int, seeds: int, embedder="lexical"):
    """Labels of our pipeline, seed after seed; the embedding has its own fixed seed."""
    with tempfile.TemporaryDirectory() as folder:
        call = lambda *arguments: subprocess.run([binary, *map(str, arguments), "--quiet"], check=True)
        embedded = Path(folder) / "embedded"
        call("embed", file, "--out", embedded, "--embedder", embedder)
        for seed in range(seeds):
            out = Path(folder) / f"seed-{seed}"
            call("cluster", embedded, "--out", out, "--clusters", n_clusters, "--seed", seed)
            yield np.load(out / "labels.npy")


def their_clusters(documents: list[str], n_clusters: int, seeds: int):
    """Labels of scikit-learn's pipeline, seed after seed."""
    embed = make_pipeline(
        TfidfVectorizer(sublinear_tf=True), TruncatedSVD(256, random_state=0), Normalizer(copy=False)
    )
    rows = embed.fit_transform(documents).astype(np.float32)
    for seed in range(seeds):
        yield KMeans(n_clusters, n_init=1, random_state=seed).fit_predict(rows)


if __name__ == "__main__":
    main()
