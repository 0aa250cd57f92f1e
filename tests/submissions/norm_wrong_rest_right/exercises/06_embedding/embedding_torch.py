import torch


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
    def rows(n_out, n_in):
        numbers = torch.randn((n_out, n_in), generator=generator) * std
        return numbers.requires_grad_(True)

    state = dict(wte=rows(vocab_size, n_embd), wpe=rows(block_size, n_embd), lm_head=rows(vocab_size, n_embd))
    for layer in [f"layer{i}." for i in range(n_layer)]:
        for q in ["wq", "wk", "wv", "wo"]:
            state[layer + "attn_" + q] = rows(n_embd, n_embd)
        state[layer + "mlp_fc1"] = rows(n_embd * 4, n_embd)
        state[layer + "mlp_fc2"] = rows(n_embd, n_embd * 4)
    return state


def parameters(state):
    return list(state.values())


def embed(state, tokens):
    wte, wpe = state["wte"], state["wpe"]
    if tokens.shape[1] > wpe.shape[0]:
        raise IndexError(f"at most {wpe.shape[0]} tokens")
    if (tokens < 0).any():
        raise IndexError("a negative token")
    return wte[tokens] + wpe[None, : tokens.shape[1]]  # too large a token is an IndexError of torch's
