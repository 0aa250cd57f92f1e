"""Step 04 with a Vector that knows dot products."""

from __future__ import annotations

from collections import UserList

from value import Value

EPS = 1e-5


class Vector(UserList):
    """A list of Values."""

    def dot(self, other: list[Value]) -> Value:
        if len(self) != len(other):
            raise ValueError(f"{len(self)} and {len(other)} numbers")
        first, *others = (a * b for a, b in zip(self, other))
        for product in others:
            first = first + product
        return first

    @property
    def mean_square(self) -> Value:
        return self.dot(self) / len(self)

    def scaled(self, factor: Value) -> list[Value]:
        return [entry * factor for entry in self]


def linear(x: list[Value], w: list[list[Value]]) -> list[Value]:
    vector = Vector(x)
    return [vector.dot(row) for row in w]


def rmsnorm(x: list[Value], eps: float = EPS) -> list[Value]:
    vector = Vector(x)
    root = (vector.mean_square + eps) ** 0.5
    return vector.scaled(1 / root)
