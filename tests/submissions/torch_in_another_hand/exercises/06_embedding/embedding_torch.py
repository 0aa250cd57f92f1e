import torch


def shapes(vocab_size, n_embd, n_layer, block_size):
    yield "wte", (vocab_size, n_embd)
    yield "wpe", (block_size, n_embd)
    yield "lm_head", (vocab_size, n_embd)
    for i in range(n_layer):
        for letter in "qkvo":
            yield f"layer{i}.attn_w{letter}", (n_embd, n_embd)
        yield f"layer{i}.mlp_fc1", (4 * n_embd, n_embd)
        yield f"layer{i}.mlp_fc2", (n_embd, 4 * n_embd)


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    state = {}
    for name, shape in shapes(vocab_size, n_embd, n_layer, block_size):
        matrix = torch.empty(shape, requires_grad=True)
        with torch.no_grad():
            matrix.normal_(0.0, std, generator=generator)
        state[name] = matrix
    return state


def parameters(state):
    return [state[name] for name in state]


def embed(state, tokens):
    wte, wpe = state["wte"], state["wpe"]
    B, T = tokens.shape
    if T > wpe.shape[0]:
        raise IndexError("the sequence is longer than the block")
    if tokens.min() < 0 or tokens.max() >= wte.shape[0]:
        raise IndexError("no such token")
    onehot = tokens.unsqueeze(-1) == torch.arange(wte.shape[0])  # (B, T, V)
    rows = onehot.to(wte.dtype) @ wte
    return rows + wpe.index_select(0, torch.arange(T)).expand(B, T, -1)
