"""Step 01 with a table of operations, and a label for each Value."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What an operation gives: the number, and its slopes by the operands."""

    number: float
    slopes: tuple[float, ...]


class Operations:
    """The mathematics alone, on plain numbers."""

    @staticmethod
    def add(a: float, b: float) -> Result:
        return Result(a + b, (1.0, 1.0))

    @staticmethod
    def mul(a: float, b: float) -> Result:
        return Result(a * b, (b, a))

    @staticmethod
    def log(a: float) -> Result:
        return Result(math.log(a), (1 / a,))

    @staticmethod
    def exp(a: float) -> Result:
        power = math.exp(a)
        return Result(power, (power,))

    @staticmethod
    def relu(a: float) -> Result:
        return Result(a, (1.0,)) if a > 0 else Result(0.0, (0.0,))


class Node:
    """Something with children."""

    def __init__(self, children: Iterable[Node]) -> None:
        self._children = tuple(children)

    @property
    def is_leaf(self) -> bool:
        return not self._children


class Value(Node):
    COUNT = 0  # how many were made

    def __init__(self, data, children=(), local_grads=(), *, label: str = "", op: str = "") -> None:
        super().__init__(children)
        type(self).COUNT += 1
        self.data = float(data)
        self.grad = 0.0
        self._local_grads = tuple(local_grads)
        self.label = label or f"v{self.COUNT}"
        self._op = op

    @classmethod
    def of(cls, thing: Value | float) -> Value:
        return thing if isinstance(thing, cls) else cls(thing, label="constant")

    def _apply(self, name: str, *others: Value) -> Value:
        operands = (self, *others)
        result = getattr(Operations, name)(*(operand.data for operand in operands))
        return Value(result.number, operands, result.slopes, op=name)

    def __add__(self, other: Value | float) -> Value:
        return self._apply("add", Value.of(other))

    def __mul__(self, other: Value | float) -> Value:
        return self._apply("mul", Value.of(other))

    def __pow__(self, exponent: float) -> Value:
        match exponent:
            case int() | float():
                slope = exponent * self.data ** (exponent - 1) if exponent else 0.0
                return Value(self.data**exponent, (self,), (slope,), op=f"**{exponent}")
            case _:
                raise TypeError(f"an exponent is a number, and {exponent!r} is none")

    def log(self) -> Value:
        return self._apply("log")

    def exp(self) -> Value:
        return self._apply("exp")

    def relu(self) -> Value:
        return self._apply("relu")

    def __neg__(self) -> Value:  # -a
        return self * -1

    def __sub__(self, other: Value | float) -> Value:  # a - b
        return self + -other

    def __truediv__(self, other: Value | float) -> Value:  # a / b
        return self * (other**-1)

    def __radd__(self, other: float) -> Value:  # 2 + a
        return self + other

    def __rsub__(self, other: float) -> Value:  # 2 - a
        return -self + other

    def __rmul__(self, other: float) -> Value:  # 2 * a
        return self * other

    def __rtruediv__(self, other: float) -> Value:  # 2 / a
        return self**-1 * other

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"
