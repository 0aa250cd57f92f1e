# my solution of step 8

from attention import attention
from embedding import embed
from layers import linear, rmsnorm


def mlp(x, fc1, fc2):
    hidden = linear(x, fc1)
    for i in range(len(hidden)):
        hidden[i] = hidden[i].relu()
    output = linear(hidden, fc2)
    return output


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = embed(state, token_id, pos_id)
    x = rmsnorm(x)
    layer = 0
    while "layer" + str(layer) + ".attn_wq" in state:
        name = "layer" + str(layer) + "."
        wq = state[name + "attn_wq"]
        wk = state[name + "attn_wk"]
        wv = state[name + "attn_wv"]
        wo = state[name + "attn_wo"]
        before = x
        x = rmsnorm(x)
        x = attention(x, keys[layer], values[layer], wq, wk, wv, wo, n_head)
        for i in range(len(x)):
            x[i] = before[i] + x[i]
        before = x
        x = rmsnorm(x)
        x = mlp(x, state[name + "mlp_fc1"], state[name + "mlp_fc2"])
        for i in range(len(x)):
            x[i] = before[i] + x[i]
        layer += 1
    logits = linear(x, state["lm_head"])
    return logits
