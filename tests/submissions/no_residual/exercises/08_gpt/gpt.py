from attention import attention
from embedding import embed
from layers import linear, rmsnorm
from value import Value


def mlp(x: list[Value], fc1: list[list[Value]], fc2: list[list[Value]]) -> list[Value]:
    return linear([Value.relu(unit) for unit in linear(x, fc1)], fc2)


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embed(state, token_id, pos_id))
    i = 0
    while f"layer{i}.attn_wq" in state:
        name = f"layer{i}."
        x = attention(
            rmsnorm(x),
            keys[i],
            values[i],
            wq=state[name + "attn_wq"],
            wk=state[name + "attn_wk"],
            wv=state[name + "attn_wv"],
            wo=state[name + "attn_wo"],
            n_head=n_head,
        )
        x = mlp(rmsnorm(x), state[name + "mlp_fc1"], state[name + "mlp_fc2"])
        i += 1
    return linear(x, state["lm_head"])
