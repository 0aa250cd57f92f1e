"""Straight from the formula, one output number after the other. Nothing is kept, so nothing can be mixed up."""

import layers
import softmax as step03
from value import Value


def query(x, wq, i):
    return layers.linear(x, [wq[i]])[0]


def score(x, wq, key, first, d):
    total = Value(0)
    for i in range(first, first + d):
        total = total + query(x, wq, i) * key[i]
    return total / Value(d) ** 0.5


def weights(x, wq, keys, first, d):
    """How much each position counts in the head whose numbers begin at `first`."""
    return step03.softmax([score(x, wq, key, first, d) for key in keys])


def average(x, wq, keys, values, i, d):
    """Number i of the joined heads."""
    return sum(a * value[i] for a, value in zip(weights(x, wq, keys, i - i % d, d), values))


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    n = len(x)
    if n % n_head != 0:
        raise ValueError("heads of different widths")
    keys.append(layers.linear(x, wk))
    values.append(layers.linear(x, wv))
    return layers.linear([average(x, wq, keys, values, i, n // n_head) for i in range(n)], wo)
