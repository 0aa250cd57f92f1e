from random import Random

from value import Value

LAYER = ["attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2"]


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    rng = Random() if rng is None else rng
    sizes = {"wte": (vocab_size, n_embd), "wpe": (block_size, n_embd), "lm_head": (vocab_size, n_embd)}
    for i in range(n_layer):
        for name in LAYER:
            sizes[f"layer{i}.{name}"] = (n_embd, n_embd)
        sizes[f"layer{i}.mlp_fc1"] = (4 * n_embd, n_embd)
        sizes[f"layer{i}.mlp_fc2"] = (n_embd, 4 * n_embd)
    return {name: [[Value(rng.gauss(0, std)) for _ in range(m)] for _ in range(n)] for name, (n, m) in sizes.items()}


def parameters(state):
    return sum((row for matrix in state.values() for row in matrix), [])


def embed(state, token_id, pos_id):
    tok = state["wte"][token_id]  # IndexError by itself
    pos = state["wpe"][pos_id]
    return [a + b for a, b in zip(tok, pos)]
