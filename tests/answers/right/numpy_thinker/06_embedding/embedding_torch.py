import math

import torch


def gauss(shape, std, generator):
    """Box and Muller: two even numbers make one Gaussian."""
    u, v = torch.rand((2, *shape), generator=generator)
    z = torch.sqrt(-2 * torch.log1p(-u)) * torch.cos(2 * math.pi * v)
    return (std * z).requires_grad_(True)


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    V, C, T = vocab_size, n_embd, block_size
    shapes = dict(wte=(V, C), wpe=(T, C), lm_head=(V, C))
    for i in range(n_layer):
        layer = dict(
            attn_wq=(C, C), attn_wk=(C, C), attn_wv=(C, C), attn_wo=(C, C), mlp_fc1=(4 * C, C), mlp_fc2=(C, 4 * C)
        )
        for name in layer:
            shapes["layer%d.%s" % (i, name)] = layer[name]
    return {name: gauss(shape, std, generator) for name, shape in shapes.items()}


def parameters(state):
    return [*state.values()]


def embed(state, tokens):
    wte, wpe = state["wte"], state["wpe"]
    T = tokens.shape[1]
    if T > wpe.shape[0]:
        raise IndexError(f"T={T}, block_size={wpe.shape[0]}")
    if not torch.all((0 <= tokens) & (tokens < wte.shape[0])):
        raise IndexError(f"tokens outside 0..{wte.shape[0] - 1}")
    onehot = (tokens[:, :, None] == torch.arange(wte.shape[0])).to(wte.dtype)  # (B, T, V)
    return torch.einsum("btv,vc->btc", onehot, wte) + wpe[None, :T, :]
