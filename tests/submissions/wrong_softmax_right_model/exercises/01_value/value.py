import math


class Value:
    def __init__(self, data, children=(), local_grads=()):
        self.data = float(data)
        self.grad = 0
        self._children = children
        self._local_grads = local_grads

    @staticmethod
    def of(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        o = Value.of(other)
        return Value(self.data + o.data, (self, o), (1.0, 1.0))

    def __mul__(self, other):
        o = Value.of(other)
        return Value(self.data * o.data, (self, o), (o.data, self.data))

    def __pow__(self, n):
        if type(n) is not int and type(n) is not float:
            raise TypeError("exponent: %r" % (n,))
        return Value(self.data**n, (self,), (n * self.data ** (n - 1) if n != 0 else 0.0,))

    def log(self):
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def exp(self):
        e = math.exp(self.data)
        return Value(e, (self,), (e,))

    def relu(self):
        if self.data > 0:
            return Value(self.data, (self,), (1.0,))
        return Value(0, (self,), (0.0,))

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
