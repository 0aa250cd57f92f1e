# my solution of step 6

import random

from value import Value


def random_matrix(rows, columns, std, rng):
    matrix = []
    for i in range(rows):
        row = []
        for j in range(columns):
            number = rng.gauss(0, std)
            row.append(Value(number))
        matrix.append(row)
    return matrix


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    if rng == None:
        rng = random.Random()
    state = {}
    state["wte"] = random_matrix(vocab_size, n_embd, std, rng)
    state["wpe"] = random_matrix(block_size, n_embd, std, rng)
    state["lm_head"] = random_matrix(vocab_size, n_embd, std, rng)
    layer = 0
    while layer < n_layer:
        prefix = "layer" + str(layer) + "."
        state[prefix + "attn_wq"] = random_matrix(n_embd, n_embd, std, rng)
        state[prefix + "attn_wk"] = random_matrix(n_embd, n_embd, std, rng)
        state[prefix + "attn_wv"] = random_matrix(n_embd, n_embd, std, rng)
        state[prefix + "attn_wo"] = random_matrix(n_embd, n_embd, std, rng)
        state[prefix + "mlp_fc1"] = random_matrix(4 * n_embd, n_embd, std, rng)
        state[prefix + "mlp_fc2"] = random_matrix(n_embd, 4 * n_embd, std, rng)
        layer += 1
    print("made", len(state), "matrices")
    return state


def parameters(state):
    result = []
    for name in state:
        matrix = state[name]
        for row in matrix:
            for entry in row:
                result.append(entry)
    return result


def embed(state, token_id, pos_id):
    if token_id < 0 or token_id >= len(state["wte"]):
        raise IndexError("no such token: " + str(token_id))
    if pos_id < 0 or pos_id >= len(state["wpe"]):
        raise IndexError("no such position: " + str(pos_id))
    token_row = state["wte"][token_id]
    position_row = state["wpe"][pos_id]
    result = []
    for i in range(len(token_row)):
        result.append(token_row[i] + position_row[i])
    return result
