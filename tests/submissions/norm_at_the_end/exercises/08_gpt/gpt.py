from attention import attention
from embedding import embed
from layers import linear, rmsnorm


def mlp(x, fc1, fc2):
    h = linear(x, fc1)
    h = [hi.relu() for hi in h]
    return linear(h, fc2)


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = embed(state, token_id, pos_id)
    x = rmsnorm(x)
    for li in range(len(keys)):
        x_residual = x
        x = rmsnorm(x)
        w = [state[f"layer{li}.attn_{m}"] for m in ("wq", "wk", "wv", "wo")]
        x = attention(x, keys[li], values[li], *w, n_head)
        x = [a + b for a, b in zip(x, x_residual)]
        x_residual = x
        x = mlp(rmsnorm(x), state[f"layer{li}.mlp_fc1"], state[f"layer{li}.mlp_fc2"])
        x = [a + b for a, b in zip(x, x_residual)]
    x = rmsnorm(x)
    return linear(x, state["lm_head"])
