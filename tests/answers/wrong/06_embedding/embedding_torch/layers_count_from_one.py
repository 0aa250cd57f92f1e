"""The first layer is layer 1.

caught by: test_names_and_shapes
reads: the state has no layer0.attn_wq; of 15 names the last is layer2.mlp_fc2
"""


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    def matrix(n_out, n_in):
        return (std * torch.randn(n_out, n_in, generator=generator)).requires_grad_()

    state = {
        "wte": matrix(vocab_size, n_embd),
        "wpe": matrix(block_size, n_embd),
        "lm_head": matrix(vocab_size, n_embd),
    }
    for i in range(1, n_layer + 1):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            state[f"layer{i}.{name}"] = matrix(n_embd, n_embd)
        state[f"layer{i}.mlp_fc1"] = matrix(4 * n_embd, n_embd)
        state[f"layer{i}.mlp_fc2"] = matrix(n_embd, 4 * n_embd)
    return state
