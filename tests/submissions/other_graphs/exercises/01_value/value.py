"""Step 01, with small graphs: plain numbers are no Values, an operand used twice is one child, every node is an _Op."""

import itertools
import math

_births = itertools.count()


class Value:
    __slots__ = ("data", "grad", "_children", "_local_grads", "birth", "label")

    def __init__(self, data, children=(), local_grads=()):
        self.data = float(data)
        self.grad = 0
        self._children = tuple(children)
        self._local_grads = tuple(local_grads)
        self.birth = next(_births)  # children are always older than what is made from them
        self.label = ""

    def __add__(self, other):
        if not isinstance(other, Value):
            return _Op("+n", self.data + other, self, 1)
        if other is self:
            return _Op("2x", 2 * self.data, self, 2)
        return _Op("+", self.data + other.data, other, 1, self, 1)

    def __mul__(self, other):
        if not isinstance(other, Value):
            return _Op("*n", self.data * other, self, other)
        if other is self:
            return _Op("xx", self.data**2, self, 2 * self.data)
        return _Op("*", self.data * other.data, other, self.data, self, other.data)

    def __pow__(self, exponent):
        try:
            n = exponent + 0.0
            exponent / 1
        except TypeError:
            raise TypeError("the exponent of ** has to be a number") from None
        if type(n) is not float:
            raise TypeError("the exponent of ** has to be a number")
        return _Op("**", self.data**n, self, n * self.data ** (n - 1) if n else 0)

    def log(self):
        return _Op("log", math.log(self.data), self, 1 / self.data)

    def exp(self):
        return _Op("exp", math.exp(self.data), self, math.exp(self.data))

    def relu(self):
        return _Op("relu", self.data, self, 1) if self.data > 0 else _Op("relu", 0, self, 0)

    def __neg__(self):
        return _Op("neg", -self.data, self, -1)

    def __sub__(self, other):
        if isinstance(other, Value) and other is not self:
            return _Op("-", self.data - other.data, self, 1, other, -1)
        return self + -other

    def __truediv__(self, other):
        if isinstance(other, Value):
            return self * other**-1
        return _Op("/n", self.data / other, self, 1 / other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other):
        return _Op("n-", other - self.data, self, -1)

    def __rtruediv__(self, other):
        return _Op("n/", other / self.data, self, -other / self.data**2)

    def __repr__(self):
        return f"<{self.label or 'leaf'} {self.data}>"


class _Op(Value):
    """The result of an operation: name, number, then child and slope in turn."""

    __slots__ = ()

    def __init__(self, label, data, *edges):
        super().__init__(data, edges[::2], edges[1::2])
        self.label = label
