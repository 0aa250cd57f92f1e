"""The way in and the way out are one matrix, as in GPT-2.

caught by: test_every_number_is_drawn
reads: one tensor under two names
"""


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    def matrix(n_out, n_in):
        return (std * torch.randn(n_out, n_in, generator=generator)).requires_grad_()

    state = {"wte": matrix(vocab_size, n_embd), "wpe": matrix(block_size, n_embd)}
    state["lm_head"] = state["wte"]
    for i in range(n_layer):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            state[f"layer{i}.{name}"] = matrix(n_embd, n_embd)
        state[f"layer{i}.mlp_fc1"] = matrix(4 * n_embd, n_embd)
        state[f"layer{i}.mlp_fc2"] = matrix(n_embd, 4 * n_embd)
    return state
