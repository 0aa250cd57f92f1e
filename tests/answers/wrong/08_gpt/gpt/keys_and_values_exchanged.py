"""The order of the lists does not matter.

caught by: test_each_layer_has_its_own_caches
reads: keys and values are exchanged
"""


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embed(state, token_id, pos_id))
    for i in range(len(keys)):
        layer = f"layer{i}."
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        seen = attention(rmsnorm(x), values[i], keys[i], *weights, n_head)
        x = [a + b for a, b in zip(x, seen)]
        thought = mlp(rmsnorm(x), state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
        x = [a + b for a, b in zip(x, thought)]
    return linear(x, state["lm_head"])
