"""Each part takes x and gives the new x.

caught by: test_attention_branch, test_mlp_branch
reads: added to x
"""


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embed(state, token_id, pos_id))
    for i in range(len(keys)):
        layer = f"layer{i}."
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        seen = attention(rmsnorm(x), keys[i], values[i], *weights, n_head)
        x = seen
        thought = mlp(rmsnorm(x), state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
        x = thought
    return linear(x, state["lm_head"])
