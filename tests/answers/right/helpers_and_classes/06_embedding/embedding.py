"""Step 06 with a description of the matrices."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from value import Value


@dataclass(frozen=True)
class Sizes:
    vocab: int
    embd: int
    layers: int
    block: int

    def shapes(self) -> Iterator[tuple[str, int, int]]:
        yield "wte", self.vocab, self.embd
        yield "wpe", self.block, self.embd
        yield "lm_head", self.vocab, self.embd
        for layer in range(self.layers):
            yield from self._layer(f"layer{layer}")

    def _layer(self, prefix: str) -> Iterator[tuple[str, int, int]]:
        for name in ("wq", "wk", "wv", "wo"):
            yield f"{prefix}.attn_{name}", self.embd, self.embd
        yield f"{prefix}.mlp_fc1", 4 * self.embd, self.embd
        yield f"{prefix}.mlp_fc2", self.embd, 4 * self.embd


class Parameter(Value):
    """A Value that belongs to the model."""


class Table:
    def __init__(self, rows: list[list[Value]], name: str) -> None:
        self.rows = rows
        self.name = name

    def __getitem__(self, i: int) -> list[Value]:
        if i in range(len(self.rows)):
            return self.rows[i]
        raise IndexError(f"{self.name} has {len(self.rows)} rows, and {i} is none of them")


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, rng=None):
    generator = random.Random() if rng is None else rng
    state = {}
    for name, n_out, n_in in Sizes(vocab_size, n_embd, n_layer, block_size).shapes():
        state[name] = [
            [Parameter(generator.gauss(0, std), label=f"{name}[{i}][{j}]") for j in range(n_in)] for i in range(n_out)
        ]
    return state


def _entries(state) -> Iterator[Value]:
    for matrix in state.values():
        for row in matrix:
            yield from row


def parameters(state) -> list[Value]:
    return list(_entries(state))


def embed(state, token_id: int, pos_id: int) -> list[Value]:
    token, position = Table(state["wte"], "wte")[token_id], Table(state["wpe"], "wpe")[pos_id]
    return list(map(Value.__add__, token, position))
