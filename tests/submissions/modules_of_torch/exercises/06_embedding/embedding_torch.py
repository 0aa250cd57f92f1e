import torch
from torch import nn


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    def matrix(rows, columns):
        return nn.init.normal_(torch.empty(rows, columns), 0.0, std, generator=generator).requires_grad_()

    state = {"wte": matrix(vocab_size, n_embd), "wpe": matrix(block_size, n_embd)}
    state["lm_head"] = matrix(vocab_size, n_embd)
    for i in range(n_layer):
        state |= {f"layer{i}.attn_w{letter}": matrix(n_embd, n_embd) for letter in "qkvo"}
        state[f"layer{i}.mlp_fc1"] = matrix(4 * n_embd, n_embd)
        state[f"layer{i}.mlp_fc2"] = matrix(n_embd, 4 * n_embd)
    return state


def parameters(state):
    return [*state.values()]


def look_up(table, ids):
    layer = nn.Embedding(*table.shape, device="meta")
    return torch.func.functional_call(layer, {"weight": table}, (ids,))


def embed(state, tokens):
    return look_up(state["wte"], tokens) + look_up(state["wpe"], torch.arange(tokens.shape[1]))
