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
    raise NotImplementedError("06_embedding: write init_state() in embedding_torch.py")


def parameters(state: dict[str, Tensor]) -> list[Tensor]:
    """The tensors of the state themselves, in its order."""
    raise NotImplementedError("06_embedding: write parameters() in embedding_torch.py")


def embed(state: dict[str, Tensor], tokens: Tensor) -> Tensor:
    """For the token at position p: its row of `wte` plus row p of `wpe`.

    tokens:   (B, T) long. IndexError: a token is outside its table (negative too), or T is more than block_size.
    returns:  (B, T, C)
    """
    raise NotImplementedError("06_embedding: write embed() in embedding_torch.py")
