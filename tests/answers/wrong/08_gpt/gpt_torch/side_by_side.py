"""Attention and the MLP both work on rmsnorm(x).

caught by: test_logits
reads: what attention has left
"""


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    for i in range(sum(name.endswith("attn_wq") for name in state)):
        layer = f"layer{i}."
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        normed = rmsnorm(x)
        x = x + attention(normed, *weights, n_head) + mlp(normed, state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
    return linear(x, state["lm_head"])
