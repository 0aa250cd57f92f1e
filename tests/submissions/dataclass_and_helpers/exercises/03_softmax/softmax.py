from tools import shift, total

from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    if not len(logits):
        raise ValueError("softmax needs logits")
    e = [x.exp() for x in shift(logits)]
    one_over = total(e) ** -1
    return [x * one_over for x in e]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if target < 0:
        raise IndexError("negative target")
    logits[target]  # IndexError when too large
    x = shift(logits)
    return total([v.exp() for v in x]).log() - x[target]
