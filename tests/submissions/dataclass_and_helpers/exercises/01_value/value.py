from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Real

import primitives


@dataclass(eq=False, repr=False)
class Value:
    data: float
    children: tuple = ()
    local_grads: tuple = ()
    grad: float = field(default=0.0, init=False)

    def __post_init__(self):
        self.data = float(self.data)

    @property
    def _children(self):
        return self.children

    @property
    def _local_grads(self):
        return self.local_grads

    def __add__(self, other):
        return apply(primitives.add, self, other)

    def __mul__(self, other):
        return apply(primitives.mul, self, other)

    def __pow__(self, exponent):
        if not isinstance(exponent, Real):
            raise TypeError(f"{type(exponent).__name__} as exponent")
        return apply(lambda x: primitives.power(x, exponent), self)

    def log(self):
        return apply(primitives.log, self)

    def exp(self):
        return apply(primitives.exp, self)

    def relu(self):
        return apply(primitives.relu, self)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + other * -1

    def __truediv__(self, other):
        return self * other**-1

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return self * -1 + other

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return self**-1 * other

    def __repr__(self):
        return f"Value({self.data:.4g})"


def apply(rule, *operands):
    """The Value that `rule` makes; numbers become Values first."""
    values = tuple(x if isinstance(x, Value) else Value(x) for x in operands)
    result, *slopes = rule(*(v.data for v in values))
    return Value(result, values, tuple(slopes))
