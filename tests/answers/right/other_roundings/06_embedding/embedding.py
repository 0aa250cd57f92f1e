"""Step 06: one long list of numbers, cut into matrices."""

import random
from itertools import islice

from value import Value


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    if rng is None:
        rng = random.SystemRandom()
    shapes = [("wte", vocab_size, n_embd), ("wpe", block_size, n_embd), ("lm_head", vocab_size, n_embd)]
    for i in range(n_layer):
        shapes += [(f"layer{i}.attn_{name}", n_embd, n_embd) for name in "wq wk wv wo".split()]
        shapes += [(f"layer{i}.mlp_fc1", 4 * n_embd, n_embd), (f"layer{i}.mlp_fc2", n_embd, 4 * n_embd)]
    numbers = iter([Value(rng.gauss(0, std)) for _ in range(sum(rows * columns for _, rows, columns in shapes))])
    return {name: [list(islice(numbers, columns)) for _ in range(rows)] for name, rows, columns in shapes}


def parameters(state):
    found = []
    for matrix in state.values():
        found.extend(sum(matrix, []))
    return found


def embed(state, token_id, pos_id):
    wte, wpe = state["wte"], state["wpe"]
    if not (0 <= token_id < len(wte) and 0 <= pos_id < len(wpe)):
        raise IndexError(f"token {token_id}, position {pos_id}")
    return [p + t for t, p in zip(wte[token_id], wpe[pos_id])]
