"""The probabilities add up to 1, and u is less.

caught by: test_the_last_token
reads: add up to a little less than 1
"""


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return logits.index(max(logits))
    top = max(logits)
    weights = [math.exp((x - top) / temperature) for x in logits]
    u, border = rng.random(), 0.0
    for i, weight in enumerate(weights):
        border += weight / sum(weights)
        if u < border:
            return i
