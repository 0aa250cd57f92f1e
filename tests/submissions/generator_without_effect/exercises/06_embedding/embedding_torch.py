import torch
from torch import nn


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    # nn.Embedding and nn.Linear bring their weights along; they are drawn anew with the right std
    tables = {
        "wte": nn.Embedding(vocab_size, n_embd),
        "wpe": nn.Embedding(block_size, n_embd),
        "lm_head": nn.Linear(n_embd, vocab_size, bias=False),
    }
    for i in range(n_layer):
        for name in ["attn_wq", "attn_wk", "attn_wv", "attn_wo"]:
            tables[f"layer{i}.{name}"] = nn.Linear(n_embd, n_embd, bias=False)
        tables[f"layer{i}.mlp_fc1"] = nn.Linear(n_embd, 4 * n_embd, bias=False)
        tables[f"layer{i}.mlp_fc2"] = nn.Linear(4 * n_embd, n_embd, bias=False)
    for module in tables.values():
        nn.init.normal_(module.weight, mean=0.0, std=std)
    return {name: module.weight for name, module in tables.items()}


def parameters(state):
    return list(state.values())


def embed(state, tokens):
    B, T = tokens.shape
    return state["wte"][tokens] + state["wpe"][torch.arange(T)]
