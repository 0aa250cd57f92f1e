"""Step 01: a number that remembers how it was computed.

A `Value` wraps one float. Every operation on Values makes a new Value that keeps its operands (its children) and, for
each of them, the local derivative d(result)/d(child). Step 02 multiplies these along every path: the chain rule.

Six operations are enough for a whole GPT: + * ** log exp relu.
"""

from __future__ import annotations

import math


class Value:
    """One number in the graph of a computation.

    data:          float, the number itself
    grad:          float, d(output)/d(this), 0 until `backward` (step 02) fills it in
    _children:     tuple of the Values this one was made from, () for an input
    _local_grads:  tuple of floats, d(this)/d(child), in the order of `_children`
    """

    def __init__(self, data: float, children: tuple[Value, ...] = (), local_grads: tuple[float, ...] = ()) -> None:
        """Store `data` as a float, start `grad` at 0, and keep the children with their local derivatives."""
        ### BEGIN SOLUTION
        self.data = float(data)
        self.grad = 0.0
        self._children = tuple(children)
        self._local_grads = tuple(local_grads)
        ### END SOLUTION

    # The six operations. Each computes its result and, for each operand, the derivative of the result by it.

    def __add__(self, other: Value | float) -> Value:
        """a + b:  d/da = 1,  d/db = 1. `other` is a Value or a plain number."""
        ### BEGIN SOLUTION
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))
        ### END SOLUTION

    def __mul__(self, other: Value | float) -> Value:
        """a * b:  d/da = b,  d/db = a. `other` is a Value or a plain number."""
        ### BEGIN SOLUTION
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))
        ### END SOLUTION

    def __pow__(self, exponent: float) -> Value:
        """a ** n:  d/da = n a^(n-1), and a ** 0 is 1 with slope 0.

        `exponent` is a plain number. TypeError: it is anything else (a Value, a string).
        """
        ### BEGIN SOLUTION
        if not isinstance(exponent, (int, float)):
            raise TypeError(f"the exponent must be a number, not {type(exponent).__name__}")
        slope = exponent * self.data ** (exponent - 1) if exponent != 0 else 0.0
        return Value(self.data**exponent, (self,), (slope,))
        ### END SOLUTION

    def log(self) -> Value:
        """ln a:  d/da = 1/a. ValueError: a <= 0."""
        ### BEGIN SOLUTION
        return Value(math.log(self.data), (self,), (1 / self.data,))
        ### END SOLUTION

    def exp(self) -> Value:
        """e^a:  d/da = e^a."""
        ### BEGIN SOLUTION
        result = math.exp(self.data)
        return Value(result, (self,), (result,))
        ### END SOLUTION

    def relu(self) -> Value:
        """max(0, a):  d/da = 1 where a > 0, else 0 (also at 0, where the slope is a convention)."""
        ### BEGIN SOLUTION
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))
        ### END SOLUTION

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
