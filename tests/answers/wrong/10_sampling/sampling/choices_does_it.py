"""random has a function that draws by weights.

caught by: test_one_random_number
reads: never asked
by chance: yes
"""


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return logits.index(max(logits))
    top = max(logits)
    weights = [math.exp((x - top) / temperature) for x in logits]
    return random.choices(range(len(weights)), weights)[0]
