"""First every position thinks for itself, then it looks back.

caught by: test_logits
reads: attention comes first
"""


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embed(state, token_id, pos_id))
    for i in range(len(keys)):
        layer = f"layer{i}."
        thought = mlp(rmsnorm(x), state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
        x = [a + b for a, b in zip(x, thought)]
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        seen = attention(rmsnorm(x), keys[i], values[i], *weights, n_head)
        x = [a + b for a, b in zip(x, seen)]
    return linear(x, state["lm_head"])
