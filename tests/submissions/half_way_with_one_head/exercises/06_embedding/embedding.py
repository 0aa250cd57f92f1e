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
    if rng is None:
        rng = random.Random()
    matrix = lambda nout, nin: [[Value(rng.gauss(0, std)) for _ in range(nin)] for _ in range(nout)]
    state = {}
    state["wte"] = matrix(vocab_size, n_embd)
    state["wpe"] = matrix(block_size, n_embd)
    state["lm_head"] = matrix(vocab_size, n_embd)
    for i in range(n_layer):
        state[f"layer{i}.attn_wq"] = matrix(n_embd, n_embd)
        state[f"layer{i}.attn_wk"] = matrix(n_embd, n_embd)
        state[f"layer{i}.attn_wv"] = matrix(n_embd, n_embd)
        state[f"layer{i}.attn_wo"] = matrix(n_embd, n_embd)
        state[f"layer{i}.mlp_fc1"] = matrix(4 * n_embd, n_embd)
        state[f"layer{i}.mlp_fc2"] = matrix(n_embd, 4 * n_embd)
    return state


def parameters(state: dict[str, list[list[Value]]]) -> list[Value]:
    params = []
    for mat in state.values():
        for row in mat:
            params.extend(row)
    return params


def embed(state: dict[str, list[list[Value]]], token_id: int, pos_id: int) -> list[Value]:
    if token_id < 0 or pos_id < 0:
        raise IndexError("negative id")
    return [t + p for t, p in zip(state["wte"][token_id], state["wpe"][pos_id])]
