"""The head is the table of tokens, read the other way.

caught by: test_without_attention_and_mlp
reads: lm_head is a matrix of its own
"""


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    for i in range(sum(name.endswith("attn_wq") for name in state)):
        layer = f"layer{i}."
        weights = [state[layer + name] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo")]
        x = x + attention(rmsnorm(x), *weights, n_head)
        x = x + mlp(rmsnorm(x), state[layer + "mlp_fc1"], state[layer + "mlp_fc2"])
    return linear(x, state["wte"])
