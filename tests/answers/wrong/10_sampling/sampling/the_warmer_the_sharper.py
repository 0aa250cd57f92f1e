"""The temperature is a factor of the logits.

caught by: test_temperature
reads: multiplied by the temperature
"""


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return logits.index(max(logits))
    top = max(logits)
    weights = [math.exp((x - top) * temperature) for x in logits]
    u = rng.random() * sum(weights)
    border = 0.0
    for i, weight in enumerate(weights):
        border += weight
        if u < border:
            return i
    return max(i for i, weight in enumerate(weights) if weight)
