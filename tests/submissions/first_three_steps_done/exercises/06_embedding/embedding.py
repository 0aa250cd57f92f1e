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
    raise NotImplementedError("06_embedding: write init_state() in embedding.py")


def parameters(state: dict[str, list[list[Value]]]) -> list[Value]:
    """All Values of the state in one flat list: matrix by matrix, row by row."""
    raise NotImplementedError("06_embedding: write parameters() in embedding.py")


def embed(state: dict[str, list[list[Value]]], token_id: int, pos_id: int) -> list[Value]:
    """The token's row plus the position's row: n_embd Values.

    IndexError: an id is outside its table (negative too).
    """
    raise NotImplementedError("06_embedding: write embed() in embedding.py")
