from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    if not logits:
        raise ValueError("empty")
    m = max(x.data for x in logits)
    e = [(x - m).exp() for x in logits]
    s = sum(e)
    return [x / s for x in e]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if not (0 <= target < len(logits)):
        raise IndexError(target)
    m = max(x.data for x in logits)
    return sum((x - m).exp() for x in logits).log() - (logits[target] - m)
