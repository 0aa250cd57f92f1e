from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    if len(logits) < 1:
        raise ValueError("softmax of nothing")
    biggest = max([v.data for v in logits])
    exps = []
    total = 0.0
    for v in logits:
        e = (v - biggest).exp()
        exps.append(e)
        total = e + total
    return [e / total for e in exps]


def cross_entropy(logits: list[Value], target: int) -> Value:
    p = softmax(logits)[target]
    p = p + 1e-8  # log(0) is not defined
    return -p.log()
