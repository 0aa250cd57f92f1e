import random

from value import Value


def matrix(rows, columns, std, rng):
    return [[Value(rng.gauss(0, std)) for _ in range(columns)]] * rows


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    rng = rng or random.Random(0)
    s = {}
    s["wte"] = matrix(vocab_size, n_embd, std, rng)
    s["wpe"] = matrix(block_size, n_embd, std, rng)
    s["lm_head"] = matrix(vocab_size, n_embd, std, rng)
    for n in range(n_layer):
        for w in "wq", "wk", "wv", "wo":
            s["layer%d.attn_%s" % (n, w)] = matrix(n_embd, n_embd, std, rng)
        s["layer%d.mlp_fc1" % n] = matrix(4 * n_embd, n_embd, std, rng)
        s["layer%d.mlp_fc2" % n] = matrix(n_embd, 4 * n_embd, std, rng)
    return s


def parameters(state):
    p = []
    for name in state:
        for row in state[name]:
            p += row
    return p


def embed(state, token_id, pos_id):
    if not (0 <= token_id < len(state["wte"]) and 0 <= pos_id < len(state["wpe"])):
        raise IndexError((token_id, pos_id))
    return [t + p for t, p in zip(state["wte"][token_id], state["wpe"][pos_id])]
