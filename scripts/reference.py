#!/usr/bin/env python3
"""A slow, separate implementation of core/SPEC.md (sections 0, 1 and 3) in Python and NumPy, and a fuzzer that
holds the `clusterclip` binary against it, label for label and position for position.

    python scripts/reference.py target/release/clusterclip --rounds 50

Needs NumPy. Shares no code with the Rust crates: what both get wrong is a misreading of the specification.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

f32, f64 = np.float32, np.float64
MASK = (1 << 64) - 1
G = 0xD1B54A32D192ED03


# ---- 0. Keys and permutations


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & MASK
    z ^= z >> 30
    z = z * 0xBF58476D1CE4E5B9 & MASK
    z ^= z >> 27
    z = z * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def key(*words):
    h = 0
    for word in words:
        h = mix(h ^ (word & MASK))
    return h


def scramble(t):
    t = t * 0xBF58476D1CE4E5B9 & MASK
    t ^= t >> 32
    return (t * 0x94D049BB133111EB & MASK) >> 32


def perm(k, m, i):
    if m <= 16:
        a = list(range(m))
        for j in range(m - 1, 0, -1):
            other = mix((k + j * G) & MASK) * (j + 1) >> 64
            a[j], a[other] = a[other], a[j]
        return a[i]
    bits = (m - 1).bit_length()
    left_bits = bits // 2
    right_bits = bits - left_bits
    x = i
    while True:
        left, right = x >> right_bits, x & ((1 << right_bits) - 1)
        for r in range(10):
            kappa = (k + (r + 1) * G) & MASK
            if r % 2 == 0:
                left ^= scramble(kappa ^ right) & ((1 << left_bits) - 1)
            else:
                right ^= scramble(kappa ^ left) & ((1 << right_bits) - 1)
        x = (left << right_bits) | right
        if x < m:
            return x


# ---- 3. The order


def order(labels, strategy, clip, budget, seed, choice="stratified", raise_clip=False):
    """Document rows, one per position, for a list of integer labels (-1: never drawn)."""
    members = [[i for i, l in enumerate(labels) if l == k] for k in sorted({l for l in labels if l >= 0})]
    sizes = [len(m) for m in members]
    n, largest = sum(sizes), max(sizes)
    if strategy == "random":
        rows = [i for i, l in enumerate(labels) if l >= 0]
        return [rows[perm(key(seed, 3, p // n), n, p % n)] for p in range(budget)]
    by_size = sorted(range(len(sizes)), key=lambda c: (sizes[c], c))
    r = {"cluster-clip": clip, "uniform": None, "g2s": 1, "s2g": 1}[strategy]

    def member(c, epoch, place):
        return members[c][perm(key(seed, 2, c, epoch), sizes[c], place)]

    out = []
    if choice == "independent":
        draws = [0] * len(sizes)
        while len(out) < budget:
            p = len(out)
            limit = None if r is None else r if p < r * n else r + 1 + (p - r * n) // n
            active = [c for c in range(len(sizes)) if limit is None or draws[c] < limit * sizes[c]]
            c = active[key(seed, 4, p) * len(active) >> 64]
            out.append(member(c, *divmod(draws[c], sizes[c])))
            draws[c] += 1
        return out
    t = 0
    while len(out) < budget:
        if r is None or t < r * largest:
            active = [c for c in by_size if r is None or t < r * sizes[c]]
            places = [perm(key(seed, 1, t), len(active), s) for s in range(len(active))]
            out += [member(active[a], *divmod(t, sizes[active[a]])) for a in places]
        else:
            assert raise_clip, "the order has ended"
            m, place = divmod(t - r * largest, largest)
            active = [c for c in by_size if sizes[c] > place]
            places = [perm(key(seed, 1, (r + m) * largest + place), len(active), s) for s in range(len(active))]
            out += [member(active[a], r + m, place) for a in places]
        t += 1
    out = out[:budget]
    return out[::-1] if strategy == "s2g" else out


# ---- 1. K-Means


def in_order(values):
    """The f64 sum in index order (NumPy's own sum adds pairwise)."""
    total = 0.0
    for value in values.tolist():
        total += value
    return total


def unit(rows):
    out = np.empty(rows.shape, f32)
    for i, x in enumerate(rows.astype(f64)):
        out[i] = (x / math.sqrt(in_order(x * x))).astype(f32)
    return out


def hadamard(rows, block):
    n, width = rows.shape
    rows, stride = rows.reshape(n, -1, block).copy(), 1
    while stride < block:
        pairs = rows.reshape(n, width // block, block // (2 * stride), 2, stride)
        a, b = pairs[..., 0, :].copy(), pairs[..., 1, :].copy()
        pairs[..., 0, :], pairs[..., 1, :] = a + b, a - b
        stride *= 2
    return rows.reshape(n, width)


def signs(word, width):
    return np.array([-1 if key(word, j) & 1 else 1 for j in range(width)], f32)


def quantize(units):
    n, d = units.shape
    width = -(-d // 64) * 64
    block = width & -width
    rows = np.zeros((n, width), f32)
    rows[:, :d] = units
    rows = hadamard(rows * signs(7, width), block)
    if width > block:
        rows = rows.reshape(n, -1, block).transpose(0, 2, 1).reshape(n, width)
        rows = hadamard(rows * signs(8, width), block)
    scale = f32(63 * math.sqrt(width) / 5.3 / (block if width > block else math.sqrt(block)))
    return np.clip(np.rint(rows * scale), -63, 63).astype(np.int64)


def centroid(total, count):
    """Bytes and bias of `count` members with integer sum `total`; None for a zero sum."""
    squares = sum(int(v) * int(v) for v in total)
    if squares == 0:
        return None
    e = np.clip(total.astype(f64) / math.sqrt(float(squares)) * (127 * math.sqrt(len(total)) / 5.3), -127, 127)
    c = np.rint(e)
    return c.astype(np.int64), int(np.rint(in_order((e - c) * total.astype(f64)) / count))


def own_best(row):
    c, bias = centroid(row, 1)
    return int(row @ c + bias)


def initial_rows(rows, own, k, seed, init):
    n, first = len(rows), key(seed, 5)
    if init == "random":
        return [perm(first, n, j) for j in range(k)]
    chosen, unused = [perm(first, n, 0)], 1
    c, bias = centroid(rows[chosen[0]], 1)
    best = rows @ c + bias
    for j in range(1, k):
        weights = np.maximum(0, own - best)
        total = int(weights.sum())
        if total:
            target = key(seed, 6, j) * total >> 64
            row = int(np.searchsorted(np.cumsum(weights), target, side="right"))
        else:
            while perm(first, n, unused) in chosen:
                unused += 1
            row = perm(first, n, unused)
        chosen.append(row)
        c, bias = centroid(rows[row], 1)
        best = np.maximum(best, rows @ c + bias)
    return chosen


def kmeans(embeddings, k, seed, init="random", max_iterations=300, tolerance=0.0):
    """Labels, iterations, centroid bytes, biases and the unit rows."""
    units = unit(embeddings)
    rows = quantize(units)
    n, width = rows.shape
    own = np.array([own_best(q) for q in rows])
    if isinstance(init, str):
        start = rows[initial_rows(rows, own, k, seed, init)]
    else:
        start = quantize(unit(init))
    c, bias = np.zeros((k, width), np.int64), np.zeros(k, np.int64)
    for i, q in enumerate(start):
        c[i], bias[i] = centroid(q, 1)

    def assign():
        scores = rows @ c.T + bias
        labels = scores.argmax(1)
        return labels, scores[np.arange(n), labels]

    labels = best = previous = None
    stale = t = 0
    while t < max_iterations:
        t += 1
        new, scores = assign()
        objective, moved = int(scores.sum()), n if labels is None else int((new != labels).sum())
        labels, counts, refilled = new, np.bincount(new, minlength=k), 0
        for empty in np.nonzero(counts == 0)[0]:
            eligible = [(int(scores[i]), i) for i in range(n) if scores[i] < own[i] and counts[labels[i]] >= 2]
            if not eligible:
                break
            _, i = min(eligible)
            counts[labels[i]] -= 1
            labels[i], counts[empty] = empty, 1
            refilled += 1
        if t > 1 and moved == 0 and refilled == 0:
            break
        if best is None or objective > best:
            best, stale = objective, 0
        else:
            stale += 1
            if stale == 8:
                break
        if refilled == 0 and tolerance > 0 and previous is not None:
            if float(objective - previous) < tolerance * float(int(own.sum()) - previous):
                break
        previous = objective
        for j in range(k):
            updated = centroid(rows[labels == j].sum(0), int(counts[j]))
            if updated:
                c[j], bias[j] = updated
    return assign()[0], t, c, bias, units


def fixed(values):
    """round(value * 2^32), half to even, as integers that add up exactly."""
    return np.rint(values.astype(f64) * 2.0**32).astype(np.int64)


def saved(units, labels, k):
    """Centroids, the similarity of each row, and inertia; `labels` name a cluster for each row."""
    centroids = np.zeros((k, units.shape[1]), f32)
    for j in range(k):
        total = fixed(units[labels == j]).sum(0).astype(f64)  # int64 is exact up to 2^30 rows
        norm = math.sqrt(in_order(total * total))
        if norm > 0:
            centroids[j] = (total / norm).astype(f32)
    products = units.astype(f64) * centroids[labels].astype(f64)
    similarity = np.array([in_order(row) for row in products]).astype(f32)
    inertia = 1.0 - float(int(fixed(similarity).sum())) / 2.0**32 / float(len(units))
    return centroids, similarity, inertia


# ---- The fuzzer


def run(binary, *args):
    done = subprocess.run([binary, *map(str, args)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{binary} {' '.join(map(str, args))}\nexit {done.returncode}: {done.stderr}")


def safetensors(path):
    data = path.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    kinds = {"I8": np.int8, "I32": np.int32}
    return {
        name: np.frombuffer(data[end:][slice(*t["data_offsets"])], kinds[t["dtype"]]).reshape(t["shape"])
        for name, t in json.loads(data[8:end]).items()
        if name != "__metadata__"
    }


def fuzz_kmeans(binary, folder, rng):
    n, d = int(rng.integers(1, 400)), int(rng.choice([1, 2, 5, 63, 64, 65, 96, 128, 200, 384, 2100]))
    k, seed = int(rng.integers(1, min(n, 60) + 1)), int(rng.integers(0, 1 << 63))
    rows = rng.standard_normal((n, d)).astype(f32)
    rows += f32(rng.choice([0.0, 0.5, 3.0])) * rng.standard_normal(d).astype(f32)  # a direction shared by all
    if rng.random() < 0.4:  # duplicates: clusters run empty and are refilled
        rows = rows[rng.integers(0, max(1, n // 3), n)]
    if rng.random() < 0.2:
        rows = rows.astype(np.float16)
    init = str(rng.choice(["random", "k-means++", "file"]))
    start = init
    if init == "file":
        start = rng.standard_normal((k, d)).astype(f32)
        np.save(folder / "init.npy", start)
    limit, tolerance = int(rng.choice([0, 1, 2, 5, 300])), float(rng.choice([0.0, 0.0, 1e-3, 0.05]))
    np.save(folder / "x.npy", rows)
    run(binary, "cluster", folder / "x.npy", "--out", folder / "out", "--force", "--clusters", k, "--seed", seed,
        "--init", folder / "init.npy" if init == "file" else init, "--max-iterations", limit,
        "--tolerance", tolerance, "--quiet")
    labels, t, c, bias, units = kmeans(rows, k, seed, start, limit, tolerance)
    centroids, _, inertia = saved(units, labels, k)
    tensors = safetensors(folder / "out/clusters.safetensors")
    manifest = json.loads((folder / "out/manifest.json").read_text())
    same = {
        "labels": np.array_equal(np.load(folder / "out/labels.npy"), labels),
        "iterations": int(manifest["iterations"]) == t,
        "bytes": any(np.array_equal(v, c) for v in tensors.values() if v.dtype == np.int8),
        "biases": any(np.array_equal(v, bias) for v in tensors.values() if v.dtype == np.int32),
        "centroids": np.array_equal(np.load(folder / "out/centroids.npy"), centroids),
        "inertia": float(manifest["inertia"]) == inertia,
    }
    return f"kmeans n {n} d {d} k {k} seed {seed} {init} limit {limit} tolerance {tolerance} t {t}", same


def fuzz_order(binary, folder, rng):
    n, k = int(rng.integers(1, 500)), int(rng.integers(1, 70))
    labels = np.minimum(rng.zipf(1.4, n) - 1, k).astype(np.int32) * int(rng.integers(1, 4)) - (rng.random(n) < 0.05)
    labels = np.where(labels < -1, -1, labels).astype(np.int32)
    if (labels < 0).all():
        labels[0] = 0
    np.save(folder / "labels.npy", labels)
    drawable, seed = int((labels >= 0).sum()), int(rng.integers(0, 1 << 63))
    strategy = str(rng.choice(["cluster-clip", "uniform", "random", "g2s", "s2g"]))
    choice = "independent" if strategy in ("cluster-clip", "uniform") and rng.random() < 0.4 else "stratified"
    clip = int(rng.integers(1, 7)) if strategy == "cluster-clip" else None
    raised = strategy in ("cluster-clip", "g2s") and rng.random() < 0.3
    most = {"cluster-clip": (clip or 0) * drawable, "g2s": drawable, "s2g": drawable}.get(strategy, 6 * drawable)
    budget = int(rng.integers(1, most + (2 * drawable if raised else 0) + 1))
    args = ["--strategy", strategy, "--choice", choice, "--documents", budget, "--seed", seed]
    args += ["--clip", clip] if clip else []
    args += ["--when-exhausted", "raise-clip"] if raised else []
    run(binary, "sample", folder / "labels.npy", "--out", folder / "out", "--force", "--quiet", *args)
    expected = order(labels.tolist(), strategy, clip, budget, seed, choice, raised)
    got = np.load(folder / "out/order.npy").tolist()
    return f"order n {n} {' '.join(map(str, args))}", {"order": got == expected}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="the clusterclip binary")
    parser.add_argument("--rounds", type=int, default=50, help="cases of each kind (default 50)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the cases (default 0)")
    options = parser.parse_args()
    rng, failed = np.random.default_rng(options.seed), 0
    for case in range(options.rounds):
        for fuzz in (fuzz_kmeans, fuzz_order):
            with tempfile.TemporaryDirectory() as folder:
                what, same = fuzz(options.binary, Path(folder), rng)
            if not all(same.values()):
                failed += 1
                print(f"DIFFERS case {case}: {what}: {[name for name, equal in same.items() if not equal]}")
    print(f"{2 * options.rounds - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
