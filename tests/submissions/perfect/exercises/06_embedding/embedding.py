"""Step 06: the parameters of the whole model, and the first thing done with them.

The *state* is a dict of matrices (lists of rows, one row per output), in this order. V is the size of the vocabulary,
C is n_embd, T is block_size, the longest context.

    wte                                  (V, C)     token embeddings: one row for each token
    wpe                                  (T, C)     position embeddings: one row for each position
    lm_head                              (V, C)     from the last layer's output to logits
    layer0.attn_wq, _wk, _wv, _wo        (C, C)     attention
    layer0.mlp_fc1                       (4C, C)    the MLP's way up
    layer0.mlp_fc2                       (C, 4C)    and down again
    layer1.attn_wq, ...                             the same for every further layer

For a token t at position p the network begins with wte[t] + wpe[p].
"""

import random

from value import Value


def init_state(
    vocab_size: int,
    n_embd: int = 16,
    n_layer: int = 1,
    block_size: int = 16,
    std: float = 0.08,
    rng: random.Random | None = None,
) -> dict[str, list[list[Value]]]:
    """A fresh state: each entry is drawn by `rng.gauss(0, std)`, matrix by matrix in the order above, row by row.

    rng: without one, a generator of this call's own; the generator of the module `random` is never touched.
    """
    if rng is None:
        rng = random.Random()

    def matrix(n_out: int, n_in: int) -> list[list[Value]]:
        return [[Value(rng.gauss(0, std)) for _ in range(n_in)] for _ in range(n_out)]

    state = {
        "wte": matrix(vocab_size, n_embd),
        "wpe": matrix(block_size, n_embd),
        "lm_head": matrix(vocab_size, n_embd),
    }
    for i in range(n_layer):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            state[f"layer{i}.{name}"] = matrix(n_embd, n_embd)
        state[f"layer{i}.mlp_fc1"] = matrix(4 * n_embd, n_embd)
        state[f"layer{i}.mlp_fc2"] = matrix(n_embd, 4 * n_embd)
    return state


def parameters(state: dict[str, list[list[Value]]]) -> list[Value]:
    """All Values of the state in one flat list: matrix by matrix, row by row."""
    return [value for matrix in state.values() for row in matrix for value in row]


def embed(state: dict[str, list[list[Value]]], token_id: int, pos_id: int) -> list[Value]:
    """The token's row plus the position's row: n_embd Values.

    IndexError: an id is outside its table (negative too).
    """
    for name, i in (("wte", token_id), ("wpe", pos_id)):
        if not 0 <= i < len(state[name]):
            raise IndexError(f"{name} has no row {i}")
    return [t + p for t, p in zip(state["wte"][token_id], state["wpe"][pos_id])]
