"""Step 08: the whole model, from a token to the logits of the next one.

    x = rmsnorm(wte[token] + wpe[position])
    for each layer:
        x = x + attention(rmsnorm(x))        look back: what do earlier positions tell?
        x = x + mlp(rmsnorm(x))              think about it, each position for itself
    logits = lm_head x

Each layer adds to x and never replaces it: x is a stream that runs through all layers (the residual stream), and its
gradient runs back the same way, undiminished.
"""

from attention import attention
from embedding import embed
from layers import linear, rmsnorm
from value import Value


def mlp(x: list[Value], fc1: list[list[Value]], fc2: list[list[Value]]) -> list[Value]:
    """fc2 relu(fc1 x): up to 4C numbers, negative ones cut off, and down to C again.

    x:        C Values; so is the result
    fc1, fc2: (4C, C) and (C, 4C)
    """
    raise NotImplementedError("08_gpt: write mlp() in gpt.py")


def gpt(
    state: dict[str, list[list[Value]]],
    token_id: int,
    pos_id: int,
    keys: list[list[list[Value]]],
    values: list[list[list[Value]]],
    n_head: int = 4,
) -> list[Value]:
    """The logits of the token that follows `token_id` at position `pos_id`: vocab_size Values.

    keys, values:  one list per layer, which `attention` reads and appends to; call with positions 0, 1, 2, ... and the
                   same lists, empty at first
    """
    raise NotImplementedError("08_gpt: write gpt() in gpt.py")
