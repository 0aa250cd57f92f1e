from functools import reduce
from operator import add, mul


def dot(a, b): return reduce(add, map(mul, a, b))


def linear(x, w):
    if {*map(len, w)} - {len(x)}: raise ValueError("rows of w and x differ in length")
    return [dot(row, x) for row in w]


def rmsnorm(x, eps=1e-5):
    return (lambda s: [a * s for a in x])((dot(x, x) * (1 / len(x)) + eps) ** -.5)
