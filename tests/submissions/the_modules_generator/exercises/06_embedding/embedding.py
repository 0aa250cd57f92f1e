import random

from value import Value

random.seed(42)  # Let there be order among chaos


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    if rng is not None:
        random.seed(rng.random())

    def new(nout, nin):
        return [[Value(random.gauss(0, std)) for _ in range(nin)] for _ in range(nout)]

    state_dict = {"wte": new(vocab_size, n_embd), "wpe": new(block_size, n_embd), "lm_head": new(vocab_size, n_embd)}
    for i in range(n_layer):
        state_dict |= {f"layer{i}.attn_{x}": new(n_embd, n_embd) for x in ("wq", "wk", "wv", "wo")}
        state_dict |= {f"layer{i}.mlp_fc1": new(4 * n_embd, n_embd), f"layer{i}.mlp_fc2": new(n_embd, 4 * n_embd)}
    return state_dict


def parameters(state):
    return [p for mat in state.values() for row in mat for p in row]


def embed(state, token_id, pos_id):
    def row(name, i):
        if i < 0 or i >= len(state[name]):
            raise IndexError(f"{name}[{i}]")
        return state[name][i]

    return [t + p for t, p in zip(row("wte", token_id), row("wpe", pos_id))]
