import math
from numbers import Real


def _v(x): return x if isinstance(x, Value) else Value(x)


class Value:
    def __init__(self, data, children=(), local_grads=()):
        self.data, self.grad, self._children, self._local_grads = float(data), 0, (*children,), (*local_grads,)

    __add__ = lambda a, b: (lambda b: Value(a.data + b.data, (a, b), (1, 1)))(_v(b))
    __mul__ = lambda a, b: (lambda b: Value(a.data * b.data, (a, b), (b.data, a.data)))(_v(b))

    def __pow__(self, n):
        if not isinstance(n, Real): raise TypeError(f"{n!r} is no exponent")
        return Value(self.data ** n, [self], [n and n * self.data ** (n - 1)])

    log = lambda a: Value(math.log(a.data), [a], [a.data ** -1])
    exp = lambda a: (lambda e: Value(e, [a], [e]))(math.exp(a.data))
    relu = lambda a: Value(a.data * (a.data > 0), [a], [+(a.data > 0)])

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
