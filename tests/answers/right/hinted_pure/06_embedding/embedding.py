"""Step 06, written along the hints."""

import random

from value import Value


def init_state(
    vocab_size: int,
    n_embd: int = 16,
    n_layer: int = 1,
    block_size: int = 16,
    std: float = 0.08,
    rng: random.Random | None = None,
) -> dict[str, list[list[Value]]]:
    rng = rng or random.Random()
    C = n_embd
    shapes = {"wte": (vocab_size, C), "wpe": (block_size, C), "lm_head": (vocab_size, C)}
    for i in range(n_layer):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            shapes[f"layer{i}.{name}"] = (C, C)
        shapes[f"layer{i}.mlp_fc1"] = (4 * C, C)
        shapes[f"layer{i}.mlp_fc2"] = (C, 4 * C)
    state = {}
    for name, (rows, columns) in shapes.items():
        state[name] = [[Value(rng.gauss(0, std)) for _ in range(columns)] for _ in range(rows)]
    return state


def parameters(state: dict[str, list[list[Value]]]) -> list[Value]:
    found = []
    for matrix in state.values():
        for row in matrix:
            found.extend(row)
    return found


def embed(state: dict[str, list[list[Value]]], token_id: int, pos_id: int) -> list[Value]:
    wte, wpe = state["wte"], state["wpe"]
    if not 0 <= token_id < len(wte) or not 0 <= pos_id < len(wpe):
        raise IndexError(f"no token {token_id} at position {pos_id}")
    return [a + b for a, b in zip(wte[token_id], wpe[pos_id])]
