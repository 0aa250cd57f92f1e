from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    if not logits:
        raise ValueError("empty")
    exps = [x.exp() for x in logits]
    total = sum(exps)
    return [e / total for e in exps]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if not 0 <= target < len(logits):
        raise IndexError("target")
    return -softmax(logits)[target].log()
