"""softmax is e^x over the sum of all e^x.

caught by: test_large_logits
reads: as in step 03
"""


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return logits.index(max(logits))
    weights = [math.exp(x / temperature) for x in logits]
    u = rng.random() * sum(weights)
    border = 0.0
    for i, weight in enumerate(weights):
        border += weight
        if u < border:
            return i
    return max(i for i, weight in enumerate(weights) if weight)
