"""Step 08, written along the hints."""

from attention import attention
from embedding import embed
from layers import linear, rmsnorm
from value import Value


def mlp(x: list[Value], fc1: list[list[Value]], fc2: list[list[Value]]) -> list[Value]:
    hidden = linear(x, fc1)
    hidden = [h.relu() for h in hidden]
    return linear(hidden, fc2)


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embed(state, token_id, pos_id))
    for layer in range(len(keys)):
        wq, wk, wv, wo = [state[f"layer{layer}.attn_{name}"] for name in ("wq", "wk", "wv", "wo")]
        seen = attention(rmsnorm(x), keys[layer], values[layer], wq, wk, wv, wo, n_head)
        x = [a + b for a, b in zip(x, seen)]
        thought = mlp(rmsnorm(x), state[f"layer{layer}.mlp_fc1"], state[f"layer{layer}.mlp_fc2"])
        x = [a + b for a, b in zip(x, thought)]
    return linear(x, state["lm_head"])
