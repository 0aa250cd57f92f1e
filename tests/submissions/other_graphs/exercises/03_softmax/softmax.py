from value import Value


def largest(logits):
    best = logits[0]
    for x in logits[1:]:
        if x.data > best.data:
            best = x
    return best


def log_total(logits):
    """ln(e^x1 + e^x2 + ...), as a Value: the largest is taken out first and put back after."""
    top = largest(logits)  # stays a Value: its gradient cancels
    total = Value(0.0)
    for x in logits:
        total = total + (x - top).exp()
    return total.log() + top


def softmax(logits: list[Value]) -> list[Value]:
    if logits == []:
        raise ValueError("softmax([])")
    lt = log_total(logits)
    return [(x - lt).exp() for x in logits]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if not 0 <= target <= len(logits) - 1:
        raise IndexError(target)
    return log_total(logits) - logits[target]
