#!/usr/bin/env python3
"""Runs one K-Means peer on unit rows and prints one JSON line.

Every peer gets the same rows, threads, number of iterations and (SuperKMeans excepted, which takes none)
initial rows, and must report that it did all the iterations. `per_iter` is the time of a fit of `--iters`
iterations less that of a fit of one, over the iterations between: what a peer does once (checks, copies,
rotations, a last assignment) is not in it. `seconds` is the whole fit.

`--isa avx2` holds the peer to AVX2. Two traps that this file avoids: OpenBLAS, which all of them multiply
with, may take new CPUs for old ones (four times slower) or be held back by a variable someone exported, so
its core type is named here from the CPU's own flags; and early stopping makes peers look fast.
"""
import argparse
import json
import os
import sys
import time
from pathlib import Path

PEERS = ("faiss", "sklearn", "superkmeans", "superkmeans-sq8")


def hold_to(isa: str) -> str:
    """Sets the variables that choose kernels; must run before any of the libraries is loaded."""
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text().split() if cpuinfo.exists() else []
    wide = "avx512f" in flags and isa != "avx2"
    core = "SkylakeX" if wide else "Haswell" if "avx2" in flags else "Nehalem"
    if flags and "arm" not in os.uname().machine and "aarch64" not in os.uname().machine:
        os.environ["OPENBLAS_CORETYPE"] = core
    os.environ.pop("OPENBLAS_L2_SIZE", None)
    if isa == "avx2":
        os.environ["FAISS_SIMD_LEVEL"] = "AVX2"
        os.environ["NPY_DISABLE_CPU_FEATURES"] = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"
        # ruy, which multiplies for SuperKMeans' byte rows: its AVX2 path alone.
        os.environ["RUY_PATHS"] = "20"
    return core


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("rows", help=".npy of float32, unit rows")
    parser.add_argument("--init", required=True, help=".npy of float32, one row a cluster")
    parser.add_argument("--iters", type=int, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--isa", choices=("best", "avx2"), default="best")
    options = parser.parse_args()
    if options.iters < 2:
        sys.exit("--iters: at least 2, for the difference to a fit of one iteration")

    core = hold_to(options.isa)
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(options.threads)
    import numpy as np

    rows = np.ascontiguousarray(np.load(options.rows), dtype=np.float32)
    init = np.ascontiguousarray(np.load(options.init), dtype=np.float32)
    fit = globals()["fit_" + options.peer.split("-")[0]]
    extra = {"quantizer": options.peer.split("-")[1]} if "-" in options.peer else {}

    def timed(iterations: int):
        start = time.perf_counter()
        centroids, done = fit(rows, init, iterations, options.threads, **extra)
        seconds = time.perf_counter() - start
        if done != iterations:
            sys.exit(f"{options.peer} did {done} of {iterations} iterations: no comparison")
        return np.asarray(centroids), seconds

    # The first fit of a process also loads libraries and starts threads: it is not timed.
    timed(1)
    _, one = timed(1)
    centroids, seconds = timed(options.iters)
    print(
        json.dumps(
            {
                "peer": options.peer,
                "isa": options.isa,
                "openblas": core,
                "n": rows.shape[0],
                "d": rows.shape[1],
                "k": init.shape[0],
                "iters": options.iters,
                "seconds": seconds,
                "per_iter": (seconds - one) / (options.iters - 1),
                "inertia": inertia(np, rows, centroids),
            }
        )
    )


def fit_faiss(rows, init, iterations, threads):
    import faiss

    faiss.omp_set_num_threads(threads)
    model = faiss.Kmeans(
        rows.shape[1], len(init), niter=iterations, spherical=True, max_points_per_centroid=10**9
    )
    model.train(rows, init_centroids=init)
    return model.centroids, len(model.iteration_stats)


def fit_sklearn(rows, init, iterations, threads):
    import warnings

    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    model = KMeans(len(init), init=init, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd")
    with warnings.catch_warnings(), threadpool_limits(threads):
        warnings.simplefilter("ignore")
        model.fit(rows)
    return model.cluster_centers_, model.n_iter_


def fit_superkmeans(rows, init, iterations, threads, quantizer="f32"):
    from superkmeans import SuperKMeans

    model = SuperKMeans(
        len(init),
        rows.shape[1],
        hierarchical=False,
        quantizer=quantizer,
        iters=iterations,
        sampling_fraction=1.0,
        max_points_per_cluster=10**7,
        n_threads=threads,
        seed=1,
        early_termination=False,
        angular=True,
    )
    centroids = model.train(rows)
    return centroids, len(model.iteration_stats)


def inertia(np, rows, centroids) -> float:
    """The mean of 1 − cosine of every row with its nearest centroid."""
    centroids = centroids / np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-12)
    total = 0.0
    for start in range(0, len(rows), 8192):
        scores = rows[start : start + 8192] @ centroids.T.astype(np.float32)
        total += float((1 - scores.max(axis=1)).sum(dtype=np.float64))
    return total / len(rows)


if __name__ == "__main__":
    main()
