"""x is normed, and then attention is added to it.

caught by: test_attention_alone, test_mlp_alone
reads: x itself goes on
"""


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    for i in range(sum(name.endswith("attn_wq") for name in state)):
        layer = f"layer{i}."
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        x = rmsnorm(x)
        x = x + attention(x, *weights, n_head)
        x = rmsnorm(x)
        x = x + mlp(x, state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
    return linear(x, state["lm_head"])
