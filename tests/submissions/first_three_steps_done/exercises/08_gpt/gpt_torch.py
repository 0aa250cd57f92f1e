"""Step 08 on tensors: the whole model, from tokens to the logits of the next ones.

    x = rmsnorm(wte[token] + wpe[position])
    for each layer:
        x = x + attention(rmsnorm(x))        look back: what do earlier positions tell?
        x = x + mlp(rmsnorm(x))              think about it, each position for itself
    logits = lm_head x

`GPT` is the same as a `torch.nn.Module`, the form in which torch's own tools expect a model.
"""

import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm
from torch import Generator, Tensor


def mlp(x: Tensor, fc1: Tensor, fc2: Tensor) -> Tensor:
    """fc2 relu(fc1 x), position by position.

    x:        (..., C); so is the result
    fc1, fc2: (4C, C) and (C, 4C)
    """
    raise NotImplementedError("08_gpt: write mlp() in gpt_torch.py")


def gpt(state: dict[str, Tensor], tokens: Tensor, n_head: int = 4) -> Tensor:
    """For every position the logits of the token that follows it.

    tokens:   (B, T) long
    returns:  (B, T, V)
    """
    raise NotImplementedError("08_gpt: write gpt() in gpt_torch.py")


class GPT(torch.nn.Module):
    """The model with its parameters, which are registered under the state's names with `.` written `_`."""

    def __init__(
        self,
        vocab_size: int,
        n_embd: int = 16,
        n_head: int = 4,
        n_layer: int = 1,
        block_size: int = 16,
        generator: Generator | None = None,
    ) -> None:
        """The initial numbers are those of `init_state` with the same generator."""
        raise NotImplementedError("08_gpt: write GPT.__init__() in gpt_torch.py")

    def forward(self, tokens: Tensor) -> Tensor:
        """`gpt` of these parameters: (B, T) -> (B, T, V)."""
        raise NotImplementedError("08_gpt: write GPT.forward() in gpt_torch.py")
