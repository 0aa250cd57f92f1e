from attention import attention
from embedding import embed
from layers import linear, rmsnorm


def add(x, y):
    return [x[i] + y[i] for i in range(len(x))]


def mlp(x, fc1, fc2):
    return linear([h.relu() for h in linear(x, fc1)], fc2)


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    keys, values = keys[0], values[0]
    x = rmsnorm(embed(state, token_id, pos_id))
    n_layer = sum(1 for name in state if name.endswith(".mlp_fc1"))
    for i in range(n_layer):
        m = lambda name: state[f"layer{i}.{name}"]
        x = add(x, attention(rmsnorm(x), keys, values, m("attn_wq"), m("attn_wk"), m("attn_wv"), m("attn_wo"), n_head))
        x = add(x, mlp(rmsnorm(x), m("mlp_fc1"), m("mlp_fc2")))
    return linear(x, state["lm_head"])
