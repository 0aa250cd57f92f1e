from __future__ import annotations

import math


def wrap(x: Value | float) -> Value:
    return x if isinstance(x, Value) else Value(x)


class Value:
    """One number in the graph."""

    def __init__(self, data: float, children: tuple[Value, ...] = (), local_grads: tuple[float, ...] = ()) -> None:
        self.data = float(data)
        self.grad = 0.0
        self._children = children
        self._local_grads = local_grads

    def __add__(self, other: Value | float) -> Value:
        other = wrap(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = wrap(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> Value:
        if isinstance(exponent, (int, float)):
            slope = exponent * self.data ** (exponent - 1) if exponent else 0.0
            return Value(self.data**exponent, (self,), (slope,))
        raise TypeError("exponent")

    def log(self) -> Value:
        if not self.data > 0:
            raise ValueError(f"log({self.data})")
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def exp(self) -> Value:
        y = math.exp(self.data)
        return Value(y, (self,), (y,))

    def relu(self) -> Value:
        on = self.data > 0
        return Value(self.data * on, (self,), (float(on),))

    # Given: everything else is one of the six in disguise.

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
