import math

from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    if not logits:
        raise ValueError("no logits")
    m = max(l.data for l in logits)
    e = [math.exp(l.data - m) for l in logits]
    return [x / sum(e) for x in e]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if target < 0 or target >= len(logits):
        raise IndexError("no such target")
    m = max(l.data for l in logits)
    loss = math.log(sum(math.exp(l.data - m) for l in logits)) - (logits[target].data - m)
    return Value(loss)  # a Value, as asked
