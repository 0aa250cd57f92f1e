import random
from itertools import chain

from value import Value


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    rng = rng or random.Random()
    sizes = dict(wte=(vocab_size, n_embd), wpe=(block_size, n_embd), lm_head=(vocab_size, n_embd))
    for i in range(n_layer):
        sizes |= {f"layer{i}.attn_w{c}": (n_embd, n_embd) for c in "qkvo"} | {f"layer{i}.mlp_fc1": (4 * n_embd, n_embd), f"layer{i}.mlp_fc2": (n_embd, 4 * n_embd)}
    return {name: [[Value(rng.gauss(0, std)) for _ in range(b)] for _ in range(a)] for name, (a, b) in sizes.items()}


def parameters(state): return [*chain.from_iterable(chain.from_iterable(state.values()))]


def embed(state, token_id, pos_id):
    if min(token_id, pos_id) < 0: raise IndexError("ids count from 0")
    return [a + b for a, b in zip(state["wte"][token_id], state["wpe"][pos_id])]
