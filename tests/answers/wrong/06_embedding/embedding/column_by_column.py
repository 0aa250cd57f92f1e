"""Whether columns or rows are drawn first does not matter, since all numbers are random.

caught by: test_numbers_in_the_order_of_the_state
reads: the first column is drawn first
"""


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    rng = rng or random.Random()

    def matrix(n_out, n_in):
        return [list(row) for row in zip(*[[Value(rng.gauss(0, std)) for _ in range(n_out)] for _ in range(n_in)])]

    state = {
        "wte": matrix(vocab_size, n_embd),
        "wpe": matrix(block_size, n_embd),
        "lm_head": matrix(vocab_size, n_embd),
    }
    for i in range(n_layer):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            state[f"layer{i}.{name}"] = matrix(n_embd, n_embd)
        state[f"layer{i}.mlp_fc1"] = matrix(4 * n_embd, n_embd)
        state[f"layer{i}.mlp_fc2"] = matrix(n_embd, 4 * n_embd)
    return state
