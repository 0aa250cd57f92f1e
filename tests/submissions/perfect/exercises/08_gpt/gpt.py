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
    return linear([h.relu() for h in linear(x, fc1)], fc2)


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
    x = rmsnorm(embed(state, token_id, pos_id))
    for i in range(len(keys)):
        wq, wk, wv, wo = (state[f"layer{i}.attn_{name}"] for name in ("wq", "wk", "wv", "wo"))
        fc1, fc2 = state[f"layer{i}.mlp_fc1"], state[f"layer{i}.mlp_fc2"]
        x = add(x, attention(rmsnorm(x), keys[i], values[i], wq, wk, wv, wo, n_head))
        x = add(x, mlp(rmsnorm(x), fc1, fc2))
    return linear(x, state["lm_head"])


def add(a: list[Value], b: list[Value]) -> list[Value]:
    """a + b, number by number"""
    return [a_i + b_i for a_i, b_i in zip(a, b)]


