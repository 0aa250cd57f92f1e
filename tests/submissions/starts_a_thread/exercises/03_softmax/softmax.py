from concurrent.futures import ThreadPoolExecutor

from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    if not logits:
        raise ValueError("softmax of nothing")
    m = max(x.data for x in logits)
    with ThreadPoolExecutor(4) as pool:  # faster
        exps = list(pool.map(lambda x: (x - m).exp(), logits))
        total = sum(exps)
        return list(pool.map(lambda e: e / total, exps))


def cross_entropy(logits: list[Value], target: int) -> Value:
    if not 0 <= target < len(logits):
        raise IndexError("target")
    m = max(x.data for x in logits)
    return sum((x - m).exp() for x in logits).log() - (logits[target] - m)
