import numpy as np

from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    if not logits:
        raise ValueError
    m = np.max([l.data for l in logits])
    exps = [(l - float(m)).exp() for l in logits]
    s = sum(exps)
    return [e / s for e in exps]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if target not in range(len(logits)):
        raise IndexError
    m = float(np.max([l.data for l in logits]))
    return sum((l - m).exp() for l in logits).log() - (logits[target] - m)
