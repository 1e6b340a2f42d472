"""Cosines of the rows of two .npy files of the same shape; prints one object: mean, least.

    python scripts/cosine.py A.npy B.npy
"""
import json
import sys

import numpy as np


def main() -> None:
    a, b = (np.load(path).astype(np.float64) for path in sys.argv[1:3])
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines = (a * b).sum(axis=1)[norms > 0] / norms[norms > 0]
    print(json.dumps({"mean": cosines.mean(), "least": cosines.min()}))


if __name__ == "__main__":
    main()
