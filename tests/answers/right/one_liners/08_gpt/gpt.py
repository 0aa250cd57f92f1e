from operator import add

from attention import attention
from embedding import embed
from layers import linear, rmsnorm
from value import Value


def mlp(x, fc1, fc2): return linear([*map(Value.relu, linear(x, fc1))], fc2)


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embed(state, token_id, pos_id))
    for i, (k, v) in enumerate(zip(keys, values)):
        w = {name.split(".")[1]: m for name, m in state.items() if name.startswith(f"layer{i}.")}
        x = [*map(add, x, attention(rmsnorm(x), k, v, *(w["attn_w" + c] for c in "qkvo"), n_head=n_head))]
        x = [*map(add, x, mlp(rmsnorm(x), w["mlp_fc1"], w["mlp_fc2"]))]
    return linear(x, state["lm_head"])
