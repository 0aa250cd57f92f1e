"""Step 07 on tensors: a Head for each slice."""

from __future__ import annotations

import torch
from layers_torch import linear
from softmax_torch import softmax
from torch import Tensor


class Head:
    """One head's queries, keys and values, (B, T, d) each."""

    def __init__(self, q: Tensor, k: Tensor, v: Tensor) -> None:
        self.q, self.k, self.v = q, k, v

    @property
    def width(self) -> int:
        return self.q.shape[-1]

    @property
    def causal(self) -> Tensor:
        T = self.q.shape[1]
        return torch.tril(torch.ones(T, T)).bool()

    @property
    def scores(self) -> Tensor:
        scaled = self.q.div(self.width**0.5)
        return torch.baddbmm(scaled.new_zeros(()), scaled, self.k.mT).masked_fill(~self.causal, -float("inf"))

    def __call__(self) -> Tensor:
        return softmax(self.scores, -1).bmm(self.v)


class MultiHead:
    """All heads over one x."""

    def __init__(self, n_head: int, wq: Tensor, wk: Tensor, wv: Tensor, wo: Tensor) -> None:
        self.n_head = n_head
        self.w_in = torch.cat((wq, wk, wv))  # (3C, C): one product for all three
        self.wo = wo

    def heads(self, x: Tensor) -> list[Head]:
        d = x.shape[-1] // self.n_head
        slices = linear(x, self.w_in).split(d, dim=-1)  # q of all heads, then k, then v
        n = self.n_head
        return [Head(slices[h], slices[n + h], slices[2 * n + h]) for h in range(n)]

    def __call__(self, x: Tensor) -> Tensor:
        return linear(torch.cat([head() for head in self.heads(x)], dim=-1), self.wo)


def attention(x: Tensor, wq: Tensor, wk: Tensor, wv: Tensor, wo: Tensor, n_head: int = 4) -> Tensor:
    """Causal multi-head self-attention: no position is influenced by a later one."""
    width, rest = divmod(x.shape[-1], n_head)
    if rest or not width:
        raise ValueError(f"{x.shape[-1]} is no multiple of {n_head}")
    return MultiHead(n_head, wq, wk, wv, wo)(x)
