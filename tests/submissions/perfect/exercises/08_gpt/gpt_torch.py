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
    return linear(linear(x, fc1).relu(), fc2)


def gpt(state: dict[str, Tensor], tokens: Tensor, n_head: int = 4) -> Tensor:
    """For every position the logits of the token that follows it.

    tokens:   (B, T) long
    returns:  (B, T, V)
    """
    x = rmsnorm(embed(state, tokens))  # (B, T, C)
    n_layer = sum(name.endswith("attn_wq") for name in state)
    for i in range(n_layer):
        wq, wk, wv, wo = (state[f"layer{i}.attn_{name}"] for name in ("wq", "wk", "wv", "wo"))
        fc1, fc2 = state[f"layer{i}.mlp_fc1"], state[f"layer{i}.mlp_fc2"]
        x = x + attention(rmsnorm(x), wq, wk, wv, wo, n_head)
        x = x + mlp(rmsnorm(x), fc1, fc2)
    return linear(x, state["lm_head"])  # (B, T, V)


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
        super().__init__()
        self.n_head = n_head
        self.names = []
        for name, tensor in init_state(vocab_size, n_embd, n_layer, block_size, generator=generator).items():
            self.names.append(name)
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensor.detach()))

    def forward(self, tokens: Tensor) -> Tensor:
        """`gpt` of these parameters: (B, T) -> (B, T, V)."""
        state = {name: getattr(self, name.replace(".", "_")) for name in self.names}
        return gpt(state, tokens, self.n_head)
