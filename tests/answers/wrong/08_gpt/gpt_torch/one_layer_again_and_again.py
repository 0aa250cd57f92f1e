"""A layer is used as often as there are layers.

caught by: test_logits
reads: weights of layer 0
"""


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    for _ in range(sum(name.endswith("attn_wq") for name in state)):
        layer = "layer0."
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        x = x + attention(rmsnorm(x), *weights, n_head)
        x = x + mlp(rmsnorm(x), state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
    return linear(x, state["lm_head"])
