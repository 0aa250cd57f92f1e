"""Each token is drawn with its probability, or else the next one is tried.

caught by: test_one_random_number
reads: one number for the whole row
"""


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return logits.index(max(logits))
    top = max(logits)
    weights = [math.exp((x - top) / temperature) for x in logits]
    total = sum(weights)
    border = 0.0
    for i, weight in enumerate(weights):
        border += weight / total
        if rng.random() < border:
            return i
    return max(i for i, weight in enumerate(weights) if weight)
