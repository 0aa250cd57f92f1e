"""Step 03: from scores to probabilities, and from a probability to a loss."""

from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    if len(logits) == 0:
        raise ValueError("softmax needs at least one logit")
    m = max(x.data for x in logits)
    exps = [(x - m).exp() for x in logits]
    total = sum(exps)
    return [e / total for e in exps]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if target < 0 or target >= len(logits):
        raise IndexError(f"no logit number {target}")
    m = max(x.data for x in logits)
    total = sum((x - m).exp() for x in logits)
    return total.log() + m - logits[target]
