"""The highest logit is the one that no other is greater than.

caught by: test_greedy
reads: the first of them
"""


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        best = 0
        for i, x in enumerate(logits):
            if x >= logits[best]:
                best = i
        return best
    top = max(logits)
    weights = [math.exp((x - top) / temperature) for x in logits]
    u = rng.random() * sum(weights)
    border = 0.0
    for i, weight in enumerate(weights):
        border += weight
        if u < border:
            return i
    return max(i for i, weight in enumerate(weights) if weight)
