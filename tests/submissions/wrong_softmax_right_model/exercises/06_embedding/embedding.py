import random

from value import Value


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    rng = rng if rng is not None else random.Random()
    shapes = [("wte", vocab_size, n_embd), ("wpe", block_size, n_embd), ("lm_head", vocab_size, n_embd)]
    for i in range(n_layer):
        shapes += [(f"layer{i}.attn_{w}", n_embd, n_embd) for w in ("wq", "wk", "wv", "wo")]
        shapes += [(f"layer{i}.mlp_fc1", 4 * n_embd, n_embd), (f"layer{i}.mlp_fc2", n_embd, 4 * n_embd)]
    return {name: [[Value(rng.gauss(0, std)) for _ in range(n)] for _ in range(m)] for name, m, n in shapes}


def parameters(state):
    return [v for m in state.values() for r in m for v in r]


def embed(state, token_id, pos_id):
    wte, wpe = state["wte"], state["wpe"]
    if token_id not in range(len(wte)) or pos_id not in range(len(wpe)):
        raise IndexError(f"token {token_id}, position {pos_id}")
    return [a + b for a, b in zip(wte[token_id], wpe[pos_id])]
