"""Step 08 on tensors: the model from objects."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm
from sizes_torch import Matrix, Sizes
from torch import Generator, Tensor, nn


class Layer:
    """One layer's matrices: `layer.WQ` ... `layer.FC2`."""

    def __init__(self, state: Mapping[str, Tensor], i: int) -> None:
        for matrix in Matrix:
            setattr(self, matrix.name, state[matrix.of_layer(i)])

    @staticmethod
    def count(state: Mapping[str, Tensor]) -> int:
        return len({name.split(".")[0] for name in state if "." in name})

    def __call__(self, x: Tensor, n_head: int) -> Tensor:
        x = x + attention(rmsnorm(x), self.WQ, self.WK, self.WV, self.WO, n_head=n_head)
        return x + mlp(rmsnorm(x), self.FC1, self.FC2)


def mlp(x: Tensor, fc1: Tensor, fc2: Tensor) -> Tensor:
    """fc2 relu(fc1 x), position by position."""
    return linear(nn.ReLU()(linear(x, fc1)), fc2)


def gpt(state: Mapping[str, Tensor], tokens: Tensor, n_head: int = 4) -> Tensor:
    """For every position the logits of the token that follows it."""
    layers = [Layer(state, i) for i in range(Layer.count(state))]
    x = rmsnorm(embed(state, tokens))
    for layer in layers:
        x = layer(x, n_head)
    return linear(x, state["lm_head"])


class StateOf(Mapping):
    """A module's parameters under the state's names. A view: what is in the module now."""

    def __init__(self, module: nn.Module, names: list[str]) -> None:
        self._module, self._names = module, names

    def __getitem__(self, name: str) -> Tensor:
        return getattr(self._module, name.replace(".", "_"))

    def __iter__(self):
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class GPT(nn.Module):
    """The model with its parameters, which are registered under the state's names with `.` written `_`."""

    calls: Tensor

    def __init__(
        self,
        vocab_size: int,
        n_embd: int = 16,
        n_head: int = 4,
        n_layer: int = 1,
        block_size: int = 16,
        generator: Generator | None = None,
    ) -> None:
        super().__init__()
        self.sizes = Sizes(vocab_size, n_embd, n_layer, block_size)
        self.n_head = n_head
        state = init_state(vocab_size, n_embd, n_layer, block_size, generator=generator)
        for name, tensor in state.items():
            setattr(self, name.replace(".", "_"), nn.Parameter(tensor.data))
        self.register_buffer("calls", torch.zeros((), dtype=torch.long), persistent=False)  # not in the state_dict

    @property
    def state(self) -> StateOf:
        return StateOf(self, [name for name, _ in self.sizes])

    def extra_repr(self) -> str:
        return f"{self.sizes}, n_head={self.n_head}"

    def forward(self, tokens: Tensor) -> Tensor:
        self.calls += 1
        return gpt(self.state, tokens, self.n_head)
