"""Step 06 on tensors, written along the hints."""

import torch
from torch import Generator, Tensor


def init_state(
    vocab_size: int,
    n_embd: int = 16,
    n_layer: int = 1,
    block_size: int = 16,
    std: float = 0.08,
    generator: Generator | None = None,
) -> dict[str, Tensor]:
    C = n_embd
    shapes = {"wte": (vocab_size, C), "wpe": (block_size, C), "lm_head": (vocab_size, C)}
    for i in range(n_layer):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            shapes[f"layer{i}.{name}"] = (C, C)
        shapes[f"layer{i}.mlp_fc1"] = (4 * C, C)
        shapes[f"layer{i}.mlp_fc2"] = (C, 4 * C)
    state = {}
    for name, shape in shapes.items():
        numbers = torch.randn(shape, generator=generator) * std
        state[name] = numbers.requires_grad_()
    return state


def parameters(state: dict[str, Tensor]) -> list[Tensor]:
    found = []
    for tensor in state.values():
        found.append(tensor)
    return found


def embed(state: dict[str, Tensor], tokens: Tensor) -> Tensor:
    wte, wpe = state["wte"], state["wpe"]
    T = tokens.shape[1]
    if T > len(wpe) or (tokens < 0).any() or (tokens >= len(wte)).any():
        raise IndexError("a token or a position that has no row")
    return wte[tokens] + wpe[:T]
