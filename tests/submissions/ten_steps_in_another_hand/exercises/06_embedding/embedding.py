import itertools
import random

from value import Value


def shapes(vocab_size, n_embd, n_layer, block_size):
    """Name, rows and columns of each matrix, in order."""
    yield "wte", vocab_size, n_embd
    yield "wpe", block_size, n_embd
    yield "lm_head", vocab_size, n_embd
    for layer in range(n_layer):
        for letter in "qkvo":
            yield f"layer{layer}.attn_w{letter}", n_embd, n_embd
        yield f"layer{layer}.mlp_fc1", n_embd * 4, n_embd
        yield f"layer{layer}.mlp_fc2", n_embd, n_embd * 4


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    rng = rng or random.Random()
    state = {}
    for name, rows, columns in shapes(vocab_size, n_embd, n_layer, block_size):
        state[name] = []
        for _ in range(rows):
            state[name].append([Value(rng.gauss(0, std)) for _ in range(columns)])
    return state


def parameters(state):
    chain = itertools.chain.from_iterable
    return list(chain(chain(state.values())))


def embed(state, token_id, pos_id):
    token, position = row_of(state["wte"], token_id), row_of(state["wpe"], pos_id)
    return [position[i] + token[i] for i in range(len(token))]


def row_of(table, i):
    if i < 0:
        raise IndexError(f"{i} is negative")
    return table[i]
