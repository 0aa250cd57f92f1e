"""Step 08: the same model, one function for a layer."""

from attention import attention
from embedding import embed
from layers import linear, rmsnorm


def mlp(x, fc1, fc2):
    up = linear(x, fc1)
    return linear([(h.relu() + h.relu()) * 0.5 for h in up], fc2)


def block(x, at, keys, values, n_head):
    seen = attention(rmsnorm(x), keys, values, at("attn_wq"), at("attn_wk"), at("attn_wv"), at("attn_wo"), n_head)
    x = [s + x_i for x_i, s in zip(x, seen)]
    return [m + x_i for x_i, m in zip(x, mlp(rmsnorm(x), at("mlp_fc1"), at("mlp_fc2")))]


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embed(state, token_id, pos_id))
    for i in range(len(values)):
        x = block(x, lambda name, i=i: state[f"layer{i}.{name}"], keys[i], values[i], n_head)
    return linear(x, state["lm_head"])
