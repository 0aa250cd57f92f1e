"""The sizes of a model, and the shapes that follow from them. (My own file.)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Matrix(str, Enum):
    """The matrices of one layer, in their order."""

    WQ = "attn_wq"
    WK = "attn_wk"
    WV = "attn_wv"
    WO = "attn_wo"
    FC1 = "mlp_fc1"
    FC2 = "mlp_fc2"

    def of_layer(self, i: int) -> str:
        return f"layer{i}.{self.value}"


@dataclass(frozen=True, slots=True)
class Sizes:
    vocab_size: int
    n_embd: int
    n_layer: int
    block_size: int

    def shape(self, matrix: Matrix) -> tuple[int, int]:
        if matrix is Matrix.FC1:
            return 4 * self.n_embd, self.n_embd
        if matrix is Matrix.FC2:
            return self.n_embd, 4 * self.n_embd
        return self.n_embd, self.n_embd

    def __iter__(self) -> Iterator[tuple[str, tuple[int, int]]]:
        yield "wte", (self.vocab_size, self.n_embd)
        yield "wpe", (self.block_size, self.n_embd)
        yield "lm_head", (self.vocab_size, self.n_embd)
        for i in range(self.n_layer):
            for matrix in Matrix:
                yield matrix.of_layer(i), self.shape(matrix)
