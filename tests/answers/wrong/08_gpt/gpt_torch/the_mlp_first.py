"""First every position thinks for itself, then it looks back.

caught by: test_logits
reads: attention comes first
"""


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    for i in range(sum(name.endswith("attn_wq") for name in state)):
        layer = f"layer{i}."
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        x = x + mlp(rmsnorm(x), state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
        x = x + attention(rmsnorm(x), *weights, n_head)
    return linear(x, state["lm_head"])
