"""Step 01: a number that remembers how it was computed.

A `Value` wraps one float. Every operation on Values makes a new Value that keeps its operands (its children) and, for
each of them, the local derivative d(result)/d(child).
"""

from __future__ import annotations

import math


def to_value(x):
    """Wrap plain numbers, leave Values alone."""
    if type(x) in (int, float):
        return Value(x)
    return x


class Value:
    def __init__(self, data: float, children: tuple[Value, ...] = (), local_grads: tuple[float, ...] = ()) -> None:
        self.data = float(data)
        self.grad = 0.0
        self._children = children
        self._local_grads = local_grads

    def __add__(self, other: Value | float) -> Value:
        other = to_value(other)
        out = self.data + other.data
        return Value(out, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = to_value(other)
        out = self.data * other.data
        return Value(out, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> Value:
        if type(exponent) not in (int, float):
            raise TypeError(f"{exponent!r} is not a number")
        out = self.data**exponent
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(out, (self,), (slope,))

    def log(self) -> Value:
        if self.data <= 0:
            raise ValueError("log of a number that is not positive")
        return Value(math.log(self.data), (self,), (self.data**-1,))

    def exp(self) -> Value:
        out = math.exp(self.data)
        return Value(out, (self,), (out,))

    def relu(self) -> Value:
        positive = self.data > 0
        return Value(self.data if positive else 0, (self,), (1.0 if positive else 0.0,))

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
