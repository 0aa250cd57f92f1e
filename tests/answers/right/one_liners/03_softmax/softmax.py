from functools import reduce
from operator import add


def _exps(x, m): return [(a - m).exp() for a in x]


def _top(x): return max(a.data for a in x)


def softmax(logits):
    if not logits: raise ValueError("nothing to choose from")
    e = _exps(logits, _top(logits))
    r = reduce(add, e) ** -1
    return [a * r for a in e]


def cross_entropy(logits, target):
    x, t = logits, target
    if t not in range(len(x)): raise IndexError(f"{t} of {len(x)}")
    return reduce(add, _exps(x, x[t])).log() if x[t].data == _top(x) else reduce(add, _exps(x, _top(x))).log() + _top(x) - x[t]
