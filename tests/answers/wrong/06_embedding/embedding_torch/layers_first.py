"""The order in which a dict is filled is that in which it is read, so only the latter has to be right.

caught by: test_what_follows_changes_nothing
reads: which matrix takes the first numbers
"""


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    def matrix(n_out, n_in):
        return (std * torch.randn(n_out, n_in, generator=generator)).requires_grad_()

    layers = {}
    for i in range(n_layer):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            layers[f"layer{i}.{name}"] = matrix(n_embd, n_embd)
        layers[f"layer{i}.mlp_fc1"] = matrix(4 * n_embd, n_embd)
        layers[f"layer{i}.mlp_fc2"] = matrix(n_embd, 4 * n_embd)
    ends = {"wte": matrix(vocab_size, n_embd), "wpe": matrix(block_size, n_embd), "lm_head": matrix(vocab_size, n_embd)}
    return {**ends, **layers}
