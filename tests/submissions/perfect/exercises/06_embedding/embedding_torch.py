"""Step 06 on tensors: the parameters of the whole model, and the first thing done with them.

The *state* is a dict of leaf tensors that require gradients, one row per output, in this order. V is the size of the
vocabulary, C is n_embd, T is block_size, the longest context.

    wte                                  (V, C)     token embeddings: one row for each token
    wpe                                  (T, C)     position embeddings: one row for each position
    lm_head                              (V, C)     from the last layer's output to logits
    layer0.attn_wq, _wk, _wv, _wo        (C, C)     attention
    layer0.mlp_fc1                       (4C, C)    the MLP's way up
    layer0.mlp_fc2                       (C, 4C)    and down again
    layer1.attn_wq, ...                             the same for every further layer
"""

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
    """A fresh state: Gaussian numbers of mean 0 and standard deviation `std`, matrix by matrix in the order above.

    generator: where the numbers come from; without one, torch's global generator
    """

    def matrix(n_out: int, n_in: int) -> Tensor:
        return (std * torch.randn(n_out, n_in, generator=generator)).requires_grad_()

    state = {
        "wte": matrix(vocab_size, n_embd),
        "wpe": matrix(block_size, n_embd),
        "lm_head": matrix(vocab_size, n_embd),
    }
    for i in range(n_layer):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            state[f"layer{i}.{name}"] = matrix(n_embd, n_embd)
        state[f"layer{i}.mlp_fc1"] = matrix(4 * n_embd, n_embd)
        state[f"layer{i}.mlp_fc2"] = matrix(n_embd, 4 * n_embd)
    return state


def parameters(state: dict[str, Tensor]) -> list[Tensor]:
    """The tensors of the state themselves, in its order."""
    return list(state.values())


def embed(state: dict[str, Tensor], tokens: Tensor) -> Tensor:
    """For the token at position p: its row of `wte` plus row p of `wpe`.

    tokens:   (B, T) long. IndexError: a token is outside its table (negative too), or T is more than block_size.
    returns:  (B, T, C)
    """
    wte, wpe = state["wte"], state["wpe"]
    n = tokens.shape[1]
    if n > len(wpe):
        raise IndexError(f"{n} positions, but wpe has only {len(wpe)} rows")
    if ((tokens < 0) | (tokens >= len(wte))).any():
        raise IndexError(f"a token is outside 0..{len(wte) - 1}, the rows of wte")
    return wte[tokens] + wpe[:n]  # (B, T, C) + (T, C)
