from attention import attention
from embedding import embed
from layers import linear, rmsnorm


def mlp(x, fc1, fc2):
    return linear([v.relu() for v in linear(x, fc1)], fc2)


def plus(a, b):
    return [u + v for u, v in zip(a, b)]


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embed(state, token_id, pos_id))
    for i in range(len(values)):
        a = [state[f"layer{i}.attn_{w}"] for w in ("wq", "wk", "wv", "wo")]
        x = plus(x, attention(rmsnorm(x), keys[i], values[i], *a, n_head=n_head))
        x = plus(x, mlp(rmsnorm(x), state[f"layer{i}.mlp_fc1"], state[f"layer{i}.mlp_fc2"]))
    return linear(x, state["lm_head"])
