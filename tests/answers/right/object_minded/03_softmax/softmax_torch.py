"""Step 03 on tensors: a Distribution knows its scores, and what follows from them."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor


class Distribution:
    """The distribution that belongs to scores, along one dimension."""

    def __init__(self, scores: Tensor, dim: int = -1) -> None:
        if scores.shape[dim] == 0:
            raise ValueError("there is no distribution over nothing")
        self.scores = scores
        self.dim = dim

    @cached_property
    def shifted(self) -> Tensor:
        with torch.no_grad():
            top = torch.amax(self.scores, dim=self.dim, keepdim=True)
        return self.scores - top

    @cached_property
    def odds(self) -> Tensor:
        return self.shifted.exp()

    @cached_property
    def total(self) -> Tensor:
        return self.odds.sum(dim=self.dim, keepdim=True)

    @property
    def probabilities(self) -> Tensor:
        return self.odds * self.total.reciprocal()

    @property
    def log_probabilities(self) -> Tensor:
        return self.shifted - self.total.log()


class Targets:
    """The right answers, some of which are not asked for."""

    def __init__(self, ids: Tensor, ignore: int) -> None:
        self.ids = ids
        self.kept = ids.ne(ignore)

    def check(self, size: int) -> None:
        for target in self.ids[self.kept].unique().tolist():
            if target not in range(size):
                raise IndexError(f"target {target} with {size} classes")

    def __len__(self) -> int:
        return int(self.kept.count_nonzero())


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Probabilities along `dim`, in the shape and dtype of x."""
    return Distribution(x, dim).probabilities


def cross_entropy(logits: Tensor, targets: Tensor, ignore_index: int = -1) -> Tensor:
    """The mean of -ln softmax(logits[n])[targets[n]] over the rows n whose target is not `ignore_index`."""
    wanted = Targets(targets, ignore_index)
    wanted.check(logits.shape[-1])
    if not wanted:
        return torch.zeros_like(logits).mul(logits).sum()
    rows = wanted.kept.nonzero()[:, 0]
    return -Distribution(logits, 1).log_probabilities[rows, targets[rows]].mean()
