"""The smaller the temperature, the surer the highest: 0 needs no case of its own.

caught by: test_greedy
reads: case of its own
"""


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    top = max(logits)
    weights = [math.exp((x - top) / temperature) for x in logits]
    u = rng.random() * sum(weights)
    border = 0.0
    for i, weight in enumerate(weights):
        border += weight
        if u < border:
            return i
    return max(i for i, weight in enumerate(weights) if weight)
