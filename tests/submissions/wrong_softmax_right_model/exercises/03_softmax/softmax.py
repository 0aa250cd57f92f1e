def exps(logits):
    m = max(x.data for x in logits)
    return m, [(x - m).exp() for x in logits]


def softmax(logits):
    if not logits:
        raise ValueError("no logits")
    _, e = exps(logits)
    total = sum(v.data for v in e)  # only a number to divide by
    return [v / total for v in e]


def cross_entropy(logits, target):
    if target < 0 or target > len(logits) - 1:
        raise IndexError("target")
    m, e = exps(logits)
    return sum(e).log() + m - logits[target]
