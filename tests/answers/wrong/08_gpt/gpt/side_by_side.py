"""Attention and the MLP both work on rmsnorm(x).

caught by: test_logits
reads: what attention has left
"""


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embed(state, token_id, pos_id))
    for i in range(len(keys)):
        layer = f"layer{i}."
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        seen = attention(rmsnorm(x), keys[i], values[i], *weights, n_head)
        thought = mlp(rmsnorm(x), state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
        x = [a + b for a, b in zip([a + b for a, b in zip(x, seen)], thought)]
    return linear(x, state["lm_head"])
