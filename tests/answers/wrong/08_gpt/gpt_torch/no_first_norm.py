"""The norms stand before attention and before the MLP.

caught by: test_without_attention_and_mlp
reads: not normed
"""


def gpt(state, tokens, n_head=4):
    x = embed(state, tokens)
    for i in range(sum(name.endswith("attn_wq") for name in state)):
        layer = f"layer{i}."
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        x = x + attention(rmsnorm(x), *weights, n_head)
        x = x + mlp(rmsnorm(x), state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
    return linear(x, state["lm_head"])
