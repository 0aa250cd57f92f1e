from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    if not logits:
        raise ValueError("no logits")
    m = max(l.data for l in logits)
    # e^(x_i - m) / sum of e^(x_j - m)
    return [(x - m).exp() / sum([(y - m).exp() for y in logits]) for x in logits]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if target < 0 or target >= len(logits):
        raise IndexError("no such target")
    m = max(l.data for l in logits)
    return sum([(y - m).exp() for y in logits]).log() - (logits[target] - m)
