"""A number that knows where it came from. Plain numbers are folded into the operation: they never become nodes."""

import math
from numbers import Real


class Value:
    __slots__ = ("data", "grad", "_children", "_local_grads")

    def __init__(self, data, children=(), local_grads=()):
        self.data = float(data)
        self.grad = 0.0
        self._children = tuple(children)
        self._local_grads = tuple(local_grads)

    def _unary(self, data, slope):
        return Value(data, [self], [slope])

    def __add__(self, other):
        if not isinstance(other, Value):
            return self._unary(self.data + other, 1.0)
        if other is self:  # one edge is enough
            return self._unary(2 * self.data, 2.0)
        return Value(self.data + other.data, [other, self], [1.0, 1.0])

    def __mul__(self, other):
        if not isinstance(other, Value):
            return self._unary(self.data * other, float(other))
        if other is self:
            return self**2
        return Value(self.data * other.data, [other, self], [self.data, other.data])

    def __pow__(self, exponent):
        if not isinstance(exponent, Real):
            raise TypeError("an exponent is a plain number here")
        if exponent == 0:
            return self._unary(1.0, 0.0)
        below = self.data ** (exponent - 1)
        return self._unary(self.data**exponent, exponent * below)

    def log(self):
        return self._unary(math.log(self.data), 1.0 / self.data)

    def exp(self):
        e = math.exp(self.data)
        return self._unary(e, e)

    def relu(self):
        return self._unary(self.data, 1.0) if self.data > 0 else self._unary(0.0, 0.0)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return self**-1 * other

    __radd__ = __add__
    __rmul__ = __mul__

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"
