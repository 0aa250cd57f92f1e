"""Step 01, with slopes in another form each."""

import math

ONE = 1.0


class Value:
    def __init__(self, data, children=(), local_grads=()):
        self._local_grads = local_grads
        self._children = children
        self.data = data * ONE
        self.grad = 0 * ONE

    def __add__(self, other):
        if not isinstance(other, Value):
            return Value(other + self.data, (self,), (ONE,))  # a number needs no node
        if other is self:
            return Value(2 * self.data, (self,), (2.0,))
        return Value(other.data + self.data, (other, self), (ONE, ONE))

    def __mul__(self, other):
        if not isinstance(other, Value):
            return Value(other * self.data, (self,), (float(other),))
        if other is self:
            return Value(self.data**2, (self,), (2 * self.data,))
        return Value(other.data * self.data, (other, self), (self.data, other.data))

    def __pow__(self, exponent):
        if type(exponent) not in (int, float):
            raise TypeError(f"** takes a number, and this is a {type(exponent)}")
        result = math.pow(self.data, exponent) if self.data or exponent >= 0 else self.data**exponent
        if exponent in (0, 1):
            return Value(result, (self,), (float(exponent),))
        slope = exponent * result / self.data if self.data else exponent * self.data ** (exponent - 1)
        return Value(result, (self,), (slope,))

    def log(self):
        return Value(math.log(self.data), (self,), (self.data**-1,))

    def exp(self):
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))

    def relu(self):
        return Value((self.data + abs(self.data)) / 2, (self,), (1.0 if self.data > 0 else 0.0,))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * (other**-1)

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return -self + other

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return self**-1 * other

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"
