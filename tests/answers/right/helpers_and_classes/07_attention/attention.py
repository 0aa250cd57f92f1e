"""Step 07 with a class for a head."""

from __future__ import annotations

from dataclasses import dataclass

from layers import Vector, linear
from softmax import softmax
from value import Value


@dataclass
class Head:
    start: int
    width: int

    def part(self, vector: list[Value]) -> Vector:
        return Vector(vector[self.start : self.start + self.width])

    def look(self, query: list[Value], keys: list[list[Value]], values: list[list[Value]]) -> list[Value]:
        query = self.part(query)
        weights = softmax([query.dot(self.part(key)) / self.width**0.5 for key in keys])
        found: list[Value] = []
        for weight, value in zip(weights, values):
            shares = self.part(value).scaled(weight)
            found = [a + b for a, b in zip(found, shares)] if found else shares
        return found


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    width, left_over = divmod(len(x), n_head)
    if left_over:
        raise ValueError(f"{left_over} numbers would be left over")
    query, key, value = (linear(x, w) for w in (wq, wk, wv))
    keys += [key]
    values += [value]
    heads = [Head(start, width) for start in range(0, len(x), width)]
    joined = [entry for head in heads for entry in head.look(query, keys, values)]
    return linear(joined, wo)
