"""Step 06 on tensors."""

from __future__ import annotations

from collections import OrderedDict

import torch
from sizes_torch import Sizes
from torch import Generator, Tensor


class Gaussian:
    """Draws matrices of numbers around 0."""

    def __init__(self, std: float, generator: Generator | None) -> None:
        self.std, self.generator = std, generator

    def matrix(self, *shape: int) -> Tensor:
        drawn = torch.normal(0.0, self.std, shape, generator=self.generator)
        drawn.requires_grad = True
        assert drawn.is_leaf
        return drawn


class Table:
    """One vector for each number from 0 on."""

    def __init__(self, name: str, rows: Tensor) -> None:
        self.name, self.rows = name, rows

    def __len__(self) -> int:
        return self.rows.shape[0]

    def look_up(self, ids: Tensor) -> Tensor:
        if ids.lt(0).any() or ids.ge(len(self)).any():
            raise IndexError(f"{self.name} has the rows 0 to {len(self) - 1}")
        return self.rows.index_select(0, ids.flatten()).unflatten(0, ids.shape)


def init_state(
    vocab_size: int,
    n_embd: int = 16,
    n_layer: int = 1,
    block_size: int = 16,
    std: float = 0.08,
    generator: Generator | None = None,
) -> dict[str, Tensor]:
    """A fresh state: Gaussian numbers of mean 0 and standard deviation `std`."""
    source = Gaussian(std, generator)
    state: OrderedDict[str, Tensor] = OrderedDict()
    for name, shape in Sizes(vocab_size, n_embd, n_layer, block_size):
        state[name] = source.matrix(*shape)
    return state


def parameters(state: dict[str, Tensor]) -> list[Tensor]:
    """The tensors of the state themselves, in its order."""
    return [tensor for _, tensor in state.items()]


def embed(state: dict[str, Tensor], tokens: Tensor) -> Tensor:
    """For the token at position p: its row of `wte` plus row p of `wpe`."""
    what = Table("wte", state["wte"])
    where = Table("wpe", state["wpe"])
    places = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
    return what.look_up(tokens) + where.look_up(places)
