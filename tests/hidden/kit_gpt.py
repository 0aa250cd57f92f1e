"""Random states for the probes of steps 06 to 10, as plain numbers, the same in both tracks.

Untrusted side: runs in the worker. Imports the standard library only. A check sends a small dict of sizes instead of
thousands of numbers:

    {"seed": 7, "vocab": 5, "embd": 8, "layers": 2, "block": 6, "std": 0.3}
"""

from __future__ import annotations

import random
from typing import Any


def matrix(rng: random.Random, n_out: int, n_in: int, std: float) -> list[list[float]]:
    """n_out rows of n_in Gaussian numbers."""
    return [[rng.gauss(0, std) for _ in range(n_in)] for _ in range(n_out)]


def shapes(sizes: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Name -> (rows, columns) of every matrix of a state, in its order."""
    vocab, embd = sizes["vocab"], sizes["embd"]
    found = {"wte": (vocab, embd), "wpe": (sizes["block"], embd), "lm_head": (vocab, embd)}
    for i in range(sizes["layers"]):
        found |= {f"layer{i}.attn_{name}": (embd, embd) for name in ("wq", "wk", "wv", "wo")}
        found |= {f"layer{i}.mlp_fc1": (4 * embd, embd), f"layer{i}.mlp_fc2": (embd, 4 * embd)}
    return found


def state(sizes: dict[str, Any]) -> dict[str, list[list[float]]]:
    """A state as lists of numbers."""
    rng = random.Random(sizes["seed"])
    return {name: matrix(rng, *shape, sizes["std"]) for name, shape in shapes(sizes).items()}
