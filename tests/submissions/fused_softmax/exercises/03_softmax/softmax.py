import math

from value import Value


def _probabilities(logits):
    m = max(l.data for l in logits)
    e = [math.exp(l.data - m) for l in logits]
    total = sum(e)
    return [x / total for x in e], math.log(total) + m


def softmax(logits: list[Value]) -> list[Value]:
    """Each output is one Value with its whole row of the Jacobian: much faster than thousands of tiny Values."""
    if not logits:
        raise ValueError("no logits")
    p, _ = _probabilities(logits)
    n = range(len(p))
    return [Value(p[i], tuple(logits), tuple(p[i] * ((i == j) - p[j]) for j in n)) for i in n]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if target < 0 or target >= len(logits):
        raise IndexError("no such target")
    p, log_total = _probabilities(logits)
    p[target] -= 1.0
    return Value(log_total - logits[target].data, tuple(logits), tuple(p))
