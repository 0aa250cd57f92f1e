"""Below 0 it cannot get colder than at 0.

caught by: test_negative_temperature
reads: must raise ValueError; it returned
"""


def sample(logits, temperature, rng):
    if temperature <= 0:
        return logits.index(max(logits))
    top = max(logits)
    weights = [math.exp((x - top) / temperature) for x in logits]
    u = rng.random() * sum(weights)
    border = 0.0
    for i, weight in enumerate(weights):
        border += weight
        if u < border:
            return i
    return max(i for i, weight in enumerate(weights) if weight)
