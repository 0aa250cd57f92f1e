from pairs import tournament

from value import Value


def highest(logits: list[Value]) -> float:
    return sorted(logits, key=lambda x: x.data)[-1].data


def softmax(logits: list[Value]) -> list[Value]:
    if logits == []:
        raise ValueError("nothing to share out")
    top = highest(logits)
    weights = [(x + -top).exp() for x in logits]
    share = 1 / tournament(weights)
    return [share * w for w in weights]


def cross_entropy(logits: list[Value], target: int) -> Value:
    if target not in range(len(logits)):
        raise IndexError(target)
    gaps = [x - logits[target] for x in logits]  # ln sum e^(x_j - x_t), kept in range by the largest gap
    top = highest(gaps)
    return tournament([(gap - top).exp() for gap in gaps]).log() + top
