from itertools import chain

import torch

LAYER = {
    "attn_wq": (1, 1),
    "attn_wk": (1, 1),
    "attn_wv": (1, 1),
    "attn_wo": (1, 1),
    "mlp_fc1": (4, 1),
    "mlp_fc2": (1, 4),
}


def names_and_shapes(vocab_size, n_embd, n_layer, block_size):
    outer = [("wte", vocab_size), ("wpe", block_size), ("lm_head", vocab_size)]
    return chain(
        ((name, (rows, n_embd)) for name, rows in outer),
        (
            (f"layer{i}.{name}", (n_embd * out, n_embd * into))
            for i in range(n_layer)
            for name, (out, into) in LAYER.items()
        ),
    )


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    def fresh(shape):
        return torch.empty(shape).normal_(std=std, generator=generator).requires_grad_()

    return {name: fresh(shape) for name, shape in names_and_shapes(vocab_size, n_embd, n_layer, block_size)}


def parameters(state):
    return list(map(state.get, state))


def embed(state, tokens):
    wte, wpe = map(state.get, ("wte", "wpe"))
    B, T = tokens.shape
    if T > len(wpe):
        raise IndexError(f"{T} > {len(wpe)}")
    low, high = (tokens.min().item(), tokens.max().item()) if tokens.numel() else (0, 0)
    if low < 0 or high >= len(wte):
        raise IndexError(f"tokens from {low} to {high}, table of {len(wte)}")
    index = tokens.reshape(-1, 1).expand(-1, wte.shape[1])  # (B*T, C)
    return torch.gather(wte, 0, index).reshape(B, T, -1).add(wpe.narrow(0, 0, T))
