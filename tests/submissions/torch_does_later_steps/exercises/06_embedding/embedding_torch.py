import torch
import torch.nn.functional as F


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    def new(rows, columns):
        return torch.normal(0.0, std, (rows, columns), generator=generator).requires_grad_(True)

    state = {"wte": new(vocab_size, n_embd), "wpe": new(block_size, n_embd), "lm_head": new(vocab_size, n_embd)}
    for i in range(n_layer):
        for w in ("wq", "wk", "wv", "wo"):
            state[f"layer{i}.attn_{w}"] = new(n_embd, n_embd)
        state[f"layer{i}.mlp_fc1"] = new(4 * n_embd, n_embd)
        state[f"layer{i}.mlp_fc2"] = new(n_embd, 4 * n_embd)
    return state


def parameters(state):
    return list(state.values())


def embed(state, tokens):
    positions = torch.arange(tokens.shape[1])
    return F.embedding(tokens, state["wte"]) + F.embedding(positions, state["wpe"])  # raises IndexError by itself
